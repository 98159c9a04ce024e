"""Every outbound call has a timeout, an event needs few of them, and a file needs no more memory for being larger."""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
FIVE = ("download", "rewrite", "runs/list", "run-now", "delete")


def test_an_event_needs_five_calls_however_large_its_file(shop: "Shop") -> None:
    """Ranged read, rewrite, list runs, run-now, delete: the copy is the storage's work, the rows are the job's."""
    many = (f"large-{number},{number},{MONDAY}," for number in range(5_000))
    dropped = shop.drop("stock/large.csv", shop.counts(*many), shop.LOST)

    with shop.one_run():
        first, again = shop.post(dropped.event), shop.post(dropped.event)

    total = shop.rows("SELECT count(*) AS n, sum(quantity) AS s FROM stock WHERE sku LIKE 'large-%'")
    assert len(dropped.content) > 2 * 64 * 1024
    assert (first.status, first.line["outcome"], first.calls) == (200, "admitted", FIVE)
    assert (again.status, again.line["outcome"], len(again.calls)) == (200, "gone", 3)
    assert total == [{"n": 5_000, "s": 12_497_500}]


_MEBIBYTE = 1 << 20
_READS = """
import os, resource, sys
from contracts.contract import CsvDialect
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest

path = sys.argv[1]
file = CellsFile(path, "file", 1, 1, 1, path + ".control", ("a", "b"), 1 << 40)
request = CellsRequest((file,), (("a", "a"), ("b", "b")), CsvDialect("utf-8", ",", '"', None, (), (), (), "UTC"))
for _ in read_cells(file, request):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)
os._exit(0)  # Arrow may still read ahead, which no interpreter survives that ends in an orderly way
"""


@pytest.mark.parametrize(
    "records",
    [b"1," + b"x" * 509 + b"\n" + b"1,2," + b"x" * 507 + b"\n", b"x" * 1024],
    ids=["good and ragged", "without an end"],
)
def test_what_a_small_file_unpacks_to_needs_no_more_memory_for_being_more(tmp_path: Path, records: bytes) -> None:
    """Whatever stands in it: some blocks are in memory at a time, where the file is read."""
    peaks = []
    for mebibytes in (160, 400):
        path = tmp_path / f"{mebibytes}.csv"
        path.write_bytes(gzip.compress(b"a,b\n") + gzip.compress(records * 1024) * mebibytes)
        read = subprocess.run(
            [sys.executable, "-c", _READS, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": "."},
        )
        peaks.append(int(read.stdout))

    assert peaks[1] - peaks[0] < 100 * _MEBIBYTE

"""gzip is unpacked as far as a file of its size may need it."""

import gzip
from pathlib import Path

import pytest

from contracts.contract import CsvDialect
from contracts.files.text import most_unpacked
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

PLAIN = CsvDialect("utf-8", ",", '"', None, ("",), (), (), "UTC")
GIBIBYTE = 1024**3


def read(folder: Path, content: bytes, most_bytes: int) -> tuple[int, Control]:
    """The rows that came, and what the reader says of the file."""
    path = folder / "file.csv"
    path.write_bytes(content)
    file = CellsFile(str(path), "file", 7, 70, 1, str(folder / "control.json"), ("a", "b"), most_bytes)
    request = CellsRequest((file,), (("a", "a"), ("b", "b")), PLAIN)
    rows = sum(len(batch) for batch in read_cells(file, request, 4096))
    return rows, Control.read(file.control)


def test_gzip_is_read_no_further_than_it_may_unpack_to(tmp_path: Path) -> None:
    """The file is rejected, and what comes behind the limit costs nothing: it is not even whole here."""
    content = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)

    rows, control = read(tmp_path, content[:-1000], 100_000)

    assert control.reason == "too_large"
    assert control.detail == "the gzip data unpacks to more than 100000 bytes; split it, or upload it unpacked"
    assert rows <= 25_000


@pytest.mark.parametrize(
    "content", [gzip.compress(b"a,b\n" + b"1,2\n" * 999), b"a,b\n" + b"1,2\n" * 9999], ids=["packed", "plain"]
)
def test_what_is_as_large_as_allowed_or_not_packed_is_read_to_its_end(tmp_path: Path, content: bytes) -> None:
    """The size of a plain file is the contract's matter."""
    rows, control = read(tmp_path, content, 4000)

    assert control == Control(rows)
    assert rows in (999, 9999)


@pytest.mark.parametrize(
    ("size", "most"),
    [
        (0, GIBIBYTE),
        (10_000_000, GIBIBYTE),
        (GIBIBYTE // 100 + 1, 100 * (GIBIBYTE // 100 + 1)),
        (GIBIBYTE, 100 * GIBIBYTE),
    ],
)
def test_a_file_may_unpack_to_a_hundred_times_its_size_and_to_a_gibibyte_anyway(size: int, most: int) -> None:
    """What people pack shrinks less."""
    assert most_unpacked(size) == most

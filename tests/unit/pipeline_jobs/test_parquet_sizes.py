"""However the values of a Parquet file are nested, their sizes count before they stand in memory."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contracts.files.reasons import FileRejected
from pipeline_jobs.reading.parquet import parquet_pieces
from pipeline_jobs.reading.piece import Sizes
from pipeline_jobs.reading.request import CellsFile
from tests.unit.pipeline_jobs.reading_formats import fault, feed, read

WIDTH, ROWS = 50_000, 500
LONG = b"x" * WIDTH
SIZES = Sizes(block=10 * WIDTH, record=2 * WIDTH)
KINDS: dict[str, tuple[pa.DataType, object]] = {
    "text": (pa.string(), LONG),
    "binary": (pa.binary(), LONG),
    "fixed": (pa.binary(WIDTH), LONG),
    "list": (pa.list_(pa.string()), ["y", LONG]),
    "list of fixed": (pa.list_(pa.binary(WIDTH)), [LONG]),
    "list of one size": (pa.list_(pa.binary(), 2), [b"y", LONG]),
    "list of lists": (pa.list_(pa.list_(pa.string())), [["y"], [], [LONG]]),
    "list view": (pa.list_view(pa.string()), ["y", LONG]),
    "JSON": (pa.json_(), f'"{LONG.decode()}"'),
    "struct": (pa.struct([("y", pa.int8()), ("x", pa.binary())]), {"y": 1, "x": LONG}),
    "map": (pa.map_(pa.string(), pa.binary()), [("y", LONG)]),
}


def parquet(kind: pa.DataType, *values: object) -> bytes:
    """As many rows as values, in a column c that the contract does not declare."""
    rows = len(values)
    written = io.BytesIO()
    pq.write_table(pa.table({"a": ["1"] * rows, "b": ["2"] * rows, "c": pa.array(values, kind)}), written)
    return written.getvalue()


_POOLS: list[pa.MemoryPool] = []
"""A pool has to outlive what it gave out, and when that goes is Python's."""


@contextmanager
def watched_memory() -> Iterator[Any]:
    """A pool of its own for what Arrow allocates meanwhile."""
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    _POOLS.append(pool)
    pa.set_memory_pool(pool)
    try:
        yield pool
    finally:
        pa.set_memory_pool(before)


def records_of(content: bytes, sizes: Sizes) -> int:
    """How many there are; raises FileRejected."""
    file = CellsFile("", "file", 1, 1, 1, "", ("a", "b", "c"), 1_000_000_000)
    return sum(piece.records for piece in parquet_pieces(io.BufferedReader(io.BytesIO(content)), file, sizes))


@pytest.mark.parametrize("name", [name for name in KINDS if "fixed" not in name])
def test_one_long_value_in_every_row_is_held_for_a_few_of_them_at_a_time(name: str) -> None:
    """25 MB of them stand in a file of some kilobytes, and become twice as much as text."""
    kind, value = KINDS[name]
    content = parquet(kind, *[value] * ROWS)

    with watched_memory() as pool:
        records = records_of(content, SIZES)

    assert records == ROWS
    assert pool.max_memory() < 15 * SIZES.block < WIDTH * ROWS


def test_of_values_of_a_fixed_size_no_more_rows_are_read_than_make_a_block() -> None:
    """Arrow makes room for a thousand of them at once, and not for all."""
    width, rows = 4000, 5000
    content = parquet(pa.binary(width), *[b"x" * width] * rows)

    with watched_memory() as pool:
        records = records_of(content, Sizes(block=10 * width))

    assert records == rows
    assert pool.max_memory() < width * rows / 2


def test_values_of_a_fixed_size_are_refused_where_a_thousand_of_them_are_too_much(tmp_path: Path) -> None:
    """However many columns they are in, and whether they are in lists."""
    half = 33_000
    kind = pa.struct([("x", pa.binary(half)), ("y", pa.list_(pa.binary(half)))])

    reason, detail = fault(tmp_path, parquet(kind, None), feed("parquet"))

    assert reason == "format"
    assert detail == "its binary values of a fixed size have more than 65536 bytes in a row; write them as binary"


@pytest.mark.parametrize("name", KINDS)
def test_nested_values_count_for_what_a_file_unpacks_to(tmp_path: Path, name: str) -> None:
    """And for the length of a record, which has its number."""
    kind, value = KINDS[name]

    reason, detail = fault(tmp_path, parquet(kind, *[value] * 20), feed("parquet"), 10 * WIDTH)

    assert (reason, detail) == ("too_large", f"the file unpacks to more than {10 * WIDTH} bytes; split it")


@pytest.mark.parametrize("name", KINDS)
def test_a_record_that_is_too_long_for_what_is_nested_in_it_has_its_number(name: str) -> None:
    """Nothing counts for the rows before it."""
    kind, value = KINDS[name]
    content = parquet(kind, None, value, None)

    with pytest.raises(FileRejected, match=rf"record 2 has more than {WIDTH - 1} bytes"):
        records_of(content, Sizes(record=WIDTH - 1))


def test_nested_values_are_what_they_were(tmp_path: Path) -> None:
    """Read by their numbers, and a few rows at a time."""
    kind = pa.struct([("m", pa.map_(pa.string(), pa.binary())), ("l", pa.list_(pa.list_(pa.string())))])
    rows = [{"m": [("k", b"\1")], "l": [["x", None], []]}, None, {"m": None, "l": None}]

    found = read(tmp_path, parquet(kind, *rows), feed("parquet"))

    assert found.unknown == {
        1: r'{"c": "{\"m\": [[\"k\", \"01\"]], \"l\": [[\"x\", null], []]}"}',
        2: '{"c": null}',
        3: r'{"c": "{\"m\": null, \"l\": null}"}',
    }

"""The reader of CSV against Python's own, for the dialect that both know, and every record in one count."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import CsvDialect
from contracts.notation.cleansing import BLANKS
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

HEADER = ("a", "b")
BLOCKS = st.sampled_from([5, 16, 64, 4096])
MARKS = st.sampled_from([*',"\n\r \t\x1a\\;ab', '""', '","', "\r\n", "\ufeff", "\0", "ü", "\U0001f600"])
CELLS = st.lists(MARKS, max_size=8).map("".join)
ROWS = st.lists(st.one_of(st.lists(CELLS, min_size=2, max_size=2), st.lists(CELLS, min_size=1, max_size=4)), max_size=8)


def _read(text: str, dialect: CsvDialect, block: int) -> tuple[dict[int, tuple[str, ...]], set[int], Control]:
    """Cells by number, the numbers of ragged records, what the reader says."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(text.encode())
        file = CellsFile(str(path), "file", 7, 70, 1, str(path.with_suffix(".json")), HEADER, 1)
        request = CellsRequest((file,), (("a", "a"), ("b", "b")), dialect)
        rows = [row for batch in read_cells(file, request, block) for row in batch.to_pylist()]
        good: dict[int, tuple[str, ...]] = {row["_row"]: (row["a"], row["b"]) for row in rows if not row["_ragged"]}
        return good, {row["_row"] for row in rows if row["_ragged"]}, Control.read(file.control)


def _records(text: str) -> Iterator[tuple[str, ...]]:
    """As Python reads them, lines without any character left out."""
    yield from (tuple(record) for record in csv.reader(io.StringIO(text, newline="")) if record)


def _is_blank(record: tuple[str, ...]) -> bool:
    return not any(cell.strip(BLANKS) for cell in record)


@given(ROWS, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n", "\r"]), BLOCKS)
def test_what_python_writes_is_read_as_python_reads_it(
    rows: list[list[str]], quoting: Literal[0, 1], line_end: str, block: int
) -> None:
    """Each cell as it was; the records read are the blank, the good and the ragged ones, each under its number."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=line_end).writerows([HEADER, *rows])
    text = out.getvalue()

    good, ragged, control = _read(text, CsvDialect("utf-8", ",", '"', None, (), (), (), "UTC"), block)

    _, *records = _records(text)
    filled = {at: record for at, record in enumerate(records, start=1) if not _is_blank(record)}
    ends_by_mark = bool(records) and records[-1] == ("\x1a",) and text.rstrip("\r\n").endswith("\x1a")
    if ends_by_mark:
        filled.pop(len(records))
    assert good == {at: record for at, record in filled.items() if len(record) == 2}
    assert ragged == {at for at, record in filled.items() if len(record) != 2}
    assert control == Control(len(records), len(records) - len(filled))


@given(st.lists(MARKS, max_size=40).map("".join), BLOCKS)
def test_any_text_is_read_as_python_reads_it_or_refused(body: str, block: int) -> None:
    """Refused is what Python refuses, too, where it is asked to be strict."""
    text = "a,b\n" + body
    good, ragged, control = _read(text, CsvDialect("utf-8", ",", '"', None, (), (), (), "UTC"), block)

    if control.reason is not None:
        assert control.reason == "unclosed_quote"
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(text, newline=""), strict=True))
        return
    _, *records = _records(text)
    assert control.failure is None
    assert len(records) == control.records == control.blank + len(good) + len(ragged)
    assert [records[at - 1] for at in good] == list(good.values())


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), BLOCKS)
def test_what_is_escaped_is_read_as_it_was(rows: list[tuple[str, str]], block: int) -> None:
    """Every cell quoted, the escape character before each quote and before itself."""
    lines = [",".join('"{}"'.format(cell.replace("\\", "\\\\").replace('"', '\\"')) for cell in row) for row in rows]

    good, ragged, control = _read(
        "a,b\n" + "\n".join(lines), CsvDialect("utf-8", ",", '"', "\\", (), (), (), "UTC"), block
    )

    assert good == {at: row for at, row in enumerate(rows, start=1) if not _is_blank(row)}
    assert ragged == set()
    assert control == Control(len(rows), len(rows) - len(good))

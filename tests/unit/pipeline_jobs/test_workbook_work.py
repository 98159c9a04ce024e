"""A workbook's cells cost work by their number, however its parts are put together."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline_jobs.reading.excel.sheet import sheet_rows
from pipeline_jobs.reading.excel.values import Style
from pipeline_jobs.reading.excel.workbook import open_workbook
from tests.unit.pipeline_jobs.written_workbooks import workbook


@contextmanager
def calls_of(name: str) -> Iterator[list[str]]:
    """The calls of what is written in C under this name, one entry each."""
    found: list[str] = []

    def note(_: object, event: str, called: object) -> None:
        if event == "c_call" and getattr(called, "__name__", "") == name:
            found.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_a_cell_s_text_is_put_together_once_of_however_many_runs_it_consists() -> None:
    """Put together with each of them, a cell of a million empty runs would be busy for hours."""
    runs = "<r><t>x</t></r>" + "<r><t/></r>" * 20
    book = open_workbook(io.BufferedReader(io.BytesIO(workbook(f'<row><c t="inlineStr"><is>{runs}</is></c></row>'))))

    with calls_of("join") as joined:
        rows = list(sheet_rows(book, 100_000))

    assert rows == [(1, {0: "x"})]
    assert len(joined) == 1


def test_a_number_format_is_read_once_for_all_its_cells() -> None:
    """A workbook may have 65,536 formats of cells, and all name one."""
    styles = (
        f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * 251}d.m."/></numFmts>'
        '<cellXfs><xf numFmtId="164"/><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )

    book = open_workbook(io.BufferedReader(io.BytesIO(workbook(styles=styles))))

    day, number, again = book.styles
    assert day is again
    assert number == Style()

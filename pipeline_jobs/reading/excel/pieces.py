"""The first sheet of a workbook as records: its first row with a cell has the headings, each row below is a record."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader

import pyarrow as pa

from contracts.files.reasons import FileRejected, Reason
from contracts.notation.cleansing import BLANKS
from pipeline_jobs.reading.excel.sheet import Cells, sheet_rows
from pipeline_jobs.reading.excel.values import Moment, counted_from_1900
from pipeline_jobs.reading.excel.workbook import open_workbook
from pipeline_jobs.reading.piece import Piece, Sizes, block_of
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Layout

_MOST_ROWS_AT_ONCE = 8192


def headings(raw: BufferedReader, most_bytes: int) -> list[str]:
    """As they stand in the first row with a cell; raises FileRejected: empty, format, compression, too_large."""
    _, names = _begin(sheet_rows(open_workbook(raw), most_bytes))
    return names


def _begin(rows: Iterator[tuple[int, Cells]]) -> tuple[int, list[str]]:
    """The number of the row with the headings, and they; the rows are then behind it."""
    for number, cells in rows:
        texts = {at: cell.plain if isinstance(cell, Moment) else cell for at, cell in cells.items()}
        if any(text.strip(BLANKS) for text in texts.values()):
            return number, [texts.get(at, "") for at in range(max(texts) + 1)]
    raise FileRejected(Reason.EMPTY, "the first sheet of the workbook is empty")


@dataclass(slots=True)
class _Gathered:
    """Rows that make the next piece; numbers count from behind the piece before."""

    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    ragged: dict[int, str] = field(default_factory=dict)
    size: int = 0


def excel_pieces(raw: BufferedReader, file: CellsFile, request: CellsRequest, sizes: Sizes) -> Iterator[Piece]:
    """Raises FileRejected: format, compression, too_large, record_too_long."""
    book = open_workbook(raw)
    rows = sheet_rows(book, file.most_bytes)
    top, names = _begin(rows)
    if tuple(names) != file.header:
        raise pa.ArrowInvalid("the header is another than when the file was checked")
    write = _Writer(names, request.layout, is_1904=book.is_1904)
    before = number = total = 0
    now = _Gathered()
    for row, cells in rows:
        number = row - top
        texts = write.texts(cells)
        size = sum(map(len, texts.values()))
        total += size
        _check_sizes(number, size, total, file, sizes)
        _add(now, number - before, texts, len(names))
        now.size += size
        if now.size > sizes.block or len(now.rows) >= _MOST_ROWS_AT_ONCE:
            yield Piece(number - before, block_of(names, now.rows, now.numbers, now.ragged))
            before, now = number, _Gathered()
    if number > before:
        yield Piece(number - before, block_of(names, now.rows, now.numbers, now.ragged))


def _check_sizes(number: int, size: int, total: int, file: CellsFile, sizes: Sizes) -> None:
    """One text may stand in every cell of a sheet: a small workbook can hold more than any machine."""
    if size > sizes.record:
        raise FileRejected(Reason.RECORD_TOO_LONG, f"record {number} has more than {sizes.record} characters")
    if total > file.most_bytes:
        detail = f"the cells of the workbook hold more than {file.most_bytes} characters; split it"
        raise FileRejected(Reason.TOO_LARGE, detail)


def _add(now: _Gathered, number: int, texts: dict[int, str], width: int) -> None:
    filled = [at for at, text in texts.items() if text.strip(BLANKS)]
    if not filled:
        return
    if max(filled) >= width:
        now.ragged[number] = json.dumps([texts.get(at, "") for at in range(max(filled) + 1)], ensure_ascii=False)
        return
    now.rows.append(tuple(texts.get(at, "") for at in range(width)))
    now.numbers.append(number)


class _Writer:
    def __init__(self, names: list[str], layout: Layout, *, is_1904: bool) -> None:
        self._dates = {at for at, name in enumerate(names) if name in layout.dates}
        self._times = {at for at, name in enumerate(names) if name in layout.times}
        self._days = {at for at, name in enumerate(names) if is_1904 and name in layout.days}

    def texts(self, cells: Cells) -> dict[int, str]:
        return {at: self._text(at, cell) for at, cell in cells.items()}

    def _text(self, at: int, cell: str | Moment) -> str:
        if isinstance(cell, Moment):
            return cell.in_column(of_dates=at in self._dates, of_times=at in self._times)
        return counted_from_1900(cell) if at in self._days else cell

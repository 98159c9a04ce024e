"""The rows of a sheet, one after the other; of a row only the cells that hold something."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.reading.excel.values import Moment, Style, cell_of
from pipeline_jobs.reading.excel.workbook import Workbook, text_at, unescaped
from pipeline_jobs.reading.excel.xml import broken, read_part, whole_number

_MOST_ROWS, _MOST_COLUMNS, _LONGEST_CELL = 1_048_576, 16_384, 32_767
"""Of any sheet (https://support.microsoft.com/office/excel-specifications-and-limits)."""
_BOOLEANS = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
"""Any other text is none, and a bad cell of a boolean."""
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Cells = dict[int, str | Moment]
"""By column, from 0."""


def sheet_rows(book: Workbook, most_bytes: int) -> Iterator[tuple[int, Cells]]:
    """Rows with their numbers, from 1, of which some may lack; raises FileRejected: format, compression, too_large."""
    target = _Sheet(book)
    for _ in read_part(book.archive, book.sheet, target, most_bytes):
        yield from target.rows
        target.rows = []


@dataclass(slots=True)
class _Cell:
    """As the sheet writes it: its type, its format, its value, and whether a formula gives it."""

    kind: str = "n"
    style: int = 0
    value: str | None = None
    is_computed: bool = False

    @property
    def lacks_result(self) -> bool:
        """Programs that compute nothing leave the value out or write an empty one; only a text can truly be empty."""
        return self.value is None or (not self.value.strip() and self.kind != "str")


@dataclass(slots=True)
class _Sheet:
    book: Workbook
    rows: list[tuple[int, Cells]] = field(default_factory=list)
    _row: int = 0
    _column: int = -1
    _cells: Cells = field(default_factory=dict)
    _cell: _Cell = field(default_factory=_Cell)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _has_value: bool = False
    _is_text: bool = False
    _is_spoken: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._cell.is_computed = True
        elif name == "rPh":
            self._is_spoken = True
        self._is_text = name in ("v", "t") and not self._is_spoken

    def end(self, name: str) -> None:
        if name == "v" or (name == "t" and self._is_text):
            self._has_value = True
        elif name == "rPh":
            self._is_spoken = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self.rows.append((self._row, self._cells))
        self._is_text = False

    def text(self, data: str) -> None:
        if not self._is_text:
            return
        self._parts.append(data)
        self._length += len(data)
        if self._length > 7 * _LONGEST_CELL:  # as many as there are if each stands as _x000D_
            raise broken("a cell has more than the 32,767 characters that there may be")

    def _begin_row(self, attributes: dict[str, str]) -> None:
        row = whole_number(attributes.get("r", str(self._row + 1)), "the number of a row")
        if not self._row < row <= _MOST_ROWS:
            raise broken("its rows are not in order, or are more than a sheet has")
        self._row, self._column, self._cells = row, -1, {}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if "r" in attributes:
            place = _PLACE.fullmatch(attributes["r"])
            column = _column(place[1]) if place else -1
        if not self._column < column < _MOST_COLUMNS:
            raise broken("its cells are not in order, or are more than a row has")
        style = whole_number(attributes.get("s", "0"), "the number of a format")
        self._column, self._cell = column, _Cell(attributes.get("t", "n"), style)
        self._parts, self._length, self._has_value = [], 0, False

    def _end_cell(self) -> None:
        cell, place = self._cell, f"{_letters(self._column)}{self._row}"
        if self._has_value:  # joined once: a rich text may come in as many pieces as there is room for
            cell.value = "".join(self._parts)
        if cell.is_computed and cell.lacks_result:
            detail = f"cell {place} has a formula and not its result; open the workbook and save it again"
            raise FileRejected(Reason.FORMAT, detail)
        if cell.value is None:
            return
        value = self._value(cell.kind, cell.value, cell.style)
        if value != "":
            self._cells[self._column] = value

    def _value(self, kind: str, text: str, style: int) -> str | Moment:
        if kind == "s":
            return text_at(self.book, text.strip())
        if kind == "b":
            return _BOOLEANS.get(text.strip(), text)
        if kind in ("str", "inlineStr"):
            return unescaped(text)
        if kind == "n":
            styles = self.book.styles
            of = styles[style] if style < len(styles) else Style()
            return cell_of(text.strip(), of, is_1904=self.book.is_1904)
        return text  # an error such as #N/A, or a date in ISO 8601


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

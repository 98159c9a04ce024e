"""The ways in which a column's cells could be read, the narrowest first.

Each is a property as a contract would write it; whether cells fit is asked of the language's own grammar, and what the
language does not know is no way to read anything.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, product
from typing import Any

from contracts.checking.cell_values import is_value
from contracts.contract import Column, CsvDialect
from contracts.notation.cleansing import Step, cleansed
from contracts.notation.grouping import GROUPINGS, ungrouped
from contracts.parsing.columns import parse_column
from contracts.parsing.dialect import parse_dialect
from contracts.parsing.fields import Fields, Problems
from ingest.drafting.losses import WORDS, is_boolean, loses_its_plus, loses_its_units, loses_its_zeros, units_of

_TIMES = (" HH:mm", " HH:mm:ss", " HH:mm:ss.SSS", " hh:mm a", " hh:mm:ss a", "'T'HH:mm:ss", " H:mm", " H:mm:ss")
_DAYS = (
    *("dd.MM.yyyy", "d.M.yyyy", "yyyy/MM/dd", "yyyy.MM.dd", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "M/d/yyyy"),
    *("dd-MM-yyyy", "MM-dd-yyyy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd MMM yyyy", "d MMM yyyy", "dd.MM.yy", "dd/MM/yy"),
    "MM/dd/yy",
)
_EITHER = {
    "dd/MM/yyyy": "MM/dd/yyyy",
    "d/M/yyyy": "M/d/yyyy",
    "dd-MM-yyyy": "MM-dd-yyyy",
    "dd/MM/yy": "MM/dd/yy",
}
"""Of two that read the same digits as another day, what the file's owner alone knows."""
_NUMBER = re.compile(r"[+-]?([0-9]+)(?:[.,]([0-9]+))?")
_DECIMAL_COMMAS = re.compile(r"[+-]?[0-9]+,[0-9]+|[+-]?[0-9]+")
_USUAL_DIGITS, _MOST_DIGITS = 18, 38
_SMALL = 9
_PLAIN = Fields({}, "csv", Problems())


@dataclass(frozen=True, slots=True)
class Reading:
    """What a property says beside its name.

    `words` are those for true and false where they are not the usual ones, `alternative` is a format that fits as well.
    """

    physical: str
    logical: str
    what: str
    options: dict[str, str] = field(default_factory=dict)
    cleanse: tuple[Step, ...] = ()
    words: tuple[str, str] | None = None
    alternative: str | None = None

    def column(self) -> Column | None:
        """As the language reads the property; None where it knows no such thing."""
        problems = Problems()
        ours: list[dict[str, Any]] = []
        if self.cleanse:
            ours.append({"property": "cleanse", "value": [step.written for step in self.cleanse]})
        for name, word in zip(("trueTokens", "falseTokens"), self.words or (), strict=False):
            ours.append({"property": name, "value": [word]})
        document: dict[str, Any] = {
            "name": "c",
            "physicalType": self.physical,
            "logicalType": self.logical,
            "logicalTypeOptions": dict(self.options),
            "customProperties": ours,
        }
        column = parse_column(Fields(document, "", problems))
        return column if isinstance(column, Column) and not problems else None

    def fits(self, cells: Iterable[str]) -> bool:
        column = self.column()
        return column is not None and all(self._is_value(cell, column) for cell in cells)

    def fitting(self, counted: Counter[str]) -> int:
        """How many of the cells fit."""
        column = self.column()
        return sum(count for cell, count in counted.items() if column is not None and self._is_value(cell, column))

    def _is_value(self, cell: str, column: Column) -> bool:
        return is_value(cleansed(cell, column.cleanse), column, _dialect())


TEXT = Reading("string", "string", "text")


def readings(cells: frozenset[str]) -> Iterator[Reading]:
    """Each that all of these different cells fit; text at last, which everything is."""
    for reading in _tried(cells):
        if reading.fits(cells):
            yield reading
    yield TEXT


def _tried(cells: frozenset[str]) -> Iterator[Reading]:
    stripped = [cell.strip() for cell in cells]
    if is_boolean(stripped):
        yield Reading("boolean", "boolean", "true and false")
    for words in WORDS:
        if {cell.lower() for cell in stripped} == {*words}:
            yield Reading("boolean", "boolean", " and ".join(words), words=words)
    if not loses_its_plus(stripped) and not loses_its_zeros(stripped):
        parts = [match for cell in stripped if (match := _NUMBER.fullmatch(cell))]
        if len(parts) == len(stripped):
            yield from _numbers(stripped, [match[1] for match in parts], [match[2] or "" for match in parts])
        yield from _in_groups(stripped)
        yield from _with_marks(stripped)
    if any(char.isdigit() for char in next(iter(stripped), "")):
        yield Reading("date", "date", "dates as ISO 8601")
        yield Reading("timestamp", "timestamp", "times as ISO 8601")
        yield from _formats(cells)


def _numbers(cells: list[str], whole: list[str], behind: list[str]) -> Iterator[Reading]:
    before, scale = max(map(len, whole)), max(map(len, behind))
    if {*behind} == {"0"}:
        # How a program writes whole numbers that it holds as fractions, above all beside empty cells.
        for reading in _numbers(cells, whole, [""] * len(whole)):
            yield replace(reading, what="whole numbers, written with a zero", cleanse=(Step("dropZeroFraction"),))
    if any(len(digits) > 1 and digits.startswith("0") for digits in whole):
        return  # a code: as a number it would lose its zeros
    if not scale:
        kind = "int" if before <= _SMALL else "bigint"
        yield Reading(kind, "integer", "whole numbers")
        return
    precision = _USUAL_DIGITS if before + scale <= _USUAL_DIGITS else _MOST_DIGITS
    what = f"numbers, {scale} digits behind the {{}} at most"
    kind = f"decimal({precision},{scale})"
    yield Reading(kind, "number", what.format("point"))
    if all(_DECIMAL_COMMAS.fullmatch(cell) for cell in cells):
        yield Reading(kind, "number", what.format("comma"), cleanse=(Step("decimalComma"),))


def _with_marks(cells: list[str]) -> Iterator[Reading]:
    """Amounts with a currency or a percent sign, or with their minus behind them."""
    units = units_of(cells)
    marks = (*([Step("unit", units)] if units else []), Step("trailingMinus"))
    plain = [cleansed(cell, marks) for cell in cells]
    if plain == cells or loses_its_units(cells):
        return
    used = tuple(step for step in marks if [cleansed(cell, [step]) for cell in cells] != cells)
    parts = [match for cell in plain if (match := _NUMBER.fullmatch(cell))]
    of_plain: Iterator[Reading] = iter(())
    if len(parts) == len(plain):
        of_plain = _numbers(plain, [match[1] for match in parts], [match[2] or "" for match in parts])
    for reading in chain(of_plain, _in_groups(plain)):
        what = f"{reading.what}, with {' and '.join(map(_mark, used))}"
        yield replace(reading, what=what, cleanse=(*used, *reading.cleanse))


def _mark(step: Step) -> str:
    return " ".join(step.given) if step.given else "a minus behind"


def _in_groups(cells: list[str]) -> Iterator[Reading]:
    """Where some cells have their digits in groups, and the others are numbers without."""
    for step, grouping in GROUPINGS.items():
        plain = [ungrouped(cell, grouping) for cell in cells]
        parts = [match for cell in plain if (match := _NUMBER.fullmatch(cell))]
        if plain != cells and len(parts) == len(cells):
            for reading in _numbers(plain, [match[1] for match in parts], [match[2] or "" for match in parts]):
                what = f"{reading.what}, some with their digits in groups"
                yield replace(reading, what=what, cleanse=(Step(step), *reading.cleanse))


def _formats(cells: frozenset[str]) -> Iterator[Reading]:
    for day in _DAYS:
        other = _EITHER.get(day)
        second = other if other and Reading("date", "date", "", {"format": other}).fits(cells) else None
        yield Reading("date", "date", f"dates as {day}", {"format": day}, alternative=second)
    for day, time in product(("yyyy-MM-dd", *_DAYS), _TIMES):
        other = _EITHER.get(day)
        second = None
        if other and Reading("timestamp", "timestamp", "", {"format": other + time}).fits(cells):
            second = other + time
        yield Reading("timestamp", "timestamp", f"times as {day}{time}", {"format": day + time}, alternative=second)


@cache
def _dialect() -> CsvDialect:
    return parse_dialect(_PLAIN)

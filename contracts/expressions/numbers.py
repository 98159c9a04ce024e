"""The types of numbers put together: a decimal holds 38 digits, and engines differ in what they do beyond."""

import re
from collections.abc import Sequence

from contracts.types import ColumnType

INT, DOUBLE = ColumnType("int"), ColumnType("double")
_MAX_DIGITS = 38
_KEPT_BEHIND = 6
"""Digits behind the point that Spark keeps in any case."""
_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 20}
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]*))?", re.ASCII)


def literal(text: str) -> ColumnType:
    """The type of a number as it is written; raises ValueError with a sentence, as all of these do."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("write the number without an exponent")
    whole, behind = match[1].lstrip("0"), match[2] or ""
    for kind in (INT, ColumnType("bigint")):
        if not behind and int(match[1]) <= kind.integer_range[1]:
            return kind
    return _decimal(len(whole), len(behind))


def widest(kinds: Sequence[ColumnType]) -> ColumnType | None:
    """The type to which all of them are brought; None where there is none."""
    if DOUBLE in kinds or not kinds:
        return DOUBLE if kinds else None
    if all(kind.is_integer for kind in kinds):
        return max(kinds, key=lambda kind: _DIGITS[kind.name])
    shapes = [_digits(kind) for kind in kinds]
    return _decimal(max(whole for whole, _ in shapes), max(behind for _, behind in shapes))


def add(kinds: Sequence[ColumnType]) -> ColumnType | None:
    """The type of their sum or difference."""
    kind = widest(kinds)
    return _decimal(kind.precision - kind.scale + 1, kind.scale) if kind and kind.name == "decimal" else kind


def multiply(kinds: Sequence[ColumnType]) -> ColumnType | None:
    """The type of their product."""
    if DOUBLE in kinds or not any(kind.name == "decimal" for kind in kinds):
        return widest(kinds)
    shapes = [_digits(kind) for kind in kinds]
    return _decimal(sum(whole for whole, _ in shapes) + 1, sum(behind for _, behind in shapes))


def negated(kind: ColumnType) -> ColumnType:
    """The type of a decimal with the other sign; raises ValueError. It is written as 0 less it, which may need a digit
    more, and for want of room Spark gives up digits behind the point.
    """
    whole, behind = _digits(kind)
    if behind > _KEPT_BEHIND:
        _decimal(whole + 1, behind)
    return kind


def rounded(kind: ColumnType, digits: int) -> ColumnType:
    """The type of a decimal rounded to that many digits behind the point: before it, it may need one more."""
    whole, behind = _digits(kind)
    return _decimal(whole + 1, min(behind, max(0, digits)))


def _decimal(whole: int, behind: int) -> ColumnType:
    if whole + behind > _MAX_DIGITS:
        raise ValueError(f"this may need {whole + behind} digits, a decimal has {_MAX_DIGITS}; cast to smaller ones")
    return ColumnType("decimal", max(1, whole + behind), behind)


def _digits(kind: ColumnType) -> tuple[int, int]:
    """Before and behind the point."""
    return (_DIGITS[kind.name], 0) if kind.is_integer else (kind.precision - kind.scale, kind.scale)

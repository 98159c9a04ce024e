"""Whether the values that a contract itself holds - defaults, enums, bounds - are values of their column.

The same grammar as a cell's (the contract language, "A cell"), for a few values and without an engine.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from contracts.contract import Bound, Column, Contract, CsvDialect
from contracts.notation.cleansing import BLANKS
from contracts.notation.moments import formats_of, read_first
from contracts.notation.texts import STRING_FORMATS
from contracts.types import ColumnType

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?0*([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_DOUBLE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,5})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CANONICAL_TIMESTAMP = re.compile(r"[0-9-]{10} [0-9:]{8}(?:\.[0-9]{1,6})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 400
"""Characters. A contract needs no longer one, and Python reads none of over 4,300 digits."""


def value_problems(contract: Contract) -> Iterator[tuple[str, str]]:
    """What is wrong with the values of each column, as its place and a sentence."""
    for column in contract.file_columns:
        for problem in (*_default(column, contract.csv), *_enum(column), *_limits(column)):
            yield f"property {column.name}", problem


def is_value(text: str, column: Column, dialect: CsvDialect) -> bool:
    """Whether the text, cleansed and no null token, is in the grammar of the column's type."""
    kind = column.type
    text = text if kind.name == "string" else text.strip(BLANKS)
    if kind.name == "string":
        return "\0" not in text
    if kind.name == "boolean":
        return text.lower() in (*column.true_tokens, *column.false_tokens)
    if kind.is_number:
        return _is_number(text, kind)
    found = read_first(text, column, formats_of(column, dialect), dialect)
    return found is not None and found.moment is not None


def _is_number(text: str, kind: ColumnType) -> bool:
    if len(text) > _LONGEST_NUMBER:
        return False
    if kind.is_integer:
        smallest, greatest = kind.integer_range
        return _INTEGER.fullmatch(text) is not None and smallest <= int(text) <= greatest
    if kind.name == "double":
        return _DOUBLE.fullmatch(text) is not None and abs(float(text)) != float("inf")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return False
    whole, behind = match[1].lstrip("0"), match[2] or ""
    return len(whole) <= kind.precision - kind.scale and len(behind) <= kind.scale


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _default(column: Column, dialect: CsvDialect) -> Iterator[str]:
    text = column.default
    if text is None:
        return
    if not is_value(text, column, dialect):
        yield f"default {text!r} is no {column.type.sql}"
        return
    if column.enum and not _is_among(text, column, dialect):
        yield f"default {text!r} is not in the enum"
    for rule in _broken(text, column, dialect):
        yield f"default {text!r} breaks {rule}"


def _broken(text: str, column: Column, dialect: CsvDialect) -> Iterator[str]:
    if column.minimum is not None and _amount(text, column, dialect) < _limit(column.minimum):
        yield "minimum"
    if column.maximum is not None and _amount(text, column, dialect) > _limit(column.maximum):
        yield "maximum"
    if column.min_length is not None and len(text) < column.min_length:
        yield "minLength"
    if column.max_length is not None and len(text) > column.max_length:
        yield "maxLength"
    elif column.pattern is not None and not re.search(column.pattern.replace(r"\z", r"\Z"), text):
        yield "pattern"
    form = STRING_FORMATS[column.format] if column.type.name == "string" and column.format is not None else ""
    if not re.search(form.replace(r"\z", r"\Z"), text):
        yield "format"


def _amount(text: str, column: Column, dialect: CsvDialect) -> Decimal:
    """What is held against the limits, of a value of its column: a number, or the microseconds since 1970."""
    if column.type.is_number:
        return Decimal(text)
    found = read_first(text.strip(BLANKS), column, formats_of(column, dialect), dialect)
    return _since_1970(found.moment) if found and found.moment else Decimal(0)


def _limit(bound: Bound) -> Decimal:
    """As `_amount`, by the job's reading: in UTC unless it says otherwise."""
    if isinstance(bound, Decimal):
        return bound
    moment = datetime.fromisoformat(bound)
    return _since_1970(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)


def _since_1970(moment: datetime) -> Decimal:
    return Decimal((moment - _EPOCH) // timedelta(microseconds=1))


def _is_among(text: str, column: Column, dialect: CsvDialect) -> bool:
    if column.type.is_time:
        moments = (_limit(value) for value in column.enum if _is_canonical(value, column.type))
        return _amount(text, column, dialect) in moments
    if column.type.name == "boolean":
        return str(text.strip(BLANKS).lower() in column.true_tokens).lower() in column.enum
    if column.type.name == "string":
        return text in column.enum
    return any(_is_number(value, column.type) and Decimal(value) == Decimal(text) for value in column.enum)


def _enum(column: Column) -> Iterator[str]:
    for value in column.enum:
        if not _is_canonical(value, column.type):
            yield f"enum {value!r} is not how a {column.type.sql} is written here"


def _is_canonical(text: str, kind: ColumnType) -> bool:
    """In the one form that every engine casts alike: plain numbers, true and false, ISO 8601 in UTC."""
    if kind.name == "boolean":
        return text in ("true", "false")
    if kind.name == "date":
        return _DATE.fullmatch(text) is not None and _is_day(text)
    if kind.name == "timestamp":
        return _CANONICAL_TIMESTAMP.fullmatch(text) is not None and _is_moment(text)
    return "\0" not in text if kind.name == "string" else _is_number(text, kind)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _limits(column: Column) -> Iterator[str]:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and _limit(low) > _limit(high):
        yield f"minimum {low} is above maximum {high}"
    if column.min_length is not None and column.max_length is not None and column.min_length > column.max_length:
        yield f"minLength {column.min_length} is above maxLength {column.max_length}"

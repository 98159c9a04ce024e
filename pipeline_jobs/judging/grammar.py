"""The written grammar of each type: which text is a value, and the canonical form that every engine casts alike.

Never an engine's own idea of a valid cast: what does not match is NULL here, and a bad cell to the caller.
All patterns stay within what Java and Rust match alike: ASCII classes, no look-around, `\\A…\\z`. Cells are long
where somebody wants them to be, so no pattern reads a text in two ways, and each costs time in line with its length.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.contract import Column as ContractColumn
from contracts.contract import CsvDialect
from contracts.notation.moments import formats_of
from contracts.types import ColumnType
from pipeline_jobs.judging.moments import on_calendar, parse_date, parse_timestamp

_INTEGER = r"\A[+-]?[0-9]+\z"
_DOUBLE = r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
_GREATEST_DOUBLE = 1.7976931348623157e308
_NUL = "\0"


def typed(text: Column, column: ContractColumn, dialect: CsvDialect) -> Column:
    """The cell's value, NULL where the text is NULL or not in the grammar of the column's type; then `within_type`."""
    kind = column.type
    if kind.name == "string":
        return F.when(~F.contains(text, F.lit(_NUL)), text)
    if kind.name == "boolean":
        folded = F.lower(text)
        is_true, is_false = folded.isin(*column.true_tokens), folded.isin(*column.false_tokens)
        return F.when(is_true, F.lit(True)).when(is_false, F.lit(False))
    if kind.name == "date":
        return parse_date(text, formats_of(column, dialect), dialect)
    if kind.name == "timestamp":
        return parse_timestamp(text, formats_of(column, dialect), dialect)
    return _number(text, kind)


def within_type(value: Column, kind: ColumnType) -> Column:
    """What `typed` gives, less what no column of the type may hold.

    A step of its own, for a projection of its own: it names the value several times, and a plan holds all that makes a
    value anew wherever it is named.
    """
    return on_calendar(value) if kind.is_time else value


def _number(text: Column, kind: ColumnType) -> Column:
    if kind.is_integer:
        return F.when(text.rlike(_INTEGER), F.ltrim(text, F.lit("+")).try_cast(kind.sql))
    if kind.name == "double":
        # Engines differ on whether -0.0 is 0.0; the sum with 0.0 is 0.0.
        value = text.try_cast("double") + F.lit(0.0)
        return F.when(text.rlike(_DOUBLE) & (F.abs(value) <= F.lit(_GREATEST_DOUBLE)), value)
    return F.when(text.rlike(_decimal(kind)), F.ltrim(text, F.lit("+")).try_cast(kind.sql))


def _decimal(kind: ColumnType) -> str:
    """Leading zeros are no digits of the number; digits behind the point are, also zeros."""
    whole = kind.precision - kind.scale
    before = rf"(?:0+|0*[1-9][0-9]{{0,{whole - 1}}})" if whole else "0+"
    behind = rf"(?:\.[0-9]{{1,{kind.scale}}})?" if kind.scale else ""
    return rf"\A[+-]?{before}{behind}\z"

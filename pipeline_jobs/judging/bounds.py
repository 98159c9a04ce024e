"""minimum and maximum of a column, compared in the column's own type: the wider one that would hold a decimal(38,0)
beside a limit with a fraction does not exist, and an engine that looks for it raises.
"""

from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.contract import Bound
from contracts.types import ColumnType

_EXACT = Context(prec=120)


def below(value: Column, minimum: Bound, kind: ColumnType) -> Column:
    """Whether the value lies below the limit; NULL where it is NULL."""
    if not isinstance(minimum, Decimal) or kind.name == "double":
        return value < _literal(minimum, kind)
    lowest, highest = _range(kind)
    if minimum > highest:
        return value.isNotNull()
    return value < _literal(max(minimum, lowest).quantize(_step(kind), ROUND_CEILING, _EXACT), kind)


def above(value: Column, maximum: Bound, kind: ColumnType) -> Column:
    """Whether the value lies above the limit; NULL where it is NULL."""
    if not isinstance(maximum, Decimal) or kind.name == "double":
        return value > _literal(maximum, kind)
    lowest, highest = _range(kind)
    if maximum < lowest:
        return value.isNotNull()
    return value > _literal(min(maximum, highest).quantize(_step(kind), ROUND_FLOOR, _EXACT), kind)


def _step(kind: ColumnType) -> Decimal:
    return Decimal(1).scaleb(-kind.scale)


def _range(kind: ColumnType) -> tuple[Decimal, Decimal]:
    if kind.is_integer:
        lowest, highest = kind.integer_range
        return Decimal(lowest), Decimal(highest)
    greatest = Decimal("9" * kind.precision).scaleb(-kind.scale, _EXACT)
    return greatest.copy_negate(), greatest


def _literal(bound: Bound, kind: ColumnType) -> Column:
    if isinstance(bound, Decimal):
        return F.lit(float(bound)) if kind.name == "double" else F.lit(f"{bound:f}").cast(kind.sql)
    if kind.name == "timestamp":
        moment = datetime.fromisoformat(bound)
        in_utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        bound = in_utc.replace(tzinfo=None).isoformat(sep=" ")
    return F.lit(bound).cast(kind.sql)

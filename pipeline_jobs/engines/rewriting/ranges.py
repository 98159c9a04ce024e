"""Rows that are written in ranges of their key, so that the files of a later merge are few.

A write loses the order of its rows, and what is parted by a range alone is not ordered within; files need no more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import add
from types import MappingProxyType
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

EXACT: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {**dict.fromkeys(("tinyint", "smallint", "int", "bigint"), int), "date": date.fromisoformat, "string": str}
)
"""Types whose least and greatest value the log has as they are, and from the text of one. It cuts timestamps, and
leaves a NaN out."""
RANGE = "_range"
MOST = 8
"""Ranges that rows are written in at a time: each is a file of its own for each of the engine's partitions."""
_ROWS = 25_000
"""Of a range, at least: fewer are as fast to write anew as to leave out."""
_ONE_OF = 100
_AT_A_TIME = 100


def ranged(rows: DataFrame, column: str, borders: Sequence[Any]) -> DataFrame:
    """With the number of the range that the row is in, as RANGE."""
    begun = [(F.col(column) >= F.lit(border)).cast("int") for border in borders]
    return rows.withColumn(RANGE, reduce(add, begun, F.lit(0)))


def borders_of(rows: DataFrame, key: Sequence[str]) -> tuple[Any, ...]:
    """The least keys of all ranges but the first, for ranges of the first key column; none where rows are few.

    From a sample: one of a hundred, by the hash of the whole key.
    """
    if rows.schema[key[0]].dataType.simpleString() not in EXACT:
        return ()
    sample = rows.filter((F.pmod(F.xxhash64(*key), F.lit(_ONE_OF)) == 0) & F.col(key[0]).isNotNull())
    in_order = Window.partitionBy(F.lit(0)).orderBy(key[0])
    numbered = sample.select(F.col(key[0]).alias("low"), F.ntile(MOST).over(in_order).alias("number"))
    found = numbered.groupBy("number").agg(F.min("low").alias("low"), F.count(F.lit(1)).alias("rows")).collect()
    lows = sorted(row["low"] for row in found)
    ranges = min(len(lows), sum(row["rows"] for row in found) * _ONE_OF // _ROWS)
    return tuple(dict.fromkeys(lows[len(lows) * number // ranges] for number in range(1, ranges)))


def holding(rows: DataFrame, column: str, ends: Sequence[tuple[Any, Any]]) -> list[bool]:
    """Whether a row's key lies within each of these, both ends included."""
    return [
        held for first in range(0, len(ends), _AT_A_TIME) for held in _held(rows, column, ends[first:][:_AT_A_TIME])
    ]


def _held(rows: DataFrame, column: str, ends: Sequence[tuple[Any, Any]]) -> Iterator[bool]:
    found = rows.agg(*(F.max(_is_within(column, *of)).alias(str(number)) for number, of in enumerate(ends))).first()
    return (bool(held) for held in found or ())


def _is_within(column: str, low: Any, high: Any) -> Column:
    return F.when((F.col(column) >= F.lit(low)) & (F.col(column) <= F.lit(high)), 1).otherwise(0)

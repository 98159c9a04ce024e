"""Rows that are written in ranges of their key, so that the files of a later merge are few.

A write loses the order of its rows, and what is parted by a range alone is not ordered within; files need no more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import add
from types import MappingProxyType
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipeline_jobs.engines.rewriting.folding import folded
from pipeline_jobs.engines.rewriting.slices import WHOLE, Slice, in_hashes, in_ranges, slices_for

EXACT: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {**dict.fromkeys(("tinyint", "smallint", "int", "bigint"), int), "date": date.fromisoformat, "string": str}
)
"""Types whose least and greatest value the log has as they are, and from the text of one. It cuts timestamps, and
leaves a NaN out."""
RANGE = "_range"
LEAST = 8
"""Ranges of a batch, where it has rows for them: each is a file of its own for each of the engine's partitions."""
_MOST_ROWS = 250_000
"""Of a range, about: a later batch of neighbouring keys has all rows of the ranges that it meets written anew."""
_TILES = 256
"""Of the sample, at whose ends ranges end: what is more than so many slices is in larger ones."""
_ROWS = 25_000
"""Of a range, at least: fewer are as fast to write anew as to leave out."""
_ONE_OF = 100
_AT_A_TIME = 100
_ONE_SLICE = 2
"""Times as many rows as a slice has are left one where there are no ranges."""


def ranged(rows: DataFrame, column: str, borders: Sequence[Any]) -> DataFrame:
    """With the number of the range that the row is in, as RANGE."""
    begun = [(F.col(column) >= F.lit(border)).cast("int") for border in borders]
    return rows.withColumn(RANGE, folded(add, [F.lit(0), *begun]))


@dataclass(frozen=True, slots=True)
class Layout:
    """`borders` are the least keys of all ranges but the first, for ranges of the first key column."""

    borders: tuple[Any, ...] = ()
    slices: tuple[Slice, ...] = (WHOLE,)

    def slices_of(self, rows: int, kinds: Sequence[str], most: int | None) -> tuple[Slice, ...]:
        """Its own, or else of hashes: then each question reads the whole batch, which must be worth it."""
        count = slices_for(rows, most)
        return self.slices if count <= _ONE_SLICE or self.slices != (WHOLE,) else in_hashes(count, kinds)


def layout_of(rows: DataFrame, key: Sequence[str], most: int | None) -> Layout:
    """Ranges, none where rows are few; and slices of about `most` rows, by the first key column that parts the rows.

    From a sample: one of a hundred, by the hash of the whole key.
    """
    borders: tuple[Any, ...] = ()
    for at, name in enumerate(key):
        if rows.schema[name].dataType.simpleString() in EXACT:
            lows, count = _sampled(rows, key, name)
            slices = min(slices_for(count, most), len(lows) or 1)
            if at == 0:
                borders = tuple(dict.fromkeys(_ends(lows, min(ranges_for(count, slices), len(lows)))))
            cuts = _ends(lows, slices)
            if slices > 1 and len({lows[0], *cuts}) == slices:
                return Layout(borders, in_ranges(cuts, at))
        if most is None:
            break
    return Layout(borders)


def ranges_for(rows: int, slices: int = 1) -> int:
    """How many ranges rows are written in: as many for each slice, but where these would be of a few rows."""
    wanted = max(LEAST, rows // _MOST_ROWS)
    return min(slices * -(-wanted // slices), rows // _ROWS)


def _ends(lows: Sequence[Any], count: int) -> list[Any]:
    return [lows[len(lows) * number // count] for number in range(1, count)]


def _sampled(rows: DataFrame, key: Sequence[str], column: str) -> tuple[Sequence[Any], int]:
    """The least values of a key column in tiles that have as many rows each, and about how many rows there are."""
    sample = rows.filter((F.pmod(F.xxhash64(*key), F.lit(_ONE_OF)) == 0) & F.col(column).isNotNull())
    in_order = Window.partitionBy(F.lit(0)).orderBy(column)
    numbered = sample.select(F.col(column).alias("low"), F.ntile(_TILES).over(in_order).alias("number"))
    found = numbered.groupBy("number").agg(F.min("low").alias("low"), F.count(F.lit(1)).alias("rows")).collect()
    return sorted(row["low"] for row in found), sum(row["rows"] for row in found) * _ONE_OF


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

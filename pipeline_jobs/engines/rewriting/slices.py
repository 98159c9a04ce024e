"""Slices of keys, in which a question to many rows is asked one after the other.

An engine that does not put down on the disk what it joins, orders or tells apart holds as much of it as one slice has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of whose key the column at place `column` lies from `low` to below `high`, and whose whole key has the hash
    `number` of `hashes`. None is without an end. A row without a key is in no range: whoever cuts counts.

    `kinds` are the types by which keys are hashed: of one value, each type has another hash.
    """

    low: Any = None
    high: Any = None
    column: int = 0
    number: int = 0
    hashes: int = 1
    kinds: tuple[str, ...] = ()

    def of(self, key: Sequence[str]) -> Column | None:
        """Whether a row with these columns as its key is in the slice; None where each is."""
        cut, said = F.col(key[self.column]), []
        if self.high is not None:
            said.append(cut < F.lit(self.high))
        if self.low is not None:
            said.append(cut >= F.lit(self.low))
        if self.hashes > 1:
            kinds = self.kinds or (None,) * len(key)
            typed = (F.col(name).cast(kind) if kind else F.col(name) for name, kind in zip(key, kinds, strict=True))
            said.append(F.pmod(F.xxhash64(*typed), F.lit(self.hashes)) == self.number)
        return reduce(and_, said) if said else None

    def rows(self, rows: DataFrame, key: Sequence[str]) -> DataFrame:
        """Those of the slice."""
        is_in = self.of(key)
        return rows if is_in is None else rows.filter(is_in)

    def meets(self, low: Any, high: Any) -> bool:
        """Whether it may have something of the first key column's range from `low` to below `high`."""
        is_below = self.high is not None and low is not None and self.high <= low
        is_above = self.low is not None and high is not None and self.low >= high
        return self.column != 0 or not (is_below or is_above)


WHOLE = Slice()


def in_ranges(borders: Sequence[Any], column: int = 0) -> tuple[Slice, ...]:
    """One more than there are borders, which grow; together they have each row once."""
    return tuple(Slice(low, high, column) for low, high in pairwise([None, *borders, None]))


def in_hashes(count: int, kinds: Sequence[str] = ()) -> tuple[Slice, ...]:
    """As even as hashes are, whatever the keys; each question reads all rows."""
    return tuple(Slice(number=number, hashes=count, kinds=tuple(kinds)) for number in range(count)) or (WHOLE,)


def slices_for(rows: int, most: int | None) -> int:
    """How many slices have no more than so many rows each."""
    return 1 if most is None else max(1, -(-rows // most))

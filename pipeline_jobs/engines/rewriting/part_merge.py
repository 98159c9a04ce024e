"""The guarded merge as two anti-joins a part: rows of the target that stay, and rows of the batch that come.

An engine that plans MERGE as full outer joins reads target and source several times for it. Here the target's wide
rows are read once, and only those files are written anew of which a row goes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType

from pipeline_jobs.engines.conforming import conformed
from pipeline_jobs.engines.engine import Merge
from pipeline_jobs.engines.rewriting.parts import Part
from pipeline_jobs.engines.rewriting.ranges import RANGE
from pipeline_jobs.engines.rewriting.slices import Slice

_THERE = "_there_"
_COMES = "_comes_"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a merge does to a part of its target, in rows."""

    inserted: int
    updated: int
    deleted: int

    @staticmethod
    def of_all(some: Iterable["Changes"]) -> "Changes":
        each = [(one.inserted, one.updated, one.deleted) for one in some]
        return Changes(*(sum(numbers) for numbers in zip(*each, strict=True)))

    @property
    def replaced(self) -> int:
        return self.updated + self.deleted

    @property
    def written(self) -> int:
        return self.inserted + self.updated


@dataclass(frozen=True, slots=True)
class PartMerge:
    """`target` has the rows of a part's files, or of a slice of it, and `merge.source` the batch's rows of the same;
    `columns` are the target's.
    """

    target: DataFrame
    columns: StructType
    merge: Merge

    @staticmethod
    def of_each(target: DataFrame, columns: StructType, merge: Merge, part: Part) -> "list[PartMerge]":
        """Of a part in slices, which have each of its keys once; of one alone, the target's rows are all its own."""
        source = Slice(part.low, part.high).rows(merge.source, merge.key)
        slices = [of for of in merge.slices if of.meets(part.low, part.high)]
        if len(slices) == 1:
            return [PartMerge(target, columns, merge.with_source(source))]
        each = [(of.rows(target, merge.key), of.rows(source, merge.key)) for of in slices]
        return [PartMerge(there, columns, merge.with_source(come)) for there, come in each]

    def changes(self) -> Changes:
        """Counted by keys and order alone, so that what is written can be held against it."""
        rows = self.merge.source.select(*self.merge.names, "_deleted")
        there = _renamed(self.target, self.merge.names, _THERE)
        joined = rows.join(there, self._same_key("", _THERE), how="left")
        is_new = F.col(_THERE + self.merge.key[0]).isNull()
        is_newer, is_dead = ~is_new & self._is_newer("", _THERE), F.col("_deleted")
        [found] = joined.agg(
            _number(is_new & ~is_dead).alias("inserted"),
            _number(is_newer & ~is_dead).alias("updated"),
            _number(is_newer & is_dead).alias("deleted"),
        ).collect()
        return Changes(int(found["inserted"]), int(found["updated"]), int(found["deleted"]))

    def staying(self) -> DataFrame:
        """The target's rows that no row of the batch replaces or deletes."""
        comes = _renamed(self.merge.source, self.merge.names, _COMES)
        return self.target.join(comes, [*self._same_key(_COMES, ""), self._is_newer(_COMES, "")], how="left_anti")

    def coming(self) -> DataFrame:
        """The batch's rows that are no older than what the target has of their key."""
        there = _renamed(self.target, self.merge.names, _THERE)
        is_older = ~self._is_newer("", _THERE)
        rows = self.merge.source.join(there, [*self._same_key("", _THERE), is_older], how="left_anti")
        standing = rows.filter(~F.col("_deleted")).select(*self.merge.columns)
        return conformed(standing, self.merge.columns, self.columns)

    def is_of_the_target_s_form(self, kept: StructType) -> bool:
        """Whether a row of the batch that is not deleted, written down with the columns `kept`, is one of the target's
        as it stands.
        """
        there = _types(self.columns)
        return _types(kept, but=("_deleted", RANGE)) == there and set(self.merge.columns) == set(there)

    def _same_key(self, comes: str, there: str) -> list[Column]:
        return [F.col(comes + name) == F.col(there + name) for name in self.merge.key]

    def _is_newer(self, comes: str, there: str) -> Column:
        """No older, to be exact: a row that was merged before takes its own place again."""
        newer = _order(self.merge.order, comes) >= _order(self.merge.order, there)
        if self.merge.yielding:
            is_known = F.col(comes + "_finalized_at").isNotNull()
            newer = (is_known & newer) | F.col(f"{there}_file").isin(*self.merge.yielding)
        return F.coalesce(newer, F.lit(False))


def _types(columns: StructType, but: Collection[str] = ()) -> dict[str, DataType]:
    return {field.name: field.dataType for field in columns.fields if field.name not in but}


def _renamed(rows: DataFrame, names: Sequence[str], prefix: str) -> DataFrame:
    return rows.select(*(F.col(name).alias(prefix + name) for name in names))


def _order(names: Sequence[str], prefix: str) -> Column:
    return F.struct(*(F.col(prefix + name).alias(name) for name in names))


def _number(condition: Column) -> Column:
    return F.coalesce(F.sum(F.when(condition, 1).otherwise(0)), F.lit(0))

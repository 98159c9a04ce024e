"""Two tables compared row by row: a row of each key here, there, or in both and otherwise."""

from collections.abc import Sequence
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.engines.rewriting.folding import folded
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.rebuilding.findings import Difference, compared_as

_OLD, _NEW = "_old_", "_new_"


def difference(old: DataFrame, new: DataFrame, key: Sequence[str]) -> Difference:
    """`key` names at most one row of the new one; compared are the columns that both have, as `compared_as`.

    Raises ConservationError where a key stands twice in the new one.
    """
    columns = [name for name in new.columns if name in set(old.columns) and name not in key]
    were, are = dict(old.dtypes), dict(new.dtypes)
    kinds = {name: compared_as(were[name], are[name]) for name in (*key, *columns)}
    before = old.select(*(F.col(name).try_cast(kind).alias(_OLD + name) for name, kind in kinds.items()))
    after = new.select(*(F.col(name).try_cast(kind).alias(_NEW + name) for name, kind in kinds.items()))
    joined = before.join(after, [before[_OLD + name] == after[_NEW + name] for name in key], how="full_outer")
    is_new, is_gone = F.col(_OLD + key[0]).isNull(), F.col(_NEW + key[0]).isNull()
    other = {name: ~is_new & ~is_gone & ~F.col(_OLD + name).eqNullSafe(F.col(_NEW + name)) for name in columns}
    [found] = joined.agg(
        _rows(~is_new).alias("before"),
        _rows(~is_gone).alias("after"),
        _rows(is_new).alias("added"),
        _rows(is_gone).alias("missing"),
        _rows(folded(or_, [F.lit(False), *other.values()])).alias("different"),
        *(_rows(is_other).alias(_NEW + name) for name, is_other in other.items()),
    ).collect()
    rows_before, rows_after = old.count(), new.count()
    if found["before"] != rows_before:
        raise ConservationError("two tables cannot be compared: a key stands twice in the new one")
    return Difference(
        before=rows_before,
        after=rows_after,
        **{name: int(found[name]) for name in ("added", "missing", "different")},
        columns=tuple((name, int(found[_NEW + name])) for name in columns if found[_NEW + name]),
        doubled=int(found["after"]) - rows_after,
    )


def _rows(condition: Column) -> Column:
    return F.coalesce(F.sum(F.when(condition, 1).otherwise(0)), F.lit(0))

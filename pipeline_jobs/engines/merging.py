"""The guarded MERGE as SQL, and the batch's range of keys: the same on every engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.engines.engine import KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.literals import quoted, text, within


def merge_statement(merge: Merge, target: str, source: str, key_range: KeyRange, columns_there: Sequence[str]) -> str:
    """`target` and `source` are table references, already quoted; `columns_there` are all those of the target."""
    keys = [f"t.{quoted(name)} = s.{quoted(name)}" for name in merge.key]
    keys.append(within(key_range, "t"))
    names = [quoted(name) for name in merge.columns]
    # An inserted row has NULL in the others by itself, an updated one would keep what stood there.
    others = [quoted(name) for name in columns_there if name not in merge.columns]
    updated = [*(f"t.{name} = s.{name}" for name in names), *(f"t.{name} = NULL" for name in others)]
    newer = f"struct({_of('s', merge.order)}) >= struct({_of('t', merge.order)})"
    if merge.yielding:
        files = ", ".join(map(text, merge.yielding))
        newer = f"(s._finalized_at IS NOT NULL AND {newer} OR t._file IN ({files}))"
    return " ".join(
        (
            f"MERGE INTO {target} AS t USING {source} AS s ON {' AND '.join(keys)}",
            f"WHEN MATCHED AND s._deleted AND {newer} THEN DELETE",
            f"WHEN MATCHED AND NOT s._deleted AND {newer}",
            f"THEN UPDATE SET {', '.join(updated)}",
            f"WHEN NOT MATCHED AND NOT s._deleted THEN INSERT ({', '.join(names)})",
            f"VALUES ({_of('s', merge.columns)})",
        )
    )


def discard_statement(stage: str, attempts: Iterable[int]) -> str:
    """`stage` is a table reference, already quoted."""
    numbers = ", ".join(str(int(attempt)) for attempt in attempts)
    return f"DELETE FROM {stage} WHERE _attempt IN ({numbers})"  # noqa: S608  # numbers, and a quoted reference


def key_range(source: DataFrame, key: tuple[str, ...]) -> KeyRange | None:
    """Of the first key column; None where there is no row. As text: a driver's clock may not be in UTC."""
    name = key[0]
    low, high = F.min(name).cast("string").alias("low"), F.max(name).cast("string").alias("high")
    kind = F.max(F.typeof(name)).alias("kind")
    ends = source.agg(low, high, kind, F.count(F.lit(1)).alias("rows")).first()
    if ends is None or ends["low"] is None:
        return None
    return KeyRange(name, ends["kind"], ends["low"], ends["high"], ends["rows"])


def commits(
    found: Iterable[tuple[int, Mapping[str, int | str]]], rows_of: Callable[[int, int], tuple[int, int]]
) -> list[MergeCommit]:
    """From the versions that merges made, each with the numbers that it says of itself; `rows_of` counts two."""
    counted = ((version, rows_of(version - 1, version), numbers) for version, numbers in found)
    return [
        MergeCommit(
            version=version,
            before=before,
            after=after,
            inserted=int(numbers["numTargetRowsInserted"]),
            deleted=int(numbers["numTargetRowsDeleted"]),
        )
        for version, (before, after), numbers in counted
    ]


def evaluated(rows: DataFrame) -> None:
    """Has every cell computed, and keeps none."""
    rows.agg(F.max(F.xxhash64(*(F.col(name).cast("string") for name in rows.columns)))).collect()


def _of(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{quoted(name)}" for name in names)

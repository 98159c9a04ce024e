"""A merge and the proof of it, beside other runs: made again until each of its keys stands as its newest row says.

No lock is held. Of two merges into one table at once, the engine lets the second fail, and it is made again on what
the first has left. What no engine sees is a deletion between two tables: a run enters its tombstones, and another run,
which had read them before, puts an older row of the key into the target. So each run looks at tombstones and target
after its own commit. A tombstone that came before that look is seen in it; one that came later is merged into the
target later, too, where the row then stands. Whoever dies in between leaves files that are not merged: the next run
merges them again.
"""

import logging
from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge
from pipeline_jobs.engines.literals import within
from pipeline_jobs.engines.merging import key_range
from pipeline_jobs.engines.rewriting.slices import Slice
from pipeline_jobs.errors import CommitConflictError, ConservationError

log = logging.getLogger(__name__)

_ROUNDS = 5
"""Others may win the first; each round that fails means that another run's commit went through."""


def upsert(engine: Engine, merge_of: Callable[[], Merge], tombstones: str | None) -> None:
    """Makes the merge that `merge_of` gives, which is asked again for each round.

    `tombstones` is the table of them that counts for the target, if there is one. Raises CommitConflictError where
    others are always faster, ConservationError where a commit's own numbers or the rows in the target are wrong.
    """
    wrong = 0
    for round_ in range(1, _ROUNDS + 1):
        with engine.kept(merge_of()) as merge:
            keys = key_range(merge.source, merge.key)
            _refuse_fewer(merge, keys.rows if keys else 0)
            if keys is None:
                return
            try:
                _commit(engine, merge, keys)
            except CommitConflictError:
                log.info("another run was faster", extra={"table": merge.target, "round": round_})
                if round_ == _ROUNDS:
                    raise
                continue
            wrong = _wrong_keys(engine, merge, keys, tombstones)
        if not wrong:
            return
        log.warning("keys do not stand as their newest row says", extra={"table": merge.target, "keys": wrong})
    raise ConservationError(
        f"{wrong} keys do not stand in {merge.target} as their newest row says, after {_ROUNDS} merges: nothing is "
        "entered as merged. Look at the history of the table for whoever else writes to it"
    )


def _refuse_fewer(merge: Merge, rows: int) -> None:
    if rows < merge.rows:
        raise ConservationError(
            f"of the rows for {merge.target}, {merge.rows} were counted and {rows} are there to be merged: nothing is "
            "entered as merged. Run the job again; if it says the same, look at the engine's own log"
        )


def _commit(engine: Engine, merge: Merge, keys: KeyRange) -> None:
    """Raises ConservationError where a version does not have the rows that its merge says it made of the last one."""
    for commit in engine.merge(merge, keys):
        if not commit.adds_up:
            raise ConservationError(
                f"version {commit.version} of {merge.target} does not add up: {commit.before} rows before, "
                f"{commit.inserted} inserted, {commit.deleted} deleted, {commit.after} after. Others may have written "
                "since, so nothing is put back: look at the history of the table and restore it by hand, or rebuild"
            )
        log.info(
            "version merged",
            extra={"table": merge.target, "version": commit.version, "inserted": commit.inserted, "rows": commit.after},
        )


def _wrong_keys(engine: Engine, merge: Merge, keys: KeyRange, tombstones: str | None) -> int:
    """How many keys of the batch stand in the target twice, not at all, older than they should, or though deleted.

    Newer than the batch's row is right: it is another run's. What is deleted, by the batch or since, may stand only by
    a row that is newer still. Of a file that yields no row may stand but the batch's own.
    """
    found = [_standing(engine, merge, keys, tombstones, of) for of in merge.slices]
    # Too few are as wrong as too many: they are in none of the slices.
    return abs(sum(rows for rows, _ in found) - keys.rows) + sum(wrong for _, wrong in found)


def _standing(engine: Engine, merge: Merge, keys: KeyRange, tombstones: str | None, of: Slice) -> tuple[int, int]:
    """Of the slice: the batch's rows, each as often as its key stands in the target, and those that are wrong."""
    rows = of.rows(merge.source.select(*merge.names, "_deleted"), merge.key)
    there = _renamed(of.rows(engine.read(merge.target).filter(within(keys)), merge.key), merge, "_there_")
    joined = rows.join(there, _same_key(rows, there, merge, "_there_"), how="left")
    floor, is_dead = _order(merge, ""), F.col("_deleted")
    is_bare = F.col("_finalized_at").isNull()
    if tombstones:
        tombs = _renamed(of.rows(engine.read(tombstones).filter(within(keys)), merge.key), merge, "_tomb_")
        joined = joined.join(tombs, _same_key(joined, tombs, merge, "_tomb_"), how="left")
        is_buried = F.col(f"_tomb_{merge.key[0]}").isNotNull() & (is_bare | (_order(merge, "_tomb_") > floor))
        floor, is_dead = F.when(is_buried, _order(merge, "_tomb_")).otherwise(floor), is_dead | is_buried
        is_bare = is_bare & ~is_buried
    is_right = _is_right(merge, floor, is_dead, is_bare)
    counts = (F.count(F.lit(1)).alias("rows"), F.sum(F.when(is_right, 0).otherwise(1)).alias("wrong"))
    [found] = joined.agg(*counts).collect()
    return int(found["rows"]), int(found["wrong"] or 0)


def _is_right(merge: Merge, floor: Column, is_dead: Column, is_bare: Column) -> Column:
    standing = _order(merge, "_there_")
    stands_right = F.when(is_bare, F.lit(True)).when(is_dead, standing > floor).otherwise(standing >= floor)
    if merge.yielding:
        is_the_batch_s = ~is_dead & (standing >= floor) & ~(standing > floor)
        stands_right = F.when(F.col("_there__file").isin(*merge.yielding), is_the_batch_s).otherwise(stands_right)
    return F.when(F.col(f"_there_{merge.key[0]}").isNull(), is_dead).otherwise(stands_right)


def _renamed(rows: DataFrame, merge: Merge, prefix: str) -> DataFrame:
    return rows.select(*(F.col(name).alias(prefix + name) for name in merge.names))


def _same_key(rows: DataFrame, others: DataFrame, merge: Merge, prefix: str) -> list[Column]:
    return [rows[name] == others[prefix + name] for name in merge.key]


def _order(merge: Merge, prefix: str) -> Column:
    return F.struct(*(F.col(prefix + name).alias(name) for name in merge.order))

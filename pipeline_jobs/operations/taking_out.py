"""Files taken out of target and tombstones: each of their keys computed anew from the files that are accepted.

Whatever else happened meanwhile, this may be done again: it makes the keys what the accepted rows say. Which keys, the
rows of the files themselves say, not what stands of them in the target: of a key that has been taken out once, nothing
stands there any more, and an older row may have come meanwhile and lost against the one that went.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.contract import FILE_ORDER, Contract
from pipeline_jobs.engines.engine import KeyRange
from pipeline_jobs.engines.literals import within
from pipeline_jobs.engines.merging import key_range
from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.judgement import is_good
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.merging.rows import merge_rows, newest_rows, prepare_targets
from pipeline_jobs.operations.archived import archived_rows
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, Entry, State
from pipeline_jobs.state.making import prepare_target
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import row_key, staged_good_rows

log = logging.getLogger(__name__)

_ROUNDS = 5
"""Each round that finds other files than the one before means that another run has staged or merged some."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """`rows` are of the key alone, each once; `ends` those of its first column (None: no rows)."""

    rows: DataFrame
    ends: KeyRange | None

    def of(self, rows: DataFrame) -> DataFrame:
        """Those that have one of the keys."""
        near = rows.filter(within(self.ends)) if self.ends is not None else rows
        return near.join(self.rows, self.rows.columns, how="left_semi")


def take_out(run: Run, taken: Sequence[Entry], *, were_out: bool = False) -> None:
    """`taken` name the files with the attempts that went into the tables. Of those that `were_out`, and are in again,
    what stands says the keys where neither the stage table nor archive/ has their rows any more.

    Raises CommitConflictError where others are always faster; OriginalMissingError and OriginalDiffersError where rows
    are in no table, and their file is in archive/ no longer, or is read otherwise than when it was loaded.
    """
    prepare_targets(run)
    rows = _aside(run, _keys(run, taken, were_out=were_out))
    keys = _Keys(rows, key_range(rows, row_key(run.contract)))
    before: set[int | None] = set()
    for round_ in range(_ROUNDS):
        accepted = _accepted(run, keys)
        if round_ and _attempts(accepted) == before:
            return
        _compute(run, keys, accepted, taken)
        before = _attempts(accepted)
    raise CommitConflictError("other runs staged or merged files of the same keys all the while: run the job again")


def standing(run: Run, files: Sequence[Entry]) -> list[Entry]:
    """Those of which a row is in the target, or a tombstone."""
    prepare_target(run.engine, run.contract)
    found = {row["_file"] for rows in _standing(run, files) for row in rows.select("_file").distinct().collect()}
    return [entry for entry in files if entry.file in found]


def rows_missing(run: Run) -> list[Entry]:
    """The entries that count of merged files whose rows the stage table has no longer, and may be of the same keys as
    others': of a feed without a key none are.
    """
    if not run.contract.key:
        return []
    return run.ledger.missing(run.engine.read(run.contract.stage_table))


def _keys(run: Run, taken: Sequence[Entry], *, were_out: bool = False) -> DataFrame:
    """Of the files' rows, and of those that stand in the tables though the contract of today calls them bad."""
    engine, contract = run.engine, run.contract
    key = row_key(contract)
    found = [*_standing(run, taken), staged_good_rows(engine, contract, taken)]
    gone = rows_missing_of(run, taken)
    if were_out:
        gone = [entry for entry in gone if run.volume.archived(entry.place) is not None]
    # Each set aside before the next is read: a reader's cells are there until it reads others.
    found += [_aside(run, rows.select(*key)) for rows in archived_rows(run, gone, are_going=True)]
    keys = found[0].select(*key)
    for rows in found[1:]:
        keys = keys.unionByName(rows.select(*key))
    return keys.distinct()


def _standing(run: Run, files: Sequence[Entry]) -> list[DataFrame]:
    contract = run.contract
    tables = (contract.table, *((contract.tombstones_table,) if contract.delete_when else ()))
    is_theirs = F.col("_file").isin([entry.file for entry in files])
    return [run.engine.read(table).filter(is_theirs) for table in tables]


def rows_missing_of(run: Run, taken: Sequence[Entry]) -> list[Entry]:
    """Those of the entries with good rows of which the stage table has none."""
    there = run.engine.read(run.contract.stage_table).filter(F.col("_attempt").isin([one.attempt for one in taken]))
    attempts = {row["_attempt"] for row in there.select("_attempt").distinct().collect()}
    return [entry for entry in taken if entry.rows_good != 0 and entry.attempt not in attempts]


def _accepted(run: Run, keys: _Keys) -> list[Entry]:
    """The entries that count of the accepted files with rows of these keys in the stage table, good or bad."""
    # By two columns of numbers: to read a name or the reasons of each row costs more than all else here.
    found = keys.of(run.engine.read(run.contract.stage_table)).select("_attempt").distinct().collect()
    states = run.ledger.of_attempts([row["_attempt"] for row in found], *ACCEPTED)
    # What waits for its merge, but was staged by another contract, is judged again and merged then.
    today = meaning_of_rows(run.contract)
    return [entry for entry in states if entry.state is State.MERGED or entry.meaning == today]


def _attempts(entries: Sequence[Entry]) -> set[int | None]:
    return {entry.attempt for entry in entries}


def _compute(run: Run, keys: _Keys, accepted: Sequence[Entry], taken: Sequence[Entry]) -> None:
    contract = run.contract
    files = [entry.file or "" for entry in taken]
    newest, dead = _newest(run, _rows_of(run, keys, accepted))
    for tombstones in _standing(run, taken)[1:]:
        dead = _with_bare(dead, tombstones.select(*contract.key))
    # All read before the first of them is merged: what cannot be read leaves the tables as they are.
    of_archive = [
        _aside(run, keys.of(some).select(*_columns(contract)))
        for some in archived_rows(run, rows_missing(run), are_going=False)
    ]
    merge_rows(run, _with_bare(newest, keys.rows), dead, files)
    for some in of_archive:
        # They win against what stands there now: nothing of the files that go does any more.
        merge_rows(run, *_newest(run, some))
    log.info("files taken out", extra={"files": len(files), "accepted": len(accepted)})


def _rows_of(run: Run, keys: _Keys, accepted: Sequence[Entry]) -> DataFrame:
    """The good rows of these keys and files in the stage table, read once."""
    # Names and reasons are asked of the rows that are left: of all in the table they cost more than all else here.
    is_accepted = F.col("_attempt").isin([entry.attempt for entry in accepted])
    is_of_them = F.col("_file").isin([entry.file for entry in accepted])
    staged = keys.of(run.engine.read(run.contract.stage_table).filter(is_accepted))
    found = staged.select(*_columns(run.contract), (is_of_them & is_good()).alias("_good"))
    return _aside(run, found).filter("_good").drop("_good")


def _columns(contract: Contract) -> tuple[str, ...]:
    return (*(column.name for column in contract.file_columns), *FILE_ORDER)


def _newest(run: Run, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Of each key the newest row, and the newest that deletes: a tombstone may stand below a row that is newer."""
    contract = run.contract
    dead = newest_rows(rows.filter(deleted(contract)), contract) if contract.delete_when else rows.limit(0)
    return newest_rows(rows, contract), dead.withColumn("_deleted", F.lit(False))


def _aside(run: Run, rows: DataFrame) -> DataFrame:
    """Read once, and the same from then on, whatever is committed meanwhile."""
    return run.engine.set_aside(rows, run.scratch / f"aside-{uuid4().hex}")


def _with_bare(rows: DataFrame, keys: DataFrame) -> DataFrame:
    """With a row for each of the keys that has none: deleted, and without an order."""
    key = keys.columns
    without = keys.join(rows.select(*key), key, how="left_anti")
    types = dict(rows.dtypes)
    columns = (F.col(name) if name in key else F.lit(None).cast(types[name]).alias(name) for name in rows.columns)
    return rows.unionByName(without.select(*columns).withColumn("_deleted", F.lit(True)))

"""Files taken out of target and tombstones: each of their keys computed anew from the files that are accepted.

Whatever else happened meanwhile, this may be done again: it makes the keys what the accepted rows say. Which keys, the
rows of the files themselves say, not what stands of them in the target: of a key that has been taken out once, nothing
stands there any more, and an older row may have come meanwhile and lost against the one that went.
"""

import logging
from collections.abc import Sequence
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.contract import FILE_ORDER, Contract
from pipeline_jobs.engines.literals import within
from pipeline_jobs.engines.merging import key_range
from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.merging.rows import merge_rows, newest_rows, prepare_targets
from pipeline_jobs.operations.archived import archived_rows
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, Entry, State
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import row_key, staged_good_rows

log = logging.getLogger(__name__)

_ROUNDS = 5
"""Each round that finds other files than the one before means that another run has staged or merged some."""


def take_out(run: Run, taken: Sequence[Entry]) -> None:
    """`taken` name the files with the attempts that went into the tables.

    Raises CommitConflictError where others are always faster, OriginalMissingError where rows are in no table and their
    file is in archive/ no longer.
    """
    prepare_targets(run)
    keys = _aside(run, _keys(run, taken))
    before: set[int | None] = set()
    for round_ in range(_ROUNDS):
        accepted = _accepted(run, keys)
        if round_ and _attempts(accepted) == before:
            return
        _compute(run, keys, accepted, taken)
        before = _attempts(accepted)
    raise CommitConflictError("other runs staged or merged files of the same keys all the while: run the job again")


def stand(run: Run, files: Sequence[Entry]) -> bool:
    """Whether a row of theirs is in the target, or a tombstone."""
    prepare_targets(run)
    return any(not rows.limit(1).isEmpty() for rows in _standing(run, files))


def rows_missing(run: Run) -> list[Entry]:
    """The entries that count of merged files whose rows the stage table has no longer, and may be of the same keys as
    others': of a feed without a key none are.
    """
    if not run.contract.key:
        return []
    return run.ledger.missing(run.engine.read(run.contract.stage_table))


def _keys(run: Run, taken: Sequence[Entry]) -> DataFrame:
    """Of the files' rows, and of those that stand in the tables though the contract of today calls them bad."""
    engine, contract = run.engine, run.contract
    key = row_key(contract)
    found = [*_standing(run, taken), staged_good_rows(engine, contract, taken)]
    found += archived_rows(run, rows_missing_of(run, taken))
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


def _accepted(run: Run, keys: DataFrame) -> list[Entry]:
    """The entries that count of the accepted files with rows of these keys in the stage table, good or bad."""
    # By two columns of numbers: to read a name or the reasons of each row costs more than all else here.
    found = _staged_of(run, keys).select("_attempt").distinct().collect()
    states = run.ledger.of_attempts([row["_attempt"] for row in found], *ACCEPTED)
    # What waits for its merge, but was staged by another contract, is judged again and merged then.
    today = meaning_of_rows(run.contract)
    return [entry for entry in states if entry.state is State.MERGED or entry.meaning == today]


def _attempts(entries: Sequence[Entry]) -> set[int | None]:
    return {entry.attempt for entry in entries}


def _staged_of(run: Run, keys: DataFrame) -> DataFrame:
    """The rows of the stage table that have one of the keys, whoever's attempts."""
    ends = key_range(keys, row_key(run.contract))
    rows = run.engine.read(run.contract.stage_table)
    rows = rows.filter(within(ends)) if ends is not None else rows
    return rows.join(keys, list(row_key(run.contract)), how="left_semi")


def _compute(run: Run, keys: DataFrame, accepted: Sequence[Entry], taken: Sequence[Entry]) -> None:
    contract = run.contract
    files = [entry.file or "" for entry in taken]
    is_accepted = F.col("_attempt").isin([entry.attempt for entry in accepted])
    is_good = F.col("_file").isin([entry.file for entry in accepted]) & (F.size("_errors") == 0)
    newest, dead = _newest(run, _staged_of(run, keys).filter(is_accepted & is_good))
    merge_rows(run, _with_bare(newest, keys, contract), _with_bare(dead, keys, contract), files)
    for some in archived_rows(run, rows_missing(run)):
        # They win against what stands there now: nothing of the files that go does any more.
        merge_rows(run, *_newest(run, some.join(keys, list(row_key(contract)), how="left_semi")))
    log.info("files taken out", extra={"files": len(files), "accepted": len(accepted)})


def _newest(run: Run, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Of each key the newest row, and the newest that deletes: a tombstone may stand below a row that is newer."""
    contract = run.contract
    narrow = _aside(run, rows.select(*(column.name for column in contract.file_columns), *FILE_ORDER))
    dead = newest_rows(narrow.filter(deleted(contract)), contract) if contract.delete_when else narrow.limit(0)
    return newest_rows(narrow, contract), dead.withColumn("_deleted", F.lit(False))


def _aside(run: Run, rows: DataFrame) -> DataFrame:
    """Read once, and the same from then on, whatever is committed meanwhile."""
    return run.engine.set_aside(rows, run.scratch / f"aside-{uuid4().hex}")


def _with_bare(rows: DataFrame, keys: DataFrame, contract: Contract) -> DataFrame:
    """With a row for each of the keys that has none: deleted, and without an order."""
    key = row_key(contract)
    without = keys.join(rows.select(*key), list(key), how="left_anti")
    types = dict(rows.dtypes)
    columns = (F.col(name) if name in key else F.lit(None).cast(types[name]).alias(name) for name in rows.columns)
    return rows.unionByName(without.select(*columns).withColumn("_deleted", F.lit(True)))

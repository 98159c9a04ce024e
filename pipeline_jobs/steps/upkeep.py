"""Upkeep: many small commits leave many small files, and tries that did not count leave rows that nobody reads."""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.operations.operation import Do
from pipeline_jobs.rebuilding.swap import drop_forgotten_rebuild
from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import TABLE as LEDGER

log = logging.getLogger(__name__)

_EVERY = 100
_LOOKED_AT = 4
"""At its first report and after each so many a feed counts the ledger's small files: a run adds five or so."""
_KEPT = timedelta(days=7)
"""How long the verdicts on a rejected file can be looked at, and how long stays what a killed run or a rebuild left."""
_A_DAY = timedelta(days=1)
_AT_A_TIME = 1000


def keep_up(run: Run, reports: int) -> None:
    """What the feed's run that makes its n-th report does for the runs to come, or is told to do now."""
    is_asked = run.operation is not None and run.operation.do is Do.MAINTAIN
    if is_asked or is_due(reports):
        tidy_tables(run)
    elif reports % _LOOKED_AT == 1 and run.engine.is_scattered(LEDGER):
        _join_small_files(run)


def _join_small_files(run: Run) -> None:
    """Of the ledger, to which each run of every feed adds some: none of them may read what all have left."""
    try:
        run.engine.compact(LEDGER)
    except CommitConflictError:
        log.info("another run was faster", extra={"table": LEDGER})


def is_due(reports: int) -> bool:
    """Whether the feed's run that makes its n-th report also tidies its tables: each hundredth does."""
    return reports % _EVERY == 0


def tidy_tables(run: Run) -> None:
    """The feed's tables, the ledger if nobody has today, and what killed runs have left."""
    of = run.contract
    _discard(run, [*_without_a_verdict(run), *_beyond_retention(run)])
    drop_forgotten_rebuild(run, run.clock.now() - _KEPT)
    tombstones = (of.tombstones_table,) if of.delete_when else ()
    _is_tidied(run, of.stage_table)
    for table in (of.table, *tombstones):
        _is_tidied(run, table, is_merged_into=True)
    _tidy_ledger(run)
    for folder in (run.scratch.parent, run.withheld.path.parent, run.engine.leftovers, run.volume.half_copies):
        if folder is not None:
            _remove_old(folder)


def _tidy_ledger(run: Run) -> None:
    """Once a day, whichever feed's turn it is: it is the table of all of them.

    When it was last is the time of a file among the tasks' folders. As a property of the table it would be a change
    beside which no other run can append.
    """
    tidied = run.scratch.parent / LEDGER
    if tidied.exists() and 0 <= time.time() - tidied.stat().st_mtime < _A_DAY.total_seconds():
        return
    if _is_tidied(run, LEDGER, is_read_by_version=False):
        tidied.write_text(run.contract.feed, encoding="utf-8")


def _is_tidied(run: Run, table: str, *, is_read_by_version: bool = True, is_merged_into: bool = False) -> bool:
    """Whether it could be: not beside another run that does the same."""
    try:
        run.engine.maintain(table, is_read_by_version=is_read_by_version, is_merged_into=is_merged_into)
    except CommitConflictError:
        log.info("another run was faster; left for the next upkeep", extra={"table": table})
        return False
    log.info("table tidied", extra={"table": table})
    return True


def _without_a_verdict(run: Run) -> list[int]:
    """The tries that died, were rejected, or came second, a week after they were staged."""
    found = _staged_before(run, _KEPT).join(
        run.ledger.merged_attempts(), F.col("_attempt") == F.col("attempt"), how="left_anti"
    )
    waiting = {entry.attempt for entry in run.ledger.staged(is_whole=True)}
    return sorted({row["_attempt"] for row in found.collect()} - waiting - {None})


def _beyond_retention(run: Run) -> list[int]:
    """The tries whose rows the contract keeps no longer, since they are in the target."""
    days = run.contract.retention.stage_days
    if days is None:
        return []
    found = _staged_before(run, timedelta(days=days)).join(
        run.ledger.merged_attempts(), F.col("_attempt") == F.col("attempt"), how="left_semi"
    )
    return sorted(row["_attempt"] for row in found.collect())


def _staged_before(run: Run, age: timedelta) -> DataFrame:
    """The attempts of which a row is that old, in the one column `_attempt`."""
    before = F.lit((run.clock.now() - age).isoformat()).cast("timestamp")
    return run.engine.read(run.contract.stage_table).filter(F.col("_staged_at") < before).select("_attempt").distinct()


def _discard(run: Run, attempts: Sequence[int]) -> None:
    """Takes the rows of these tries out of the stage table."""
    for first in range(0, len(attempts), _AT_A_TIME):
        try:
            run.engine.discard(run.contract.stage_table, attempts[first : first + _AT_A_TIME])
        except CommitConflictError:
            log.info("another run was faster; left for the next upkeep", extra={"table": run.contract.stage_table})
            return
    log.info("attempts discarded", extra={"attempts": len(attempts)})


def _remove_old(folder: Path) -> None:
    """Of runs that were killed before they could take away what was their own, and what was withheld.

    The folder is that of all feeds: a task of another takes its own away between the listing and the look at it.
    """
    oldest = time.time() - _KEPT.total_seconds()
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if not 0 < _last_written(path) < oldest:
                continue
            if path.is_dir():
                rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _last_written(path: Path) -> float:
    """When the file, or the newest thing in the folder, was; in seconds since the epoch, 0 where nobody knows.

    On a volume files have the store's times; of folders a store has none.
    """
    return max(one.lstat().st_mtime for one in (path, *path.rglob("*")))

"""Small files of a folder's table joined, and its log and its dead files bounded, by delta-rs."""

from collections.abc import Sequence
from datetime import timedelta

from deltalake import DeltaTable, WriterProperties
from deltalake.exceptions import CommitFailedError

from pipeline_jobs.errors import CommitConflictError

_KEPT = timedelta(days=7)
_UNNAMED = timedelta(days=2)
"""For so long somebody may be about to commit a file that he has written: no task is at work longer."""
_BRIEFLY = "interval 6 hours"
"""Longer than any question takes, since a task has four hours. What a table keeps of its past, each look at it reads:
1.4 ms of CPU for a thousand files that were joined.
"""
_OF_THE_PAST = ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration")
_SCATTERED = 16
"""A small file costs each question a millisecond, and to join twenty of them takes 80; a run asks eight."""
_JOINED_TO = 2 * 1024**2
_FEW = _JOINED_TO // 2
"""Bytes: of smaller files two always fit into one, and larger ones are left to `tidy`."""
_APART = 8 * 1024**2
"""Bytes: of a table that is merged into, larger files stay as they are, each of few of the ranges that merges wrote. A
batch of neighbouring keys then goes on to meet few of them.
"""
_JOINED = WriterProperties(compression="ZSTD", max_row_group_size=64 * 1024)  # who looks for days reads no million


def are_scattered(sizes: Sequence[int]) -> bool:
    """Whether of files of these sizes so many are small that a few questions cost more than to join them."""
    return sum(size < _FEW for size in sizes) >= _SCATTERED


def join_small(table: DeltaTable) -> None:
    """No file that is large enough is written again with each few small ones. Raises CommitConflictError."""
    _join(table, _JOINED_TO)


def tidy(table: DeltaTable, *, is_read_by_version: bool, is_merged_into: bool = False) -> None:
    """Joins what is not large, and removes what no version of the last week needs; of a table that nobody reads by
    version, of the last hours. What no version has named yet stays for as long as a task may take. Raises
    CommitConflictError.
    """
    if not is_read_by_version:
        _keep_briefly(table)
    _join(table, _APART if is_merged_into else None)
    table.cleanup_metadata()
    # What was replaced stays for as long as the log knows of it, which the property says; the rest goes by its age.
    kept = _KEPT if is_read_by_version else _UNNAMED
    table.vacuum(retention_hours=int(kept.total_seconds()) // 3600, dry_run=False, full=True)


def _keep_briefly(table: DeltaTable) -> None:
    """From then on delta-rs cleans the log by itself with each hundredth version, and forgets what was joined."""
    has = table.metadata().configuration
    properties = {name: _BRIEFLY for name in _OF_THE_PAST if has.get(name) != _BRIEFLY}
    if not properties:
        return
    # Once in a table's life: an append at the same moment fails, and is made again by the next run.
    try:
        table.alter.set_table_properties(properties, raise_if_not_exists=False)
    except CommitFailedError as error:
        raise CommitConflictError("another session changed a table at the same time") from error


def _join(table: DeltaTable, target_size: int | None = None) -> None:
    try:
        table.optimize.compact(target_size=target_size, writer_properties=_JOINED)
    except CommitFailedError as error:
        raise CommitConflictError("another session changed the files that were to be joined") from error
    table.create_checkpoint()

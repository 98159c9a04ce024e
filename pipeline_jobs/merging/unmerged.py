"""What is said of staged files that were not merged, with the commands that lead out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.files.remedies import command
from pipeline_jobs.errors import StagedOtherwiseError, StagedRowsDifferError
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.tables import Differing

_NAMED = 10
"""Files that one command names; those that are left, the next run names."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """Staged files whose rows are not as they were staged, and those that were staged under another contract."""

    differing: tuple[Differing, ...]
    otherwise: tuple[Entry, ...]


def refuse_unmerged(run: Run, unmerged: Unmerged) -> None:
    """Raises StagedRowsDifferError, StagedOtherwiseError where there are any."""
    if unmerged.differing:
        raise StagedRowsDifferError(_of_differing(run, unmerged.differing))
    if unmerged.otherwise:
        raise StagedOtherwiseError(_of_otherwise(run, unmerged.otherwise))


def _of_differing(run: Run, differing: Sequence[Differing]) -> str:
    first, feed = differing[0], run.contract.feed
    said = (
        f"{len(differing)} staged files are not in {run.contract.stage_table} as they were staged, and are not merged; "
        f"all others are. Of {first.entry.file}, {first.entry.rows_good} good rows were staged, {first.rows} are "
        f"there, {first.blank} of them without key or order. Look at the history of the table. "
    )
    if _is_of_new_tables(run):
        anew = f"{command('rebuild', feed, '--drop')} && {command('rebuild', feed)}"
        return f"{said}To drop the rebuild, and begin it anew:\n    {anew}"
    again = _command("replay", [one.entry for one in differing])
    return f"{said}To have them judged again, from archive/:\n    {again}"


def _is_of_new_tables(run: Run) -> bool:
    """Whether the run makes a rebuild's tables, in which no operation on a file does anything."""
    return run.contract.table not in {one.table for one in run.contracts}


def _of_otherwise(run: Run, otherwise: Sequence[Entry]) -> str:
    gone = [entry for entry in otherwise if not run.volume.can_reopen(entry.place, entry.path or "")]
    said = f"{len(otherwise)} files were staged under another version of the contract and are not merged"
    if len(gone) < len(otherwise):
        said += ": run the job anew (no repair), its stage_load judges them again"
    if gone:
        said += (
            f". {len(gone)} of them must be judged again and are not in archive/ any more, the first is "
            f"{gone[0].file}: put them back there from a backup, as they stood there; or take them out, and upload "
            f"them anew:\n    {_command('retract', gone)}"
        )
    return said


def _command(word: str, files: Sequence[Entry]) -> str:
    return command(word, *(entry.file or "" for entry in files[:_NAMED]))

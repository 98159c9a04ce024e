"""retract and replay: files whose rows leave the tables, for good or to go in again as the generations that they are.

The ledger has the intent first (`retracting`): from then on such a file is not accepted. Then the tables are changed,
then `retracted` is entered, and what is to go in again stands in source/ before `reopened` says so. Every run finishes
what it finds begun, whichever run began it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.names.paths import NameTooLong
from contracts.printable import printable
from pipeline_jobs.errors import OperationRefusedError
from pipeline_jobs.merging.batches import batches
from pipeline_jobs.operations.archived import require_readable
from pipeline_jobs.operations.looking_again import take_out_again
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.operations.putting_back import is_away, put_back
from pipeline_jobs.operations.taking_out import rows_missing, rows_missing_of, standing, take_out
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, NOT_REPLAYED, REPLAY, RESENT, RETRACT, Entry, History, State
from pipeline_jobs.undo_entries import begun, carried, named_as, taken_out

log = logging.getLogger(__name__)

_GONE = "it is to go in again and is not in the lake any more: upload it anew"
_RENAMED = (
    "its name is longer than the lake can hold, and it was kept under another: upload it anew under a shorter one"
)


def undo(run: Run) -> None:
    """Finishes what was begun, begins what the run is told to, and finishes that.

    Raises OperationRefusedError, OriginalMissingError, OriginalDiffersError, with nothing begun.
    """
    take_out_again(run)
    _finish(run)
    if run.operation is not None and run.operation.do in (Do.RETRACT, Do.REPLAY) and not _has_begun(run):
        _begin(run, run.operation)
        _finish(run)


def take_back(run: Run, staged: Sequence[Entry]) -> None:
    """Has files go in again that wait for their merge. Rows of them may stand in the tables, of a run that died before
    the word, or be on their way there, of one that is merging.

    Raises OriginalMissingError, OriginalDiffersError, with nothing begun.
    """
    if not staged:
        return
    there = standing(run, staged)
    others = [begun(run, entry, REPLAY, "") for entry in staged if entry not in there]
    run.ledger.append([*_taking_out(run, there, REPLAY, ""), *others])
    # Behind the word: whoever commits later finds it, and takes out what he put in.
    late = {entry.file for entry in standing(run, others)} if others else set()
    if there or late:
        log.warning("files stand in the tables that are not merged", extra={"files": len(there) + len(late)})
    _enter_retracted(run, [entry for entry in others if entry.file not in late])
    _finish(run)


def undo_resent(run: Run, twins: Sequence[tuple[Entry, str]]) -> None:
    """Accepted files out of the tables, each since another accepted file, whose identity stands beside it, is the same.

    Raises OriginalMissingError, OriginalDiffersError, with nothing begun.
    """
    said = {
        entry.file: f"it has the name and the bytes of {other}, which stays (resent: skip)" for entry, other in twins
    }
    entries = _taking_out(run, [entry for entry, _ in twins], RESENT, "")
    run.ledger.append([replace(entry, detail=said[entry.file]) for entry in entries])
    _finish(run)


def _has_begun(run: Run) -> bool:
    """In this task, or in one that was tried before: what another run had begun is reopened without a reason."""
    return any(entry.reason in (RETRACT, REPLAY) for entry in run.ledger.entered(State.RETRACTING, State.REOPENED))


def _begin(run: Run, operation: Operation) -> None:
    names = operation.files
    if operation.do is Do.REPLAY and not names:
        names = tuple(entry.file or "" for entry in run.ledger.rejected(operation.reason, operation.since))
    histories = run.ledger.histories(names)
    unknown = [file for file, history in histories.items() if history.last is None]
    if unknown:
        raise OperationRefusedError(f"no run has ever seen {_named(unknown)}: nothing was done")
    states = [history.state for history in histories.values() if history.state is not None and not history.is_open]
    if operation.do is Do.RETRACT:
        _refuse_unmerged(run, histories)
        entries = _taking_out(run, [one for one in states if one.state in ACCEPTED], RETRACT, operation.note)
    else:
        entries = _replayed(run, states, operation.note)
    run.ledger.append(entries)
    log.info("operation begun", extra={"operation": operation.do.value, "files": len(entries)})


def _refuse_unmerged(run: Run, histories: Mapping[str, History]) -> None:
    nowhere = [file for file, history in histories.items() if history.state and is_away(run, history.state)]
    if nowhere:
        raise OperationRefusedError(
            f"{_named(nowhere)} was to go in again and is not in the lake any more: it has no row in the tables, there "
            "is nothing to retract"
        )
    waiting = [file for file, history in histories.items() if history.is_open]
    if waiting:
        raise OperationRefusedError(
            f"{_named(waiting)} waits in source/ and has no row in the tables yet: nothing was done. Take it away "
            "there, or retract it when it is merged"
        )
    never = [file for file, history in histories.items() if history.is_in(State.REJECTED, State.DUPLICATE)]
    if never:
        raise OperationRefusedError(
            f"{_named(never)} was not loaded, and has no row in the tables: there is nothing to retract"
        )


def _taking_out(run: Run, entries: Sequence[Entry], reason: str, note: str) -> list[Entry]:
    """Of accepted files; raises as `require_readable` where what their keys become could not be said."""
    if not entries:
        return []
    taken = {entry.file for entry in entries}
    others = [entry for entry in rows_missing(run) if entry.file not in taken]
    require_readable(run, rows_missing_of(run, entries), others)
    return [begun(run, entry, reason, note) for entry in entries]


def _replayed(run: Run, states: Sequence[Entry], note: str) -> list[Entry]:
    """Accepted files are to be taken out first; the others are put into source/."""
    accepted = [one for one in states if one.state in ACCEPTED]
    there = [one for one in accepted if run.volume.can_reopen(one.place, one.path or "")]
    entries = _taking_out(run, there, REPLAY, note)
    entries += [_not_replayed(run, one, _GONE) for one in accepted if one not in there]
    out = [one for one in states if one.state not in (*ACCEPTED, State.RETRACTING)]
    return [*entries, *(_reopened(run, one, REPLAY, note) for one in out)]


def _finish(run: Run) -> None:
    unsettled = run.ledger.unsettled()
    undoing = [entry for entry in unsettled if entry.state in (State.RETRACTING, State.RETRACTED)]
    for batch in batches([entry for entry in undoing if entry.state is State.RETRACTING]):
        take_out(run, batch)
        _enter_retracted(run, batch)
    reopened = [entry for entry in unsettled if entry.state is State.REOPENED]
    for entry in undoing:
        if entry.reason == REPLAY:
            words = _ended(run, _reopened(run, entry, None, entry.detail))
            run.ledger.append(words)
            reopened += words
    put_back(run, reopened)


def _enter_retracted(run: Run, out: Sequence[Entry]) -> None:
    run.ledger.append([word for entry in out for word in taken_out(run, entry)])
    for entry in out:
        log.info("file retracted", extra={"file": entry.file, "reason": entry.reason})


def _ended(run: Run, reopened: Entry) -> list[Entry]:
    """With an end for what cannot go in again: each run would find it begun."""
    if reopened.state is State.REOPENED:
        return [reopened]
    return [run.ledger.entry(State.RETRACTED, **carried(reopened), reason=RETRACT, detail=_GONE), reopened]


def _reopened(run: Run, entry: Entry, reason: str | None, note: str | None) -> Entry:
    """In source/ before the ledger says so: a death between the two only has the file moved again."""
    try:
        if entry.state is not State.REJECTED:
            run.volume.reopen(entry.place, entry.path or "")
        elif not entry.name.endswith(f"/{entry.place.name}"):
            return _not_replayed(run, entry, _RENAMED)
        else:
            run.volume.reopen_rejected(entry.place)
    except FileNotFoundError:
        return _not_replayed(run, entry, _GONE)
    except NameTooLong:
        return _not_replayed(run, entry, _RENAMED)
    log.info("file reopened", extra={"file": entry.file})
    return run.ledger.entry(State.REOPENED, **named_as(entry), reason=reason, detail=note)


def _not_replayed(run: Run, entry: Entry, why: str) -> Entry:
    log.warning("file not replayed", extra={"file": entry.file, "detail": why})
    return run.ledger.entry(State.FAILED, **named_as(entry), reason=NOT_REPLAYED, detail=why)


def _named(files: Sequence[str]) -> str:
    return printable(files[0]) + (f", and {len(files) - 1} more" if len(files) > 1 else "")

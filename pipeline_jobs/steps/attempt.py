"""One try of a few files: read and judged into the stage table in one commit, counted, entered, moved on.

A try writes rows under its own number and takes nothing back: what it leaves behind when it fails or dies is read by
nobody, because no entry of the ledger names it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.errors import EngineLostError, FileMovedError, ReadFailedError
from pipeline_jobs.opening import judged, opened
from pipeline_jobs.reading.request import CellsFile, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.attempts import MAX_ATTEMPTS, new_attempts
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import ENGINE_LOST, VANISHED, Entry, State
from pipeline_jobs.state.tables import stage_schema
from pipeline_jobs.steps import resent
from pipeline_jobs.steps.settle import settle
from pipeline_jobs.steps.verdict import Try, verdicts

log = logging.getLogger(__name__)

_VANISHED = (
    "it stood in source/ when the run listed it; before it was read it was gone, or another file stood under its name, "
    "and no run has settled it: look for it in archive/ and rejected/, ask the bucket's log who took it away, and "
    "upload it again, under a name of its own"
)


@dataclass(slots=True)
class _Heads:
    """The tries by what is found of their files: to be read, at fault, sent before, or not there any more."""

    readable: list[tuple[Try, CellsFile]] = field(default_factory=list)
    faults: list[tuple[Try, FileRejected]] = field(default_factory=list)
    resent: list[tuple[Try, str]] = field(default_factory=list)
    gone: list[Try] = field(default_factory=list)


def attempt(run: Run, files: Sequence[WaitingFile]) -> None:
    """Has each file staged, rejected or failed when it returns.

    `attempted` is entered before anything is opened, so that a death counts, too; whatever is raised says nothing about
    the files, and uncounts them. Files that cannot be read together are tried one by one.
    """
    tries = [Try(*one) for one in zip(files, new_attempts(run.clock.now(), len(files)), strict=True)]
    try:
        # What is raised here, too, does not say that nothing was entered.
        run.ledger.append([run.ledger.entry(State.ATTEMPTED, **one.named) for one in tries])
        alone = _tried(run, tries)
    except (Exception, KeyboardInterrupt) as error:
        # Whoever interrupts a cell of a notebook says nothing about the files, either.
        _release(run, tries, ENGINE_LOST if isinstance(error, EngineLostError) else None)
        raise
    for file in alone:
        attempt(run, [file])


def _tried(run: Run, tries: Sequence[Try]) -> list[WaitingFile]:
    """The files that are still to be tried, each alone."""
    try:
        _load(run, tries)
    except (FileMovedError, ReadFailedError) as error:
        if len(tries) == 1 and isinstance(error, ReadFailedError):
            _fail(run, tries[0], error)
        elif len(tries) == 1 and tries[0].file.is_direct:
            _tell_vanished(run, tries)
        else:
            log.warning("files are tried one by one", extra={"files": len(tries), "detail": str(error)})
            run.ledger.append([run.ledger.entry(State.RELEASED, **one.named) for one in tries])
            return [one.file for one in tries]
    return []


def _load(run: Run, tries: Sequence[Try]) -> None:
    """Read, appended, counted, entered, moved."""
    heads = _opened(run, tries)
    entries = _read(run, heads.readable) if heads.readable else []
    entries += _words_on_heads(run, heads)
    run.ledger.append(entries)
    settle(run, [one.file for one, _ in (*heads.readable, *heads.faults, *heads.resent)])
    _tell_vanished(run, heads.gone)


def _read(run: Run, readable: Sequence[tuple[Try, CellsFile]]) -> list[Entry]:
    """The verdicts on what is appended; raises FileMovedError, ReadFailedError."""
    _append(run, readable)
    if not all(run.volume.is_waiting(one.file) for one, _ in readable if one.file.is_direct):
        raise FileMovedError("another file took the place of one in source/ while it was read")
    controls = [Control.read(cells.control) for _, cells in readable]
    failed = [control.failure for control in controls if control.failure]
    if failed:
        raise ReadFailedError(f"{len(failed)} of {len(controls)} could not be read: {failed[0]}")
    return verdicts(run, [(one, control) for (one, _), control in zip(readable, controls, strict=True)])


def _words_on_heads(run: Run, heads: _Heads) -> list[Entry]:
    rejected = [run.ledger.rejection(fault, **one.named) for one, fault in heads.faults]
    return rejected + [_duplicate(run, one, twin) for one, twin in heads.resent]


def _opened(run: Run, tries: Sequence[Try]) -> _Heads:
    heads = _Heads()
    accepted = resent.accepted_before(run, [one.file for one in tries])
    for one in tries:
        try:
            twin = resent.twin(run, one.file, accepted)
            if twin is not None:
                heads.resent.append((one, twin))
            else:
                heads.readable.append((one, opened(run, one.file, one.number)))
        except FileRejected as fault:
            heads.faults.append((one, fault))
        except FileNotFoundError:
            heads.gone.append(one)
    return heads


def _duplicate(run: Run, one: Try, twin: str) -> Entry:
    log.info("file is a duplicate", extra={"file": one.file.identity, "of": twin})
    detail = f"it has the name and the bytes of {twin}, and is not loaded again (resent: skip)"
    return run.ledger.entry(State.DUPLICATE, **one.named, detail=detail)


def _append(run: Run, readable: Sequence[tuple[Try, CellsFile]]) -> None:
    """Raises ReadFailedError where it is the files' own doing that they cannot be appended."""
    cells = [cells for _, cells in readable]
    try:
        run.engine.append(run.contract.stage_table, judged(run, cells), stage_schema(run.contract).names)
    except Exception as error:
        if run.engine.is_lost():
            raise EngineLostError(
                "the engine went away while it read and judged files; they are tried alone"
            ) from error
        if not all(run.volume.is_waiting(one.file) for one, _ in readable):
            raise FileMovedError("a file left source/ while it was read") from error
        if _is_at_fault(run, cells, error):
            raise ReadFailedError(
                f"the engine could not read or judge its rows; what it said is in {run.withheld.keep_error(error)}"
            ) from error
        raise


def _is_at_fault(run: Run, cells: Sequence[CellsFile], error: Exception) -> bool:
    """Whether a write failed because of what is in the files, not because of the engine, the volume or the table.

    An engine wraps every error alike, so this is found out by trying: the files that the reader came to were open to
    it, nothing at all can be judged, these rows cannot. Bare is what the driver could not open or write, if it reads.
    """
    if isinstance(error, OSError):
        return False
    controls = [Control.read(one.control) for one in cells if Path(one.control).exists()]
    if not controls or any(control.unavailable for control in controls):
        return False
    return _can_judge(run, ()) and not _can_judge(run, cells)


def _can_judge(run: Run, cells: Sequence[CellsFile]) -> bool:
    try:
        run.engine.compute(judged(run, cells))
    except Exception as error:  # noqa: BLE001  # that it fails is the answer; its text may quote a cell
        log.warning("rows cannot be judged", extra={"error": type(error).__name__})
        return False
    return True


def _tell_vanished(run: Run, gone: Sequence[Try]) -> None:
    """Of files that another run has settled this try says nothing; the others are told of."""
    histories = run.ledger.histories([one.file.identity for one in gone])
    lost = [one for one in gone if histories[one.file.identity].is_open]
    for one in lost:
        log.warning("file vanished", extra={"file": one.file.identity})
    run.ledger.append(
        [
            run.ledger.entry(State.FAILED, **one.named, reason=VANISHED, detail=_VANISHED)
            if one in lost
            # Else the report would take it for a try that the task did not survive.
            else run.ledger.entry(State.RELEASED, **one.named)
            for one in gone
        ]
    )


def _fail(run: Run, one: Try, error: ReadFailedError) -> None:
    """Counts against the file; the last try rejects it."""
    attempts = run.ledger.histories([one.file.identity])[one.file.identity].attempts
    log.warning("file failed", extra={"file": one.file.identity, "attempt": attempts, "detail": str(error)})
    if attempts < MAX_ATTEMPTS:
        run.ledger.append([run.ledger.entry(State.FAILED, **one.named, detail=str(error))])
        return
    detail = f"{MAX_ATTEMPTS} tries did not come to the file's end: {error}; mend the file and upload it anew"
    run.ledger.append([run.ledger.rejection(FileRejected(Reason.UNREADABLE, detail), **one.named)])
    settle(run, [one.file])


def _release(run: Run, tries: Sequence[Try], reason: str | None) -> None:
    try:
        run.ledger.append([run.ledger.entry(State.RELEASED, **one.named, reason=reason) for one in tries])
    except Exception as error:  # noqa: BLE001  # what failed before is raised, and is what people must see
        log.warning("the attempt could not be released", extra={"error": type(error).__name__})

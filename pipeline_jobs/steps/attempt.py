"""One try of a few files: read and judged into the stage table in one commit, counted, entered, moved on.

A try writes rows under its own number and takes nothing back: what it leaves behind when it fails or dies is read by
nobody, because no entry of the ledger names it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame

from contracts.files.header import HEAD_BYTES, check_head
from contracts.files.reasons import FileRejected, Reason
from contracts.names.paths import NameTooLong
from pipeline_jobs.errors import ConservationError, EngineLostError, FileMovedError, ReadFailedError
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.attempts import new_attempts
from pipeline_jobs.state.history import ENGINE_LOST, VANISHED, Entry, State
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import StagedCounts, staged_counts
from pipeline_jobs.state.volume import WaitingFile
from pipeline_jobs.steps.drain import MAX_ATTEMPTS
from pipeline_jobs.steps.settle import place_fields, rejection, settle

log = logging.getLogger(__name__)

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VANISHED = (
    "it stood in source/ when the run listed it and was gone when it was to be read, and no run has settled it: look "
    "for it in archive/ and rejected/, ask the bucket's log who took it away, and upload it again"
)


@dataclass(frozen=True, slots=True)
class Try:
    """A file under the number of this try; `cells` is what the reader is asked."""

    file: WaitingFile
    number: int
    cells: CellsFile


@dataclass(slots=True)
class _Heads:
    """The files by what their heads say: to be read, at fault, or not there any more."""

    tries: list[Try] = field(default_factory=list)
    faults: list[tuple[WaitingFile, FileRejected]] = field(default_factory=list)
    gone: list[WaitingFile] = field(default_factory=list)


def attempt(run: Run, files: Sequence[WaitingFile]) -> None:
    """Has each file staged, rejected or failed when it returns.

    `attempted` is entered before anything is opened, so that a death counts, too; whatever is raised says nothing about
    the files, and uncounts them. Files that cannot be read together are tried one by one.
    """
    numbers = new_attempts(run.clock.now(), len(files))
    places = [place_fields(file, number) for file, number in zip(files, numbers, strict=True)]
    enter = [(file.identity, place) for file, place in zip(files, places, strict=True)]
    run.ledger.append([run.ledger.entry(State.ATTEMPTED, identity, **place) for identity, place in enter])
    try:
        _load(run, files, numbers)
    except (FileMovedError, ReadFailedError) as error:
        if len(files) == 1 and isinstance(error, ReadFailedError):
            _fail(run, files[0], numbers[0], error)
            return
        log.warning("files are tried one by one", extra={"files": len(files), "detail": str(error)})
        run.ledger.append([run.ledger.entry(State.RELEASED, identity, **place) for identity, place in enter])
    except Exception as error:
        reason = ENGINE_LOST if isinstance(error, EngineLostError) else None
        _release(run, [run.ledger.entry(State.RELEASED, identity, **place, reason=reason) for identity, place in enter])
        raise
    else:
        return
    for file in files:
        attempt(run, [file])


def _load(run: Run, files: Sequence[WaitingFile], numbers: Sequence[int]) -> None:
    heads = _opened(run, files, numbers)
    verdicts = [rejection(run, file.identity, fault, **place_fields(file)) for file, fault in heads.faults]
    if heads.tries:
        _append(run, heads.tries)
        controls = [Control.read(one.cells.control) for one in heads.tries]
        failed = [control.failure for control in controls if control.failure]
        if failed:
            raise ReadFailedError(f"{len(failed)} of {len(controls)} could not be read: {failed[0]}")
        counts = staged_counts(run.engine, run.contract, [one.number for one in heads.tries])
        verdicts += [
            _verdict(run, one, control, counts.get(one.number, StagedCounts()))
            for one, control in zip(heads.tries, controls, strict=True)
        ]
    run.ledger.append(verdicts)
    settle(run, [*(one.file for one in heads.tries), *(file for file, _ in heads.faults)])
    _tell_vanished(run, heads.gone)


def _opened(run: Run, files: Sequence[WaitingFile], numbers: Sequence[int]) -> _Heads:
    heads = _Heads()
    for file, number in zip(files, numbers, strict=True):
        try:
            heads.tries.append(Try(file, number, _cells(run, file, number)))
        except FileRejected as fault:
            heads.faults.append((file, fault))
        except FileNotFoundError:
            heads.gone.append(file)
    return heads


def _cells(run: Run, file: WaitingFile, number: int) -> CellsFile:
    """Raises FileRejected for a file whose name, size or head is at fault."""
    try:
        file.place.path("archive")
    except NameTooLong as error:
        raise FileRejected(Reason.NAME_TOO_LONG, str(error)) from error
    limit = run.contract.max_file_size
    if limit is not None and file.size > limit:
        raise FileRejected(Reason.TOO_LARGE, f"the file has {file.size} bytes, the contract allows {limit}")
    header = check_head(run.volume.head(file), run.contract, whole=file.size <= HEAD_BYTES)
    return CellsFile(
        path=str(run.volume.root / file.path),
        identity=file.identity,
        generation=file.place.generation,
        attempt=number,
        finalized_at=(file.place.finalized_at - _EPOCH) // _MICROSECOND,
        control=str(run.scratch / f"{number}.json"),
        header=header.names,
    )


def _append(run: Run, tries: Sequence[Try]) -> None:
    """Raises ReadFailedError where it is the files' own doing that they cannot be appended."""
    try:
        run.engine.append(run.contract.stage_table, _judged(run, tries))
    except Exception as error:
        if run.engine.is_lost():
            raise EngineLostError(
                "the engine went away while it read and judged files; they are tried alone"
            ) from error
        if not all(run.volume.is_waiting(one.file) for one in tries):
            raise FileMovedError("a file left source/ while it was read") from error
        if _is_at_fault(run, tries):
            raise ReadFailedError(
                "the engine could not read or judge its rows; the task's log has its words"
            ) from error
        raise


def _judged(run: Run, tries: Sequence[Try]) -> DataFrame:
    request = CellsRequest.of(tuple(one.cells for one in tries), run.contract)
    return judge(run.engine.cells(request), run.contract, run.clock.now())


def _is_at_fault(run: Run, tries: Sequence[Try]) -> bool:
    """Whether a write failed because of what is in the files, not because of the engine, the volume or the table.

    An engine wraps every error alike, so this is found out by trying: the files were open to the reader, nothing
    at all can be judged, these rows cannot.
    """
    try:
        if any(Control.read(one.cells.control).unavailable for one in tries):
            return False
    except FileNotFoundError:
        return False
    return _can_judge(run, ()) and not _can_judge(run, tries)


def _can_judge(run: Run, tries: Sequence[Try]) -> bool:
    try:
        run.engine.compute(_judged(run, tries))
    except Exception as error:  # noqa: BLE001  # that it fails is the answer; its text may quote a cell
        log.warning("rows cannot be judged", extra={"error": type(error).__name__})
        return False
    return True


def _verdict(run: Run, one: Try, control: Control, counted: StagedCounts) -> Entry:
    """`staged` or `rejected`, with what the reader counted held against the table; raises ConservationError."""
    rows = {"rows_read": control.records, "rows_good": counted.good, "rows_bad": counted.bad}
    fields = place_fields(one.file, one.number)
    if control.reason is not None:
        fault = FileRejected(Reason(control.reason), control.detail or "")
        return rejection(run, one.file.identity, fault, **fields, **rows)
    if control.records != counted.good + counted.bad:
        raise ConservationError(
            f"of {one.file.identity} the reader counted {control.records} records, the stage table has {counted.good} "
            f"good and {counted.bad} bad rows: the file stays, and is tried again"
        )
    limit = run.contract.max_bad_rows
    if limit.is_exceeded(counted.bad, control.records):
        allowed = [f"{limit.share * 100:f} %"] if limit.share is not None else []
        allowed += [f"{limit.count} rows"] if limit.count is not None else []
        detail = f"{counted.bad} of {control.records} rows are bad, allowed are at most {' and '.join(allowed)}"
        return rejection(run, one.file.identity, FileRejected(Reason.TOO_MANY_BAD_ROWS, detail), **fields, **rows)
    log.info("file staged", extra={"file": one.file.identity, **rows})
    meaning = meaning_of_rows(run.contract)
    return run.ledger.entry(State.STAGED, one.file.identity, **fields, **rows, meaning=meaning)


def _tell_vanished(run: Run, gone: Sequence[WaitingFile]) -> None:
    """Files that another run has moved are settled; the others are told of."""
    histories = run.ledger.histories([file.identity for file in gone])
    lost = [file for file in gone if histories[file.identity].state is None]
    for file in lost:
        log.warning("file vanished", extra={"file": file.identity})
    run.ledger.append(
        [
            run.ledger.entry(State.FAILED, file.identity, **place_fields(file), reason=VANISHED, detail=_VANISHED)
            for file in lost
        ]
    )


def _fail(run: Run, file: WaitingFile, number: int, error: ReadFailedError) -> None:
    """Counts against the file; the last try rejects it."""
    attempts = run.ledger.histories([file.identity])[file.identity].attempts
    log.warning("file failed", extra={"file": file.identity, "attempt": attempts, "detail": str(error)})
    fields = place_fields(file, number)
    if attempts < MAX_ATTEMPTS:
        run.ledger.append([run.ledger.entry(State.FAILED, file.identity, **fields, detail=str(error))])
        return
    detail = f"{MAX_ATTEMPTS} tries did not come to the file's end: {error}; mend the file and upload it anew"
    run.ledger.append([rejection(run, file.identity, FileRejected(Reason.UNREADABLE, detail), **fields)])
    settle(run, [file])


def _release(run: Run, entries: Sequence[Entry]) -> None:
    try:
        run.ledger.append(entries)
    except Exception as error:  # noqa: BLE001  # what failed before is raised, and is what people must see
        log.warning("the attempt could not be released", extra={"error": type(error).__name__})

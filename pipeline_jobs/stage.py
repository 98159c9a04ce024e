"""stage_load: from the files that wait in source/ to the stage table, each judged, counted and moved on."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feeds.header import HEAD_BYTES, check_head
from feeds.paths import NameTooLong
from feeds.reasons import FileRejected, Reason
from feeds.rejection import Rejection
from pipeline_jobs.cells import CellsFile, CellsRequest, Control
from pipeline_jobs.drain import MAX_ATTEMPTS, plan
from pipeline_jobs.engines.engine import Slice
from pipeline_jobs.errors import ConservationError, ReadFailedError
from pipeline_jobs.ledger import Entry, State
from pipeline_jobs.run import Run
from pipeline_jobs.tables import (
    StagedCounts,
    prepare_stage,
    publish_rejects,
    staged_counts,
)
from pipeline_jobs.transforms import judge
from pipeline_jobs.volume import WaitingFile

log = logging.getLogger(__name__)

_REASONS_SINCE = timedelta(days=7)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file whose head is as the contract wants it, and where its reader leaves its Control."""

    file: WaitingFile
    cells: CellsFile

    @property
    def slice(self) -> Slice:
        return Slice(self.cells.generation, self.cells.identity)


def stage_load(run: Run) -> None:
    """Loads the named file and everything else that waits for the feed.

    A file at fault is rejected or left for the next run, and the others go on; what says nothing about a file
    (a table that cannot be written, an engine that is down) is raised, and the attempt is not counted.
    """
    prepare_stage(run.engine, run.contract)
    publish_rejects(run.engine, run.contract)
    _enter_rejections(run)
    waiting = run.volume.waiting(run.contract, run.contracts)
    histories = run.ledger.histories([file.identity for file in waiting])
    todo = plan(waiting, histories, run.named)
    log.info("files waiting", extra={"waiting": len(waiting), "chunks": len(todo.chunks), "named": run.named})
    for file in todo.finish:
        _finish(run, file, histories[file.identity].state)
    for file in todo.give_up:
        _reject(run, file, _unreadable())
    for chunk in todo.chunks:
        tried = {file.identity: histories[file.identity].attempts for file in chunk}
        _load_attempted(run, chunk, tried)


def _load_attempted(run: Run, chunk: Sequence[WaitingFile], tried: dict[str, int]) -> None:
    """`attempted` goes before anything is opened, so that a death counts too."""
    run.ledger.append([run.ledger.entry(State.ATTEMPTED, file.identity, **_place(file)) for file in chunk])
    done: set[str] = set()
    try:
        try:
            _load(run, chunk, done)
        except ReadFailedError:
            for file in chunk:
                _load_alone(run, file, tried[file.identity], done)
    except Exception:
        left = [file for file in chunk if file.identity not in done]
        run.ledger.append([run.ledger.entry(State.RELEASED, file.identity, **_place(file)) for file in left])
        raise


def _load_alone(run: Run, file: WaitingFile, tried: int, done: set[str]) -> None:
    """After a chunk could not be read, each of its files shows whether it was the one."""
    if file.identity in done:
        return
    try:
        _load(run, [file], done)
    except ReadFailedError as error:
        log.warning("file failed", extra={"file": file.identity, "attempt": tried + 1, "detail": str(error)})
        done.add(file.identity)
        if tried + 1 >= MAX_ATTEMPTS:
            _reject(run, file, _unreadable())
        else:
            run.ledger.append([run.ledger.entry(State.FAILED, file.identity, **_place(file), detail=str(error))])


def _load(run: Run, files: Sequence[WaitingFile], done: set[str]) -> None:
    """One commit for all files of the chunk; then each is staged or rejected, and moved."""
    opened: list[_Opened] = []
    for file in files:
        if file.identity in done:
            continue
        try:
            opened.append(_open(run, file, len(opened)))
        except FileRejected as fault:
            _reject(run, file, fault)
            done.add(file.identity)
        except FileNotFoundError:
            # Moved since it was listed, by whoever knows of it; the ledger tells.
            log.warning("file gone", extra={"file": file.identity})
            done.add(file.identity)
    if not opened:
        return
    request = CellsRequest.of(tuple(one.cells for one in opened), run.contract)
    rows = judge(run.engine.cells(request), run.contract, run.clock.now())
    slices = [one.slice for one in opened]
    run.engine.replace(run.contract.stage_table, rows, slices)
    controls = {one.file.identity: Control.read(one.cells.control) for one in opened}
    failed = [control.failure for control in controls.values() if control.failure]
    if failed:
        run.engine.delete(run.contract.stage_table, slices)
        raise ReadFailedError(f"{len(failed)} of {len(opened)} could not be read: {failed[0]}")
    _conclude(run, opened, controls)
    done.update(one.file.identity for one in opened)


def _open(run: Run, file: WaitingFile, number: int) -> _Opened:
    """Raises FileRejected."""
    try:
        file.place.path("archive")
    except NameTooLong as error:
        raise FileRejected(Reason.NAME_TOO_LONG, str(error)) from error
    limit = run.contract.max_file_size
    if limit is not None and file.size > limit:
        raise FileRejected(Reason.TOO_LARGE, f"the file has {file.size} bytes, the contract allows {limit}")
    header = check_head(run.volume.head(file), run.contract, whole=file.size <= HEAD_BYTES)
    finalized_at = (file.place.finalized_at - _EPOCH) // _MICROSECOND
    control = run.scratch / f"{number}.json"
    control.unlink(missing_ok=True)
    cells = CellsFile(
        path=str(run.volume.root / file.path),
        identity=file.identity,
        generation=file.place.generation,
        finalized_at=finalized_at,
        control=str(control),
        header=header.names,
    )
    return _Opened(file, cells)


def _conclude(run: Run, opened: Sequence[_Opened], controls: dict[str, Control]) -> None:
    """What the reader counted is held against what is in the table; then the verdict on each file."""
    counts = staged_counts(run.engine, run.contract, [one.slice for one in opened])
    try:
        verdicts = {one.file.identity: _fault(run, one.file.identity, controls, counts) for one in opened}
    except ConservationError:
        run.engine.delete(run.contract.stage_table, [one.slice for one in opened])
        raise
    faults = {identity: fault for identity, fault in verdicts.items() if fault is not None}
    rejected = [one for one in opened if one.file.identity in faults]
    if rejected:
        run.engine.delete(run.contract.stage_table, [one.slice for one in rejected])
    good = [one for one in opened if one.file.identity not in faults]
    run.ledger.append(
        [
            run.ledger.entry(State.STAGED, one.file.identity, **_place(one.file), **_rows(one, controls, counts))
            for one in good
        ]
    )
    for one in good:
        log.info("file staged", extra={"file": one.file.identity, **_rows(one, controls, counts)})
        run.volume.archive(one.file)
    for one in rejected:
        _reject(run, one.file, faults[one.file.identity], _rows(one, controls, counts))


def _fault(
    run: Run, identity: str, controls: dict[str, Control], counts: dict[str, StagedCounts]
) -> FileRejected | None:
    """Why the file is rejected after it was read, if it is; raises ConservationError."""
    control, counted = controls[identity], counts.get(identity, StagedCounts())
    if control.reason is not None:
        return FileRejected(Reason(control.reason), control.detail or "")
    if control.records != counted.good + counted.bad:
        raise ConservationError(f"the reader counted {control.records} records, the stage table has {counted}")
    limit = run.contract.max_bad_rows
    if limit.is_exceeded(counted.bad, control.records):
        allowed = [f"{limit.share * 100:f} %"] if limit.share is not None else []
        allowed += [f"{limit.count} rows"] if limit.count is not None else []
        return FileRejected(
            Reason.TOO_MANY_BAD_ROWS,
            f"{counted.bad} of {control.records} rows are bad, allowed are at most {' and '.join(allowed)}",
        )
    return None


def _rows(one: _Opened, controls: dict[str, Control], counts: dict[str, StagedCounts]) -> dict[str, int]:
    counted = counts.get(one.file.identity, StagedCounts())
    return {
        "rows_read": controls[one.file.identity].records,
        "rows_good": counted.good,
        "rows_bad": counted.bad,
    }


def _reject(run: Run, file: WaitingFile, fault: FileRejected, rows: dict[str, int] | None = None) -> None:
    entry = run.ledger.entry(
        State.REJECTED,
        file.identity,
        **_place(file),
        reason=fault.reason.value,
        detail=fault.detail,
        **(rows or {}),
    )
    run.ledger.append([entry])
    log.warning("file rejected", extra={"file": file.identity, "reason": fault.reason.value, "detail": fault.detail})
    run.volume.reject(file, Rejection.of(file.identity, fault, entry.at, "job"))


def _finish(run: Run, file: WaitingFile, state: Entry | None) -> None:
    """The move of a file whose state is settled, which a run that died left undone."""
    if state is not None and state.state is State.REJECTED:
        fault = FileRejected(Reason(state.reason or Reason.UNREADABLE), state.detail or "")
        run.volume.reject(file, Rejection.of(file.identity, fault, state.at, "job"))
    else:
        run.volume.archive(file)


def _enter_rejections(run: Run) -> None:
    """What the function rejected enters the ledger, so that the report tells of it."""
    since = run.clock.now() - _REASONS_SINCE
    found = list(run.volume.rejections(run.contract.feed, since))
    known = run.ledger.histories([rejection.identity for _, _, rejection in found])
    entries = [
        run.ledger.entry(
            State.REJECTED,
            rejection.identity,
            path=path,
            generation=place.generation,
            reason=rejection.reason.value,
            detail=rejection.detail,
        )
        for path, place, rejection in found
        if known[rejection.identity].state is None
    ]
    run.ledger.append(entries)


def _unreadable() -> FileRejected:
    return FileRejected(
        Reason.UNREADABLE,
        f"{MAX_ATTEMPTS} runs could not read the file to its end; look at the task's log, upload it anew",
    )


def _place(file: WaitingFile) -> dict[str, str | int]:
    return {"path": file.path, "generation": file.place.generation}

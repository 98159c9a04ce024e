"""stage_load: from the files that wait in source/ to the stage table, each judged, counted and moved on."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame

from contracts.files.header import HEAD_BYTES, check_head
from contracts.files.reasons import FileRejected, Reason
from contracts.names.paths import NameTooLong
from pipeline_jobs.engines.engine import Slice
from pipeline_jobs.errors import NamedFileMissingError, ReadFailedError
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import State
from pipeline_jobs.state.tables import prepare_stage, publish_rejects
from pipeline_jobs.state.volume import WaitingFile
from pipeline_jobs.steps.drain import MAX_ATTEMPTS, plan
from pipeline_jobs.steps.settle import OpenedFile, enter_rejections, finish, place_fields, reject, settle

log = logging.getLogger(__name__)

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stage_load(run: Run) -> None:
    """Loads the named file and everything else that waits for the feed.

    A file at fault is rejected or left for the next run, and the others go on; what says nothing about a file
    (a table that cannot be written, an engine that is down) is raised, and the attempt is not counted.
    """
    prepare_stage(run.engine, run.contract)
    publish_rejects(run.engine, run.contract)
    enter_rejections(run)
    waiting = run.volume.waiting(run.contract, run.contracts)
    _expect_named(run, waiting)
    histories = run.ledger.histories([file.identity for file in waiting])
    todo = plan(waiting, histories, run.named)
    log.info("files waiting", extra={"waiting": len(waiting), "chunks": len(todo.chunks), "named": run.named})
    for file in todo.finish:
        finish(run, file, histories[file.identity].state)
    for file in todo.give_up:
        _give_up(run, file)
    for chunk in todo.chunks:
        _load_attempted(run, chunk, {file.identity: histories[file.identity].runs for file in chunk})


def _expect_named(run: Run, waiting: Sequence[WaitingFile]) -> None:
    """Raises NamedFileMissingError where the file that the run was started for neither waits nor was ever seen."""
    if not run.named or run.named in {file.path for file in waiting}:
        return
    identity = run.volume.identity(run.named)
    history = run.ledger.histories([identity])[identity]
    if history.state is None and not history.runs:
        raise NamedFileMissingError(f"{run.named} is not in {run.volume.root}, and no run has ever seen it")


def _load_attempted(run: Run, chunk: Sequence[WaitingFile], tried: dict[str, frozenset[str]]) -> None:
    """`attempted` goes before anything is opened, so that a death counts too."""
    run.ledger.append([run.ledger.entry(State.ATTEMPTED, file.identity, **place_fields(file)) for file in chunk])
    done: set[str] = set()
    try:
        try:
            _load(run, chunk, done)
        except ReadFailedError:
            for file in chunk:
                _load_alone(run, file, tried[file.identity], done)
    except Exception:
        left = [file for file in chunk if file.identity not in done]
        run.ledger.append([run.ledger.entry(State.RELEASED, file.identity, **place_fields(file)) for file in left])
        raise


def _load_alone(run: Run, file: WaitingFile, tried: frozenset[str], done: set[str]) -> None:
    """After a chunk could not be read, each of its files shows whether it was the one; `tried` are earlier runs."""
    if file.identity in done:
        return
    try:
        _load(run, [file], done)
    except ReadFailedError as error:
        attempts = len(tried | {run.ledger.run_id})
        log.warning("file failed", extra={"file": file.identity, "attempt": attempts, "detail": str(error)})
        done.add(file.identity)
        if attempts >= MAX_ATTEMPTS:
            _give_up(run, file, f": {error}")
        else:
            run.ledger.append([run.ledger.entry(State.FAILED, file.identity, **place_fields(file), detail=str(error))])


def _load(run: Run, files: Sequence[WaitingFile], done: set[str]) -> None:
    """One commit for all files of the chunk; then each is staged or rejected, and moved."""
    opened: list[OpenedFile] = []
    for file in files:
        if file.identity in done:
            continue
        try:
            opened.append(_open(run, file, len(opened)))
        except FileRejected as fault:
            reject(run, file, fault)
            done.add(file.identity)
        except FileNotFoundError:
            # Moved since it was listed, by whoever knows of it; the ledger tells.
            log.warning("file gone", extra={"file": file.identity})
            done.add(file.identity)
    if not opened:
        return
    slices = [one.slice for one in opened]
    try:
        run.engine.replace(run.contract.stage_table, _judged(run, opened), slices)
    except Exception as error:
        if _is_at_fault(run, opened):
            raise ReadFailedError(
                "the engine could not read or judge its rows; the task's log has its words"
            ) from error
        raise
    controls = {one.file.identity: Control.read(one.cells.control) for one in opened}
    failed = [control.failure for control in controls.values() if control.failure]
    if failed:
        run.engine.delete(run.contract.stage_table, slices)
        raise ReadFailedError(f"{len(failed)} of {len(opened)} could not be read: {failed[0]}")
    settle(run, opened, controls)
    done.update(one.file.identity for one in opened)


def _open(run: Run, file: WaitingFile, number: int) -> OpenedFile:
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
    return OpenedFile(file, cells)


def _judged(run: Run, opened: Sequence[OpenedFile]) -> DataFrame:
    request = CellsRequest.of(tuple(one.cells for one in opened), run.contract)
    return judge(run.engine.cells(request), run.contract, run.clock.now())


def _is_at_fault(run: Run, opened: Sequence[OpenedFile]) -> bool:
    """Whether a write failed because of what is in the files, not because of the engine, the volume or the table.

    An engine wraps every error alike, so this is found out by trying: the files were open to the reader, nothing
    at all can be judged, these rows cannot.
    """
    try:
        if any(Control.read(one.cells.control).unavailable for one in opened):
            return False
    except FileNotFoundError:
        return False
    return _can_judge(run, ()) and not _can_judge(run, opened)


def _can_judge(run: Run, opened: Sequence[OpenedFile]) -> bool:
    try:
        run.engine.compute(_judged(run, opened))
    except Exception as error:  # noqa: BLE001  # that it fails is the answer; its text may quote a cell
        log.warning("rows cannot be judged", extra={"error": type(error).__name__})
        return False
    return True


def _give_up(run: Run, file: WaitingFile, why: str = "") -> None:
    run.engine.delete(run.contract.stage_table, [Slice(file.place.generation, file.identity)])
    detail = f"{MAX_ATTEMPTS} runs could not read the file to its end{why}; mend the file and upload it anew"
    reject(run, file, FileRejected(Reason.UNREADABLE, detail))

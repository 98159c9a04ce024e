"""The end of a file's way through stage_load: staged or rejected, entered in the ledger, moved out of source/."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from pipeline_jobs.engines.engine import Slice
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.reading.request import CellsFile, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import Entry, State
from pipeline_jobs.state.tables import StagedCounts, staged_counts
from pipeline_jobs.state.volume import WaitingFile

log = logging.getLogger(__name__)

_REASONS_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose head is as the contract wants it, and where its reader leaves its Control."""

    file: WaitingFile
    cells: CellsFile

    @property
    def slice(self) -> Slice:
        return Slice(self.cells.generation, self.cells.identity)


def settle(run: Run, opened: Sequence[OpenedFile], controls: dict[str, Control]) -> None:
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
            run.ledger.entry(State.STAGED, one.file.identity, **place_fields(one.file), **_rows(one, controls, counts))
            for one in good
        ]
    )
    for one in good:
        log.info("file staged", extra={"file": one.file.identity, **_rows(one, controls, counts)})
        run.volume.archive(one.file)
    for one in rejected:
        reject(run, one.file, faults[one.file.identity], _rows(one, controls, counts))


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


def _rows(one: OpenedFile, controls: dict[str, Control], counts: dict[str, StagedCounts]) -> dict[str, int]:
    counted = counts.get(one.file.identity, StagedCounts())
    return {
        "rows_read": controls[one.file.identity].records,
        "rows_good": counted.good,
        "rows_bad": counted.bad,
    }


def reject(run: Run, file: WaitingFile, fault: FileRejected, rows: dict[str, int] | None = None) -> None:
    entry = run.ledger.entry(
        State.REJECTED,
        file.identity,
        **place_fields(file),
        reason=fault.reason.value,
        detail=fault.detail,
        **(rows or {}),
    )
    run.ledger.append([entry])
    log.warning("file rejected", extra={"file": file.identity, "reason": fault.reason.value, "detail": fault.detail})
    run.volume.reject(file, Rejection.of(file.identity, fault, entry.at, "job"))


def finish(run: Run, file: WaitingFile, state: Entry | None) -> None:
    """The move of a file whose state is settled, which a run that died left undone."""
    if state is not None and state.state is State.REJECTED:
        fault = FileRejected(Reason(state.reason or Reason.UNREADABLE), state.detail or "")
        run.volume.reject(file, Rejection.of(file.identity, fault, state.at, "job"))
    else:
        run.volume.archive(file)


def enter_rejections(run: Run) -> None:
    """What the function rejected enters the ledger, so that the report tells of it."""
    since = run.clock.now() - _REASONS_SINCE
    found = list(run.volume.rejections(run.contract.feed, since))
    known = run.ledger.histories([rejected.rejection.identity for rejected in found])
    entries = [
        run.ledger.entry(
            State.REJECTED,
            rejected.rejection.identity,
            path=rejected.path,
            generation=rejected.generation,
            reason=rejected.rejection.reason.value,
            detail=rejected.rejection.detail,
        )
        for rejected in found
        if known[rejected.rejection.identity].state is None
    ]
    run.ledger.append(entries)


def place_fields(file: WaitingFile) -> dict[str, str | int]:
    return {"path": file.path, "generation": file.place.generation}

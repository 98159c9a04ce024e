"""The end of a file's way through stage_load: what the ledger says of it decides where it is moved."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import History, State
from pipeline_jobs.state.volume import WaitingFile

log = logging.getLogger(__name__)

_REASONS_SINCE = timedelta(days=7)


def settle(run: Run, files: Sequence[WaitingFile]) -> None:
    """Moves files that this run has entered: as the ledger says, for another run may have been the first."""
    histories = run.ledger.histories([file.identity for file in files])
    for file in files:
        finish(run, file, histories[file.identity])


def finish(run: Run, file: WaitingFile, history: History) -> None:
    """The move of a file whose state is settled, also by a run that died before it."""
    state = history.state
    if state is None or state.state is not State.REJECTED:
        run.volume.archive(file)
        return
    fault = FileRejected(Reason(state.reason or Reason.UNREADABLE), state.detail or "")
    log.warning("file rejected", extra={"file": file.identity, "reason": fault.reason.value, "detail": fault.detail})
    run.volume.reject(file, Rejection.of(file.identity, fault, state.at, "job"))


def enter_rejections(run: Run) -> None:
    """What the function rejected enters the ledger, so that the report tells of it."""
    found = list(run.volume.rejections(run.contract.feed, run.clock.now() - _REASONS_SINCE))
    known = run.ledger.histories([rejected.rejection.identity for rejected in found])
    entries = [
        run.ledger.entry(
            State.REJECTED,
            file=rejected.rejection.identity,
            path=rejected.path,
            generation=rejected.generation,
            reason=rejected.rejection.reason.value,
            detail=rejected.rejection.detail,
        )
        for rejected in found
        if known[rejected.rejection.identity].state is None
    ]
    run.ledger.append(entries)

"""The end of a file's way through stage_load: what the ledger says of it decides where it is moved."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED
from pipeline_jobs.run import Run
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.entries.reports import NO_REPORT
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry, History, State
from pipeline_jobs.state.lake_files import are_two
from pipeline_jobs.steps.upkeep import is_due

log = logging.getLogger(__name__)

_OTHER = (
    "another file of this name was settled before that has the same time of change, so that nothing tells the two "
    "apart: give this one a time of its own (touch), or another name"
)
_BEFORE_A_REPORT = timedelta(days=7)
"""For so long at most a report is made behind the look for reasons of its own run."""


def settle(run: Run, files: Sequence[WaitingFile]) -> None:
    """Moves files that this run has entered: as the ledger says, for another run may have been the first."""
    since = entered_since(file.path for file in files)
    histories = run.ledger.histories([file.identity for file in files], since=since)
    for file in files:
        finish(run, file, histories[file.identity])


def finish(run: Run, file: WaitingFile, history: History) -> None:
    """The move of a file whose state is settled, also by a run that died before it."""
    state = history.state
    if history.is_in(State.REOPENED):
        return  # another run has it go in again, and it stands where it is to be found
    kept = file.place.rejected_path() if history.is_in(State.REJECTED) else file.place.path("archive")
    if file.is_direct and are_two(run.volume.root / file.path, run.volume.root / kept):
        run.ledger.append([run.ledger.entry(State.FAILED, **file.named, detail=_OTHER)])
        return
    # A copy of before goes while source/ has the file: a death in between leaves one that is whole, and this to do.
    if state is None or state.state is not State.REJECTED:
        if history.was_rejected:
            run.volume.forget_rejected(file)
        run.volume.archive(file)
        return
    if history.was_accepted:
        run.volume.forget_archived(file)
    fault = FileRejected(Reason(state.reason or Reason.UNREADABLE), state.detail or "")
    log.warning("file rejected", extra={"file": file.identity, "reason": fault.reason.value, "detail": fault.detail})
    run.volume.reject(file, Rejection.of(file.identity, fault, state.at, "job"))


def enter_rejections(run: Run) -> None:
    """What the function rejected enters the ledger, so that the report tells of it."""
    run.ledger.append(_unknown(run, run.contract.feed))


def rejections_of_no_feed(run: Run) -> list[Entry]:
    """Entries for what was rejected since, and belongs to no feed or to two, of which the ledger does not know yet."""
    return _unknown(run, UNROUTED)


def _unknown(run: Run, feed: str) -> list[Entry]:
    """Entries, not yet in the ledger, for the reason files of a feed's folder of rejected/ that no run has entered."""
    is_whole = is_due(run.ledger.last_report.number + 1)
    found = list(run.volume.rejections(feed, _reasons_since(run, feed), is_whole=is_whole))
    since = entered_since(rejected.path for rejected in found)
    identities = {rejected: rejected.place.identity(run.volume.landing_bucket) for rejected in found}
    known = run.ledger.histories([*identities.values()], feed, since=since)
    unread = [rejected for rejected, identity in identities.items() if known[identity].state is None]
    read = [(rejected, rejected.rejection(run.volume.root)) for rejected in unread]
    new = [(rejected, rejection) for rejected, rejection in read if rejection is not None]
    # A name that was too long for the lake stands there as another, and in the reason file alone.
    renamed = [rejection.identity for _, rejection in new if rejection.identity not in known]
    known |= run.ledger.histories(renamed, feed, since=since)
    return [
        run.ledger.rejection(
            FileRejected(rejection.reason, rejection.detail),
            feed=feed,
            file=rejection.identity,
            path=rejected.path,
            generation=rejected.place.generation,
        )
        for rejected, rejection in new
        if known[rejection.identity].state is None
    ]


def _reasons_since(run: Run, feed: str) -> datetime:
    """What was rejected before is entered. A feed without a report looks at all of its own; of what no feed has, the
    other feeds' reports tell.
    """
    last = run.ledger.last_report
    if last is NO_REPORT and feed != run.contract.feed:
        return run.clock.now() - _BEFORE_A_REPORT
    return last.at - _BEFORE_A_REPORT

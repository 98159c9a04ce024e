"""stage_load: from the files that wait in source/ to the stage table, each judged, counted and moved on."""

import logging
from collections.abc import Sequence

from contracts.files.reasons import FileRejected, Reason
from contracts.printable import printable
from pipeline_jobs.errors import NamedFileMissingError
from pipeline_jobs.operations.undo import take_back, undo
from pipeline_jobs.operations.vanished import tell_vanished
from pipeline_jobs.rebuilding.swap import finish_swap
from pipeline_jobs.run import Run
from pipeline_jobs.state.attempts import MAX_ATTEMPTS, new_attempts
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.making import check_rules, prepare_stage
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.steps.attempt import attempt
from pipeline_jobs.steps.drain import plan
from pipeline_jobs.steps.settle import enter_rejections, settle

log = logging.getLogger(__name__)


def stage_load(run: Run) -> None:
    """Does what the run is told to beside, then loads the named file and everything else that waits for the feed.

    A file at fault is rejected or left for the next run, and the others go on; what says nothing about a file
    (a table that cannot be written, an engine that is down) is raised, and the attempt is not counted.
    """
    # First: the report tells of them whatever the tables are like.
    enter_rejections(run)
    finish_swap(run)
    check_rules(run.engine, run.contract)
    prepare_stage(run.engine, run.contract)
    undo(run)
    _reopen_staged_otherwise(run)
    waiting = run.volume.waiting(run.contract, run.contracts)
    _expect_named(run, waiting)
    tell_vanished(run, waiting)
    since = entered_since(file.path for file in waiting)
    # A file that another run has settled since is moved by that one; a try of it all the same counts for nothing.
    histories = run.ledger.histories_as_opened([file.identity for file in waiting], since)
    skips_resent = run.contract.resent == "skip"
    todo = plan(waiting, histories, run.named, run.ledger.run_id, skips_resent=skips_resent)
    log.info("files waiting", extra={"waiting": len(waiting), "chunks": len(todo.chunks), "named": run.named})
    settle(run, todo.finish)  # by what the ledger says now: another run may have it go in again
    for file in todo.give_up:
        give_up(run, file)
    for chunk in todo.chunks:
        attempt(run, chunk)


def _reopen_staged_otherwise(run: Run) -> None:
    """Files that wait for their merge, but were staged under another contract, are judged again from the archive.

    Their rows leave the tables first, where there are any: this contract may take other rows for good, or none. A file
    whose run died before it was archived stands in source/ still. One that is nowhere any more stays as it is, and
    holds up no other: target_load names it.
    """
    today = meaning_of_rows(run.contract)
    otherwise = [entry for entry in run.ledger.staged() if entry.meaning != today]
    there = [entry for entry in otherwise if run.volume.can_reopen(entry.place, entry.path or "")]
    if len(there) < len(otherwise):
        log.warning("originals of files to be judged again are gone", extra={"files": len(otherwise) - len(there)})
    take_back(run, there)


def _expect_named(run: Run, waiting: Sequence[WaitingFile]) -> None:
    """Raises NamedFileMissingError where the file that the run was started for neither waits nor was ever seen."""
    if not run.named or run.named in {file.path for file in waiting} or run.ledger.has_seen(run.named):
        return
    raise NamedFileMissingError(f"{printable(run.named)} is not in {run.volume.root}, and no run has ever seen it")


def give_up(run: Run, file: WaitingFile) -> None:
    """Rejected by a try of its own: what is said of this rejection must not be taken for a word on another."""
    detail = f"{MAX_ATTEMPTS} tries did not come to the file's end; mend the file and upload it anew"
    fault = FileRejected(Reason.UNREADABLE, detail)
    [number] = new_attempts(run.clock.now(), 1)
    run.ledger.append([run.ledger.rejection(fault, **file.named, attempt=number)])
    settle(run, [file])

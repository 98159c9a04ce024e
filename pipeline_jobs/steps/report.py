"""report: what became of every file since the last report; red unless all is well, so that people are told."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from contracts.contract import Contract
from contracts.expected import Missed, last_period, missed
from contracts.files.remedies import status
from contracts.printable import printable
from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.operations.operation import Do
from pipeline_jobs.problems import Problem, of_files, of_tasks, text
from pipeline_jobs.rebuilding.findings import Comparison
from pipeline_jobs.run import Run
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.entries.reports import NO_REPORT, Report
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.state.meaning import whole_meaning
from pipeline_jobs.steps.settle import rejections_of_no_feed
from pipeline_jobs.steps.upkeep import is_due, keep_up

log = logging.getLogger(__name__)


def report(run: Run, results: dict[str, str]) -> None:
    """Logs a line a file; raises NotAllWellError with the text that people see.

    `results` are the other tasks' result states as the Jobs API names them, in any case.
    """
    last, began = run.ledger.last_report, run.ledger.entry(State.REPORTED)
    untold = run.ledger.untold()
    entries = _standing(run, untold)
    # Those of no feed are told by whichever feed reports first, and are in the ledger from then on.
    of_no_feed = rejections_of_no_feed(run)
    told_of = [*entries, *of_no_feed]
    for line in [*table(told_of), *_of_rebuild(run)]:
        log.info(line)
    problems = [*of_tasks(run.contract.feed, results), *of_files(told_of, run.ledger.run_id)]
    with _told_all_the_same(text(run.contract.feed, problems) if problems else "", "what was due could not be found"):
        remarks = [Problem(str(one), (status(run.contract.feed),)) for one in _not_in_time(run, last, began.at)]
    remarks += _of_the_contract(run.contract, last.meaning)
    for one in remarks:
        log.warning(printable(one.sentence))
    told = text(run.contract.feed, [*problems, *remarks])
    if problems:
        # Before the ledger says that it was told, and whatever becomes of that entry.
        log.error(told)
    with _told_all_the_same(told if problems else "", f"that it was told could not be entered in {TABLE}"):
        meaning, is_whole = whole_meaning(run.contract), is_due(last.number + 1)
        reported = run.ledger.reported(began, untold, meaning, is_whole=is_whole)
        run.ledger.append([*of_no_feed, reported])
    # Also where not all is well: a feed with a red report every day needs it most.
    with _told_all_the_same(told if problems else "", "the upkeep of its tables failed"):
        keep_up(run, last.number + 1)
    if problems:
        raise NotAllWellError(told)


@contextmanager
def _told_all_the_same(told: str, failed: str) -> Iterator[None]:
    """What people must see is raised also where the block fails; with nothing to tell, the block's own error is."""
    try:
        yield
    except Exception as error:
        if not told:
            raise
        raise NotAllWellError(f"{told}\n- and {failed}") from error


def _not_in_time(run: Run, last: Report, now: datetime) -> Sequence[Missed]:
    """Files that were due since the last report and had not come by `now`, from which on the next one looks; it makes
    no run red.
    """
    expects = last is not NO_REPORT and not run.contract.is_retired
    period = last_period(run.contract, last.at) if expects else None
    if period is None:
        return ()
    return missed(run.contract, run.ledger.finalized_since(period[0]), last.at, now)


def _of_the_contract(contract: Contract, before: str | None) -> list[Problem]:
    """That it changed and its version did not, so that the ledger's versions tell nobody what was in force; makes no
    run red.
    """
    if before in (None, whole_meaning(contract)):
        return []
    sentence = f"the contract has changed since the last report, and its version is {contract.version} still: raise it"
    return [Problem(sentence, ())]


def _of_rebuild(run: Run) -> Iterator[str]:
    """How the new tables differ, if the run was told to make them, and whether they are the feed's now."""
    if run.operation is not None and run.operation.do in (Do.REBUILD, Do.SWAP):
        for entry in run.ledger.entered(State.COMPARED, State.SWAPPED):
            is_swap = entry.state is State.SWAPPED
            yield from ["swapped"] if is_swap else Comparison.from_json(entry.detail or "").lines()


def _standing(run: Run, entries: Sequence[Entry]) -> list[Entry]:
    """Less what says nothing of a file, since another run has settled it: rejections that came second, and tries that
    came to no end because the file was not there any more.
    """
    last = {entry.file or "": entry for entry in entries}
    endless = {file for file, entry in last.items() if entry.state is State.ATTEMPTED}
    rejected = {entry.file or "" for entry in entries if entry.state is State.REJECTED}
    since = entered_since(last[file].path for file in endless | rejected)
    histories = run.ledger.histories(sorted(endless | rejected), since=since)
    accepted = (State.STAGED, State.MERGED, State.DUPLICATE)
    overruled = {file for file, history in histories.items() if history.is_in(*accepted)}
    settled = overruled | {file for file in endless if not histories[file].is_open}
    of = {State.REJECTED: overruled, State.ATTEMPTED: settled}
    return [entry for entry in entries if entry.file not in of.get(entry.state, ())]


def table(entries: Iterable[Entry]) -> list[str]:
    """The last word on each file, with its counts."""
    last = {entry.file: entry for entry in entries if entry.state not in (State.ATTEMPTED, State.RELEASED)}
    return [printable(f"{entry.state} {entry.file}{_counts(entry)}{_why(entry)}") for entry in last.values()]


def _why(entry: Entry) -> str:
    if entry.reason:
        return f" {entry.reason}: {entry.detail}"
    return f" {entry.detail}" if entry.rows_warned or entry.state is State.DUPLICATE else ""


def _counts(entry: Entry) -> str:
    if entry.rows_read is None:
        return ""
    blank = f" blank={entry.rows_blank}" if entry.rows_blank else ""
    return f" read={entry.rows_read}{blank} good={entry.rows_good} bad={entry.rows_bad}"

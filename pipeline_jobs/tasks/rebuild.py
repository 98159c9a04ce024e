"""rebuild: a feed's files from the archive into new tables, by the contract of today; and how the tables differ.

Made again it goes on where it was, and takes in what has been accepted since. So a swap begins with it, too.
"""

import logging
from collections.abc import Iterator, Sequence

from pipeline_jobs.errors import SwapRefusedError
from pipeline_jobs.operations.putting_back import put_back
from pipeline_jobs.rebuilding.archive import Archive
from pipeline_jobs.rebuilding.comparison import compare
from pipeline_jobs.rebuilding.findings import Comparison, Named
from pipeline_jobs.rebuilding.shadow import SOURCES, drop_rebuild, shadow_of
from pipeline_jobs.rebuilding.swap import swap
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.making import prepare_stage
from pipeline_jobs.steps import resent
from pipeline_jobs.steps.attempt import attempt
from pipeline_jobs.steps.drain import plan
from pipeline_jobs.steps.merge import target_load_without_views
from pipeline_jobs.steps.stage import give_up

log = logging.getLogger(__name__)

_AT_A_TIME = 5000
"""Files whose histories are looked at together."""


def stage_rebuild(run: Run) -> None:
    """The accepted files, as far as they are in the lake, into the new stage table; and the duplicates, of which the
    contract of today may take some, but for those of what was retracted.
    """
    states = run.ledger.states()
    out = resent.taken_back(run, states)
    accepted = [entry for entry in states if entry.state in SOURCES and entry.file not in out]
    shadow = _of_no_other_files(run, shadow_of(run), accepted)
    prepare_stage(shadow.engine, shadow.contract)
    for files in _found(run, accepted):
        histories = shadow.ledger.histories([file.identity for file in files])
        todo = plan(files, histories, "", shadow.ledger.run_id, skips_resent=run.contract.resent == "skip")
        for file in todo.give_up:
            give_up(shadow, file)
        for chunk in todo.chunks:
            attempt(shadow, chunk)
        log.info("files of the archive staged", extra={"files": len(files), "chunks": len(todo.chunks)})


def merge_rebuild(run: Run) -> Comparison:
    """The new target, and how it differs; the ledger keeps the counts."""
    shadow = shadow_of(run)
    target_load_without_views(shadow)
    compared = compare(run, shadow)
    run.ledger.append([run.ledger.entry(State.COMPARED, detail=compared.to_json())])
    log.info("tables compared", extra={"rows": str(compared.target), "equal": compared.is_equal})
    return compared


def swap_rebuild(run: Run, *, accept_rejected: bool, without_gone: bool) -> None:
    """The new tables in the place of the old ones; raises SwapRefusedError, with nothing changed."""
    compared = merge_rebuild(run)
    files = compared.files
    problems = [
        *_problem(files.open, "are not settled yet: run it again", is_allowed=False),
        *_problem(
            files.rejected, "are rejected by the contract of today (--accept-rejected)", is_allowed=accept_rejected
        ),
        *_problem(
            files.gone, "are in the lake no more, and with them their rows (--without-gone)", is_allowed=without_gone
        ),
    ]
    if problems:
        raise SwapRefusedError(f"{run.contract.table} stays as it is: {'; '.join(problems)}")
    swap(run)
    put_back(run, run.ledger.unsettled())


def _problem(files: Named, what: str, *, is_allowed: bool) -> list[str]:
    return [f"{files.number} files {what}, the first is {files.first[0]}"] if files.number and not is_allowed else []


def _of_no_other_files(run: Run, shadow: Run, accepted: Sequence[Entry]) -> Run:
    """Begun anew where it has rows of files that have been retracted since: none can be taken out of it alone."""
    known = {entry.file for entry in accepted}
    if all(entry.file in known for entry in shadow.ledger.states() if entry.state in SOURCES):
        return shadow
    drop_rebuild(run)
    return shadow_of(run)


def _found(run: Run, accepted: Sequence[Entry]) -> Iterator[list[WaitingFile]]:
    archive = Archive(run.volume)
    found = (archive.find(entry) for entry in accepted)
    files = sorted((file for file in found if file is not None), key=lambda file: file.order)
    for first in range(0, len(files), _AT_A_TIME):
        yield files[first : first + _AT_A_TIME]

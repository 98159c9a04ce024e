"""What was taken out of the tables, and may have been put in again by a run that was merging it meanwhile: by rows that
it had read, or tombstones that it believed in.

Whoever takes a file out enters the word before he looks for its rows, and whoever merges looks for such words behind
his commit: so one of the two sees the other. For one that died behind its commit the next run looks.
"""

import logging
from collections.abc import Sequence

from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.operations.taking_out import standing, take_out
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, OPERATED, REPLAY, Entry, State
from pipeline_jobs.state.ledger import BESIDE
from pipeline_jobs.state.making import expect_marked
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.undo_entries import begun

log = logging.getLogger(__name__)

_WITHOUT_ROWS = (State.RETRACTED, State.DUPLICATE, State.REOPENED, State.REJECTED)
"""States of a file of which no row may stand in the tables, whatever it was before."""


def settled(run: Run, staged: Sequence[Entry]) -> frozenset[int | None]:
    """The attempts that had been taken out, and whose tables were done, before the first of these files was staged.

    What came later, a run may have not known that merged them and died.
    """
    first = min((entry.at for entry in staged), default=None)
    undone = run.ledger.undone(State.RETRACTED, run.clock.now() - BESIDE, as_opened=True) if first else []
    return frozenset(entry.attempt for entry in undone if first and entry.at < first)


def undo_again(run: Run, before: frozenset[int | None]) -> frozenset[int | None]:
    """After a merge, takes out what another run took out meanwhile; gives the attempts that are out by then."""
    retracting = run.ledger.undone(State.RETRACTING, run.clock.now() - BESIDE)
    meanwhile = [entry for entry in retracting if entry.attempt not in before]
    if meanwhile:
        log.warning("files were taken out meanwhile", extra={"files": len(meanwhile)})
        take_out(run, meanwhile, were_out=True)
        _have_judged_again(run, meanwhile)
    return frozenset(entry.attempt for entry in meanwhile)


def expect_tables_of(run: Run, mark: str, merged: Sequence[Entry]) -> None:
    """Raises TableDiffersError where another contract has made the tables its own while these files were merged.

    A swap has loaded them itself by then, and has rows of this run in the place of its own.
    """
    try:
        expect_marked(run.engine, run.contract, mark)
    except TableDiffersError:
        _have_judged_again(run, merged)
        raise


def take_out_again(run: Run) -> None:
    """What a run put in again that died before it looked.

    Since the feed's last report, and the time before it that a run may last: the next one may come after a month.
    """
    recent = [entry for entry in run.ledger.recent(State.RETRACTED) if entry.reason in OPERATED]
    names = [entry.file or "" for entry in recent]
    out = {entry.file for entry in run.ledger.in_state(names, *_WITHOUT_ROWS)}
    gone = [entry for entry in recent if entry.file in out]
    if gone and standing(run, gone):
        log.warning("files that were taken out stand in the tables again", extra={"files": len(gone)})
        take_out(run, gone, were_out=True)


def _have_judged_again(run: Run, out: Sequence[Entry]) -> None:
    """Files that have been accepted since by another contract, whose rows this run's has made its own: what it does not
    know of them is NULL. The next run has them go in again.
    """
    ours = meaning_of_rows(run.contract)
    accepted = run.ledger.in_state([entry.file or "" for entry in out], *ACCEPTED)
    otherwise = [entry for entry in accepted if entry.state is State.MERGED and entry.meaning != ours]
    run.ledger.append([begun(run, entry, REPLAY, "") for entry in otherwise])

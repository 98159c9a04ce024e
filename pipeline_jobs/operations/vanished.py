"""Files that were tried and are nowhere any more: they are listed no longer, and no later run would speak of them."""

import logging
from collections.abc import Sequence

from contracts.files.regular import is_regular
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import NOT_REPLAYED, TRANSIENT, VANISHED, Entry, History, State, histories_of
from pipeline_jobs.state.lake_files import kept_in
from pipeline_jobs.undo_entries import named_as

log = logging.getLogger(__name__)

_VANISHED = (
    "it stood in source/ when it was tried, and no run has settled it; it is not there any more, nor in archive/ or "
    "rejected/: ask the bucket's log who took it away, and upload it again"
)
_TOLD = (VANISHED, NOT_REPLAYED)


def tell_vanished(run: Run, waiting: Sequence[WaitingFile]) -> None:
    """Of files that a run has tried in vain, less those that stand in source/ still, which are `waiting`."""
    recent = run.ledger.recent(*State)
    tried = histories_of(recent, {entry.file for entry in recent if entry.file} - {file.identity for file in waiting})
    last = [one.last for one in tried.values() if one.last is not None and _is_tried(one)]
    away = [entry for entry in last if entry.path is not None and _is_away(run, entry)]
    # Behind the look, and whole: another run may have settled them, or may have had them go in again long ago.
    histories = run.ledger.histories([entry.file or "" for entry in away])
    gone = [entry for entry in away if _is_tried(histories[entry.file or ""])]
    for entry in gone:
        log.warning("file vanished", extra={"file": entry.file})
    words = [run.ledger.entry(State.FAILED, **named_as(one), reason=VANISHED, detail=_VANISHED) for one in gone]
    run.ledger.append(words)


def _is_tried(history: History) -> bool:
    """In vain, and that it has vanished is not told yet; of one that is to go in again, `putting_back` tells."""
    last = history.last
    is_tried = last is not None and last.state in TRANSIENT and last.reason not in _TOLD
    return history.state is None and is_tried


def _is_away(run: Run, entry: Entry) -> bool:
    place, stood = entry.place, entry.path or ""
    return not run.volume.is_in_source(place, stood) and not any(map(is_regular, kept_in(run.volume.root, place)))

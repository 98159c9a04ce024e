"""Files that are to go in again, and do not stand in source/: every run puts back those that it comes to know of.

A file is there before the ledger says `reopened`. Until then it counts as settled, and a run beside that finds it takes
it for one of which only the move is left: it may take it out of source/ again, also a moment after the word. So whoever
enters the word looks then, and so does each run before it lists source/ and behind its own moves.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.run import Run
from pipeline_jobs.state.attempts import MAX_ATTEMPTS, new_attempts
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.history import VANISHED, Entry, History, State

log = logging.getLogger(__name__)

_NOWHERE = "it is to go in again and is neither in source/ nor in archive/ nor in rejected/"


def put_back(run: Run, entries: Sequence[Entry]) -> None:
    """Of entries that count until now, has the files that are reopened stand in source/ when it returns.

    One that is nowhere is told of, and rejected by the third run that does not find it.
    """
    away = [entry for entry in entries if is_away(run, entry)]
    if not away:
        return
    # Behind the look: who loads a file says what came of it before he moves it.
    files, since = [entry.file or "" for entry in away], entered_since(entry.path for entry in away)
    histories = run.ledger.histories(files, since=since)
    for entry in away:
        history = histories[entry.file or ""]
        if history.is_in(State.REOPENED) and not _is_put_back(run, entry):
            run.ledger.append(_missed(run, entry, history))


def is_away(run: Run, entry: Entry) -> bool:
    """Whether the entry has its file go in again, and it does not stand in source/."""
    return entry.state is State.REOPENED and not run.volume.is_in_source(entry.place, entry.path or "")


def _is_put_back(run: Run, entry: Entry) -> bool:
    """Whether it was in archive/ or, rejected before, in rejected/."""
    with suppress(FileNotFoundError):
        run.volume.reopen(entry.place, entry.path or "")
        log.warning("file put back into source", extra={"file": entry.file})
        return True
    with suppress(FileNotFoundError):
        run.volume.reopen_rejected(entry.place)
        log.warning("file put back into source", extra={"file": entry.file})
        return True
    return False


def _missed(run: Run, entry: Entry, history: History) -> list[Entry]:
    """Counts as a try of the run; nothing where it has said so already."""
    run_id = run.ledger.run_id
    if run_id in history.runs:
        return []
    log.warning("file vanished", extra={"file": entry.file})
    [attempt] = new_attempts(run.clock.now(), 1)
    named = {"file": entry.file, "path": entry.path, "generation": entry.generation, "attempt": attempt}
    if history.attempts + 1 < MAX_ATTEMPTS:
        detail = f"{_NOWHERE}: put it there again, or upload it anew"
        return [run.ledger.entry(State.FAILED, **named, reason=VANISHED, detail=detail)]
    fault = FileRejected(Reason.UNREADABLE, f"{_NOWHERE}, {MAX_ATTEMPTS} runs have looked: upload it anew")
    return [run.ledger.rejection(fault, **named)]

"""Files that were sent again: a storage client does so by itself when an answer was lost, people do by mistake."""

from collections.abc import Iterable, Sequence

from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import ACCEPTED, RETRACT, Entry, State

_TAKEN_BACK = (State.RETRACTING, State.RETRACTED)


def accepted_before(run: Run, files: Sequence[WaitingFile]) -> list[Entry]:
    """The entries that count of accepted files with the names of these; none where the contract loads them again."""
    return run.ledger.accepted_as([file.name for file in files]) if run.contract.resent == "skip" else []


def twin(run: Run, file: WaitingFile, accepted: Sequence[Entry]) -> str | None:
    """The identity of the accepted file that has this one's name and bytes, if there is one.

    What is not in archive/ any more can be compared with nothing.
    """
    earlier = (entry for entry in accepted if entry.name == file.name and entry.file != file.identity)
    of_same_bytes = (one for one in earlier if run.volume.are_same(file.place, file.path, one.place, one.path or ""))
    return next((entry.file for entry in of_same_bytes), None)


def accepted_twice(run: Run, staged: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Of files that two runs have staged at the same moment, neither seeing the other's, those that must go: each with
    the identity of the one that stays.

    `staged` are entries of files to be merged; of what was accepted beside them at most one of each pair is named, the
    younger generation, whichever run asks and in whatever state the two are by then. Whoever merges the one that was
    staged last finds the other here, if it looks between its look for what is staged and its merge.
    """
    if run.contract.resent != "skip" or not staged:
        return []
    accepted = _by_name(run.ledger.accepted_as([entry.name for entry in staged]))
    found: dict[str, tuple[Entry, str]] = {}
    for entry in staged:
        for other in accepted.get(entry.name, ()):
            older, younger = sorted((entry, other), key=lambda one: (one.generation or 0, one.file or ""))
            if _are_twins(run, older, younger):
                found.setdefault(younger.file or "", (younger, older.file or ""))
    return list(found.values())


def taken_back(run: Run, states: Sequence[Entry]) -> set[str | None]:
    """Of a feed's files, the duplicates of one that somebody has retracted: what was wrong of it is wrong of them. Not
    those that are the same as an accepted file, too.
    """
    retracted = _by_name(one for one in states if one.reason == RETRACT and one.state in _TAKEN_BACK)
    accepted = _by_name(one for one in states if one.state in ACCEPTED)
    return {
        one.file
        for one in states
        if one.state is State.DUPLICATE
        and any(_are_twins(run, one, other) for other in retracted.get(one.name, ()))
        and not any(_are_twins(run, one, other) for other in accepted.get(one.name, ()))
    }


def _by_name(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.name, []).append(entry)
    return found


def _are_twins(run: Run, one: Entry, other: Entry) -> bool:
    if one.file == other.file:
        return False
    return run.volume.are_same(one.place, one.path or "", other.place, other.path or "")

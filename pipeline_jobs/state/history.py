"""The words of the file ledger, and what follows from them: the state of a file, how often it was tried in vain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.names.paths import LakeFile, without_generation


class State(StrEnum):
    ATTEMPTED = "attempted"
    FAILED = "failed"
    RELEASED = "released"
    STAGED = "staged"
    MERGED = "merged"
    REJECTED = "rejected"
    RETRACTING = "retracting"
    RETRACTED = "retracted"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    REPORTED = "reported"
    COMPARED = "compared"
    SWAPPED = "swapped"


TRANSIENT = frozenset({State.ATTEMPTED, State.FAILED, State.RELEASED})
"""States of an attempt: they do not undo what stands before them."""

ACCEPTED = (State.STAGED, State.MERGED)
"""States of a file whose rows are in the target, or on their way into it."""

OPEN = (State.STAGED, State.RETRACTING, State.RETRACTED, State.REOPENED)
"""States of a file with which runs are not done yet; with one that is retracted only where it is to go in again."""

ENGINE_LOST = "engine_lost"
"""Why an attempt was released that the engine did not survive."""

VANISHED = "vanished"
"""Why an attempt failed whose file was listed, and was not there when it was to be opened."""

REBUILT = "rebuilt"
"""Why an entry is there that says again, of another attempt, what became of a file: its feed's tables were swapped."""

NOT_REPLAYED = "not_replayed"
"""Why an attempt failed of which there was no file."""

RETRACT, REPLAY, RESENT = "retract", "replay", "resent"
"""Why a file's rows are taken out of the tables: for good, so that it goes in again, or since another file has them."""

OPERATED = (RETRACT, REPLAY, RESENT)
"""The same, but for a swap, which says of each file again what became of it."""

_FOLLOWS = {
    None: frozenset({State.STAGED, State.REJECTED, State.DUPLICATE, State.REOPENED}),
    State.REOPENED: frozenset({State.STAGED, State.REJECTED, State.DUPLICATE, State.REOPENED}),
    State.STAGED: frozenset({State.MERGED, State.RETRACTING, State.RETRACTED, State.REOPENED}),
    State.MERGED: frozenset({State.RETRACTING, State.RETRACTED, State.REOPENED}),
    State.RETRACTING: frozenset({State.RETRACTED}),
    State.REJECTED: frozenset({State.REOPENED}),
    State.RETRACTED: frozenset({State.REOPENED, State.DUPLICATE}),
    State.DUPLICATE: frozenset({State.REOPENED}),
}
"""What may come after a state: of two runs that settle one file, the first that entered it counts."""


VERDICTS = frozenset({State.STAGED, State.REJECTED, State.DUPLICATE})
"""States that a try of a file ends in."""


def place_of(feed: str, file: str, generation: int | None, path: str) -> LakeFile:
    """Where a file of the ledger stands in the lake; raises NotOurName where its words do not say it."""
    return LakeFile.parse_direct(feed, file) if generation == 0 else LakeFile.parse(path)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger; `generation` is 0 for a file put there directly.

    Rows are counts of records: those read are the blank, the good and the bad ones; `rows_warned` are good ones.
    `attempt` is the try that the entry speaks of; `meaning` is `state.meaning.meaning_of_rows` of what was
    staged, and `whole_meaning` of the contract of who reported, or that made the tables which were swapped in.
    """

    at: datetime
    seq: int
    feed: str
    state: State
    run_id: str
    file: str | None = None
    generation: int | None = None
    path: str | None = None
    rows_read: int | None = None
    rows_good: int | None = None
    rows_bad: int | None = None
    reason: str | None = None
    detail: str | None = None
    contract_version: str | None = None
    attempt: int | None = None
    meaning: str | None = None
    rows_blank: int | None = None
    rows_warned: int | None = None

    @property
    def order(self) -> tuple[datetime, int, str]:
        """In which entries count; total, since a run numbers its own."""
        return self.at, self.seq, self.run_id

    @property
    def name(self) -> str:
        return without_generation(self.file or "")

    @property
    def place(self) -> LakeFile:
        """Where the file stands in the lake; raises NotOurName for an entry that speaks of no file."""
        return place_of(self.feed, self.file or "", self.generation, self.path or "")


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger says of one file.

    `state` is the entry that counts (None: not known), `runs` those that have tried since then in vain, `tries` how
    often they did, and `deaths` how many tries since then the engine did not survive; `last` is the last word of all.
    `was_rejected` says whether it stood in rejected/ before a replay, `was_accepted` whether in archive/.
    """

    state: Entry | None = None
    runs: frozenset[str] = frozenset()
    deaths: int = 0
    tries: int = 0
    last: Entry | None = None
    was_rejected: bool = False
    was_accepted: bool = False

    @property
    def attempts(self) -> int:
        """A run whose task was retried counts once; a death of the engine each time."""
        return len(self.runs) + self.deaths

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "History":
        """From all entries of one file, in any order."""
        state: Entry | None = None
        last: Entry | None = None
        tried: dict[int | None, str] = {}
        deaths = 0
        before: set[State] = set()
        for entry in sorted(entries, key=lambda entry: entry.order):
            if entry.state is State.RELEASED:
                tried.pop(entry.attempt, None)
                deaths += entry.reason == ENGINE_LOST
            elif entry.state in TRANSIENT:
                tried[entry.attempt] = entry.run_id
            elif _counts(entry, state):
                before |= {state.state} if state else set()
                state, tried, deaths = entry, {}, 0
            last = entry
        was_rejected, was_accepted = State.REJECTED in before, not before.isdisjoint(ACCEPTED)
        return cls(state, frozenset(tried.values()), deaths, len(tried), last, was_rejected, was_accepted)

    @property
    def word(self) -> Entry | None:
        """What people are told of the file: its verdict; while it has none, the last that happened to it."""
        return self.last if self.is_open else self.state

    @property
    def is_open(self) -> bool:
        """Whether the file is still to be settled."""
        return self.state is None or self.is_in(State.REOPENED)

    def was_alone_in(self, run_id: str) -> bool:
        """Whether the run has tried the file alone, in vain: after its first try, each is."""
        return self.tries > 1 and run_id in self.runs

    def is_in(self, *states: State) -> bool:
        return self.state is not None and self.state.state in states


def _counts(entry: Entry, state: Entry | None) -> bool:
    """Whether the entry changes the file's state; what follows a verdict names the attempt that it follows."""
    of_another = state is not None and entry.state not in VERDICTS and entry.attempt != state.attempt
    return entry.state in _FOLLOWS[state.state if state else None] and not of_another


def histories_of(entries: Iterable[Entry], files: Iterable[str]) -> dict[str, History]:
    """Of each of these files, all of whose entries are among those."""
    found: dict[str, list[Entry]] = {file: [] for file in files}
    for entry in entries:
        if entry.file in found:
            found[entry.file].append(entry)
    return {file: History.of(of_file) for file, of_file in found.items()}


def counting_in(histories: Mapping[str, History], *states: State) -> list[Entry]:
    """The entries that count of the files that are in one of these states, oldest first."""
    found = (history.state for history in histories.values() if history.is_in(*states))
    return sorted((state for state in found if state is not None), key=lambda entry: entry.order)

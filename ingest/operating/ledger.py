"""Questions to the file ledger. Each names the time from which on it looks: what is older is not read for it."""

import re
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.names.paths import LakeFile, NotOurName
from ingest.operating.statements.of_feeds import ACCEPTED, LAST, UNMERGED, WORK
from ingest.operating.statements.of_files import FIND, NAMED, OF_GENERATION, REJECTED, SINCE
from ingest.targets.tables import Tables, markers, portions
from ingest.targets.values import Value
from pipeline_jobs.state.history import Entry, State, place_of

EVER = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS = timedelta(days=1)
"""By how much the clocks of bucket and job may differ."""
_TIME = re.compile(r"[1-9][0-9]{14,17}", re.ASCII)
"""What looks like a generation alone, which is microseconds since 1970 or near that."""
_GENERATION = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one feed in a time: files merged and rejected, rows merged, and those that were kept out of merged files."""

    files_merged: int = 0
    files_rejected: int = 0
    rows_merged: int = 0
    rows_quarantined: int = 0


@dataclass(frozen=True, slots=True)
class LastFile:
    """The file that something happened to last, and what."""

    file: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a feed's ledger says of a week: `median` and `worst` are seconds from upload to merged; `unmerged` files are
    staged, or reopened to go in again, and in no table yet.
    """

    today: Counts = Counts()
    week: Counts = Counts()
    median: float | None = None
    worst: float | None = None
    unmerged: int = 0
    last: LastFile | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the ledger: its first and its last entry among those that were looked at, and `entries` where they were
    read with it.
    """

    file: str
    feed: str
    generation: int
    path: str
    first: datetime
    last: datetime
    state: str
    entries: tuple[Entry, ...] = ()

    @property
    def place(self) -> LakeFile | None:
        """Where it stands in the lake; None where the ledger's words do not say it."""
        try:
            return place_of(self.feed, self.file, self.generation, self.path)
        except NotOurName:
            return None

    @property
    def uploaded(self) -> datetime:
        """When it was, or when it was first heard of."""
        return self.place.finalized_at if self.place else self.first


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that was rejected as a whole."""

    file: str
    at: datetime
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class LedgerReader:
    """The ledger of all feeds; empty where no run has made it yet."""

    tables: Tables

    def work(self, since: datetime, today: datetime) -> dict[str, Work]:
        """By feed, of everything that was entered since: each file by its last word, one that went in again not for the
        lag.
        """
        with ThreadPoolExecutor(2) as pool:
            counted = pool.submit(self.rows, WORK, since=since, today=today, feed=None)
            staged = pool.submit(self.rows, UNMERGED, since=since)
            words = ((row["feed"], row["word"], moment(row["at"])) for row in self.rows(LAST, since=since))
            last = {feed: LastFile(word["file"], at, word["state"]) for feed, word, at in words}
            unmerged = {row["feed"]: row["files"] for row in staged.result()}
            by_feed: dict[str, list[dict[str, Any]]] = {}
            for row in counted.result():
                by_feed.setdefault(row["feed"], []).append(row)
        return {feed: _work(by_feed.get(feed, []), unmerged.get(feed, 0), word) for feed, word in last.items()}

    def find(self, text: str, since: datetime, most: int) -> list[Found]:
        """The files whose identity, object name or generation this is; else those whose identity has it in it; the
        newest first, at most so many. A generation is found however old it is.
        """
        rows = (
            self.rows(OF_GENERATION, text=text, generation=int(text), most=most) if _TIME.fullmatch(text) else []
        ) or self.rows(FIND, text=text, since=since, most=most)
        return [_found(row) for row in [row for row in rows if row["is_named"]] or rows]

    def first_found(self, text: str, begins: Iterable[datetime], most: int) -> list[Found]:
        """As `find`, since the first of these times that anything is found of."""
        return next(filter(None, (self.find(text, begin, most) for begin in begins)), [])

    def named(self, identity: str) -> Found | None:
        """The file of this whole identity with all its entries, however old it is; None for what is no such identity,
        for what is not in the ledger, and for a file that was put straight into source/.
        """
        generation = identity.rpartition("#")[2]
        if not _GENERATION.fullmatch(generation):
            return None
        entries = _entries(self.rows(NAMED, generation=int(generation), file=identity))
        if not entries:
            return None
        path, last = max(entry.path or "" for entry in entries), entries[-1]
        return Found(
            identity, last.feed, int(generation), path, entries[0].at, last.at, last.state.value, tuple(entries)
        )

    def entries(self, found: Found) -> list[Entry]:
        """All of one file, in their order."""
        if found.entries:
            return list(found.entries)
        return _entries(self.rows(SINCE, begin=min(found.uploaded, found.first) - _CLOCKS, file=found.file))

    def rejected(self, feed: str, since: datetime, most: int) -> list[Rejected]:
        """Files of the feed that were rejected as a whole, the newest first."""
        rows = self.rows(REJECTED, since=since, feed=feed, most=most)
        return [Rejected(row["file"], moment(row["at"]), row["word"]["reason"], row["word"]["detail"]) for row in rows]

    def accepted(self, feed: str, since: datetime) -> tuple[int, int]:
        """How many files of the feed were merged since then and still count, and their good rows."""
        [row] = self.rows(ACCEPTED, since=since, feed=feed) or [{"files": 0, "good": 0}]
        return row["files"], row["good"] or 0

    def entered_as_rejected(self, feed: str, since: datetime) -> set[str]:
        """The files of the feed whose rejection was entered since then, whatever became of them."""
        found = "SELECT file FROM file_ledger WHERE at >= :since AND feed = :feed AND state = 'rejected'"
        return {row["file"] for row in self.rows(found, since=since, feed=feed)}

    def having(self, generations: Collection[int]) -> set[str]:
        """The files of these generations of which anything is entered, however old they are."""
        found: set[str] = set()
        for portion in portions(sorted(generations)):
            marked, given = markers("generation", portion)
            asked = f"SELECT DISTINCT file FROM file_ledger WHERE generation IN ({marked})"  # noqa: S608  # of markers alone
            found |= {row["file"] for row in self.rows(asked, **given)}
        return found

    def rows(self, statement: str, **parameters: Value) -> list[dict[str, Any]]:
        """The answer to a statement about the ledger, which names it `file_ledger`; nothing where there is none."""
        return self.tables.rows_if_there(statement, **parameters) or []  # before the first run there is no ledger


def _entries(rows: Sequence[dict[str, Any]]) -> list[Entry]:
    return [Entry(**{**row, "at": moment(row["at"]), "state": State(row["state"])}) for row in rows]


def _found(row: dict[str, Any]) -> Found:
    times, state = (moment(row["first"]), moment(row["last"])), row["word"]["state"]
    return Found(row["file"], row["feed"], row["generation"], row["path"], *times, state)


def _work(rows: Sequence[dict[str, Any]], unmerged: int, last: LastFile | None) -> Work:
    by_state = {row["state"]: row for row in rows}
    merged, rejected = by_state.get("merged", {}), by_state.get("rejected", {})

    def counts(when: str) -> Counts:
        of = (merged.get(f"files{when}"), rejected.get(f"files{when}"), merged.get(f"good{when}"))
        return Counts(*(value or 0 for value in (*of, merged.get(f"bad{when}"))))

    median, worst = (None if merged.get(name) is None else float(merged[name]) for name in ("median", "worst"))
    return Work(counts("_today"), counts(""), median, worst, unmerged, last)


def moment(microseconds: int) -> datetime:
    """From microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)

"""Questions to the file ledger. Each names the time from which on it looks: what is older is not read for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.names.paths import LakeFile, NotOurName
from ingest.targets.errors import StatementFailed
from ingest.targets.tables import Tables
from ingest.targets.values import Value
from pipeline_jobs.state.history import Entry, State, place_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS = timedelta(days=1)
"""By how much the clocks of bucket and job may differ."""
# Statements name the table alone: the target says in which schema. The time of upload is in the place in the lake, or
# behind the identity of a file put straight into source/; it brings its time zone along.
WORDS = """
WITH entries AS (
  SELECT feed, file, state, at, seq, rows_good, rows_bad, reason,
    regexp_extract(concat(path, file), '[/#]@?([0-9]{8}T[0-9]{6}[.][0-9]{6}Z)', 1) AS stamp
  FROM file_ledger
  WHERE at >= :since AND file IS NOT NULL AND feed = coalesce(:feed, feed)
    AND state IN ('merged', 'rejected', 'duplicate', 'retracted', 'reopened')
    AND coalesce(reason, '') <> 'rebuilt' -- a swap says again of every file what was said before
), timed AS (
  SELECT feed, file, state, at, seq, rows_good, rows_bad, reason, unix_micros(at) - unix_micros(TRY_CAST(concat(
    substr(stamp, 1, 4), '-', substr(stamp, 5, 2), '-', substr(stamp, 7, 5), ':', substr(stamp, 12, 2), ':',
    substr(stamp, 14)) AS TIMESTAMP)) AS lag
  FROM entries
), files AS (
  SELECT feed, file, max(struct(at, seq, state, rows_good, rows_bad, reason)) AS word,
    min(CASE WHEN state = 'merged' THEN lag END) / 1000000.0 AS lag,
    max(CASE WHEN state = 'reopened' THEN 1 ELSE 0 END) AS again
  FROM timed
  GROUP BY feed, file
), words AS (
  SELECT feed, word.state AS state, word.at AS at, word.rows_good AS good, word.rows_bad AS bad,
    word.reason AS reason, CASE WHEN again = 0 THEN lag END AS lag
  FROM files
)
"""
"""What a statement begins with that counts files by their last word, of one feed or of all (NULL)."""
_WORK = f"""{WORDS}
SELECT feed, state, count(*) AS files, sum(good) AS good, sum(bad) AS bad,
  count(CASE WHEN at >= :today THEN 1 END) AS files_today,
  sum(CASE WHEN at >= :today THEN good END) AS good_today,
  sum(CASE WHEN at >= :today THEN bad END) AS bad_today,
  percentile(lag, 0.5) AS median, max(lag) AS worst
FROM words
WHERE state IN ('merged', 'rejected')
GROUP BY feed, state
"""  # noqa: S608  # of constants alone
_UNMERGED = """
WITH words AS (
  SELECT feed, file, max(struct(at, seq, state)) AS word
  FROM file_ledger
  WHERE at >= :since AND file IS NOT NULL AND state NOT IN ('attempted', 'failed', 'released')
  GROUP BY feed, file
)
SELECT feed, count(*) AS files FROM words WHERE word.state = 'staged' GROUP BY feed
"""
_LAST = """
SELECT feed, unix_micros(max(at)) AS at, max(struct(at, seq, file, state)) AS word
FROM file_ledger
WHERE at >= :since AND file IS NOT NULL AND coalesce(reason, '') <> 'rebuilt'
GROUP BY feed
"""
_FIND = """
WITH entries AS (
  SELECT file, feed, generation, path, at, seq, state, substring_index(file, '#', -1) AS version
  FROM file_ledger
  WHERE at >= :since AND instr(file, :text) > 0
), named AS (
  SELECT file, feed, generation, path, at, seq, state, version,
    substr(file, 1, length(file) - length(version) - 1) AS name
  FROM entries
)
SELECT file, feed, generation, max(path) AS path, unix_micros(min(at)) AS first, unix_micros(max(at)) AS last,
  max(struct(at, seq, state)) AS word,
  max(:text IN (file, name, version, regexp_replace(name, '^gs://[^/]*/', ''))) AS is_named
FROM named
GROUP BY file, feed, generation
ORDER BY is_named DESC, last DESC, file
LIMIT CAST(:most AS INT)
"""
_ENTRIES = """
SELECT unix_micros(at) AS at, seq, feed, state, run_id, file, generation, path, rows_read, rows_good, rows_bad, reason,
  detail, contract_version, attempt, meaning, rows_blank, rows_warned
FROM file_ledger
WHERE at >= :begin AND file = :file
ORDER BY at, seq, run_id
LIMIT 1000
"""
_REJECTED = """
WITH words AS (
  SELECT file, max(struct(at, seq, state, reason, detail)) AS word
  FROM file_ledger
  WHERE at >= :since AND feed = :feed AND state IN ('merged', 'rejected', 'duplicate', 'retracted', 'reopened')
  GROUP BY file
)
SELECT file, word, unix_micros(word.at) AS at FROM words
WHERE word.state = 'rejected'
ORDER BY at DESC, file
LIMIT CAST(:most AS INT)
"""


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
    staged, and in no table yet.
    """

    today: Counts = Counts()
    week: Counts = Counts()
    median: float | None = None
    worst: float | None = None
    unmerged: int = 0
    last: LastFile | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the ledger: its first and its last entry among those that were looked at."""

    file: str
    feed: str
    generation: int
    path: str
    first: datetime
    last: datetime
    state: str

    @property
    def place(self) -> LakeFile | None:
        """Where it stands in the lake; None where the ledger's words do not say it."""
        try:
            return place_of(self.feed, self.file, self.generation, self.path)
        except NotOurName:
            return None


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
        rows = self.rows(_WORK, since=since, today=today, feed=None)
        unmerged = {row["feed"]: row["files"] for row in self.rows(_UNMERGED, since=since)}
        words = ((row["feed"], row["word"], moment(row["at"])) for row in self.rows(_LAST, since=since))
        last = {feed: LastFile(word["file"], at, word["state"]) for feed, word, at in words}
        return {
            feed: _work([row for row in rows if row["feed"] == feed], unmerged.get(feed, 0), word)
            for feed, word in last.items()
        }

    def find(self, text: str, since: datetime, most: int) -> list[Found]:
        """The files whose identity, object name or generation this is; else those whose identity has it in it; the
        newest first, at most so many.
        """
        rows = self.rows(_FIND, text=text, since=since, most=most)
        return [_found(row) for row in [row for row in rows if row["is_named"]] or rows]

    def entries(self, found: Found) -> list[Entry]:
        """All of one file, in their order."""
        uploaded = found.place.finalized_at if found.place else found.first
        rows = self.rows(_ENTRIES, begin=min(uploaded, found.first) - _CLOCKS, file=found.file)
        return [Entry(**{**row, "at": moment(row["at"]), "state": State(row["state"])}) for row in rows]

    def rejected(self, feed: str, since: datetime, most: int) -> list[Rejected]:
        """Files of the feed that were rejected as a whole, the newest first."""
        rows = self.rows(_REJECTED, since=since, feed=feed, most=most)
        return [Rejected(row["file"], moment(row["at"]), row["word"]["reason"], row["word"]["detail"]) for row in rows]

    def entered_as_rejected(self, feed: str, since: datetime) -> set[str]:
        """The files of the feed whose rejection was entered since then, whatever became of them."""
        found = "SELECT file FROM file_ledger WHERE at >= :since AND feed = :feed AND state = 'rejected'"
        return {row["file"] for row in self.rows(found, since=since, feed=feed)}

    def rows(self, statement: str, **parameters: Value) -> list[dict[str, Any]]:
        """The answer to a statement about the ledger, which names it `file_ledger`; nothing where there is none."""
        try:
            return self.tables.rows(statement, **parameters)
        except StatementFailed as error:
            if error.code == "TABLE_OR_VIEW_NOT_FOUND":
                return []  # before the first run there is no ledger
            raise


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

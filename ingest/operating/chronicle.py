"""What the ledger says of days: what happened last, and how a feed did day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.operating.ledger import WORDS, LedgerReader, moment

_LAST = """
WITH words AS (
  SELECT feed, file, max(struct(at, seq, state, rows_good, rows_bad, reason)) AS word, unix_micros(max(at)) AS at
  FROM file_ledger
  WHERE at >= :since AND file IS NOT NULL AND feed = coalesce(:feed, feed) AND coalesce(reason, '') <> 'rebuilt'
  GROUP BY feed, file
)
SELECT feed, file, word, at FROM words ORDER BY at DESC, file LIMIT CAST(:most AS INT)
"""
_DAYS = f"""{WORDS}
SELECT CAST(to_date(at) AS STRING) AS day, state, count(*) AS files, sum(good) AS good, sum(bad) AS bad,
  percentile(lag, 0.5) AS median, max(lag) AS worst
FROM words
WHERE state IN ('merged', 'rejected')
GROUP BY CAST(to_date(at) AS STRING), state
"""  # noqa: S608  # of constants alone
_REASONS = f"""{WORDS}
SELECT reason, count(*) AS files FROM words WHERE state = 'rejected' GROUP BY reason ORDER BY files DESC, reason
"""  # noqa: S608  # of constants alone


@dataclass(frozen=True, slots=True)
class Happened:
    """The last entry of a file: what happened to it, when, and the counts of rows that were entered with it."""

    feed: str
    file: str
    state: str
    at: datetime
    good: int | None
    bad: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day of a feed: files by their last word, rows of those that merged, seconds from upload to merged."""

    day: date
    merged: int = 0
    rejected: int = 0
    rows_good: int = 0
    rows_bad: int = 0
    median: float | None = None
    worst: float | None = None

    @property
    def bad_share(self) -> float | None:
        """Of the rows that were read; None where none were."""
        read = self.rows_good + self.rows_bad
        return self.rows_bad / read if read else None


def happened(ledger: LedgerReader, since: datetime, most: int, feed: str | None = None) -> list[Happened]:
    """What happened last to each file since then, of one feed or of all; the newest first, at most so many."""
    rows = ledger.rows(_LAST, since=since, feed=feed, most=most)
    return [_happened(row, row["word"]) for row in rows]


def days(ledger: LedgerReader, feed: str, since: datetime) -> dict[date, Day]:
    """The days since then on which something of the feed was merged or rejected."""
    rows = ledger.rows(_DAYS, since=since, feed=feed)
    names = {row["day"] for row in rows}
    return {date.fromisoformat(name): _day(name, [row for row in rows if row["day"] == name]) for name in names}


def reasons(ledger: LedgerReader, feed: str, since: datetime) -> list[tuple[str, int]]:
    """Why files of the feed were rejected since then, and how many; the commonest first."""
    return [(row["reason"] or "", row["files"]) for row in ledger.rows(_REASONS, since=since, feed=feed)]


def _happened(row: dict[str, Any], word: dict[str, Any]) -> Happened:
    counts = word["rows_good"], word["rows_bad"]
    return Happened(row["feed"], row["file"], word["state"], moment(row["at"]), *counts, word["reason"] or "")


def _day(name: str, rows: Sequence[dict[str, Any]]) -> Day:
    of = {row["state"]: row for row in rows}
    merged, rejected = of.get("merged", {}), of.get("rejected", {})
    median, worst = (None if merged.get(one) is None else float(merged[one]) for one in ("median", "worst"))
    return Day(
        date.fromisoformat(name),
        merged.get("files") or 0,
        rejected.get("files") or 0,
        merged.get("good") or 0,
        merged.get("bad") or 0,
        median,
        worst,
    )

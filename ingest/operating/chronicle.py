"""What the ledger says of days: what happened last, and how a feed did day by day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.operating.ledger import LedgerReader, moment
from ingest.operating.statements.of_feeds import WORDS

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
SELECT CAST(to_date(at) AS STRING) AS day, state, CASE WHEN state = 'rejected' THEN reason END AS reason,
  count(*) AS files, sum(good) AS good, sum(bad) AS bad, percentile(lag, 0.5) AS median, max(lag) AS worst
FROM words
WHERE state IN ('merged', 'rejected')
GROUP BY CAST(to_date(at) AS STRING), state, CASE WHEN state = 'rejected' THEN reason END
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


@dataclass(frozen=True, slots=True)
class Diary:
    """Of a feed: the days on which something was merged or rejected; why files were rejected, the commonest first."""

    days: Mapping[date, Day]
    reasons: tuple[tuple[str, int], ...]


def diary(ledger: LedgerReader, feed: str, since: datetime) -> Diary:
    """Everything since then, by one question."""
    rows = ledger.rows(_DAYS, since=since, feed=feed)
    names = {row["day"] for row in rows}
    of_days = {date.fromisoformat(name): _day(name, [row for row in rows if row["day"] == name]) for name in names}
    reasons: Counter[str] = Counter()
    for row in rows:
        if row["state"] == "rejected":
            reasons[row["reason"] or ""] += row["files"]
    return Diary(of_days, tuple(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))))


def _happened(row: dict[str, Any], word: dict[str, Any]) -> Happened:
    counts = word["rows_good"], word["rows_bad"]
    return Happened(row["feed"], row["file"], word["state"], moment(row["at"]), *counts, word["reason"] or "")


def _day(name: str, rows: Sequence[dict[str, Any]]) -> Day:
    """Of one row for what was merged, and one for each reason of rejections."""
    merged = next((row for row in rows if row["state"] == "merged"), {})
    median, worst = (None if merged.get(one) is None else float(merged[one]) for one in ("median", "worst"))
    return Day(
        date.fromisoformat(name),
        merged.get("files") or 0,
        sum(row["files"] for row in rows if row["state"] == "rejected"),
        merged.get("good") or 0,
        merged.get("bad") or 0,
        median,
        worst,
    )

"""A feed's newest entries as one question finds them when a task begins; they answer most of what it would ask."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame

from pipeline_jobs.state.entries.rows import entries_of
from pipeline_jobs.state.history import Entry

_MOST = 5000
"""Of a feed that has more, each question is put to the table."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """All entries of a feed since then, in order; None where there are too many, or they are not all any more."""

    since: datetime
    entries: tuple[Entry, ...] | None

    @classmethod
    def read(cls, rows: DataFrame, since: datetime) -> "AtHand":
        """From the feed's rows of the ledger since then."""
        entries = entries_of(rows.limit(_MOST + 1))
        is_all = len(entries) <= _MOST
        return cls(since, tuple(sorted(entries, key=lambda entry: entry.order)) if is_all else None)

    def outdated(self) -> "AtHand":
        return AtHand(self.since, None)

    def reaching(self, since: datetime | None) -> list[Entry] | None:
        """Those since then, or None where that must be asked; `since` is None for all that was ever entered."""
        if self.entries is None or since is None or since < self.since:
            return None
        return [entry for entry in self.entries if entry.at >= since]

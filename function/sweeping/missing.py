"""Files that were expected and have not come: told once for each due time, and once more where one comes late.

What was told stands in the lake, in `expected/`, so that no restart and no other instance tells it again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.contract import Contract
from contracts.expected import last_period
from contracts.names.paths import due_path
from function.outcome import Outcome


class Lake(Protocol):
    """What this needs of the lake bucket."""

    def has_come(self, feed: str, since: datetime) -> bool:
        """Whether a file of the feed was finalized after that moment, wherever in the lake it stands."""

    def stands_in_lake(self, path: str) -> bool:
        """Whether there is an object of this name."""

    def write_once(self, path: str, document: bytes) -> None:
        """Keeps what stands there."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`tell` hears of each outcome before it is kept as told: a sweep that dies in between tells it twice."""

    lake: Lake
    tell: Callable[[Outcome], object]

    def look(self, contract: Contract, now: datetime) -> None:
        """Tells what is to be told of the due time that has passed last; at most five calls."""
        period = None if contract.is_retired else last_period(contract, now)
        if period is None:
            return
        since, due = period
        missing, late = (due_path(contract.feed, due, what) for what in ("missing", "late"))
        if not self.lake.has_come(contract.feed, since):
            detail = f"no file has come since {since.isoformat()}, one was due by {due.isoformat()}"
            self._once(missing, Outcome.missing(contract.feed, f"{detail}: {contract.expected}"))
        elif self.lake.stands_in_lake(missing):
            self._once(late, Outcome.late(contract.feed, f"a file has come that was due by {due.isoformat()}"))

    def _once(self, path: str, outcome: Outcome) -> None:
        if not self.lake.stands_in_lake(path):
            self.tell(outcome)
            told = {"feed": outcome.feed, "outcome": outcome.kind, "detail": outcome.detail}
            self.lake.write_once(path, json.dumps(told, indent=1).encode())

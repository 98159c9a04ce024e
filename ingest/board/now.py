"""What the first page shows: how each feed stands now, and what happened last."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.contract import Contract
from contracts.expected import due_until
from ingest.operating.chronicle import Happened, happened
from ingest.operating.ledger import LedgerReader
from ingest.operating.standing import Overview, overview
from ingest.targets.target import Target

_LAST = 30
_LOOKED_BACK = timedelta(days=7)
_AHEAD = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Now:
    """Of all feeds at one moment."""

    overview: Overview
    happened: tuple[Happened, ...]

    def is_like(self, other: "Now") -> bool:
        """Whether both say the same, at whatever time."""
        return self == replace(other, overview=replace(other.overview, at=self.overview.at))

    def feeds_unlike(self, other: "Now") -> set[str]:
        """The feeds of which the two say different things."""
        before = {one.feed: one for one in other.overview.feeds}
        stand = {one.feed for one in self.overview.feeds if before.get(one.feed) != one}
        return stand | {one.feed for one in set(self.happened) ^ set(other.happened)}


def ask(target: Target, now: datetime, before: Now | None = None, changed: Collection[str] = ()) -> Now:
    """Raises what the clients raise; with one from `before`, only what can have changed is asked for."""
    known = before.overview if before else None
    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(happened, LedgerReader(target.tables), now - _LOOKED_BACK, _LAST)
        return Now(overview(target, target.feeds, now, known, changed), tuple(last.result()))


def next_due(contract: Contract, now: datetime) -> datetime | None:
    """When the next file is due; None for a feed that expects nothing."""
    if contract.expected is None or contract.is_retired:
        return None
    ahead = timedelta(hours=contract.expected.hours) if contract.expected.hours else _AHEAD
    found = None
    for due in due_until(contract.expected, now + ahead):
        if due <= now:
            break
        found = due
    return found

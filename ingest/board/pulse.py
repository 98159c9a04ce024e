"""What is looked at twice a second: cheap signs that something has changed, and of which feeds.

None of them is a question to the engine. The ledger's version is the time of its log's folder, where that is a folder
of this machine; at a deployment, only runs write the ledger, so that it is asked while one is under way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from contracts.checking.between import LEDGER
from ingest.operating.waiting import feed_of, landed, source_names
from ingest.targets.target import Target

_MOST = 1_000
"""Names that are looked at in landing, and in source/: one answer of a listing. What waits behind them waits longer."""
_READ_AT_ONCE = 1_000_000
_FEED = re.compile(rb'"feed": "([a-z0-9_]+)"')
_LOGS = ("on_object_finalized.log", "on_sweep.log")


@dataclass(frozen=True, slots=True)
class Signs:
    """What one look has seen: names that wait, runs by (feed, id, state), the ledger's version, sizes of logs."""

    landing: frozenset[tuple[str, int]]
    source: frozenset[str]
    runs: frozenset[tuple[str, int, str]]
    ledger: int
    logs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Of one target."""

    target: Target
    _numbers: Iterator[int]

    @classmethod
    def of(cls, target: Target) -> "Pulse":
        return cls(target, count(1))

    def take(self) -> Signs:
        """Raises what the clients raise."""
        found = self.target.jobs.newest_of_all()
        return Signs(
            frozenset((one.name, one.generation) for one in islice(landed(self.target.landing), _MOST)),
            frozenset(islice(source_names(self.target.lake), _MOST)),
            frozenset((feed, run.run_id, run.state) for feed, run in found),
            self._ledger(is_active=any(not run.is_over for _, run in found)),
            tuple(_size(log) for log in self._logs),
        )

    def changed(self, before: Signs, now: Signs) -> set[str]:
        """The feeds whose names, runs or deliveries are others than before."""
        contracts = self.target.contracts
        feeds = {feed_of(name, contracts) for name, _ in before.landing ^ now.landing}
        feeds |= {path.split("/")[1] for path in before.source ^ now.source}
        feeds |= {feed for feed, _, _ in before.runs ^ now.runs}
        for log, begin, end in zip(self._logs, before.logs, now.logs, strict=True):
            feeds |= _named(log, begin, end)
        return feeds.intersection(self.target.feeds)

    @property
    def _logs(self) -> list[Path]:
        """A stack's functions say there what they reject; it is in no ledger yet."""
        return [self.target.logs / name for name in _LOGS] if self.target.logs else []

    def _ledger(self, *, is_active: bool) -> int:
        if self.target.name == "local":
            tables = self.target.tables
            log = Path(tables.catalog) / tables.schema / LEDGER / "_delta_log"
            return log.stat().st_mtime_ns if log.exists() else 0
        return next(self._numbers) if is_active else 0


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _named(log: Path, begin: int, end: int) -> set[str]:
    """The feeds that new lines of a log speak of; a shorter log is a new one."""
    if begin == end:
        return set()
    start = max(0 if end < begin else begin, end - _READ_AT_ONCE)
    with log.open("rb") as file:
        file.seek(start)
        return {name.decode() for name in _FEED.findall(file.read(end - start))}

"""Buckets and runs for the sweep, by what was done to them, and a clock that stands still."""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.loader import load_contracts
from function.admission import Admission
from function.config import Feeds
from function.deadline import Deadline
from function.errors import DeadlineNear, WorkspaceFailed
from function.event import LandedObject
from function.listed import RejectedObject, SourceFile, SourceListing, Version
from function.runs import Run, TaskRun
from function.sweep import Ages, Sweep

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CONTRACTS = load_contracts()
FEEDS = Feeds(CONTRACTS, tuple((contract.feed, 10 + at) for at, contract in enumerate(CONTRACTS)))
HEADERS = {
    contract.feed: ",".join(column.source_name for column in contract.file_columns).encode() + b"\n"
    for contract in CONTRACTS
}
AGES = Ages(grace=timedelta(minutes=10), retry=timedelta(hours=1), placeholder=timedelta(days=1))
CUSTOMERS = FEEDS.job_id("customers")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class FakeBuckets:
    """Landing and lake by what was done to them; reading a name in `broken` fails, also that of a feed's rejected/."""

    versions: list[Version] = field(default_factory=list)
    source: list[SourceFile] = field(default_factory=list)
    rejected: dict[str, list[RejectedObject]] = field(default_factory=dict)
    listings: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    copied: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    moved: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    on_delete: Callable[[], None] = lambda: None
    on_read: Callable[[], None] = lambda: None
    on_look: Callable[[], None] = lambda: None
    on_ask: Callable[[], None] = lambda: None
    on_list: Callable[[], None] = lambda: None
    is_cut: bool = False

    def landed_versions(self, until: Deadline) -> Iterator[Version]:
        yield from self.versions
        if self.is_cut:
            raise DeadlineNear

    def source_listing(self) -> SourceListing:
        folders = {file.name.split("/", 1)[0] for file in self.source if "/" in file.name}
        return SourceListing(tuple(sorted(folders)), tuple(file for file in self.source if "/" not in file.name))

    def source_files(self, folder: str) -> Iterator[SourceFile]:
        self.on_list()
        return (file for file in self.source if file.name.startswith(f"{folder}/"))

    def rejected_objects(self, feed: str, finalized_from: datetime) -> Iterator[RejectedObject]:
        self.listings.append(feed)
        if feed in self.broken:
            raise OSError(feed)
        return iter(self.rejected.get(feed, ()))

    def copy_out_of_source(self, file: SourceFile, path: str, reason_path: str, document: bytes) -> None:
        if file.name in self.broken:
            raise OSError(file.name)
        assert reason_path == f"{path}.reason.json"
        self.moved.append((file.name, path, json.loads(document)))

    def delete_from_source(self, file: SourceFile) -> None:
        self.on_delete()
        self.source.remove(file)

    def read_head(self, landed: LandedObject) -> bytes:
        self.on_read()
        if landed.name in self.broken:
            raise OSError(landed.name)
        return HEADERS["customers"]

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        self.copied.append(path)
        return True

    def stands_in_lake(self, path: str) -> bool:
        self.on_look()
        return path in self.notes

    def is_listed_in_lake(self, path: str) -> bool:
        return path in self.notes

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        return {*paths} & {*self.notes}

    def feeds_in_lake(self) -> set[str]:
        return {path.split("/")[1] for path in self.notes}

    def has_come(self, feed: str, since: datetime) -> bool:
        self.on_ask()
        return feed not in self.missing

    def write_once(self, path: str, document: bytes) -> None:
        self.notes.setdefault(path, json.loads(document))

    def write_reason(self, path: str, document: bytes) -> None:
        """Nobody asks."""

    def delete_landed(self, landed: LandedObject) -> None:
        self.deleted.append(landed.identity)


@dataclass
class FakeRuns:
    """Runs by job; what was dispatched; jobs in `down` do not answer."""

    runs: dict[int, tuple[Run, ...]] = field(default_factory=dict)
    started: list[tuple[int, str]] = field(default_factory=list)
    down: set[int] = field(default_factory=set)
    on_start: Callable[[], None] = lambda: None
    on_look: Callable[[], None] = lambda: None

    def recent_runs(self, job_id: int) -> tuple[Run, ...]:
        self.on_look()
        if job_id in self.down:
            raise WorkspaceFailed("down")
        return self.runs.get(job_id, ())

    def ensure_run(self, job_id: int, path: str, *, first_time: bool) -> int:
        self.started.append((job_id, path))
        self.on_start()
        return 500


def version_of(name: str, age: timedelta, *, size: int = 10, live: bool = True, generation: int = 1) -> Version:
    return Version(LandedObject("landing", name, generation, NOW - age, size, "", "crc", ""), live)


def source_file(name: str, age: timedelta = timedelta(0), size: int = 5) -> SourceFile:
    return SourceFile(name, 1, size, NOW - age)


def run_of(
    run_id: int,
    *,
    ago: timedelta | None,
    took: timedelta = timedelta(minutes=1),
    stage: bool = True,
    target: bool = True,
    state: str = "TERMINATED",
    silenced: bool = False,
) -> Run:
    """Ended so long ago, or still going on."""
    ended = None if ago is None else NOW - ago
    loads = (TaskRun("stage_load", state, stage, 0, False), TaskRun("target_load", state, target, 0, False))
    tasks = (*loads, TaskRun("report", state, False, 0, silenced))
    return Run(run_id, "RUNNING" if ago is None else state, (ended or NOW) - took, ended, False, tasks)


@dataclass
class StandingClock:
    """Stands still until it is told."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Slowly:
    """Each call takes long, and begins only where it ends before the deadline, as one over a wire."""

    clock: StandingClock = field(default_factory=StandingClock)
    deadline: Deadline | None = None

    def __call__(self) -> None:
        assert self.deadline is not None
        self.deadline.call()
        self.clock.seconds += 0.4

    def sweep(self, sweep: Sweep, now: datetime = NOW) -> None:
        self.deadline = Deadline.after(60, self.clock)
        replace(sweep, deadline=self.deadline, now=lambda: now, clock=self.clock).run()


def later(call: int) -> datetime:
    return NOW + call * timedelta(minutes=5)


def sweep_over(buckets: FakeBuckets, runs: FakeRuns, clock: StandingClock | None = None) -> Sweep:
    ticking = clock or StandingClock()
    admission = Admission(buckets, runs, FEEDS, "landing", lambda: NOW, "sweep")
    deadline = Deadline.after(60, ticking)
    return Sweep(
        buckets, buckets, buckets, buckets, runs, admission, FEEDS, "landing", AGES, deadline, lambda: NOW, ticking
    )

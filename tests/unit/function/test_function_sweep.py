"""The sweep: what was missed is found, nothing is done too often, and one trouble stops nothing else."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from contracts.loader import load_contracts
from function import sweep as swept
from function.admission import Admission
from function.config import Feeds
from function.deadline import Deadline
from function.errors import DeadlineNear, SweepIncomplete, WorkspaceFailed
from function.event import LandedObject
from function.listed import RejectedObject, SourceFile, SourceListing, Version
from function.logs import JsonLines
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
PLACE = "@20261101T101112.123456Z-5"
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


def _version(name: str, age: timedelta, *, size: int = 10, live: bool = True, generation: int = 1) -> Version:
    return Version(LandedObject("landing", name, generation, NOW - age, size, "", "crc", ""), live)


def _file(name: str, age: timedelta = timedelta(0), size: int = 5) -> SourceFile:
    return SourceFile(name, 1, size, NOW - age)


def _run(
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
class Clock:
    """Stands still until it is told."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def _fail(why: str) -> None:
    raise OSError(why)


@dataclass
class Slowly:
    """Each call takes long, and begins only where it ends before the deadline, as one over a wire."""

    clock: Clock = field(default_factory=Clock)
    deadline: Deadline | None = None

    def __call__(self) -> None:
        assert self.deadline is not None
        self.deadline.call()
        self.clock.seconds += 0.4

    def sweep(self, sweep: Sweep, now: datetime = NOW) -> None:
        self.deadline = Deadline.after(60, self.clock)
        replace(sweep, deadline=self.deadline, now=lambda: now, clock=self.clock).run()


def _later(call: int) -> datetime:
    return NOW + call * timedelta(minutes=5)


def _sweep(buckets: FakeBuckets, runs: FakeRuns, clock: Clock | None = None) -> Sweep:
    ticking = clock or Clock()
    admission = Admission(buckets, runs, FEEDS, "landing", lambda: NOW, "sweep")
    deadline = Deadline.after(60, ticking)
    return Sweep(
        buckets, buckets, buckets, buckets, runs, admission, FEEDS, "landing", AGES, deadline, lambda: NOW, ticking
    )


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The JSON lines logged so far."""
    caplog.set_level(logging.INFO, logger="function")
    return lambda: [json.loads(JsonLines().format(record)) for record in caplog.records]


def test_only_what_is_older_than_the_grace_is_taken_for_missed() -> None:
    """Its event may still be on its way."""
    buckets = FakeBuckets(
        [
            _version("daily/customers_young.csv", timedelta(minutes=9)),
            _version("daily/customers_old.csv", timedelta(minutes=10)),
        ]
    )

    _sweep(buckets, FakeRuns()).run()

    assert buckets.deleted == ["gs://landing/daily/customers_old.csv#1"]


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (_version("daily/customers.csv", timedelta(hours=23), size=0), None),
        (_version("daily/customers.csv", timedelta(hours=24), size=0), "rejected"),
        (_version("daily/customers.csv.tmp", timedelta(hours=23)), None),
        (_version("daily/customers.csv.tmp", timedelta(hours=24)), "rejected"),
        (_version("daily/customers.csv.tmp", timedelta(hours=23), live=False), None),
        (_version("daily/customers.csv.tmp", timedelta(hours=24), live=False), "dropped"),
        (_version("daily/customers.csv", timedelta(minutes=9), size=0, live=False), None),
        (_version("daily/customers.csv", timedelta(minutes=10), size=0, live=False), "dropped"),
        (_version("daily/customers.csv", timedelta(minutes=10), live=False), "admitted"),
    ],
)
def test_a_placeholder_has_a_day_unless_it_is_replaced(
    version: Version, outcome: str | None, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Bytes are never dropped, an empty generation behind another is."""
    buckets = FakeBuckets([version])

    _sweep(buckets, FakeRuns()).run()

    assert [line["outcome"] for line in lines()] == ([outcome] if outcome else []) + ["swept"]
    assert len(buckets.deleted) == (outcome is not None)
    assert len(buckets.copied) == (outcome is not None and (version.landed.size > 0 or version.is_live))


def test_the_oldest_come_first_and_the_number_is_bounded(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """What is left is counted, for the next call."""
    names = [f"daily/customers_{at:04}.csv" for at in range(swept.MOST_OBJECTS + 7)]
    buckets = FakeBuckets([_version(name, timedelta(hours=1, seconds=at)) for at, name in enumerate(names)])

    _sweep(buckets, FakeRuns()).run()

    assert buckets.deleted[0] == f"gs://landing/{names[-1]}#1"
    assert len(buckets.deleted) == swept.MOST_OBJECTS
    line = lines()[-1]
    assert (line["waiting"], line["left"], line["severity"]) == (len(names), 7, "WARNING")
    assert line["oldest_seconds"] == 3600 + len(names) - 1


def test_a_feed_that_fails_takes_no_other_feed_s_turn() -> None:
    """However many of its files are older: neither the number of objects nor the time is theirs alone."""
    clock = Clock()
    names = [f"daily/customers_{at:04}.csv" for at in range(swept.MOST_OBJECTS + 7)]
    versions = [_version(name, DAY) for name in names]
    buckets = FakeBuckets([*versions, _version("daily/orders_1.csv", HOUR)], broken=set(names))
    buckets.on_read = lambda: setattr(clock, "seconds", clock.seconds + 5)

    with pytest.raises(SweepIncomplete):
        _sweep(buckets, FakeRuns(), clock).run()

    assert buckets.deleted == ["gs://landing/daily/orders_1.csv#1"]


def test_of_feeds_that_do_not_fail_each_has_its_turn() -> None:
    """A flood of one feed leaves the other's files their place; of each the oldest come first."""
    flood = [_version(f"daily/customers_{at:04}.csv", DAY - timedelta(seconds=at)) for at in range(600)]
    few = [_version(f"daily/orders_{at}.csv", HOUR + timedelta(seconds=at)) for at in range(3)]
    buckets = FakeBuckets([*flood, *few])

    _sweep(buckets, FakeRuns()).run()

    done = [name.split("/")[-1].partition(".")[0] for name in buckets.deleted]
    assert done[:6] == ["customers_0000", "orders_2", "customers_0001", "orders_1", "customers_0002", "orders_0"]
    assert done[6:] == [f"customers_{at:04}" for at in range(3, 497)]


def test_files_that_always_fail_do_not_hide_a_younger_one_for_ever() -> None:
    """Of a feed in trouble what is tried next is another file in each call."""
    clock = Clock()
    names = [f"daily/customers_{at:02}.csv" for at in range(40)]
    versions = [_version(name, DAY) for name in names]
    buckets = FakeBuckets([*versions, _version("daily/customers_good.csv", HOUR)], broken=set(names))
    buckets.on_read = lambda: setattr(clock, "seconds", clock.seconds + 3)
    sweep = _sweep(buckets, FakeRuns(), clock)

    for call in range(40):
        at = replace(sweep, deadline=Deadline.after(60, clock), now=partial(_later, call))
        with pytest.raises(SweepIncomplete):
            at.run()

    assert "gs://landing/daily/customers_good.csv#1" in buckets.deleted


def test_of_a_landing_that_is_too_full_to_list_what_was_seen_is_settled(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """And the sweep's line says that there is more."""
    buckets = FakeBuckets([_version("daily/customers.csv", HOUR)], is_cut=True)
    runs = FakeRuns({FEEDS.job_id("orders"): (_run(1, ago=2 * HOUR, target=False),)})

    _sweep(buckets, runs).run()

    line = lines()[-1]
    assert buckets.deleted == ["gs://landing/daily/customers.csv#1"]
    assert (FEEDS.job_id("orders"), "") in runs.started
    assert (line["waiting"], line["left"], line["cut"], line["severity"]) == (1, 1, True, "WARNING")
    assert line["message"].startswith("swept: more than 1 objects")


def test_landing_leaves_time_for_the_feeds(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """A backlog must not keep failed runs from being followed."""
    clock = Clock()
    buckets = FakeBuckets([_version(f"daily/customers_{at}.csv", timedelta(hours=1)) for at in range(9)])
    runs = FakeRuns({FEEDS.job_id("orders"): (_run(1, ago=timedelta(hours=2), target=False),)})
    starts: list[float] = []

    def start() -> None:
        starts.append(clock.seconds)
        clock.seconds += 8

    runs.on_start = start

    _sweep(buckets, runs, clock).run()

    assert runs.started[-1] == (FEEDS.job_id("orders"), "")
    assert starts[-1] < 60 / 2, "the rest is left to the feeds"
    assert 0 < len(buckets.deleted) < 9
    assert lines()[-1]["left"] == 9 - len(buckets.deleted)


@pytest.mark.parametrize(
    ("runs", "waits", "starts"),
    [
        ((), False, False),
        ((), True, True),
        ((_run(1, ago=timedelta(minutes=1)),), False, False),
        ((_run(1, ago=timedelta(minutes=1)),), True, True),
        ((_run(1, ago=None), _run(2, ago=timedelta(days=1), stage=False)), True, False),
        ((_run(1, ago=timedelta(minutes=59), stage=False),), False, False),
        ((_run(1, ago=timedelta(minutes=59), stage=False),), True, False),
        ((_run(1, ago=timedelta(minutes=60), stage=False),), False, True),
        ((_run(1, ago=timedelta(minutes=60), target=False),), False, True),
        ((_run(1, ago=timedelta(minutes=60), stage=False, target=False, state="SKIPPED"),), False, True),
        ((Run(1, "TERMINATED", NOW - 2 * HOUR, NOW - 2 * HOUR, False, ()),), False, True),
        ((_run(2, ago=timedelta(hours=3)), _run(1, ago=timedelta(hours=2), target=False)), False, True),
        ((_run(2, ago=timedelta(hours=3), target=False), _run(1, ago=timedelta(hours=2))), False, False),
        ((_run(1, ago=timedelta(minutes=58), silenced=True),), False, False),
        ((_run(1, ago=timedelta(minutes=58), silenced=True),), True, True),
        ((_run(1, ago=timedelta(minutes=60), silenced=True),), False, True),
        ((_run(2, ago=timedelta(hours=3), silenced=True), _run(1, ago=timedelta(hours=2))), False, False),
    ],
)
def test_a_feed_gets_a_run_when_it_needs_one(runs: tuple[Run, ...], waits: bool, starts: bool) -> None:
    """Files without an active run, or a last run that did not load or was cancelled before it could report.

    For the latter two at most one an hour.
    """
    buckets, jobs = FakeBuckets(), FakeRuns({CUSTOMERS: runs})
    if waits:
        buckets.source = [_file("customers/@20261121T101112.123456Z-5/daily/customers.csv")]

    _sweep(buckets, jobs).run()

    path = "source/customers/@20261121T101112.123456Z-5/daily/customers.csv" if waits else ""
    assert jobs.started == ([(CUSTOMERS, path)] if starts else [])


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("customers/anything.dat", "customers"),
        ("daily/customers_1.csv", "customers"),
        ("orders/a/b/c.csv", "orders"),
        ("customers/late.csv.tmp", None),
        ("elsewhere/stock.csv", None),
        ("customers", None),
    ],
)
def test_what_was_put_into_source_by_hand_gets_a_run_too(name: str, feed: str | None) -> None:
    """By its folder, else by its name; a placeholder is still to come."""
    runs = FakeRuns()

    _sweep(FakeBuckets(source=[_file(name)]), runs).run()

    assert runs.started == ([(FEEDS.job_id(feed), f"source/{name}")] if feed else [])


@pytest.mark.parametrize(
    ("runs", "starts"),
    [
        ((), True),
        ((_run(1, ago=3 * HOUR),), True),
        ((_run(1, ago=timedelta(minutes=59)),), True),
        ((_run(1, ago=timedelta(minutes=58)),), False),
        ((_run(2, ago=timedelta(minutes=58)), _run(1, ago=3 * HOUR)), False),
        ((_run(1, ago=None, took=3 * HOUR),), False),
        ((_run(1, ago=timedelta(minutes=59), stage=False),), False),
        ((_run(2, ago=None), _run(1, ago=3 * HOUR)), False),
    ],
)
def test_a_rejection_that_no_run_has_told_of_gets_one(runs: tuple[Run, ...], starts: bool) -> None:
    """An hour after the last run began, whose ever it was; while one goes on, its end is waited for."""
    buckets = FakeBuckets(rejected={"customers": [RejectedObject(NOW - HOUR / 2, is_reason=True)]})
    jobs = FakeRuns({CUSTOMERS: runs})

    _sweep(buckets, jobs).run()

    assert jobs.started == ([(CUSTOMERS, "")] if starts else [])


def test_rejections_are_asked_for_only_where_they_matter() -> None:
    """A call for each feed and sweep; what a run is started for anyway, or must wait for, costs none."""
    jobs = {"customers": _run(1, ago=timedelta(minutes=5)), "orders": _run(2, ago=DAY)}
    buckets = FakeBuckets(source=[_file("orders/a.csv")])

    _sweep(buckets, FakeRuns({FEEDS.job_id(feed): (run,) for feed, run in jobs.items()})).run()

    assert buckets.listings == ["order_tracking"]


@pytest.mark.parametrize("retired", [None, "customers"])
def test_what_no_feed_has_is_told_by_a_run_of_one(retired: str | None) -> None:
    """The first that is not retired; the others are not even asked."""
    feeds = replace(FEEDS, contracts=tuple(replace(one, is_retired=one.feed == retired) for one in FEEDS.contracts))
    buckets = FakeBuckets(rejected={"_unrouted": [RejectedObject(NOW - HOUR / 2, is_reason=True)]})
    runs = FakeRuns({FEEDS.job_id(contract.feed): (_run(1, ago=2 * HOUR),) for contract in FEEDS.contracts})

    replace(_sweep(buckets, runs), feeds=feeds).run()

    assert runs.started == [(FEEDS.job_id("order_tracking" if retired else "customers"), "")]
    assert buckets.listings.count("_unrouted") == 1


def _many(count: int) -> Feeds:
    """Feeds that expect a file each day."""
    [orders] = [contract for contract in CONTRACTS if contract.feed == "orders"]
    names = [f"feed_{number:03}" for number in range(count)]
    contracts = tuple(replace(orders, feed=name, file_pattern=f"daily/{name}*.csv") for name in names)
    return Feeds(contracts, tuple((name, 1000 + at) for at, name in enumerate(names)))


def test_with_more_feeds_than_there_is_time_for_files_that_wait_come_first(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """Whatever their names; and what is left to the next call is said of feeds, not of files."""
    slowly = Slowly()
    buckets = FakeBuckets(source=[_file(f"feed_{number}/a.csv") for number in (299, 150)], on_list=slowly)
    runs = FakeRuns(on_look=slowly)

    slowly.sweep(replace(_sweep(buckets, runs), feeds=_many(300)))

    line = lines()[-1]
    assert sorted(runs.started) == [(1150, "source/feed_150/a.csv"), (1299, "source/feed_299/a.csv")]
    assert (line["outcome"], line["left"], line["failed"], line["severity"]) == ("swept", 0, 0, "WARNING")
    assert 0 < line["feeds_left"] < 300
    assert f"0 due objects and {line['feeds_left']} feeds are left to the next call" in line["message"]


def test_with_more_feeds_than_there_is_time_for_each_has_its_turn(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """In another order with each call: runs that failed are followed, and missing files told, of all of them."""
    slowly, feeds = Slowly(), _many(300)
    failed: dict[int, tuple[Run, ...]] = {job: (_run(job, ago=2 * HOUR, target=False),) for _, job in feeds.jobs}
    buckets = FakeBuckets(missing={contract.feed for contract in feeds.contracts}, on_ask=slowly)
    runs = FakeRuns(failed, on_look=slowly)

    for call in range(60):
        slowly.sweep(replace(_sweep(buckets, runs), feeds=feeds), _later(call))

    told = {line["feed"] for line in lines() if line["outcome"] == "missing"}
    assert {job for job, _ in runs.started} == set(failed)
    assert len(told) == 300


def test_folders_that_are_no_feed_s_take_no_feed_s_time(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """However many there are; those that were not looked into are due, and left to the next call."""
    slowly, runs = Slowly(), FakeRuns()
    strange = [_file(f"{number:03}/stock.csv") for number in range(300)]
    buckets = FakeBuckets(source=[*strange, _file("orders/a.csv")], on_list=slowly)

    slowly.sweep(_sweep(buckets, runs))

    assert runs.started == [(FEEDS.job_id("orders"), "source/orders/a.csv")]
    assert 200 < lines()[-1]["left"] < 300
    assert lines()[-1]["feeds_left"] == 0


def test_a_run_that_ends_meanwhile_has_not_left_what_it_took_away() -> None:
    """Listed before it was over and looked for behind it, its file would be loaded by another run, of nothing."""
    buckets = FakeBuckets(source=[_file("orders/a.csv")])
    runs = FakeRuns({FEEDS.job_id("orders"): (_run(1, ago=2 * HOUR),)}, on_look=buckets.source.clear)

    _sweep(buckets, runs).run()

    assert runs.started == []


def test_what_a_run_has_told_of_no_feed_starts_no_other() -> None:
    """It began after the reason was written."""
    buckets = FakeBuckets(rejected={"_unrouted": [RejectedObject(NOW - 3 * HOUR, is_reason=True)]})
    runs = FakeRuns({FEEDS.job_id(contract.feed): (_run(1, ago=2 * HOUR),) for contract in FEEDS.contracts})

    _sweep(buckets, runs).run()

    assert runs.started == []


def test_rejections_that_cannot_be_listed_stop_no_other_feed() -> None:
    """Nor the run of a feed with a file that waits."""
    buckets = FakeBuckets(source=[_file("orders/a.csv")], broken={"customers", "orders"})
    runs = FakeRuns()

    with pytest.raises(SweepIncomplete, match="1 objects or feeds"):
        _sweep(buckets, runs).run()

    assert runs.started == [(FEEDS.job_id("orders"), "source/orders/a.csv")]


def test_a_missing_file_is_told_once_and_once_more_when_it_comes(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """However often the sweep comes by, and whoever runs it; the next due time is another. Nothing fails for it."""
    buckets = FakeBuckets(missing={"orders", "customers"})
    sweep = _sweep(buckets, FakeRuns())
    for _ in range(3):
        sweep.run()
    replace(sweep, now=lambda: NOW + DAY).run()
    buckets.missing.clear()
    for _ in range(2):
        replace(sweep, now=lambda: NOW + DAY).run()

    told = [(line["outcome"], line["feed"]) for line in lines() if line["outcome"] in ("missing", "late")]

    assert told == [("missing", "orders"), ("missing", "orders"), ("late", "orders")]
    assert [line["failed"] for line in lines() if line["outcome"] == "swept"] == [0] * 6
    assert sorted(path.rpartition(".")[2] for path in buckets.notes) == ["late", "missing", "missing"]


def test_placeholders_do_not_hide_the_file_behind_them() -> None:
    """One folder may hold both."""
    buckets = FakeBuckets(source=[_file("customers/a.csv.tmp"), _file("customers/b.csv", size=0), _file("customers/c")])
    runs = FakeRuns()

    _sweep(buckets, runs).run()

    assert runs.started == [(CUSTOMERS, "source/customers/c")]


@pytest.mark.parametrize(
    ("file", "path", "identity", "reason"),
    [
        (
            _file("elsewhere/stock.csv", timedelta(days=1)),
            "rejected/_unrouted/@20261120T120000.000000Z-0/elsewhere/stock.csv",
            "source/elsewhere/stock.csv#20261120T120000.000000Z",
            "unrouted",
        ),
        (
            _file("_unrouted/daily/customers_1.csv", timedelta(days=1)),
            "rejected/_unrouted/@20261120T120000.000000Z-0/daily/customers_1.csv",
            "source/_unrouted/daily/customers_1.csv#20261120T120000.000000Z",
            "unrouted",
        ),
        (
            _file("customers/late.csv.tmp", timedelta(days=1)),
            "rejected/customers/@20261120T120000.000000Z-0/late.csv.tmp",
            "source/customers/late.csv.tmp#20261120T120000.000000Z",
            "placeholder",
        ),
        (
            _file("retired/@20261101T101112.123456Z-5/daily/gr~C3~B6~C3~9Fe.csv", timedelta(days=1)),
            "rejected/_unrouted/@20261101T101112.123456Z-5/daily/gr~C3~B6~C3~9Fe.csv",
            "gs://landing/daily/größe.csv#5",
            "unrouted",
        ),
    ],
)
def test_what_nobody_takes_out_of_source_is_rejected_after_a_day(
    file: SourceFile, path: str, identity: str, reason: str
) -> None:
    """With its reason beside it, under the identity that the job would give it."""
    buckets = FakeBuckets(source=[file, _file("elsewhere/young.csv", timedelta(hours=23))])

    _sweep(buckets, FakeRuns()).run()

    [(name, place, document)] = buckets.moved
    assert (name, place) == (file.name, path)
    assert (document["identity"], document["reason"], document["by"]) == (identity, reason, "sweep")
    assert [one.name for one in buckets.source] == ["elsewhere/young.csv"]


@pytest.mark.parametrize(
    ("name", "reason", "detail"),
    [
        ("elsewhere/stock.csv", "unrouted", "no feed's filePattern matches this name"),
        ("daily/customers_1.csv", "unrouted", "customers takes this name now: upload it again"),
    ],
    ids=["for-none", "for-another"],
)
def test_what_waits_for_a_feed_that_went_is_told_as_no_feed_s(
    name: str, reason: str, detail: str, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """As the generation that it is, by its own name, with which feed it was: there it is listed, told and found."""
    buckets = FakeBuckets(source=[_file(f"old/{PLACE}/{name}", DAY)])

    _sweep(buckets, FakeRuns()).run()

    [(_, path, document)] = buckets.moved
    assert path == f"rejected/_unrouted/{PLACE}/{name}"
    assert (document["identity"], document["reason"]) == (f"gs://landing/{name}#5", reason)
    assert document["detail"].startswith("it was admitted for the feed old, which has no contract any more")
    assert detail in document["detail"]
    assert [(line["outcome"], line.get("feed")) for line in lines()][:1] == [("rejected", "_unrouted")]
    assert buckets.source == []


@pytest.mark.parametrize("area", ["source", "archive", "rejected"])
def test_what_a_renamed_feed_left_behind_only_goes(area: str, lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The new feed has the same generation, waiting, loaded or rejected: to tell of this one would be false."""
    name = "daily/customers_1.csv"
    kept = f"{area}/customers/{PLACE}/{name}{'.reason.json' if area == 'rejected' else ''}"
    buckets = FakeBuckets(source=[_file(f"old/{PLACE}/{name}", DAY)], notes={kept: ""})

    _sweep(buckets, FakeRuns()).run()

    assert (buckets.moved, buckets.source) == ([], [])
    assert [(line["outcome"], line.get("feed"), line.get("file")) for line in lines()][:1] == [
        ("gone", "customers", f"gs://landing/{name}#5")
    ]


def test_what_another_feed_s_copy_cannot_be_looked_for_stays() -> None:
    """A call that fails is no answer."""
    buckets = FakeBuckets(source=[_file(f"old/{PLACE}/daily/customers_1.csv", DAY)])
    buckets.on_look = partial(_fail, "503")

    with pytest.raises(SweepIncomplete):
        _sweep(buckets, FakeRuns()).run()

    assert (len(buckets.source), buckets.moved) == (1, [])


def test_what_lies_in_a_folder_that_no_job_lists_starts_no_run() -> None:
    """Whatever pattern claims its name: a run would find nothing, and each sweep would start another."""
    anywhere = tuple(replace(one, file_pattern=f"**/{one.feed}*.csv") for one in CONTRACTS)
    feeds = replace(FEEDS, contracts=anywhere)
    young, old = _file("_unrouted/customers_1.csv"), _file("_unrouted/a/orders_1.csv", DAY)
    buckets, runs = FakeBuckets(source=[young, old]), FakeRuns()

    replace(_sweep(buckets, runs), feeds=feeds).run()

    [(name, _, document)] = buckets.moved
    assert runs.started == []
    assert (name, document["reason"]) == (old.name, "unrouted")
    assert buckets.source == [young]


def test_what_nobody_takes_is_told_before_it_leaves_source(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Nothing else tells of it, and a sweep may die in between: the next one then finds it, and tells it again."""
    buckets, told = FakeBuckets(source=[_file("elsewhere/stock.csv", DAY)]), list[str]()
    buckets.on_delete = lambda: told.extend(line["outcome"] for line in lines())

    _sweep(buckets, FakeRuns()).run()

    assert told == ["rejected"]


def test_what_could_not_be_copied_stays_in_source() -> None:
    """The next sweep tries again."""
    buckets = FakeBuckets(source=[_file("elsewhere/stock.csv", DAY)], broken={"elsewhere/stock.csv"})

    with pytest.raises(SweepIncomplete):
        _sweep(buckets, FakeRuns()).run()

    assert [file.name for file in buckets.source] == ["elsewhere/stock.csv"]


def test_one_trouble_stops_nothing_else(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Each is told by name, and the sweep is called again."""
    old = timedelta(hours=1)
    buckets = FakeBuckets(
        versions=[_version("daily/customers_bad.csv", 2 * old), _version("daily/customers_good.csv", old)],
        source=[_file("orders/a.csv")],
        broken={"daily/customers_bad.csv"},
    )
    runs = FakeRuns(down={CUSTOMERS})

    with pytest.raises(SweepIncomplete, match="2 objects or feeds"):
        _sweep(buckets, runs).run()

    failed = [(line.get("file"), line.get("feed")) for line in lines() if line["outcome"] == "failed"]
    assert failed == [("gs://landing/daily/customers_bad.csv#1", None), (None, "customers")]
    assert buckets.deleted == ["gs://landing/daily/customers_good.csv#1"]
    assert runs.started[-1] == (FEEDS.job_id("orders"), "source/orders/a.csv")

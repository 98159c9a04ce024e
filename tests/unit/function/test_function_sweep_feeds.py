"""The sweep, feed by feed: a run where one is needed, each its turn, and what did not come is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from function.config import Feeds
from function.runs import Run
from tests.unit.function.sweep_desk import (
    CONTRACTS,
    CUSTOMERS,
    DAY,
    FEEDS,
    HOUR,
    NOW,
    FakeBuckets,
    FakeRuns,
    Slowly,
    StandingClock,
    later,
    run_of,
    source_file,
    sweep_over,
    version_of,
)

pytest_plugins = ["tests.unit.function.log_lines"]


def test_landing_leaves_time_for_the_feeds(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """A backlog must not keep failed runs from being followed."""
    clock = StandingClock()
    buckets = FakeBuckets([version_of(f"daily/customers_{at}.csv", timedelta(hours=1)) for at in range(9)])
    runs = FakeRuns({FEEDS.job_id("orders"): (run_of(1, ago=timedelta(hours=2), target=False),)})
    starts: list[float] = []

    def start() -> None:
        starts.append(clock.seconds)
        clock.seconds += 8

    runs.on_start = start

    sweep_over(buckets, runs, clock).run()

    assert runs.started[-1] == (FEEDS.job_id("orders"), "")
    assert starts[-1] < 60 / 2, "the rest is left to the feeds"
    assert 0 < len(buckets.deleted) < 9
    assert lines()[-1]["left"] == 9 - len(buckets.deleted)


@pytest.mark.parametrize(
    ("runs", "waits", "starts"),
    [
        ((), False, False),
        ((), True, True),
        ((run_of(1, ago=timedelta(minutes=1)),), False, False),
        ((run_of(1, ago=timedelta(minutes=1)),), True, True),
        ((run_of(1, ago=None), run_of(2, ago=timedelta(days=1), stage=False)), True, False),
        ((run_of(1, ago=timedelta(minutes=59), stage=False),), False, False),
        ((run_of(1, ago=timedelta(minutes=59), stage=False),), True, False),
        ((run_of(1, ago=timedelta(minutes=60), stage=False),), False, True),
        ((run_of(1, ago=timedelta(minutes=60), target=False),), False, True),
        ((run_of(1, ago=timedelta(minutes=60), stage=False, target=False, state="SKIPPED"),), False, True),
        ((Run(1, "TERMINATED", NOW - 2 * HOUR, NOW - 2 * HOUR, False, ()),), False, True),
        ((run_of(2, ago=timedelta(hours=3)), run_of(1, ago=timedelta(hours=2), target=False)), False, True),
        ((run_of(2, ago=timedelta(hours=3), target=False), run_of(1, ago=timedelta(hours=2))), False, False),
        ((run_of(1, ago=timedelta(minutes=58), silenced=True),), False, False),
        ((run_of(1, ago=timedelta(minutes=58), silenced=True),), True, True),
        ((run_of(1, ago=timedelta(minutes=60), silenced=True),), False, True),
        ((run_of(2, ago=timedelta(hours=3), silenced=True), run_of(1, ago=timedelta(hours=2))), False, False),
    ],
)
def test_a_feed_gets_a_run_when_it_needs_one(runs: tuple[Run, ...], waits: bool, starts: bool) -> None:
    """Files without an active run, or a last run that did not load or was cancelled before it could report.

    For the latter two at most one an hour.
    """
    buckets, jobs = FakeBuckets(), FakeRuns({CUSTOMERS: runs})
    if waits:
        buckets.source = [source_file("customers/@20261121T101112.123456Z-5/daily/customers.csv")]

    sweep_over(buckets, jobs).run()

    path = "source/customers/@20261121T101112.123456Z-5/daily/customers.csv" if waits else ""
    assert jobs.started == ([(CUSTOMERS, path)] if starts else [])


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
    buckets = FakeBuckets(source=[source_file(f"feed_{number}/a.csv") for number in (299, 150)], on_list=slowly)
    runs = FakeRuns(on_look=slowly)

    slowly.sweep(replace(sweep_over(buckets, runs), feeds=_many(300)))

    line = lines()[-1]
    assert sorted(runs.started) == [(1150, "source/feed_150/a.csv"), (1299, "source/feed_299/a.csv")]
    assert (line["outcome"], line["left"], line["failed"], line["severity"]) == ("swept", 0, 0, "WARNING")
    assert 0 < line["feeds_left"] < 300
    assert f"0 due objects and {line['feeds_left']} feeds are left to the next call" in line["message"]


def test_with_more_feeds_than_there_is_time_for_each_has_its_turn(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """In another order with each call: runs that failed are followed, and missing files told, of all of them."""
    slowly, feeds = Slowly(), _many(300)
    failed: dict[int, tuple[Run, ...]] = {job: (run_of(job, ago=2 * HOUR, target=False),) for _, job in feeds.jobs}
    buckets = FakeBuckets(missing={contract.feed for contract in feeds.contracts}, on_ask=slowly)
    runs = FakeRuns(failed, on_look=slowly)

    for call in range(60):
        slowly.sweep(replace(sweep_over(buckets, runs), feeds=feeds), later(call))

    told = {line["feed"] for line in lines() if line["outcome"] == "missing"}
    assert {job for job, _ in runs.started} == set(failed)
    assert len(told) == 300


def test_folders_that_are_no_feed_s_take_no_feed_s_time(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """However many there are; those that were not looked into are due, and left to the next call."""
    slowly, runs = Slowly(), FakeRuns()
    strange = [source_file(f"{number:03}/stock.csv") for number in range(300)]
    buckets = FakeBuckets(source=[*strange, source_file("orders/a.csv")], on_list=slowly)

    slowly.sweep(sweep_over(buckets, runs))

    assert runs.started == [(FEEDS.job_id("orders"), "source/orders/a.csv")]
    assert 200 < lines()[-1]["left"] < 300
    assert lines()[-1]["feeds_left"] == 0


def test_a_run_that_ends_meanwhile_has_not_left_what_it_took_away() -> None:
    """Listed before it was over and looked for behind it, its file would be loaded by another run, of nothing."""
    buckets = FakeBuckets(source=[source_file("orders/a.csv")])
    runs = FakeRuns({FEEDS.job_id("orders"): (run_of(1, ago=2 * HOUR),)}, on_look=buckets.source.clear)

    sweep_over(buckets, runs).run()

    assert runs.started == []


def test_a_missing_file_is_told_once_and_once_more_when_it_comes(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """However often the sweep comes by, and whoever runs it; the next due time is another. Nothing fails for it."""
    buckets = FakeBuckets(missing={"orders", "customers"})
    sweep = sweep_over(buckets, FakeRuns())
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

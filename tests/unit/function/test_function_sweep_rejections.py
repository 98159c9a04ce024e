"""The sweep: a rejection that no run has told of gets one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from function.errors import SweepIncomplete
from function.listed import RejectedObject
from function.runs import Run
from tests.unit.function.sweep_desk import (
    CUSTOMERS,
    DAY,
    FEEDS,
    HOUR,
    NOW,
    FakeBuckets,
    FakeRuns,
    run_of,
    source_file,
    sweep_over,
)


@pytest.mark.parametrize(
    ("runs", "starts"),
    [
        ((), True),
        ((run_of(1, ago=3 * HOUR),), True),
        ((run_of(1, ago=timedelta(minutes=59)),), True),
        ((run_of(1, ago=timedelta(minutes=58)),), False),
        ((run_of(2, ago=timedelta(minutes=58)), run_of(1, ago=3 * HOUR)), False),
        ((run_of(1, ago=None, took=3 * HOUR),), False),
        ((run_of(1, ago=timedelta(minutes=59), stage=False),), False),
        ((run_of(2, ago=None), run_of(1, ago=3 * HOUR)), False),
    ],
)
def test_a_rejection_that_no_run_has_told_of_gets_one(runs: tuple[Run, ...], starts: bool) -> None:
    """An hour after the last run began, whose ever it was; while one goes on, its end is waited for."""
    buckets = FakeBuckets(rejected={"customers": [RejectedObject(NOW - HOUR / 2, is_reason=True)]})
    jobs = FakeRuns({CUSTOMERS: runs})

    sweep_over(buckets, jobs).run()

    assert jobs.started == ([(CUSTOMERS, "")] if starts else [])


def test_rejections_are_asked_for_only_where_they_matter() -> None:
    """A call for each feed and sweep; what a run is started for anyway, or must wait for, costs none."""
    jobs = {"customers": run_of(1, ago=timedelta(minutes=5)), "orders": run_of(2, ago=DAY)}
    buckets = FakeBuckets(source=[source_file("orders/a.csv")])

    sweep_over(buckets, FakeRuns({FEEDS.job_id(feed): (run,) for feed, run in jobs.items()})).run()

    assert buckets.listings == ["order_tracking"]


@pytest.mark.parametrize("retired", [None, "customers"])
def test_what_no_feed_has_is_told_by_a_run_of_one(retired: str | None) -> None:
    """The first that is not retired; the others are not even asked."""
    feeds = replace(FEEDS, contracts=tuple(replace(one, is_retired=one.feed == retired) for one in FEEDS.contracts))
    buckets = FakeBuckets(rejected={"_unrouted": [RejectedObject(NOW - HOUR / 2, is_reason=True)]})
    runs = FakeRuns({FEEDS.job_id(contract.feed): (run_of(1, ago=2 * HOUR),) for contract in FEEDS.contracts})

    replace(sweep_over(buckets, runs), feeds=feeds).run()

    assert runs.started == [(FEEDS.job_id("order_tracking" if retired else "customers"), "")]
    assert buckets.listings.count("_unrouted") == 1


def test_what_a_run_has_told_of_no_feed_starts_no_other() -> None:
    """It began after the reason was written."""
    buckets = FakeBuckets(rejected={"_unrouted": [RejectedObject(NOW - 3 * HOUR, is_reason=True)]})
    runs = FakeRuns({FEEDS.job_id(contract.feed): (run_of(1, ago=2 * HOUR),) for contract in FEEDS.contracts})

    sweep_over(buckets, runs).run()

    assert runs.started == []


def test_rejections_that_cannot_be_listed_stop_no_other_feed() -> None:
    """Nor the run of a feed with a file that waits."""
    buckets = FakeBuckets(source=[source_file("orders/a.csv")], broken={"customers", "orders"})
    runs = FakeRuns()

    with pytest.raises(SweepIncomplete, match="1 objects or feeds"):
        sweep_over(buckets, runs).run()

    assert runs.started == [(FEEDS.job_id("orders"), "source/orders/a.csv")]

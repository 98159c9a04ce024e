"""The sweep: what was missed in landing is found, in turns that are fair, and one trouble stops nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from function import sweep as swept
from function.deadline import Deadline
from function.errors import SweepIncomplete
from function.listed import Version
from tests.unit.function.sweep_desk import (
    CUSTOMERS,
    DAY,
    FEEDS,
    HOUR,
    FakeBuckets,
    FakeRuns,
    StandingClock,
    later,
    run_of,
    source_file,
    sweep_over,
    version_of,
)

pytest_plugins = ["tests.unit.function.log_lines"]

PIECES = "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details"


def test_only_what_is_older_than_the_grace_is_taken_for_missed() -> None:
    """Its event may still be on its way."""
    buckets = FakeBuckets(
        [
            version_of("daily/customers_young.csv", timedelta(minutes=9)),
            version_of("daily/customers_old.csv", timedelta(minutes=10)),
        ]
    )

    sweep_over(buckets, FakeRuns()).run()

    assert buckets.deleted == ["gs://landing/daily/customers_old.csv#1"]


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (version_of("daily/customers.csv", timedelta(hours=23), size=0), None),
        (version_of("daily/customers.csv", timedelta(hours=24), size=0), "rejected"),
        (version_of("daily/customers.csv.tmp", timedelta(hours=23)), None),
        (version_of("daily/customers.csv.tmp", timedelta(hours=24)), "rejected"),
        (version_of("daily/customers.csv.tmp", timedelta(hours=23), live=False), None),
        (version_of("daily/customers.csv.tmp", timedelta(hours=24), live=False), "dropped"),
        (version_of("daily/customers.csv", timedelta(minutes=9), size=0, live=False), None),
        (version_of("daily/customers.csv", timedelta(minutes=10), size=0, live=False), "dropped"),
        (version_of("daily/customers.csv", timedelta(minutes=10), live=False), "admitted"),
        (version_of(f"{PIECES}/2b_91f0_3", timedelta(hours=23)), None),
        (version_of(f"{PIECES}/2b_91f0_3", timedelta(hours=24)), "rejected"),
    ],
)
def test_a_placeholder_has_a_day_unless_it_is_replaced(
    version: Version, outcome: str | None, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Bytes are never dropped, an empty generation behind another is."""
    buckets = FakeBuckets([version])

    sweep_over(buckets, FakeRuns()).run()

    assert [line["outcome"] for line in lines()] == ([outcome] if outcome else []) + ["swept"]
    assert len(buckets.deleted) == (outcome is not None)
    assert len(buckets.copied) == (outcome is not None and (version.landed.size > 0 or version.is_live))


@pytest.mark.parametrize(("age", "goes"), [(timedelta(hours=23), False), (timedelta(hours=24), True)])
def test_a_piece_of_an_upload_that_its_tool_deleted_goes_without_a_copy(
    age: timedelta, goes: bool, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Its bytes are the composed file's; of a large file a copy of all would be kept."""
    buckets = FakeBuckets([version_of(f"{PIECES}/2b_91f0_3", age, live=False)])

    sweep_over(buckets, FakeRuns()).run()

    assert buckets.copied == []
    assert len(buckets.deleted) == goes
    assert [line["outcome"] for line in lines()] == ["dropped"] * goes + ["swept"]


def test_the_oldest_come_first_and_the_number_is_bounded(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """What is left is counted, for the next call."""
    names = [f"daily/customers_{at:04}.csv" for at in range(swept.MOST_OBJECTS + 7)]
    buckets = FakeBuckets([version_of(name, timedelta(hours=1, seconds=at)) for at, name in enumerate(names)])

    sweep_over(buckets, FakeRuns()).run()

    assert buckets.deleted[0] == f"gs://landing/{names[-1]}#1"
    assert len(buckets.deleted) == swept.MOST_OBJECTS
    line = lines()[-1]
    assert (line["waiting"], line["left"], line["severity"]) == (len(names), 7, "WARNING")
    assert line["oldest_seconds"] == 3600 + len(names) - 1


def test_a_feed_that_fails_takes_no_other_feed_s_turn() -> None:
    """However many of its files are older: neither the number of objects nor the time is theirs alone."""
    clock = StandingClock()
    names = [f"daily/customers_{at:04}.csv" for at in range(swept.MOST_OBJECTS + 7)]
    versions = [version_of(name, DAY) for name in names]
    buckets = FakeBuckets([*versions, version_of("daily/orders_1.csv", HOUR)], broken=set(names))
    buckets.on_read = lambda: setattr(clock, "seconds", clock.seconds + 5)

    with pytest.raises(SweepIncomplete):
        sweep_over(buckets, FakeRuns(), clock).run()

    assert buckets.deleted == ["gs://landing/daily/orders_1.csv#1"]


def test_of_feeds_that_do_not_fail_each_has_its_turn() -> None:
    """A flood of one feed leaves the other's files their place; of each the oldest come first."""
    flood = [version_of(f"daily/customers_{at:04}.csv", DAY - timedelta(seconds=at)) for at in range(600)]
    few = [version_of(f"daily/orders_{at}.csv", HOUR + timedelta(seconds=at)) for at in range(3)]
    buckets = FakeBuckets([*flood, *few])

    sweep_over(buckets, FakeRuns()).run()

    done = [name.split("/")[-1].partition(".")[0] for name in buckets.deleted]
    assert done[:6] == ["customers_0000", "orders_2", "customers_0001", "orders_1", "customers_0002", "orders_0"]
    assert done[6:] == [f"customers_{at:04}" for at in range(3, 497)]


def test_files_that_always_fail_do_not_hide_a_younger_one_for_ever() -> None:
    """Of a feed in trouble what is tried next is another file in each call."""
    clock = StandingClock()
    names = [f"daily/customers_{at:02}.csv" for at in range(40)]
    versions = [version_of(name, DAY) for name in names]
    buckets = FakeBuckets([*versions, version_of("daily/customers_good.csv", HOUR)], broken=set(names))
    buckets.on_read = lambda: setattr(clock, "seconds", clock.seconds + 3)
    sweep = sweep_over(buckets, FakeRuns(), clock)

    for call in range(40):
        at = replace(sweep, deadline=Deadline.after(60, clock), now=partial(later, call))
        with pytest.raises(SweepIncomplete):
            at.run()

    assert "gs://landing/daily/customers_good.csv#1" in buckets.deleted


def test_of_a_landing_that_is_too_full_to_list_what_was_seen_is_settled(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """And the sweep's line says that there is more."""
    buckets = FakeBuckets([version_of("daily/customers.csv", HOUR)], is_cut=True)
    runs = FakeRuns({FEEDS.job_id("orders"): (run_of(1, ago=2 * HOUR, target=False),)})

    sweep_over(buckets, runs).run()

    line = lines()[-1]
    assert buckets.deleted == ["gs://landing/daily/customers.csv#1"]
    assert (FEEDS.job_id("orders"), "") in runs.started
    assert (line["waiting"], line["left"], line["cut"], line["severity"]) == (1, 1, True, "WARNING")
    assert line["message"].startswith("swept: more than 1 objects")


def test_one_trouble_stops_nothing_else(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Each is told by name, and the sweep is called again."""
    old = timedelta(hours=1)
    buckets = FakeBuckets(
        versions=[version_of("daily/customers_bad.csv", 2 * old), version_of("daily/customers_good.csv", old)],
        source=[source_file("orders/a.csv")],
        broken={"daily/customers_bad.csv"},
    )
    runs = FakeRuns(down={CUSTOMERS})

    with pytest.raises(SweepIncomplete, match="2 objects or feeds"):
        sweep_over(buckets, runs).run()

    failed = [(line.get("file"), line.get("feed")) for line in lines() if line["outcome"] == "failed"]
    assert failed == [("gs://landing/daily/customers_bad.csv#1", None), (None, "customers")]
    assert buckets.deleted == ["gs://landing/daily/customers_good.csv#1"]
    assert runs.started[-1] == (FEEDS.job_id("orders"), "source/orders/a.csv")

"""The sweep: what lies in source/ gets a run, or leaves it with a reason that is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from function.errors import SweepIncomplete
from function.listed import SourceFile
from tests.unit.function.sweep_desk import (
    CONTRACTS,
    CUSTOMERS,
    DAY,
    FEEDS,
    FakeBuckets,
    FakeRuns,
    source_file,
    sweep_over,
)

pytest_plugins = ["tests.unit.function.log_lines"]

PLACE = "@20261101T101112.123456Z-5"


def _fail(why: str) -> None:
    raise OSError(why)


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

    sweep_over(FakeBuckets(source=[source_file(name)]), runs).run()

    assert runs.started == ([(FEEDS.job_id(feed), f"source/{name}")] if feed else [])


def test_placeholders_do_not_hide_the_file_behind_them() -> None:
    """One folder may hold both."""
    buckets = FakeBuckets(
        source=[source_file("customers/a.csv.tmp"), source_file("customers/b.csv", size=0), source_file("customers/c")]
    )
    runs = FakeRuns()

    sweep_over(buckets, runs).run()

    assert runs.started == [(CUSTOMERS, "source/customers/c")]


@pytest.mark.parametrize(
    ("file", "path", "identity", "reason"),
    [
        (
            source_file("elsewhere/stock.csv", timedelta(days=1)),
            "rejected/_unrouted/@20261120T120000.000000Z-0/elsewhere/stock.csv",
            "source/elsewhere/stock.csv#20261120T120000.000000Z",
            "unrouted",
        ),
        (
            source_file("_unrouted/daily/customers_1.csv", timedelta(days=1)),
            "rejected/_unrouted/@20261120T120000.000000Z-0/daily/customers_1.csv",
            "source/_unrouted/daily/customers_1.csv#20261120T120000.000000Z",
            "unrouted",
        ),
        (
            source_file("customers/late.csv.tmp", timedelta(days=1)),
            "rejected/customers/@20261120T120000.000000Z-0/late.csv.tmp",
            "source/customers/late.csv.tmp#20261120T120000.000000Z",
            "placeholder",
        ),
        (
            source_file("retired/@20261101T101112.123456Z-5/daily/gr~C3~B6~C3~9Fe.csv", timedelta(days=1)),
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
    buckets = FakeBuckets(source=[file, source_file("elsewhere/young.csv", timedelta(hours=23))])

    sweep_over(buckets, FakeRuns()).run()

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
    buckets = FakeBuckets(source=[source_file(f"old/{PLACE}/{name}", DAY)])

    sweep_over(buckets, FakeRuns()).run()

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
    buckets = FakeBuckets(source=[source_file(f"old/{PLACE}/{name}", DAY)], notes={kept: ""})

    sweep_over(buckets, FakeRuns()).run()

    assert (buckets.moved, buckets.source) == ([], [])
    assert [(line["outcome"], line.get("feed"), line.get("file")) for line in lines()][:1] == [
        ("gone", "customers", f"gs://landing/{name}#5")
    ]


def test_what_another_feed_s_copy_cannot_be_looked_for_stays() -> None:
    """A call that fails is no answer."""
    buckets = FakeBuckets(source=[source_file(f"old/{PLACE}/daily/customers_1.csv", DAY)])
    buckets.on_look = partial(_fail, "503")

    with pytest.raises(SweepIncomplete):
        sweep_over(buckets, FakeRuns()).run()

    assert (len(buckets.source), buckets.moved) == (1, [])


def test_what_lies_in_a_folder_that_no_job_lists_starts_no_run() -> None:
    """Whatever pattern claims its name: a run would find nothing, and each sweep would start another."""
    anywhere = tuple(replace(one, file_pattern=f"**/{one.feed}*.csv") for one in CONTRACTS)
    feeds = replace(FEEDS, contracts=anywhere)
    young, old = source_file("_unrouted/customers_1.csv"), source_file("_unrouted/a/orders_1.csv", DAY)
    buckets, runs = FakeBuckets(source=[young, old]), FakeRuns()

    replace(sweep_over(buckets, runs), feeds=feeds).run()

    [(name, _, document)] = buckets.moved
    assert runs.started == []
    assert (name, document["reason"]) == (old.name, "unrouted")
    assert buckets.source == [young]


def test_what_nobody_takes_is_told_before_it_leaves_source(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Nothing else tells of it, and a sweep may die in between: the next one then finds it, and tells it again."""
    buckets, told = FakeBuckets(source=[source_file("elsewhere/stock.csv", DAY)]), list[str]()
    buckets.on_delete = lambda: told.extend(line["outcome"] for line in lines())

    sweep_over(buckets, FakeRuns()).run()

    assert told == ["rejected"]


def test_what_could_not_be_copied_stays_in_source() -> None:
    """The next sweep tries again."""
    buckets = FakeBuckets(source=[source_file("elsewhere/stock.csv", DAY)], broken={"elsewhere/stock.csv"})

    with pytest.raises(SweepIncomplete):
        sweep_over(buckets, FakeRuns()).run()

    assert [file.name for file in buckets.source] == ["elsewhere/stock.csv"]

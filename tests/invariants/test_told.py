"""Whatever was not merged as it came reaches a person."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.workspace.notices import Notice
    from tests.invariants.shop import Shop
    from tests.invariants.traces import Dropped

pytest_plugins = ["tests.invariants.shop"]


@dataclass(frozen=True)
class BadDay:
    """A header that the function refuses, rows that the job refuses, one bad row, and a target that is broken."""

    wrong_header: "Dropped"
    too_bad: "Dropped"
    one_bad_row: "Dropped"
    notice: "Notice"


@pytest.fixture(scope="module")
def bad_day(open_shop: "Shop") -> BadDay:
    known = len(open_shop.notices)
    with open_shop.broken("prices"), open_shop.one_run():
        wrong_header = open_shop.drop("prices/other_header.csv", "sku,cost\ntold,1.00\n")
        too_bad = open_shop.drop("prices/too_bad.csv", open_shop.prices("told,x", "told,y"))
        one_bad_row = open_shop.drop("prices/one_bad.csv", open_shop.prices("told,1.00", "told,cheap"))
    [notice] = open_shop.notices[known:]
    return BadDay(wrong_header, too_bad, one_bad_row, notice)


def test_a_notice_names_each_rejected_file_with_its_reason(shop: "Shop", bad_day: BadDay) -> None:
    """Whoever rejected it: the report is red, and its text is what people get."""
    by_function, by_job = shop.journey(bad_day.wrong_header), shop.journey(bad_day.too_bad)

    text = bad_day.notice.text

    assert bad_day.notice.addresses == ("data-team@shop.example",)
    assert [(one.outcome, one.by) for one in (by_function, by_job)] == [("rejected", "function"), ("rejected", "job")]
    assert f"{bad_day.wrong_header.identity} was rejected: missing_column: {by_function.detail}" in text
    assert f"{bad_day.too_bad.identity} was rejected: too_many_bad_rows: {by_job.detail}" in text


def test_a_rejected_file_is_told_also_if_no_other_comes(shop: "Shop") -> None:
    """The sweep starts a run for it, and not one with every sweep."""
    dropped = shop.load("prices/the_last_one.csv", "sku,cost\ntold,1.00\n")
    before = shop.newest_run("prices")

    shop.sweep_until(lambda: any(dropped.identity in notice.text for notice in shop.notices))
    told_by = shop.newest_run("prices")
    shop.sweep()
    shop.settle()

    assert told_by != before
    assert shop.results(told_by) == shop.TOLD
    assert shop.newest_run("prices") == told_by


def test_a_notice_names_the_failed_task(shop: "Shop", bad_day: BadDay) -> None:
    """A green report after a failed load would be a success of the run."""
    results = shop.results(bad_day.notice.run_id)

    assert results == shop.TARGET_FAILED
    assert "Task target_load: FAILED: " in bad_day.notice.text
    assert "the task target_load ended with failed" in bad_day.notice.text.lower()


def test_quarantined_rows_stand_in_a_view_with_their_reasons(shop: "Shop", bad_day: BadDay) -> None:
    """They are within the limit and reject nothing; the ledger counts them for the alert."""
    rejects = shop.rows(
        f"SELECT _row, _errors, _raw FROM prices_rejects WHERE _file = '{bad_day.one_bad_row.identity}'"
    )

    counted = shop.ledger(bad_day.one_bad_row)[-1]["rows_bad"]

    assert [(row["_row"], row["_errors"]) for row in rejects] == [(2, [{"rule": "type", "column": "price"}])]
    assert "cheap" in rejects[0]["_raw"]
    assert counted == 1


def test_a_file_of_no_feed_is_a_warning_in_the_log_of_the_function(shop: "Shop") -> None:
    """No job can tell of it; the log alert does."""
    dropped = shop.drop("nobody/knows.csv", "a,b\n1,2\n", shop.LOST)

    answer = shop.post(dropped.event)

    assert answer.status == 200
    assert (answer.line["severity"], answer.line["reason"], answer.line["file"]) == (
        "WARNING",
        "unrouted",
        dropped.identity,
    )
    assert shop.journey(dropped).outcome == "rejected"
    assert answer.line["detail"]

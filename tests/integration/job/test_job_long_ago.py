"""The ledger's questions look no further back than they must, and miss nothing that is still open."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import LakeFile
from pipeline_jobs.state.entries.reports import Report
from pipeline_jobs.state.history import REPLAY, RETRACT, Entry, State

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]
pytestmark = pytest.mark.seldom

KEYED = {"id": {"physicalType": "int", "primaryKey": True}, "value": "string"}
TEN_DAYS = timedelta(days=10)


def a_month(desk: "JobDesk", feed: "Contract") -> None:
    """Of reports that cannot do anything about it."""
    for _ in range(3):
        desk.clock.time += TEN_DAYS
        desk.report(feed, target_result="failed")


def enter(desk: "JobDesk", feed: "Contract", merged: Entry, *states: State, reason: str) -> None:
    """What a run enters of a file that it takes out."""
    ledger = desk.run(feed).ledger
    carried = {name: getattr(merged, name) for name in ("file", "path", "generation", "attempt")}
    ledger.append([ledger.entry(state, **carried, reason=reason) for state in states])


def open_since(desk: "JobDesk", feed: "Contract") -> timedelta:
    """How long before its last report the feed has something open."""
    report = desk.run(feed).ledger.last_report
    assert report.open_since is not None
    return report.at - report.open_since


def test_what_was_staged_long_ago_is_merged_once_it_can_be(desk: "JobDesk") -> None:
    """However many reports came in between, each of which says how far back the next must look."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.stage(feed)
    a_month(desk, feed)
    waited = open_since(desk, feed)

    desk.load(feed)
    desk.report(feed)

    assert desk.rows(feed.table, "id", "value") == [("1", "a")]
    assert (waited > 3 * TEN_DAYS, open_since(desk, feed)) == (True, timedelta(days=2))


@pytest.mark.parametrize(
    ("states", "reason", "left", "last"),
    [
        ((State.RETRACTING,), RETRACT, [], [("retracted", "retract")]),
        ((State.RETRACTING,), REPLAY, [("1", "a")], [("reopened",), ("attempted",), ("staged",), ("merged",)]),
        ((State.RETRACTING, State.RETRACTED), REPLAY, [("1", "a")], [("staged",), ("merged",)]),
        ((State.RETRACTED, State.REOPENED), REPLAY, [("1", "a")], [("staged",), ("merged",)]),
    ],
    ids=["retract", "whole replay", "replay", "reopened"],
)
def test_what_was_begun_long_ago_is_finished(
    desk: "JobDesk",
    states: tuple[State, ...],
    reason: str,
    left: list[tuple[str, str]],
    last: list[tuple[str, ...]],
) -> None:
    """A file that is being taken out, or is to go in again, and whose run died; each step of it counts by itself."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    [merged] = desk.run(feed).ledger.states()
    for state in states:
        enter(desk, feed, merged, state, reason=reason)
        a_month(desk, feed)

    desk.load(feed)

    assert desk.rows(feed.table, "id", "value") == left
    assert desk.ledger(merged.file or "")[-len(last) :] == last


def test_the_hundredth_report_finds_what_the_others_left_out(desk: "JobDesk") -> None:
    """As where the clock of the machine that made a report was days ahead of that of a run beside it."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.stage(feed)
    ledger = desk.run(feed).ledger
    ahead = ledger.entry(State.REPORTED)
    ledger.append([replace(ahead, detail=Report(98, ahead.at, ahead.at).to_json())])
    desk.clock.time += TEN_DAYS
    desk.load(feed)
    found = [desk.rows(feed.table, "id")]
    for _ in range(2):
        desk.report(feed, target_result="failed")
        desk.load(feed)
        found.append(desk.rows(feed.table, "id"))

    assert found == [[], [], [("1",)]]


def test_a_feed_that_slept_for_years_goes_on(desk: "JobDesk") -> None:
    """With nothing of the last days in the ledger: the time goes on, too, and the number of its reports."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    desk.report(feed)
    desk.clock.time += timedelta(days=1000)
    late = desk.put("id,value\n1,b\n", at=desk.clock.time)
    desk.load(feed)
    desk.report(feed)

    report = desk.run(feed).ledger.last_report
    assert (report.number if report else 0, desk.ledger(late)) == (2, [("attempted",), ("staged",), ("merged",)])
    assert desk.rows(feed.table, "id", "value") == [("1", "b")]


@pytest.mark.parametrize("has_reported", [True, False])
def test_what_was_rejected_long_before_a_seldom_run_is_told_by_it(desk: "JobDesk", *, has_reported: bool) -> None:
    """A monthly feed's next run comes weeks behind a rejection by the functions; what one told, none tells again."""
    feed = desk.feed(KEYED)
    if has_reported:
        desk.report(feed, run_id="1")
        desk.clock.time += TEN_DAYS
    place = LakeFile("things", desk.clock.time, 42, "things/x.csv")
    reason = Rejection.of(place.identity("landing"), FileRejected(Reason.HEADER, "bad"), desk.clock.time, "function")
    desk.write(place.rejected_path(), "x")
    written = desk.write(place.reason_path(), reason.to_json())
    os.utime(written, (desk.clock.time.timestamp(),) * 2)
    desk.clock.time += 3 * TEN_DAYS
    desk.load(feed, run_id="2")

    told = desk.report(feed, run_id="2")
    desk.load(feed, run_id="3")

    assert place.identity("landing") in told
    assert desk.report(feed, run_id="3") == ""


def test_a_file_with_a_time_to_come_is_loaded_once(desk: "JobDesk") -> None:
    """Put straight into source/, and left there by a run that died before it had it archived."""
    feed = desk.feed({"value": "string"})
    for _ in range(2):
        file = desk.write("source/things/a.csv", "value\na\n")
        os.utime(file, (4_000_000_000, 4_000_000_000))
        desk.load(feed)

    assert desk.rows(feed.table, "value") == [("a",)]
    assert desk.files("source") == []

"""A feed made again from its archive: as it was, or as another contract would have made it from the start."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.steps.report import report
from pipeline_jobs.steps.upkeep import tidy_tables
from tests.integration.job.rebuild_desk import DELETES, FILES, KEYED, rebuild, rows, swap

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

WELL = {"stage_load": "success", "target_load": "success"}


@pytest.mark.seldom
def test_an_unchanged_feed_is_rebuilt_as_it_is(desk: "JobDesk") -> None:
    """Whatever came late, deleted, broke a rule or was rejected; and what another step would read is as it was."""
    feed = desk.feed(KEYED, **DELETES)
    for content in FILES:
        desk.put(content)
        desk.load(feed)
    before = rows(desk, feed)

    found = rebuild(desk, feed)
    again = rebuild(desk, feed)

    assert found.is_equal, found
    assert again == found
    assert rows(desk, feed.rebuilt) == rows(desk, feed) == before
    assert (found.target.after, found.files.rows_bad_after) == (3, 1)


@pytest.mark.seldom
def test_a_rebuild_takes_in_what_came_since_and_begins_anew_by_another_contract(desk: "JobDesk") -> None:
    """What is there already is not judged again; what another version made is not taken for this one's."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    rebuild(desk, feed)
    attempts = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}
    desk.put(FILES[1])
    desk.load(feed)

    found = rebuild(desk, feed)
    later = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}
    rebuild(desk, replace(feed, version="2.0.0"))
    anew = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}

    assert found.is_equal
    assert attempts < later
    assert (len(later), len(anew), later & anew) == (2, 2, set())


@pytest.mark.seldom
def test_what_a_rebuild_found_is_in_its_run_s_report_and_in_no_later_one(
    desk: "JobDesk", caplog: pytest.LogCaptureFixture
) -> None:
    """In counts, with the names of columns and files; a swap tells nothing anew of files that were told of before."""
    caplog.set_level(logging.INFO)
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed, run_id="first")
    desk.report(feed, run_id="first")
    changed = desk.feed({**KEYED, "value": {"physicalType": "string", "cleanse": ["upper"]}}, **DELETES)
    run = desk.operate(changed, Operation(Do.SWAP))
    caplog.clear()

    report(replace(desk.run(changed, run_id=run.ledger.run_id), operation=run.operation), WELL)
    told = _reported(caplog)
    caplog.clear()
    report(desk.run(changed), WELL)

    assert told == [
        "rows: 3 rows became 3: 0 added, 0 missing, 3 different (value in 3)",
        "tombstones: 0 rows, equal",
        "files: 1, with 0 bad rows",
        "swapped",
    ]
    assert _reported(caplog) == []


def _reported(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of a report, without what it remarks of the contract."""
    lines = (record for record in caplog.records if record.name.endswith("report") and record.levelno == logging.INFO)
    return [record.getMessage() for record in lines]


@pytest.mark.seldom
def test_new_tables_go_when_they_are_dropped_or_forgotten(desk: "JobDesk") -> None:
    """At once, or by the upkeep of a week later; the feed's own stay as they are."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    before = rows(desk, feed)
    rebuild(desk, feed)
    tidy_tables(desk.run(feed))
    kept = desk.engine.exists("things__rebuild")

    desk.operate(feed, Operation(Do.DROP))
    dropped = desk.engine.exists("things__rebuild")
    rebuild(desk, feed)
    desk.clock.time += timedelta(days=8)
    tidy_tables(desk.run(feed))
    forgotten = desk.engine.exists("things__rebuild")
    rebuild(desk, feed)
    desk.engine.drop(feed.rebuild_ledger)  # and whoever did so died
    tidy_tables(desk.run(feed))

    assert (kept, dropped, forgotten) == (True, False, False)
    tables = (feed.rebuilt.table, feed.rebuilt.stage_table, feed.rebuilt.tombstones_table, feed.rebuild_ledger)
    assert [desk.engine.exists(table) for table in tables] == [False] * 4
    assert rows(desk, feed) == before


@pytest.mark.seldom
def test_a_rebuild_leaves_no_view_over_its_own_tables(desk: "JobDesk", through: "Through") -> None:
    """They are dropped or take other names, and nobody would drop the view."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    published: list[str] = []
    desk.engine = through(desk.engine, publish_view=lambda name, query: published.append(f"{name}: {query}"))

    rebuild(desk, feed)
    desk.operate(feed, Operation(Do.SWAP))

    assert [view for view in published if "__rebuild" in view] == []
    assert {view.split(":")[0] for view in published} == {"things_rejects"}


@pytest.mark.seldom
def test_looked_up_columns_and_rows_of_an_append_only_feed_are_rebuilt_as_they_are(desk: "JobDesk") -> None:
    """By what names a row where there is no key; what another feed lends is lent again."""
    countries = desk.feed({"code": {"physicalType": "string", "primaryKey": True}, "name": "string"}, feed="countries")
    derived = {"physicalType": "string", "transformLogic": "countries.name"}
    looking = desk.feed(
        {"code": "string", "country": derived}, lookups=[{"table": "countries", "on": {"code": "code"}}], resent="load"
    )
    desk.put("code,name\nFR,France\n", feed="countries")
    desk.load(countries)
    for _ in range(2):
        desk.put("code\nFR\nDE\n", "same.csv")
    desk.load(looking)

    found = rebuild(desk, looking)
    swap(desk, looking)

    assert found.is_equal, found
    assert (found.target.after, found.tombstones) == (4, None)
    assert desk.rows("things", "code", "country") == [("DE", None)] * 2 + [("FR", "France")] * 2


@pytest.mark.seldom
@pytest.mark.parametrize("is_sent_again", [True, False])
def test_a_retracted_file_does_not_come_back_by_its_duplicate(desk: "JobDesk", *, is_sent_again: bool) -> None:
    """Its rows were taken out, and the duplicate has the same; unless it was uploaded again since, and accepted."""
    feed = desk.feed({"id": "bigint"}, resent="skip")
    stays = desk.put("id\n7\n", "things/other.csv")
    wrong, duplicate = (desk.put("id\n1\n", "things/day.csv") for _ in range(2))
    desk.load(feed)
    desk.operate(feed, Operation(Do.RETRACT, (wrong,)))
    anew = [desk.put("id\n1\n", "things/day.csv")] if is_sent_again else []
    desk.load(feed)
    before = desk.rows(feed.table, "id")

    found = rebuild(desk, feed)
    swap(desk, feed)

    assert before == desk.rows(feed.table, "id") == [("1",), ("7",)][0 if anew else 1 :]
    assert (found.target.added, found.target.missing) == ((1, 1) if anew else (0, 0))
    assert desk.ledger(wrong)[-1] == ("retracted", "retract")
    assert (desk.ledger(duplicate)[-1][0] == "duplicate") == (not anew)
    assert desk.ledger(stays)[-1][0] == "merged"

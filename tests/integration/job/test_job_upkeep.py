"""Upkeep of the tables: fewer files, the same rows."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from pipeline_jobs.state.history import State
from pipeline_jobs.steps.upkeep import is_due, tidy_tables

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


def delta(desk: "JobDesk", table: str) -> DeltaTable:
    return DeltaTable(str(Path(desk.scratch.parent) / "warehouse" / table))


@pytest.mark.seldom
def test_tidying_joins_the_small_files_of_every_table(desk: "JobDesk") -> None:
    """What is read from the tables is what was read before."""
    feed = desk.feed(KEYED)
    for number in range(2):
        desk.put(f"id,value\n{number},a\n")
        desk.load(feed)
    tables = (feed.stage_table, feed.table, "file_ledger")
    before = {table: desk.rows(table, *delta(desk, table).to_pyarrow_table().column_names) for table in tables}

    tidy_tables(desk.run(feed))

    assert [len(delta(desk, table).file_uris()) for table in tables] == [1, 1, 1]
    after = {table: desk.rows(table, *delta(desk, table).to_pyarrow_table().column_names) for table in tables}
    assert after == before


@pytest.mark.seldom
def test_each_hundredth_report_tidies(desk: "JobDesk") -> None:
    """Not each: a commit costs more than a small file."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    ledger = desk.run(feed, run_id="earlier").ledger
    for _ in range(2):
        ledger.append([ledger.entry(State.REPORTED) for _ in range(49)])

    told = [desk.report(feed), desk.report(feed)]

    assert told == ["", ""]
    assert len(delta(desk, "file_ledger").file_uris()) == 1
    assert [number for number in range(1, 301) if is_due(number)] == [100, 200, 300]


@pytest.mark.seldom
def test_tidying_takes_out_the_rows_of_old_tries_that_do_not_count(desk: "JobDesk") -> None:
    """What is merged or waits for its merge stays for ever, the verdicts on a rejected file for a week."""
    feed = desk.feed(KEYED, maxBadRows={"count": 0})
    merged = desk.put("id,value\n1,a\n")
    desk.load(feed)
    waiting = desk.put("id,value\n2,b\n")
    desk.put("id,value\nx,rejected\n")
    desk.stage(feed)
    desk.clock.time += timedelta(days=8)
    young = desk.put("id,value\nx,rejected of late\n")
    desk.stage(feed)

    tidy_tables(desk.run(feed))

    assert desk.rows(feed.stage_table, "_file") == [(file,) for file in sorted((merged, waiting, young))]

"""Upkeep of the tables: fewer files, the same rows."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable
from pyarrow.parquet import ParquetFile

from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.entries.reports import Report
from pipeline_jobs.state.history import State
from pipeline_jobs.steps.report import report
from pipeline_jobs.steps.upkeep import is_due, tidy_tables

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
UNKNOWN, OLD, NOW = 0.0, 86400.0, time.time()


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
@pytest.mark.parametrize("stage_result", ["success", "failed"])
def test_each_hundredth_report_tidies(desk: "JobDesk", stage_result: str) -> None:
    """Not each: a commit costs more than a small file. One with bad news, too: some feeds have some every day."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    ledger = desk.run(feed, run_id="earlier").ledger
    entry = ledger.entry(State.REPORTED)
    ledger.append([replace(entry, detail=Report(98, entry.at, entry.at).to_json())])

    told = [desk.report(feed, stage_result), desk.report(feed, stage_result)]

    assert ["stage_load ended with failed" in text for text in told] == [stage_result == "failed"] * 2
    assert len(delta(desk, "file_ledger").file_uris()) == 1
    assert [number for number in range(1, 301) if is_due(number)] == [100, 200, 300]


@pytest.mark.seldom
@pytest.mark.parametrize("stage_result", ["success", "failed"])
def test_a_report_joins_the_small_files_of_the_ledger(desk: "JobDesk", stage_result: str) -> None:
    """As soon as they are many, whose ever they are; what is read from it is what was read before, and one more."""
    feed = desk.feed(KEYED)
    file = desk.put("id,value\n1,a\n")
    desk.load(feed)
    ledger = desk.run(feed, run_id="earlier").ledger
    for _ in range(64):
        ledger.append([ledger.entry(State.FAILED, file=file, attempt=0)])
    before = desk.rows("file_ledger", "at", "seq", "state", "file", "attempt")

    desk.report(feed, stage_result)

    after = desk.rows("file_ledger", "at", "seq", "state", "file", "attempt")
    [joined] = delta(desk, "file_ledger").file_uris()
    group = ParquetFile(joined).metadata.row_group(0)
    assert {group.column(number).compression for number in range(group.num_columns)} == {"ZSTD"}
    assert [row for row in after if row[2] != State.REPORTED] == before


@pytest.mark.seldom
def test_few_small_files_are_left(desk: "JobDesk") -> None:
    """To join them costs more than they do."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    before = len(delta(desk, "file_ledger").file_uris())

    desk.report(feed)

    assert len(delta(desk, "file_ledger").file_uris()) == before + 1


@pytest.mark.seldom
@pytest.mark.parametrize("stage_result", ["success", "failed"])
def test_a_ledger_whose_files_another_run_joins_meanwhile_is_no_trouble(
    desk: "JobDesk", through: "Through", stage_result: str
) -> None:
    """What is told is what the tasks did."""
    feed = desk.feed(KEYED)
    joined: list[str] = []

    def compact(table: str) -> None:
        joined.append(table)
        raise CommitConflictError(table)

    desk.engine = through(desk.engine, is_scattered=lambda _: True, compact=compact)

    told = desk.report(feed, stage_result)

    assert joined == ["file_ledger"]
    assert ("stage_load ended with failed" in told, "upkeep" in told) == (stage_result == "failed", False)


@pytest.mark.seldom
def test_tables_that_another_run_changes_while_they_are_tidied_are_no_trouble(
    desk: "JobDesk", through: "Through"
) -> None:
    """Each is left to the next upkeep, and the others are tidied."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.load(feed)
    tried: list[str] = []

    def maintain(table: str, **_: bool) -> None:
        tried.append(table)
        raise CommitConflictError(table)

    desk.engine = through(desk.engine, maintain=maintain)

    tidy_tables(desk.run(feed))

    assert tried == [feed.stage_table, feed.table, "file_ledger"]


@pytest.mark.seldom
def test_bad_news_is_told_where_the_upkeep_fails_too(desk: "JobDesk", through: "Through") -> None:
    """The files are what people must see first."""
    feed = desk.feed(KEYED)

    def compact(table: str) -> None:
        raise PermissionError(table)

    desk.engine = through(desk.engine, is_scattered=lambda _: True, compact=compact)

    told = desk.report(feed, "failed")

    assert "stage_load ended with failed" in told
    assert told.endswith("the upkeep of its tables failed")


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


@pytest.mark.seldom
def test_merged_rows_leave_the_stage_table_when_the_contract_s_days_are_over(desk: "JobDesk") -> None:
    """What waits for its merge stays, however old it is, and so does the target; nothing is loaded again."""
    feed = desk.feed(KEYED, retention={"stageDays": 30})
    merged = desk.put("id,value\n1,a\n")
    desk.load(feed)
    waiting = desk.put("id,value\n2,b\n")
    desk.stage(feed)
    desk.clock.time += timedelta(days=29)
    tidy_tables(desk.run(feed))
    assert desk.rows(feed.stage_table, "_file") == [(merged,), (waiting,)]
    desk.clock.time += timedelta(days=2)

    tidy_tables(desk.run(feed))

    assert desk.rows(feed.stage_table, "_file") == [(waiting,)]
    desk.load(feed)
    assert desk.rows(feed.table, "id", "value") == [("1", "a"), ("2", "b")]


@pytest.mark.seldom
def test_what_another_task_takes_away_meanwhile_stops_no_tidying(
    desk: "JobDesk", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scratch folder is that of all feeds; what is old beside it goes."""
    feed = desk.feed(KEYED)
    desk.load(feed)
    run = desk.run(feed)
    taken, old = desk.scratch / "a-taken", desk.scratch / "old"
    for folder in (taken, old):
        folder.mkdir()
        os.utime(folder, (OLD, OLD))
    listed = Path.iterdir

    def list_and_lose(folder: Path) -> Iterator[Path]:
        found = sorted(listed(folder))
        if taken.exists():
            taken.rmdir()
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", list_and_lose)
    tidy_tables(run)

    assert (taken.exists(), old.exists(), run.scratch.exists()) == (False, False, True)


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("folder_time", "file_time", "stays"),
    [(UNKNOWN, NOW, True), (UNKNOWN, None, True), (OLD, NOW, True), (UNKNOWN, OLD, False), (OLD, OLD, False)],
    ids=["written now", "nothing written yet", "a file of now", "a run that was killed", "the same, told by both"],
)
def test_a_folder_is_as_old_as_what_was_written_there_last(
    desk: "JobDesk", folder_time: float, file_time: float | None, stays: bool
) -> None:
    """A store knows no times of folders: what a volume says in their place takes no run's folder away."""
    feed = desk.feed(KEYED)
    desk.load(feed)
    run = desk.run(feed)
    folder = desk.scratch / "of_a_run"
    (folder / "cells").mkdir(parents=True)
    if file_time is not None:
        (folder / "cells" / "1.parquet").touch()
        os.utime(folder / "cells" / "1.parquet", (file_time, file_time))
    for path in (folder / "cells", folder):
        os.utime(path, (folder_time, folder_time))

    tidy_tables(run)

    assert folder.exists() == stays


@pytest.mark.seldom
def test_a_run_that_is_told_to_tidies_at_once(desk: "JobDesk") -> None:
    """Whichever report it is, in the job's own queue."""
    feed = desk.feed(KEYED)
    for number in range(2):
        desk.put(f"id,value\n{number},a\n")
        desk.load(feed)
    run = desk.run(feed, operation=Operation(Do.MAINTAIN))

    report(run, {"stage_load": "success", "target_load": "success"})

    assert len(delta(desk, feed.table).file_uris()) == 1


@pytest.mark.seldom
@pytest.mark.parametrize("at", [OLD, NOW], ids=["old", "perhaps of a run at work"])
def test_what_a_killed_merge_or_move_left_goes_after_a_week(desk: "JobDesk", at: float) -> None:
    """A batch that a merge had kept, and half of a copy: nobody else would ever take them away."""
    feed = desk.feed(KEYED)
    desk.load(feed)
    leftovers = desk.engine.leftovers
    assert leftovers is not None
    batch, half = leftovers / "0b0e" / "part-0.parquet", desk.volume.half_copies / "1c1f"
    for file in (batch, half):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"half")
    for path in (batch, batch.parent, half):
        os.utime(path, (at, at))

    tidy_tables(desk.run(feed))

    assert (batch.exists(), half.exists()) == ((at == NOW,) * 2)


def test_what_is_merged_into_is_tidied_as_such(desk: "JobDesk", through: "Through") -> None:
    """Its files are written anew by merges, and those of the other tables by upkeep alone."""
    feed = desk.feed({**KEYED, "gone": "boolean"}, deleteWhen="gone")
    desk.load(feed)
    tidied: dict[str, bool] = {}

    def maintain(table: str, *, is_merged_into: bool = False, **_: bool) -> None:
        tidied[table] = is_merged_into

    desk.engine = through(desk.engine, maintain=maintain)
    tidy_tables(desk.run(feed))

    assert tidied == {"things_stage": False, "things": True, "things_tombstones": True, "file_ledger": False}


@pytest.mark.seldom
def test_the_ledger_is_tidied_once_a_day_by_whichever_feed(desk: "JobDesk", through: "Through") -> None:
    """It is the table of all of them; who could not, has not."""
    feeds = [desk.feed(KEYED, feed=name) for name in ("things", "others", "thirds")]
    tried: list[bool] = []

    def maintain(table: str, *, is_read_by_version: bool = True, **_: bool) -> None:
        if table == "file_ledger":
            tried.append(is_read_by_version)
            if len(tried) == 1:
                raise CommitConflictError(table)

    desk.engine = through(desk.engine, maintain=maintain)
    for feed in feeds:
        desk.load(feed)
    for feed in feeds:
        tidy_tables(desk.run(feed))
    of_today = len(tried)
    os.utime(desk.scratch / "file_ledger", (NOW - 25 * 3600,) * 2)
    for feed in feeds:
        tidy_tables(desk.run(feed))

    assert (of_today, len(tried)) == (2, 3)
    assert not any(tried)

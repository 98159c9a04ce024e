"""report and ledger: what people are told, and what everything is read from."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.contract import Expectation
from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, LakeFile
from pipeline_jobs.clock import SystemClock
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import Ledger

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

ROOT = Path(__file__).parents[3]
KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


@pytest.mark.seldom
def test_all_well_is_a_green_report(desk: "JobDesk") -> None:
    """Quarantined rows within the limit are in their table and make no run red."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\nx,b\n")
    desk.load(feed)

    told = desk.report(feed)

    assert told == ""


@pytest.mark.seldom
def test_a_rejected_file_is_told_once(desk: "JobDesk") -> None:
    """With its identity, reason and what to do; the report of the next run does not repeat it."""
    feed = desk.feed(KEYED)
    file = desk.put("id\n1\n")
    desk.load(feed, run_id="1")

    told = desk.report(feed, run_id="1")
    again = desk.report(feed, run_id="1")
    next_run = desk.report(feed, run_id="2")

    assert file in told
    assert "missing_column" in told
    assert again == told
    assert next_run == ""


@pytest.mark.seldom
def test_a_contract_that_changes_under_its_old_version_is_told_once(
    desk: "JobDesk", caplog: pytest.LogCaptureFixture
) -> None:
    """By a line that makes no run red; a version that is raised, or taken back with all that it said, says enough."""
    feed = desk.feed(KEYED)
    changed = replace(feed, retention=replace(feed.retention, stage_days=30))
    raised = replace(changed, version="1.1.0")
    told = []
    for number, one in enumerate((feed, raised, feed, changed, changed)):
        caplog.clear()
        assert desk.report(one, run_id=str(number)) == ""
        told.append([line for line in caplog.messages if "the contract has changed" in line])

    sentence = "the contract has changed since the last report, and its version is 1.0.0 still: raise it"
    assert told == [[], [], [], [sentence], []]


@pytest.mark.seldom
def test_what_a_run_that_never_reported_saw_is_told_by_the_next(desk: "JobDesk") -> None:
    """A cancelled run hides nothing."""
    feed = desk.feed(KEYED)
    file = desk.put("id\n1\n")
    desk.load(feed, run_id="cancelled")
    desk.put("id,value\n1,a\n")
    desk.load(feed, run_id="next")

    told = desk.report(feed, run_id="next")

    assert file in told


@pytest.mark.seldom
def test_a_task_that_did_not_succeed_is_red_whatever_its_case(desk: "JobDesk") -> None:
    """Only success is success, in capitals or not."""
    feed = desk.feed(KEYED)
    desk.load(feed)

    told = [
        desk.report(feed, stage, target) for stage, target in (("SUCCESS", "Success"), ("failed", "excluded"), ("", ""))
    ]

    assert told[0] == ""
    assert "stage_load ended with failed" in told[1]
    assert "target_load ended with excluded" in told[1]
    assert "stage_load ended with no result" in told[2]


@pytest.mark.seldom
@pytest.mark.parametrize("is_bad", [False, True])
def test_a_file_that_came_late_is_told_and_reddens_nothing(
    desk: "JobDesk", is_bad: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """By the log of the feed's next report, and by its mail if there is another reason for one; once."""
    caplog.set_level(logging.INFO)
    feed = replace(desk.feed(KEYED), expected=Expectation(1, time(), "UTC", (), (), timedelta(0)))
    desk.load(feed, run_id="1")
    desk.report(feed, run_id="1")
    desk.clock.time += timedelta(hours=2)
    desk.put("id\n1\n" if is_bad else "id,value\n1,a\n")
    desk.load(feed, run_id="2")
    before = len(caplog.messages)

    told = desk.report(feed, run_id="2")
    lines = [line for line in caplog.messages[before:] if line.startswith("no file had come by")]
    again = desk.report(feed, run_id="3")

    assert bool(told) == is_bad
    assert told.count("no file had come by") == (len(lines) if is_bad else 0)
    assert lines != []
    assert "no file had come by" not in again


@pytest.mark.seldom
def test_a_file_that_was_put_into_source_by_hand_has_come_as_any_other(
    desk: "JobDesk", caplog: pytest.LogCaptureFixture
) -> None:
    """Its place does not say when; its name in the ledger does."""
    caplog.set_level(logging.INFO)
    feed = replace(desk.feed(KEYED), expected=Expectation(24, time(), "UTC", (), (), timedelta(0)))
    desk.load(feed, run_id="1")
    desk.report(feed, run_id="1")
    path = desk.write("source/things/by_hand.csv", "id,value\n1,a\n")
    second = (desk.clock.time + timedelta(hours=1)).timestamp()
    os.utime(path, (second, second))
    desk.clock.time += timedelta(hours=24)
    desk.load(feed, run_id="2")

    desk.report(feed, run_id="2")

    assert desk.rows("things", "id") == [("1",)]
    assert not [line for line in caplog.messages if line.startswith("no file had come by")]


@pytest.mark.seldom
def test_what_the_function_rejected_is_told_whatever_the_tables_are_like(desk: "JobDesk") -> None:
    """A feed that waits for its rebuild loads nothing, and tells all the same what has come to nothing."""
    desk.put("id,value\n1,a\n")
    desk.load(desk.feed(KEYED))
    otherwise = desk.feed({"id": "bigint", "value": {"physicalType": "string", "primaryKey": True}})
    place = LakeFile("things", desk.clock.time, 42, "things/x.csv")
    reason = Rejection.of(place.identity("landing"), FileRejected(Reason.HEADER, "bad"), desk.clock.time, "function")
    desk.write(place.rejected_path(), "x")
    desk.write(place.reason_path(), reason.to_json().decode())

    with pytest.raises(TableDiffersError):
        desk.stage(otherwise, run_id="2")

    assert place.identity("landing") in desk.report(otherwise, "failed", "excluded", run_id="2")


@pytest.mark.seldom
def test_a_retired_feed_misses_no_file(desk: "JobDesk", caplog: pytest.LogCaptureFixture) -> None:
    """As the sweep and status have it."""
    caplog.set_level(logging.INFO)
    feed = replace(desk.feed(KEYED), expected=Expectation(1, time(), "UTC", (), (), timedelta(0)), is_retired=True)
    desk.report(feed, run_id="1")
    desk.clock.time += timedelta(hours=5)

    assert desk.report(feed, run_id="2") == ""

    assert not [line for line in caplog.messages if line.startswith("no file had come by")]


@pytest.mark.seldom
def test_a_reason_file_that_a_person_put_into_source_is_a_file_and_speaks_of_none(desk: "JobDesk") -> None:
    """Somebody copied all of a folder of rejected/: the file is loaded, and no report fails over it."""
    feed = replace(desk.feed(KEYED), expected=Expectation(1, time(), "UTC", (), (), timedelta(0)))
    desk.report(feed, run_id="1")
    desk.write("source/things/by_hand.csv", "id,value\n1,a\n")
    fault = FileRejected(Reason.UNROUTED, "no feed has it")
    rejection = Rejection.of("gs://landing/by_hand.csv#17", fault, desk.clock.now(), "function")
    desk.write("source/things/by_hand.csv.reason.json", rejection.to_json())
    desk.load(feed, run_id="2")
    told = desk.report(feed, run_id="2")
    desk.load(feed, run_id="3")

    assert desk.report(feed, run_id="3") == ""

    assert "by_hand.csv.reason.json" in told
    assert desk.rows("things", "id") == [("1",)]
    assert desk.ledger("gs://landing/by_hand.csv#17") == []


@pytest.mark.seldom
def test_what_no_feed_has_is_told_once_by_the_first_report(desk: "JobDesk") -> None:
    """With its reason and a command; neither another feed nor another run repeats it."""
    feed, other = desk.feed(KEYED), desk.feed(KEYED, feed="others")
    fault = FileRejected(Reason.UNROUTED, "no feed's filePattern matches this name")
    place = LakeFile(UNROUTED, desk.clock.now(), 7, "dayly/it's mine.csv")
    rejection = Rejection.of(place.identity("landing"), fault, desk.clock.now(), "function")
    desk.write(place.reason_path(), rejection.to_json())
    for one in (feed, other):
        desk.load(one)

    told = [desk.report(feed, run_id="1"), desk.report(other, run_id="2"), desk.report(feed, run_id="3")]

    assert "gs://landing/dayly/it's mine.csv#7 was rejected: unrouted: no feed's filePattern" in told[0]
    assert """ingest trace 'gs://landing/dayly/it'"'"'s mine.csv#7'""" in told[0]
    assert told[1:] == ["", ""]
    assert ("_unrouted", "rejected") in desk.rows("file_ledger", "feed", "state")


@pytest.mark.seldom
def test_a_feed_is_told_of_its_own_files_only(desk: "JobDesk") -> None:
    """All feeds share one ledger."""
    feed, other = desk.feed(KEYED), desk.feed(KEYED, feed="others")
    file = desk.put("id\n1\n", feed="others")
    desk.load(other)
    desk.load(feed)

    told = desk.report(feed), desk.report(other)

    assert told[0] == ""
    assert file in told[1]


@pytest.mark.seldom
def test_no_cell_of_a_file_stands_in_what_people_are_told(desk: "JobDesk") -> None:
    """Mails and logs go further than tables do."""
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "pattern": "[a-z]"}}, maxBadRows={"count": 0})
    for content in ("id,value\nSECRET,SECRET\n", 'id,value\n1,"SECRET\n2,SECRET\n', "id,value\nSECRET\n"):
        desk.put(content)
    desk.load(feed)

    told = desk.report(feed)

    assert told.count("was rejected") == 3
    assert "SECRET" not in told
    assert all("SECRET" not in (detail or "") for (detail,) in desk.rows("file_ledger", "detail"))


def test_runs_of_many_feeds_write_the_ledger_at_once(desk: "JobDesk", new_engine: Callable[[], Engine]) -> None:
    """Not one entry is lost to a commit conflict."""
    desk.run(desk.feed(KEYED))
    ledgers = [Ledger(new_engine(), f"feed {at}", "1", "1.0.0", SystemClock()) for at in range(3)]

    def enter(ledger: Ledger) -> None:
        for at in range(4):
            ledger.append([ledger.entry(State.ATTEMPTED, file=f"file {at}")])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(enter, ledgers))

    assert len(desk.rows("file_ledger", "feed", "file")) == 12


@pytest.mark.seldom
def test_a_clock_that_goes_back_does_not_turn_a_history_round(desk: "JobDesk") -> None:
    """A file's state is its last entry, on whatever machine the next run works."""
    feed = desk.feed(KEYED)
    file = desk.put("id,value\n1,a\n")
    desk.stage(feed)
    desk.clock.time = desk.clock.time.replace(year=2020)

    desk.load(feed)

    assert desk.ledger(file) == [("attempted",), ("staged",), ("merged",)]


_ELSEWHERE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from contracts.loader import load_contracts
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.engines import Connection, connected
from pipeline_jobs.state.ledger import Ledger
from pipeline_jobs.run import Run
from pipeline_jobs.state.volume import Volume

class Noon:
    def now(self):
        return datetime(2026, 3, 10, 12, tzinfo=UTC)

kind, url, root = sys.argv[1], sys.argv[2], Path(sys.argv[3])
contracts = load_contracts()
feed = next(one for one in contracts if one.feed == "order_tracking")
(root / "control").mkdir()
with connected(Connection(kind, url, str(root), "warehouse", "", root / "control")) as engine:
    ledger = Ledger(engine, feed.feed, "1", "1", Noon())
    volume = Volume(root / "lake", "landing")
    run = Run(feed, contracts, engine, ledger, volume, root / "control", Noon(), "", None, None)
    stage.stage_load(run)
    staged = ledger.staged()
    merge.target_load(run)
    print(staged[0].at.isoformat())
"""


def test_a_driver_in_another_time_zone_changes_no_time(desk: "JobDesk", server: "Server", tmp_path: Path) -> None:
    """Tables hold UTC, wherever the task runs."""
    sample = next((ROOT / "samples").glob("order_tracking_*.csv")).read_text(encoding="utf-8")
    desk.put(sample, feed="order_tracking", at=desk.clock.time.replace(day=9))
    script = tmp_path / "elsewhere.py"
    script.write_text(_ELSEWHERE)
    environment = {**os.environ, "TZ": "America/New_York", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, str(script), server.kind, server.url, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("2026-03-10T12:00:0")
    assert desk.rows("order_tracking_stage", "_finalized_at", "_staged_at")[0] == (
        "2026-03-09 06:00:00",
        "2026-03-10 12:00:00",
    )
    assert {at[:16] for (at,) in desk.rows("file_ledger", "at") if at} == {"2026-03-10 12:00"}

"""What people are told is told for sure, is true, and quotes no cell."""

import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from pipeline_jobs.errors import TaskFailedError
from pipeline_jobs.state.history import VANISHED, State
from pipeline_jobs.steps.stage import stage_load
from pipeline_jobs.withheld import Withheld, own_words

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
WIDE: "Properties" = {**KEYED, "wide": "decimal(38,0)", "narrow": "decimal(38,38)"}
SECRET = "4711" * 9 + "47"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that the job has logged, with the fields of each line."""
    caplog.set_level(logging.INFO, logger="pipeline_jobs")
    return lambda: "\n".join(str(vars(record)) for record in caplog.records)


@pytest.mark.seldom
def test_what_is_told_stands_in_the_output_before_the_ledger_says_so(
    desk: "JobDesk", dying: "Dying", logged: Callable[[], str]
) -> None:
    """A report that dies between the two is told twice, never not at all."""
    feed = desk.feed(KEYED)
    file = desk.put("id\n1\n")
    desk.load(feed)

    with dying(desk, State.REPORTED):
        desk.report(feed)
    told = logged()
    again = desk.report(feed)

    assert f"{file} was rejected: missing_column" in told
    assert file in again


@pytest.mark.seldom
def test_people_are_told_also_where_the_ledger_cannot_be_written(desk: "JobDesk", through: "Through") -> None:
    """The mail has the files, and says of the ledger what is wrong with it."""
    feed = desk.feed(KEYED)
    file = desk.put("id\n1\n")
    desk.load(feed)

    def append_records(table: str, records: Any) -> None:
        raise PermissionError(table)

    desk.engine = through(desk.engine, append_records=append_records)

    told = desk.report(feed)

    assert f"{file} was rejected: missing_column" in told
    assert "could not be entered in file_ledger" in told


@pytest.mark.seldom
def test_a_file_over_which_the_task_died_is_told(desk: "JobDesk", dying: "Dying") -> None:
    """By the report of that run: whoever must mend it hears of it before the third death."""
    feed = desk.feed(KEYED)
    file = desk.put("id,value\n1,a\n")
    with dying(desk, State.STAGED):
        desk.stage(feed, run_id="1")

    told = desk.report(feed, "failed", "excluded", run_id="1")

    assert f"{file} was being tried when the task's process ended" in told


@pytest.mark.seldom
def test_a_file_over_which_the_task_died_and_that_another_run_merged_is_not_told(
    desk: "JobDesk", dying: "Dying"
) -> None:
    """Also if the other run has reported before, and its entries are no news any more."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    with dying(desk, State.STAGED):
        desk.stage(feed, run_id="1")
    desk.load(feed, run_id="2")
    other = desk.report(feed, run_id="2")

    told = desk.report(feed, run_id="1")

    assert (other, told) == ("", "")


@pytest.mark.seldom
def test_a_rejection_that_came_second_is_not_told(desk: "JobDesk") -> None:
    """Another run had staged the file before; a mail would have people mend what is in the table."""
    feed = desk.feed(KEYED)
    ledger = desk.run(feed, run_id="1").ledger
    ledger.append([ledger.entry(State.STAGED, file="file", attempt=1)])
    second = desk.run(feed, run_id="2").ledger
    second.append([second.entry(State.REJECTED, file="file", attempt=2, reason="unreadable", detail="read too late")])

    told = desk.report(feed, run_id="2")

    assert told == ""


@pytest.mark.seldom
def test_what_was_on_its_way_into_the_ledger_while_a_run_reported_is_told_by_the_next(desk: "JobDesk") -> None:
    """The entry is older than that report, which could not see it yet; its own run never reports. It is no verdict,
    which would come behind what others have entered.
    """
    feed = desk.feed(KEYED)
    ledger = desk.run(feed, run_id="cancelled").ledger
    entry = ledger.entry(State.FAILED, file="file", attempt=1, reason=VANISHED, detail="it is gone")

    told_too_early = desk.report(feed, run_id="1")
    ledger.append([entry])
    told = desk.report(feed, run_id="2")

    assert told_too_early == ""
    assert "it is gone" in told


@pytest.mark.seldom
def test_a_fault_of_its_head_is_told_though_others_were_read_for_minutes_before_it_was_entered(
    desk: "JobDesk", through: "Through"
) -> None:
    """A report was made meanwhile, and the run never makes one: its word is younger than that report."""
    feed, engine, told_too_early = desk.feed(KEYED), desk.engine, []
    file = desk.put("id\n1\n")
    desk.put("id,value\n1,a\n")

    def append(*given: Any) -> None:
        engine.append(*given)
        desk.clock.time += timedelta(minutes=5)
        told_too_early.append(desk.report(feed, run_id="1"))

    stage_load(replace(desk.run(feed, run_id="notebook"), engine=through(engine, append=append)))
    told = desk.report(feed, run_id="2")

    assert told_too_early == [""]
    assert f"{file} was rejected: missing_column" in told


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_no_cell_is_logged_of_a_file_that_cannot_be_judged(desk: "JobDesk", logged: Callable[[], str]) -> None:
    """The engine's own words quote it; what is logged and told is ours."""
    feed = desk.feed(WIDE, rules={"narrower": "wide > narrow"})
    desk.put(f"id,value,wide,narrow\n1,x,{SECRET},0.5\n")

    desk.stage(feed)

    told = desk.report(feed)
    assert "could not be read and is tried again" in told
    assert SECRET not in logged() + told
    [kept] = (desk.scratch / "errors").iterdir()
    assert str(kept) in told
    assert SECRET in kept.read_text()


def test_of_an_engine_s_error_the_class_and_our_own_words_leave_the_task(desk: "JobDesk", tmp_path: Path) -> None:
    """Both engines quote what they stumble over; whoever reads the run's page or the mail does not see it."""
    engine = desk.run(desk.feed(KEYED)).engine
    stumbling = engine.frame(pa.table({"value": [SECRET]})).select(F.raise_error(F.col("value")).alias("value"))
    withheld = Withheld(tmp_path / "errors" / "run.txt")

    with pytest.raises(TaskFailedError) as told, own_words(withheld):
        engine.compute(stumbling)

    shown = "".join(traceback.format_exception(told.value))
    assert SECRET not in shown
    assert re.search(r"\w+Exception.* in pipeline_jobs/engines/\w+\.py, line \d+", str(told.value))
    assert str(withheld.path) in str(told.value)
    assert SECRET in withheld.path.read_text()

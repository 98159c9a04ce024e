"""Wherever a run dies, the next one makes it whole: the same tables, each row once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from pyspark.sql import DataFrame

from contracts.files.rejection import Rejection
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import State
from pipeline_jobs.state.volume import Volume

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

ORDERED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "gone": "boolean",
}


class Died(BaseException):
    """The process is gone: nothing of the job may catch it."""


@dataclass
class Countdown:
    """So many writes and moves are done before the process dies; the one that it dies at has no effect."""

    left: int

    def step(self, do: Callable[[], Any]) -> Any:
        if self.left == 0:
            raise Died
        self.left -= 1
        return do()


class MortalEngine:
    """An engine whose every write is a moment to die."""

    WRITES = frozenset({"append_records", "append", "merge", "discard", "maintain", "compact"})

    def __init__(self, engine: Engine, countdown: Countdown) -> None:
        self._engine = engine
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        does = getattr(self._engine, name)
        if name not in self.WRITES:
            return does
        return lambda *given, **named: self._countdown.step(lambda: does(*given, **named))


class ReadOnlyEngine(MortalEngine):
    """An engine that may not write rows."""

    def append(self, table: str, rows: DataFrame, columns: Sequence[str]) -> None:
        raise PermissionError(table)


class MortalVolume(Volume):
    """A volume whose every move is one."""

    def __init__(self, volume: Volume, countdown: Countdown) -> None:
        super().__init__(volume.root, "landing")
        self._countdown = countdown

    def archive(self, file: WaitingFile) -> None:
        self._countdown.step(lambda: Volume.archive(self, file))

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        self._countdown.step(lambda: Volume.reject(self, file, rejection))


STEPS = (
    *("attempted", "staged rows", "verdicts", "first move", "second move", "third move"),
    *("tombstones", "merge", "merged"),
)


@pytest.mark.seldom
@pytest.mark.parametrize("step", range(len(STEPS)), ids=STEPS)
def test_a_run_may_die_at_every_step(desk: "JobDesk", step: int) -> None:
    """The next run ends where one that lived would have: in the tables, the ledger and the folders."""
    feed = desk.feed(ORDERED, deleteWhen="gone", maxBadRows={"share": "0.5"})
    first = desk.put("id,value,gone\n1,a,\n2,b,\n3,c,\n")
    second = desk.put("id,value,gone\n1,a2,\n2,,true\n4,d,\nx,bad,\n")
    rejected = desk.put("id,value,gone\nx,bad,\ny,bad,\n5,e,\n")
    engine, volume, countdown = desk.engine, desk.volume, Countdown(step)
    desk.engine, desk.volume = cast("Engine", MortalEngine(engine, countdown)), MortalVolume(volume, countdown)

    with pytest.raises(Died):
        desk.load(feed)
    desk.engine, desk.volume = engine, volume
    desk.load(feed)

    assert desk.rows(feed.table, "id", "value") == [("1", "a2"), ("3", "c"), ("4", "d")]
    assert desk.rows(feed.tombstones_table, "id") == [("2",)]
    assert desk.counted_rows(feed) == [
        *((first, str(row)) for row in (1, 2, 3)),
        *((second, str(row)) for row in (1, 2, 3, 4)),
    ]
    assert [desk.ledger(file)[-1][0] for file in (first, second, rejected)] == ["merged", "merged", "rejected"]
    assert (len(desk.files("archive")), len(desk.files("rejected")), desk.files("source")) == (2, 2, [])


@pytest.mark.seldom
def test_dying_three_times_over_a_file_gives_it_up(desk: "JobDesk") -> None:
    """A file that takes the process with it is found out, and nobody reads what it left in the stage table."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,gone\n1,a,\n")
    engine = desk.engine
    for _ in range(3):
        desk.engine = cast("Engine", MortalEngine(engine, Countdown(2)))
        with pytest.raises(Died):
            desk.stage(feed)
    desk.engine = engine

    desk.stage(feed)

    assert desk.ledger(file) == [*[("attempted",)] * 3, ("rejected", "unreadable")]
    assert desk.counted_rows(feed) == []
    assert desk.files("source") == []


@pytest.mark.seldom
def test_what_is_not_the_file_s_fault_does_not_count(desk: "JobDesk") -> None:
    """A table that cannot be written fails the task, again and again; the file waits and loads in the end."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,gone\n1,a,\n")
    engine = desk.engine
    desk.engine = cast("Engine", ReadOnlyEngine(engine, Countdown(99)))
    for _ in range(4):
        with pytest.raises(PermissionError):
            desk.stage(feed)
    desk.engine = engine

    desk.load(feed)

    assert desk.ledger(file) == [*[("attempted",), ("released",)] * 4, ("attempted",), ("staged",), ("merged",)]
    assert desk.rows("things", "id") == [("1",)]


@pytest.mark.seldom
@pytest.mark.parametrize("again", ["1", "2"], ids=["its run", "the next"])
def test_a_file_that_is_gone_after_a_try_is_told_of_once(desk: "JobDesk", again: str) -> None:
    """It is listed no longer: whoever looks next says that it has vanished, and not that it is tried again."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,gone\n1,a,\n")
    [stands] = desk.files("source")
    engine = desk.engine
    desk.engine = cast("Engine", MortalEngine(engine, Countdown(1)))
    with pytest.raises(Died):
        desk.stage(feed, named=f"source/{stands}", run_id="1")
    (desk.volume.root / "source" / stands).unlink()
    desk.engine = engine

    if again != "1":
        desk.report(feed, "failed", run_id="1")
    desk.stage(feed, named=f"source/{stands}", run_id=again)
    told = desk.report(feed, run_id=again)
    desk.load(feed, run_id="3")

    assert f"{file} has vanished: it stood in source/ when it was tried" in told
    assert "is tried again" not in told
    assert desk.report(feed, run_id="3") == ""
    assert desk.ledger(file) == [("attempted",), ("failed", "vanished")]


@pytest.mark.seldom
def test_a_late_try_of_a_file_that_was_settled_long_ago_is_no_file_that_vanished(desk: "JobDesk") -> None:
    """Its original may have been taken out of archive/ since."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,gone\n1,a,\n")
    desk.load(feed, run_id="1")
    desk.report(feed, run_id="1")
    [merged] = desk.run(feed).ledger.in_state([file], State.MERGED)
    desk.clock.time += timedelta(days=30)
    ledger = desk.run(feed, run_id="1").ledger
    late = {"file": file, "path": merged.path, "generation": merged.generation, "attempt": 1}
    ledger.append([ledger.entry(State.ATTEMPTED, **late), ledger.entry(State.REPORTED)])
    [archived] = desk.files("archive")
    (desk.volume.root / "archive" / archived).unlink()

    desk.stage(feed, run_id="2")

    assert desk.ledger(file)[-1] == ("attempted",)

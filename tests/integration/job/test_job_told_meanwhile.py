"""What happens while a report is made is told by it or by the next, and once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from contracts.contract import Contract, Expectation
from pipeline_jobs.clock import Clock
from pipeline_jobs.state.found_files import RejectedFile
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.ledger import Ledger
from pipeline_jobs.state.volume import Volume

if TYPE_CHECKING:
    from tests.integration.job.job_desk import Clock as DeskClock
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]
pytestmark = pytest.mark.seldom

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


class ClockOfAnEvent:
    """At its n-th look, and before that tells a time, something happens."""

    def __init__(self, clock: Clock, number: int, happens: Callable[[], object]) -> None:
        self._clock, self._happens = clock, happens
        self.looks_left = number

    def now(self) -> datetime:
        self.looks_left -= 1
        if not self.looks_left:
            self._happens()
        return self._clock.now()


class VolumeOfAnEvent(Volume):
    """At the first look for rejections, which is a report's behind its beginning, something happens."""

    def __init__(self, volume: Volume, happens: Callable[[], object]) -> None:
        super().__init__(volume.root, volume.landing_bucket)
        self._events = [happens]

    def rejections(self, feed: str, since: datetime, *, is_whole: bool = False) -> Iterator[RejectedFile]:
        while self._events:
            self._events.pop()()
        return super().rejections(feed, since, is_whole=is_whole)


def two_reports(desk: "JobDesk", feed: Contract, happens: Callable[[], object], number: int) -> tuple[str, str] | None:
    """What the report says in which something happens at the n-th look at the clock, and the next; None if it ends
    before that.
    """
    clock, acting = desk.clock, ClockOfAnEvent(desk.clock, number, happens)
    desk.clock = cast("DeskClock", acting)
    first = desk.report(feed, "failed", run_id="1")
    desk.clock = clock
    second = desk.report(feed, "failed", run_id="2")
    return None if acting.looks_left > 0 else (first, second)


def a_rejection(ledger: Ledger) -> Entry:
    return ledger.entry(State.REJECTED, file="file", attempt=1, reason="header", detail="none")


def is_told(told: str) -> bool:
    return "file was rejected: header" in told


def test_a_rejection_that_is_entered_while_a_report_is_made_is_told_once(desk: "JobDesk") -> None:
    """By a run that never reports itself, at whichever moment, however long the report takes from there on."""
    told, clock = list[list[bool]](), desk.clock
    while not told or told[-1]:
        feed = desk.feed(KEYED, feed=f"things_{len(told)}")
        notebook = desk.run(feed, run_id="notebook").ledger

        def reject(ledger: Ledger = notebook) -> None:
            ledger.append([a_rejection(ledger)])
            clock.time += timedelta(hours=2)

        two = two_reports(desk, feed, reject, len(told) + 1)
        told.append([is_told(one) for one in two] if two else [])

    assert told[0] == [True, False]
    assert told[-2] == [False, True]
    assert {sum(one) for one in told[:-1]} == {1}


@pytest.mark.parametrize(("has_begun", "told"), [(False, [1, 0]), (True, [0, 1])], ids=["before it", "while it looks"])
def test_a_file_that_is_due_while_a_report_is_made_is_told_once(
    desk: "JobDesk", *, has_begun: bool, told: list[int]
) -> None:
    """By the report that began when the due time had passed, which may be the next."""
    every_day = Expectation(24, time(), "UTC", (), (), timedelta(0))
    feed, clock = replace(desk.feed(KEYED), expected=every_day), desk.clock
    desk.report(feed, run_id="0")
    midnight = clock.time.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    clock.time = midnight - timedelta(minutes=2)

    def fall_due() -> None:
        clock.time += timedelta(hours=2)

    if has_begun:
        desk.volume = VolumeOfAnEvent(desk.volume, fall_due)
        two: tuple[str, ...] = tuple(desk.report(feed, "failed", run_id=run_id) for run_id in "12")
    else:
        two = two_reports(desk, feed, fall_due, 1) or ()

    assert [one.count(f"no file had come by {midnight:%Y-%m-%d}") for one in two] == told


def test_a_rejection_that_was_half_an_hour_on_its_way_into_the_ledger_is_told_once(desk: "JobDesk") -> None:
    """As where the engine had no time for it, or the clock of its machine is behind."""
    feed = desk.feed(KEYED)
    notebook = desk.run(feed, run_id="notebook").ledger
    entry = a_rejection(notebook)
    desk.clock.time += timedelta(minutes=30)

    told = [desk.report(feed, run_id="1")]
    notebook.append([entry])
    told += [desk.report(feed, run_id=str(number)) for number in (2, 3, 4)]

    assert [is_told(one) for one in told] == [False, True, False, False]


def test_what_a_run_enters_that_has_been_told_of_before_is_told(desk: "JobDesk") -> None:
    """A notebook goes on after another run's report has told of its first file."""
    feed = desk.feed(KEYED)
    notebook = desk.run(feed, run_id="notebook").ledger
    told = []
    for number in ("1", "2", "3"):
        again = replace(a_rejection(notebook), file=f"file {number}")
        notebook.append([again] if number != "3" else [])
        told.append(desk.report(feed, run_id=number).count("was rejected: header"))

    assert told == [1, 1, 0]


def test_what_a_repair_has_rejected_that_was_cancelled_is_told_by_the_next_run(desk: "JobDesk") -> None:
    """Its run has reported before, but not of this."""
    feed = desk.feed(KEYED)
    desk.load(feed, run_id="1")
    desk.report(feed, "failed", run_id="1")
    file = desk.put("id\n1\n")
    desk.stage(feed, run_id="1")

    told = [desk.report(feed, run_id=number) for number in ("2", "3")]

    assert f"{file} was rejected: missing_column" in told[0]
    assert told[1] == ""

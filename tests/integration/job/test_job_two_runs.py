"""Two runs of one feed at once: whatever one does between two steps of the other, the tables come out right."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import DataFrame

from contracts.contract import Contract
from contracts.files.rejection import Rejection
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.operations.undo import undo
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.ledger import Ledger
from pipeline_jobs.state.making import prepare_target
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.steps.merge import merge_staged, target_load
from pipeline_jobs.steps.stage import stage_load

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

ORDERED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "seq": "int",
    "gone": "boolean",
}

AHEAD = pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)], ids=["one clock", "two clocks"])
"""Of the machine that enters something meanwhile, before the other's own clock."""


def interrupted(run: Run, through: "Through", at: int, meanwhile: Callable[[], object]) -> Run:
    """The run, whose merge of this number waits for what another does."""
    merges = count(1)

    def merge(*given: Any) -> Any:
        if next(merges) == at:
            meanwhile()
        return run.engine.merge(*given)

    return replace(run, engine=through(run.engine, merge=merge))


def _an_update_and_a_delete(desk: "JobDesk", feed: Contract) -> tuple[Run, Entry, Entry]:
    """Staged: a row, and the deletion of its key, which is newer."""
    update = desk.put("id,value,seq,gone\n1,old,1,\n")
    delete = desk.put("id,value,seq,gone\n1,,2,true\n")
    desk.stage(feed)
    run = desk.run(feed)
    prepare_target(run.engine, feed)
    staged = {entry.file: entry for entry in run.ledger.staged()}
    return run, staged[update], staged[delete]


@pytest.mark.seldom
def test_a_deletion_is_known_to_others_before_it_takes_effect(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """Who merges an older row between its two tables finds the tombstone there."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    run, update, delete = _an_update_and_a_delete(desk, feed)
    other = replace(run, engine=new_engine())

    merge_staged(interrupted(run, through, 2, lambda: merge_staged(other, [update])), [delete])

    assert desk.rows(feed.table, "id") == []
    assert desk.rows(feed.tombstones_table, "id", "seq") == [("1", "2")]


@pytest.mark.seldom
def test_an_older_row_that_slipped_in_beside_a_deletion_is_taken_out_again(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It was read while its key had no tombstone; the look after the commit finds one, and a second round heals it."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    run, update, delete = _an_update_and_a_delete(desk, feed)
    other = replace(run, engine=new_engine())

    merge_staged(interrupted(run, through, 1, lambda: merge_staged(other, [delete])), [update])

    assert desk.rows(feed.table, "id") == []


@pytest.mark.seldom
def test_a_file_that_another_run_has_go_in_again_stays_in_source(desk: "JobDesk") -> None:
    """Whoever opened the ledger before took it for merged, and for a file whose move alone is left."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,seq,gone\n1,a,1,\n")
    desk.load(feed)
    late = desk.run(feed, run_id="late")
    undo(desk.run(feed, run_id="other", operation=Operation(Do.REPLAY, (file,))))

    stage_load(late)
    between = len(desk.files("source"))
    desk.load(feed)

    assert (between, desk.files("source")) == (1, [])
    assert desk.rows(feed.table, "id", "value") == [("1", "a")]
    assert desk.ledger(file)[-1] == ("merged",)


@pytest.mark.seldom
def test_a_file_that_another_run_took_away_is_not_held_against_anybody(desk: "JobDesk", through: "Through") -> None:
    """It was there when its head was read and is in archive/ when its rows are: staged once, and nothing to tell."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,seq,gone\n1,a,1,\n")
    engine, late = desk.engine, desk.run(feed, run_id="late")

    def append(table: str, rows: DataFrame, columns: Sequence[str]) -> None:
        stage_load(desk.run(feed, run_id="other"))
        raise RuntimeError("no such file")

    stage_load(replace(late, engine=through(engine, append=append)))

    late_tries = [("released",), ("attempted",), ("released",)]
    assert desk.ledger(file) == [("attempted",), ("attempted",), ("staged",), *late_tries]
    assert desk.report(feed, run_id="late") == ""
    assert (len(desk.files("archive")), desk.files("source")) == (1, [])


@pytest.mark.seldom
@AHEAD
def test_a_fault_of_its_head_that_is_entered_after_others_were_read_does_not_undo_a_merge(
    desk: "JobDesk", through: "Through", ahead: timedelta
) -> None:
    """A notebook with the contract of before: the job of today has merged the file by the time that it enters it."""
    more: Properties = {**ORDERED, "more": {"physicalType": "string", "optional": True}}
    file, read = desk.put("id,value,seq,gone\n1,a,1,\n"), desk.put("id,value,seq,gone,more\n2,b,1,,m\n")
    of_before, today = desk.feed({**ORDERED, "more": "string"}), desk.feed(more)

    def merge() -> None:
        _set_ahead(desk, ahead)
        desk.load(today)

    _stage_beside(desk, through, desk.run(of_before, run_id="notebook"), merge)

    assert desk.ledger(file)[-1] == ("rejected", "missing_column")
    assert _states(desk, today, file, read) == [State.MERGED, State.MERGED]
    assert (len(desk.files("archive")), desk.files("source"), desk.files("rejected")) == (2, [], [])


@pytest.mark.seldom
@AHEAD
def test_a_duplicate_that_is_entered_after_others_were_read_does_not_undo_a_merge(
    desk: "JobDesk", through: "Through", ahead: timedelta
) -> None:
    """The file that it is the same as was retracted meanwhile, and it was loaded in its place."""
    feed = desk.feed({"id": "bigint"})
    first = desk.put("id\n1\n", "things/day.csv")
    desk.load(feed)
    again, read = desk.put("id\n1\n", "things/day.csv"), desk.put("id\n2\n")

    def retract() -> None:
        _set_ahead(desk, ahead)
        run = desk.run(feed, operation=Operation(Do.RETRACT, (first,)))
        stage_load(run)
        target_load(run)

    _stage_beside(desk, through, desk.run(feed, run_id="notebook"), retract)

    assert desk.ledger(again)[-1] == ("duplicate",)
    assert _states(desk, feed, first, again, read) == [State.RETRACTED, State.MERGED, State.MERGED]
    assert desk.rows(feed.table, "id", "_file") == [("1", again), ("2", read)]


@pytest.mark.seldom
@AHEAD
def test_rows_that_are_staged_after_others_took_the_file_out_bring_nothing_back(
    desk: "JobDesk", through: "Through", ahead: timedelta
) -> None:
    """A notebook read for long; the job has merged the file meanwhile, and somebody has retracted it."""
    feed = desk.feed(ORDERED)
    file = desk.put("id,value,seq,gone\n1,a,1,\n")

    def load_and_retract() -> None:
        _set_ahead(desk, ahead)
        desk.load(feed)
        desk.operate(feed, Operation(Do.RETRACT, (file,)))

    _stage_beside(desk, through, desk.run(feed, run_id="notebook"), load_and_retract)
    target_load(desk.run(feed, run_id="notebook"))

    assert desk.ledger(file)[-1] == ("staged",)
    assert _states(desk, feed, file) == [State.RETRACTED]
    assert desk.rows(feed.table, "id") == []


@pytest.mark.seldom
@AHEAD
def test_a_file_that_is_given_up_after_others_came_to_its_end_stays_merged(desk: "JobDesk", ahead: timedelta) -> None:
    """The run that was thought dead has staged and merged it while this one was giving up the file before it."""
    feed = desk.feed(ORDERED)
    first, file = desk.put("id,value,seq,gone\n1,a,1,\n"), desk.put("id,value,seq,gone\n2,b,1,\n")
    ledger = desk.run(feed).ledger
    tried = [(one, number) for one in (first, file) for number in (1, 2, 3)]
    ledger.append([ledger.entry(State.ATTEMPTED, file=one, attempt=n, run_id=str(n)) for one, n in tried])

    def merge() -> None:
        _set_ahead(desk, ahead)
        slow = desk.run(feed, run_id="3").ledger
        slow.append([slow.entry(state, file=file, attempt=3) for state in (State.STAGED, State.MERGED)])

    desk.volume = RejectingVolume(desk.volume, merge)
    stage_load(desk.run(feed, run_id="4"))

    assert _states(desk, feed, first, file) == [State.REJECTED, State.MERGED]
    assert (len(desk.files("archive")), desk.files("source")) == (1, [])


class RejectingVolume(Volume):
    """A volume beside whose first rejection something is done by others."""

    def __init__(self, volume: Volume, meanwhile: Callable[[], None]) -> None:
        super().__init__(volume.root, "landing")
        self._acts = [meanwhile]

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        while self._acts:
            self._acts.pop()()
        super().reject(file, rejection)


def _set_ahead(desk: "JobDesk", ahead: timedelta) -> None:
    """What is opened from now on is of a machine whose clock is ahead of the others' by so much."""
    if ahead:
        desk.clock = type(desk.clock)(desk.clock.time + ahead)


def _stage_beside(desk: "JobDesk", through: "Through", run: Run, meanwhile: Callable[[], None]) -> None:
    """The run's stage_load, with what others do between its read and its verdicts."""
    engine = desk.engine

    def append(table: str, rows: DataFrame, columns: Sequence[str]) -> None:
        engine.append(table, rows, columns)
        meanwhile()

    stage_load(replace(run, engine=through(engine, append=append)))


def _states(desk: "JobDesk", feed: Contract, *files: str) -> list[State | None]:
    histories = desk.run(feed).ledger.histories(files)
    return [history.state.state if history.state else None for history in (histories[file] for file in files)]


@pytest.mark.seldom
def test_a_late_word_on_an_attempt_that_was_reopened_settles_nothing(desk: "JobDesk") -> None:
    """A run that was thought dead enters its merge; the rows of the attempt that counts now are still to be merged."""
    ledger = desk.run(desk.feed(ORDERED)).ledger
    for state, attempt in ((State.STAGED, 1), (State.REOPENED, 1), (State.MERGED, 1), (State.STAGED, 2)):
        ledger.append([ledger.entry(state, file="file", attempt=attempt)])

    staged = ledger.staged()

    assert [entry.attempt for entry in staged] == [2]


QUESTIONS: dict[str, Callable[[Ledger], object]] = {
    "histories": lambda ledger: ledger.histories(["file"]),
    "states": lambda ledger: ledger.states(),
}


@pytest.mark.seldom
@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_what_a_run_enters_comes_behind_what_it_has_read(desk: "JobDesk", ask: Callable[[Ledger], object]) -> None:
    """Also if the other run's clock is ahead: else its merge would stand before the staging, and not count."""
    feed = desk.feed(ORDERED)
    ledger = desk.run(feed).ledger
    ahead = type(desk.clock)(desk.clock.time + timedelta(hours=1))
    other = Ledger(desk.engine, feed.feed, "ahead", "1.0.0", ahead)
    other.append([other.entry(State.STAGED, file="file", attempt=1)])

    ask(ledger)
    ledger.append([ledger.entry(State.MERGED, file="file", attempt=1)])

    assert ledger.histories(["file"])["file"].is_in(State.MERGED)

"""Files that go in again while a run beside still knows them as settled, and moves them away: none of them is lost."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract
from ingest.operating.statements.of_feeds import UNMERGED
from pipeline_jobs.errors import OperationRefusedError, StagedOtherwiseError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.tasks import loads

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
SHORT: "Properties" = {**KEYED, "value": {"physicalType": "string", "maxLength": 1}}
WIDER: "Properties" = {**KEYED, "more": {"physicalType": "string", "optional": True}}
CONTENT = "id,value\n1,new\n"
GOES_IN = [("attempted",), ("staged",), ("merged",)]

Again = Callable[["JobDesk"], tuple[Contract, str, Operation | None]]
"""A file that the next run has go in again: by which contract, which, and what the run is told."""


def rejected(desk: "JobDesk") -> tuple[Contract, str, Operation]:
    file = desk.put(CONTENT)
    desk.load(desk.feed(SHORT, maxBadRows={"count": 0}))
    return desk.feed(KEYED), file, Operation(Do.REPLAY, (file,))


def merged(desk: "JobDesk") -> tuple[Contract, str, Operation]:
    file, feed = desk.put(CONTENT), desk.feed(KEYED)
    desk.load(feed)
    return feed, file, Operation(Do.REPLAY, (file,))


def staged_otherwise(desk: "JobDesk") -> tuple[Contract, str, None]:
    file = desk.put(CONTENT)
    desk.stage(desk.feed(KEYED))
    return desk.feed(WIDER), file, None


AGAIN = pytest.mark.parametrize("again", [rejected, merged, staged_otherwise])


def beside_the_word(desk: "JobDesk", through: "Through", meanwhile: Callable[[], None]) -> Any:
    """The engine, where something happens once a file is back in source/, before the ledger says so."""
    engine, done = desk.engine, list[bool]()

    def append_records(table: str, records: Any) -> None:
        if State.REOPENED in records.column("state").to_pylist() and not done:
            done.append(True)
            meanwhile()
        engine.append_records(table, records)

    return through(engine, append_records=append_records)


@pytest.mark.seldom
@pytest.mark.parametrize("again", [rejected, merged])
def test_a_file_that_a_run_beside_moves_away_before_the_word_goes_in_again(
    desk: "JobDesk", through: "Through", again: Again
) -> None:
    """The other finds it in source/ with a verdict, takes it for one of which the move is left, and says nothing."""
    feed, file, operation = again(desk)
    older = desk.feed(KEYED)
    moved: list[list[str]] = []

    def beside() -> None:
        desk.stage(older, run_id="beside")
        moved.append(desk.files("source"))

    desk.engine = beside_the_word(desk, through, beside)
    run = desk.run(feed, run_id="again", operation=operation)
    stage.stage_load(run)
    merge.target_load(run)

    assert moved == [[]]
    assert desk.ledger(file)[-3:] == GOES_IN
    assert desk.rows(feed.table, "id", "value") == [("1", "new")]
    assert [len(desk.files(area)) for area in ("source", "archive", "rejected")] == [0, 1, 0]


@pytest.mark.seldom
def test_what_a_run_beside_stages_by_the_older_contract_before_the_word_is_judged_again(
    desk: "JobDesk", through: "Through"
) -> None:
    """It finds begun what the other is at, and finishes it; that is not merged, and the next run judges it again."""
    feed, file, _ = staged_otherwise(desk)
    older = desk.feed(KEYED)

    desk.engine = beside_the_word(desk, through, lambda: desk.stage(older, run_id="beside"))
    with pytest.raises(StagedOtherwiseError, match="run the job anew"):
        desk.load(feed)
    before = desk.rows(feed.table, "id")
    desk.load(feed)

    assert before == []
    assert desk.ledger(file)[-3:] == GOES_IN
    assert desk.rows(feed.table, "id", "value") == [("1", "new")]
    assert [len(desk.files(area)) for area in ("source", "archive", "rejected")] == [0, 1, 0]


class Slow(Volume):
    """Its moves are made when they are told to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, "landing")
        self.moves: list[Callable[[], None]] = []

    def archive(self, file: WaitingFile) -> None:
        self.moves.append(lambda: Volume.archive(self, file))

    def reject(self, file: WaitingFile, rejection: Any) -> None:
        self.moves.append(lambda: Volume.reject(self, file, rejection))


class Late(Volume):
    """Something happens before it lists source/."""

    def __init__(self, root: Path, before: Callable[[], None]) -> None:
        super().__init__(root, "landing")
        self._before = before

    def waiting(self, contract: Contract, contracts: tuple[Contract, ...]) -> list[WaitingFile]:
        self._before()
        return super().waiting(contract, contracts)


@pytest.mark.seldom
@AGAIN
@pytest.mark.parametrize("goes_on", [True, False], ids=["the run beside goes on", "the next run"])
def test_a_file_that_a_run_beside_moves_away_after_the_word_goes_in_again(
    desk: "JobDesk", through: "Through", again: Again, goes_on: bool
) -> None:
    """Too late for the run that listed without it; whoever comes next puts it back, the other's own merge or a run."""
    feed, file, operation = again(desk)
    slow, older = Slow(desk.volume.root), desk.feed(KEYED)
    other = replace(desk.run(older, run_id="beside"), volume=slow)

    def beside() -> None:
        stage.stage_load(other)

    def moves() -> None:
        for move in slow.moves:
            move()

    desk.engine = beside_the_word(desk, through, beside)
    run = replace(desk.run(feed, run_id="again", operation=operation), volume=Late(desk.volume.root, moves))
    stage.stage_load(run)
    assert (len(slow.moves), desk.files("source"), desk.ledger(file)[-1][0]) == (1, [], "reopened")

    if goes_on:
        merge.target_load(desk.run(older, run_id="beside"))
        assert len(desk.files("source")) == 1
    desk.load(feed)

    assert desk.ledger(file)[-3:] == GOES_IN
    assert desk.rows(feed.table, "id", "value") == [("1", "new")]
    assert [len(desk.files(area)) for area in ("source", "archive", "rejected")] == [0, 1, 0]


def lost(desk: "JobDesk", *, is_kept: bool) -> tuple[Contract, str]:
    """Reopened, and not in source/: in archive/, or nowhere."""
    feed, file, _ = merged(desk)
    ledger = desk.run(feed, run_id="lost").ledger
    [entry] = ledger.states()
    named = {name: getattr(entry, name) for name in ("file", "path", "generation", "attempt")}
    ledger.append([ledger.entry(state, **named, reason="replay") for state in (State.RETRACTING, State.RETRACTED)])
    ledger.append([ledger.entry(State.REOPENED, **named)])
    if not is_kept:
        (desk.volume.root / entry.place.path("archive")).unlink()
    return feed, file


@pytest.mark.seldom
@pytest.mark.parametrize("again", [rejected, merged])
def test_the_half_of_a_copy_that_died_behind_the_word_is_written_anew(desk: "JobDesk", again: Again) -> None:
    """FUSE shows what a killed process was writing; with fewer rows than the file has, it would be as good as any."""
    feed, file, _ = again(desk)
    ledger = desk.run(feed, run_id="died").ledger
    [entry] = ledger.states()
    named = {name: getattr(entry, name) for name in ("file", "path", "generation", "attempt")}
    if entry.state is State.MERGED:
        ledger.append([ledger.entry(state, **named, reason="replay") for state in (State.RETRACTING, State.RETRACTED)])
    ledger.append([ledger.entry(State.REOPENED, **named)])
    desk.write(entry.place.path("source"), CONTENT[: CONTENT.index("1,new")])

    desk.load(feed)

    assert desk.ledger(file)[-3:] == GOES_IN
    assert desk.rows(feed.table, "id", "value") == [("1", "new")]
    [kept] = desk.files("archive")
    assert (desk.volume.root / "archive" / kept).read_text() == CONTENT
    assert (desk.files("source"), desk.files("rejected")) == ([], [])


@pytest.mark.seldom
@pytest.mark.parametrize("do", [Do.RETRACT, Do.REPLAY])
def test_a_command_about_a_file_that_was_moved_away_finds_it_in_source(desk: "JobDesk", do: Do) -> None:
    """So a replay has it go in again, and what a retract says of it is true."""
    feed, file = lost(desk, is_kept=True)
    run = desk.run(feed, operation=Operation(do, (file,)))

    if do is Do.RETRACT:
        with pytest.raises(OperationRefusedError, match="waits in source/"):
            stage.stage_load(run)
        assert len(desk.files("source")) == 1
    else:
        stage.stage_load(run)
        assert desk.ledger(file)[-2:] == GOES_IN[:2]


@pytest.mark.seldom
def test_a_file_that_is_nowhere_is_told_of_and_rejected_by_the_third_run(desk: "JobDesk") -> None:
    """Each run says so once, and the others go on; who is to retract it is told the truth."""
    feed, file = lost(desk, is_kept=False)
    told = []
    for run_id in ("one", "two", "three", "four"):
        desk.load(feed, run_id=run_id)
        told.append(desk.report(feed, run_id=run_id))
        if run_id == "one":
            with pytest.raises(OperationRefusedError, match="is not in the lake any more"):
                stage.stage_load(desk.run(feed, run_id="asks", operation=Operation(Do.RETRACT, (file,))))
            desk.report(feed, run_id="asks")

    assert desk.ledger(file)[-4:] == [("reopened",), *[("failed", "vanished")] * 2, ("rejected", "unreadable")]
    assert ["has vanished" in text for text in told] == [True, False, False, False]
    assert f"{file} was rejected: unreadable: " in told[1]
    assert told[2:] == ["", ""]


@pytest.mark.seldom
def test_status_counts_a_file_that_is_to_go_in_again(desk: "JobDesk") -> None:
    """Wherever it stands: it is in no table, and no run is done with it."""
    lost(desk, is_kept=False)
    desk.engine.read(TABLE).createOrReplaceTempView(TABLE)

    assert desk.ask(UNMERGED.replace(":since", "TIMESTAMP '2020-01-01 00:00:00'")) == [("things", 1)]


@pytest.mark.seldom
def test_what_another_run_has_loaded_meanwhile_is_not_put_back(desk: "JobDesk") -> None:
    """By what a run knew when it began, the file was still to go in again."""
    feed, file = lost(desk, is_kept=True)
    late = desk.run(feed, run_id="late")
    desk.load(feed)

    merge.target_load(late)

    assert desk.ledger(file)[-3:] == GOES_IN
    assert desk.files("source") == []


@pytest.mark.seldom
def test_what_came_beside_a_swap_and_was_moved_away_is_in_source_behind_it(desk: "JobDesk", through: "Through") -> None:
    """A run beside knew it as merged, into a table that is not there any more."""
    feed, engine = desk.feed(KEYED), desk.engine
    desk.put(CONTENT)
    desk.load(feed)
    files: list[str] = []

    def replace_table(table: str, *rest: Any, **named: Any) -> None:
        if table == feed.stage_table and not files:
            files.append(desk.put("id,value\n9,beside\n"))
            engine.set_property(feed.table, "ingest.swap", "none")  # the notebook looked before the swap began
            desk.load(feed, run_id="notebook")
            engine.set_property(feed.table, "ingest.swap", "open")
        engine.replace(table, *rest, **named)

    def beside() -> None:
        engine.set_property(feed.table, "ingest.swap", "none")
        desk.stage(feed, run_id="beside")
        engine.set_property(feed.table, "ingest.swap", "open")

    told = Operation(Do.SWAP)
    loads.stage_load(desk.run(feed, run_id="swaps", operation=told))
    desk.engine = through(beside_the_word(desk, through, beside), replace=replace_table)
    loads.target_load(desk.run(feed, run_id="swaps", operation=told))
    waiting = desk.files("source")
    desk.load(feed)

    assert len(waiting) == 1
    assert desk.ledger(*files)[-4:] == [("reopened", "rebuilt"), *GOES_IN]
    assert [row[0] for row in desk.rows(feed.table, "id")] == ["1", "9"]

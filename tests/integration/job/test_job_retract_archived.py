"""retract where the stage table keeps rows for some days: what comes back is read from the archive, or nothing goes."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipeline_jobs.errors import OriginalDiffersError, OriginalMissingError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.steps.upkeep import tidy_tables

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

pytestmark = pytest.mark.seldom

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
STRICT: "Properties" = {**KEYED, "value": {"physicalType": "string", "maxLength": 4}}
OURS: dict[str, Any] = {"retention": {"stageDays": 30}}
OLD = [("1", "a"), ("2", "of old")]
NEW = [("1", "new"), ("2", "new")]


class Shelf:
    """A feed of two files, the older overtaken by the newer, of whose rows the stage table has none any more."""

    def __init__(self, desk: "JobDesk") -> None:
        self.desk = desk
        self.feed = desk.feed(KEYED, **OURS)
        self.old, self.new = desk.put("id,value\n1,a\n2,of old\n"), desk.put("id,value\n1,new\n2,new\n")
        desk.load(self.feed)
        desk.clock.time += timedelta(days=31)
        tidy_tables(desk.run(self.feed))
        assert desk.rows(self.feed.stage_table, "_file") == []

    def retract(self, *files: str) -> None:
        self.operate(Do.RETRACT, *files)

    def operate(self, do: Do, *files: str) -> None:
        run = self.desk.run(self.feed, operation=Operation(do, files))
        stage.stage_load(run)
        merge.target_load(run)

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        return self.desk.rows(self.feed.table, "id", "value")

    def state(self, file: str) -> State | None:
        state = self.desk.run(self.feed).ledger.histories([file])[file].state
        return state.state if state else None

    def original(self, file: str) -> Any:
        [entry] = self.desk.run(self.feed).ledger.in_state([file], *State)
        return self.desk.volume.root / entry.place.path("archive")


def test_what_comes_back_is_what_the_archive_says(desk: "JobDesk") -> None:
    """By a contract that takes its rows as the one did that loaded them."""
    shelf = Shelf(desk)

    shelf.retract(shelf.new)

    assert shelf.rows == OLD


@pytest.mark.parametrize(
    ("strict", "told"),
    [
        (STRICT, r"things/1\.csv#.* has 1 good rows by the contract of today, and had 2 when it was loaded\. Nothing"),
        (
            {**KEYED, "more": "string"},
            r"things/2\.csv#.* is not taken by the contract of today: .* lacks more; .*\. Nothing",
        ),
    ],
    ids=["rows", "file"],
)
@pytest.mark.parametrize("do", [Do.RETRACT, Do.REPLAY])
def test_accepted_rows_that_are_bad_today_stop_it_before_anything_is_done(
    desk: "JobDesk", strict: "Properties", told: str, do: Do
) -> None:
    """They would leave the target without a word. Tables and ledger are as they were, and the feed goes on."""
    shelf = Shelf(desk)
    shelf.feed = desk.feed(strict, **OURS)
    before = desk.ledger()

    with pytest.raises(OriginalDiffersError, match=told):
        shelf.operate(do, shelf.new)

    assert (shelf.rows, desk.ledger()) == (NEW, before)
    desk.put("id,value,more\n3,c,m\n")
    desk.load(shelf.feed)
    assert shelf.rows == [*NEW, ("3", "c")]


def test_it_may_be_told_to_take_the_file_that_differs_out_too(desk: "JobDesk") -> None:
    """Then nothing of it comes in the place of anything; and what is bad today of it goes as well."""
    shelf = Shelf(desk)
    shelf.feed = desk.feed(STRICT, **OURS)
    desk.put("id,value\n1,last\n")
    desk.load(shelf.feed)

    shelf.retract(shelf.new, shelf.old)

    assert shelf.rows == [("1", "last")]
    assert {shelf.state(file) for file in (shelf.old, shelf.new)} == {State.RETRACTED}


def test_a_file_of_other_records_than_were_loaded_stops_it_too(desk: "JobDesk") -> None:
    """Of the one that goes itself: nobody could say which keys it had."""
    shelf = Shelf(desk)
    shelf.original(shelf.new).write_text("id,value\n1,new\n")
    before = desk.ledger()

    with pytest.raises(OriginalDiffersError, match="has 1 records by the contract of today, and had 2 when"):
        shelf.retract(shelf.new)

    assert (shelf.rows, desk.ledger()) == (NEW, before)


@pytest.mark.parametrize(
    ("meanwhile", "error", "told"),
    [
        (lambda path: path.unlink(), OriginalMissingError, "has just gone from archive/"),
        (
            lambda path: path.write_text("id,value\n1,a\n"),
            OriginalDiffersError,
            "and had 2 when it was loaded. What was begun goes on with the feed's next run",
        ),
    ],
    ids=["gone", "changed"],
)
def test_what_changes_behind_the_look_leaves_the_tables_and_says_so(
    desk: "JobDesk",
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[Any], None],
    error: type[Exception],
    told: str,
) -> None:
    """The intent is entered by then; when the file is back, the next ordinary run does what was begun."""
    shelf = Shelf(desk)
    original = shelf.original(shelf.old)
    content = original.read_bytes()
    run = desk.run(shelf.feed, operation=Operation(Do.RETRACT, (shelf.new,)))
    append = run.ledger.append

    def entering(entries: Any) -> None:
        append(entries)
        if any(entry.state is State.RETRACTING for entry in entries):
            meanwhile(original)

    monkeypatch.setattr(run.ledger, "append", entering)
    with pytest.raises(error, match=re.escape(told)):
        stage.stage_load(run)

    assert (shelf.rows, shelf.state(shelf.new)) == (NEW, State.RETRACTING)
    original.write_bytes(content)
    desk.load(shelf.feed)
    assert (shelf.rows, shelf.state(shelf.new)) == (OLD, State.RETRACTED)


MORE: "Properties" = {**STRICT, "more": {"physicalType": "string", "optional": True}}
REQUIRED: "Properties" = {**KEYED, "more": "string"}


def swapped(desk: "JobDesk", shelf: Shelf, told: type[Exception]) -> None:
    """The way that the error tells, which each run of the feed ends with until then."""
    for _ in range(2):
        with pytest.raises(told, match="ingest rebuild --swap"):
            desk.load(shelf.feed)
    lost = told is OriginalMissingError
    desk.operate(shelf.feed, Operation(Do.SWAP, accept_rejected=True, without_gone=lost))
    desk.put("id,value,more\n3,c,m\n")
    desk.load(shelf.feed)


@pytest.mark.parametrize("is_there", [True, False], ids=["differs", "is gone"])
def test_a_rebuild_leads_out_of_rows_without_a_word_that_today_s_contract_cannot_take_out(
    desk: "JobDesk", dying: "Dying", *, is_there: bool
) -> None:
    """A run died behind its merge, and the older files, whose keys it has, are not read as they were any more."""
    shelf = Shelf(desk)
    last = desk.put("id,value\n1,last\n")
    with dying(desk, State.MERGED):
        desk.load(shelf.feed)
    if not is_there:
        shelf.original(shelf.old).unlink()
    shelf.feed = desk.feed(MORE, **OURS)

    swapped(desk, shelf, OriginalDiffersError if is_there else OriginalMissingError)

    assert shelf.rows == [("1", "last"), ("2", "new"), ("3", "c")]
    assert shelf.state(last) is State.MERGED
    assert shelf.state(shelf.old) is (State.MERGED if is_there else State.RETRACTED)


@pytest.mark.parametrize("do", [Do.RETRACT, Do.REPLAY])
@pytest.mark.parametrize("properties", [MORE, REQUIRED], ids=["rows", "file"])
def test_a_rebuild_leads_out_of_what_was_begun_and_today_s_contract_cannot_end(
    desk: "JobDesk", dying: "Dying", do: Do, properties: "Properties"
) -> None:
    """Its rows are in no table any more then, whatever today's contract would say of the file; a replay goes on."""
    shelf = Shelf(desk)
    with dying(desk, State.RETRACTED):
        shelf.operate(do, shelf.new)
    shelf.feed = desk.feed(properties, **OURS)

    swapped(desk, shelf, OriginalDiffersError)

    is_taken = properties is MORE
    of_old, of_new = [("1", "a")] if is_taken else [], NEW if is_taken and do is Do.REPLAY else []
    assert shelf.rows == [*(of_new or of_old), ("3", "c")]
    ended = State.RETRACTED if do is Do.RETRACT else State.MERGED if is_taken else State.REJECTED
    assert shelf.state(shelf.new) is ended

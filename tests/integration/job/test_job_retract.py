"""retract: the target and the tombstones are those of a feed that has never seen the file."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.files.reasons import Reason
from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.errors import OperationRefusedError, OriginalMissingError
from pipeline_jobs.operations import archived, taking_out
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.steps.attempt import attempt

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "version": "int",
    "value": "string",
    "double": {"physicalType": "string", "transformLogic": "concat(value, value)"},
}
OURS: dict[str, Any] = {"sequenceBy": ["version"], "deleteWhen": "value = 'gone'"}
HEAD = "id,version,value\n"
BESIDE_A_WRONG_ONE = (
    [(1, 1, "a"), (2, 1, "a"), (3, 1, "gone"), (4, 1, "a"), (6, 1, "a")],
    [(1, 2, "b"), (2, 2, "gone"), (3, 2, "b"), (4, 2, "gone"), (5, 1, "x"), (5, 2, "y"), (6, 2, "b")],
    [(6, 3, "c"), (4, 1, "c")],
)
"""Rows of three files, the second of them the wrong one."""


class Gone(BaseException):
    """The process is: nothing of the job may catch it."""


def operate(desk: "JobDesk", feed: Any, do: Do, *files: str, **said: Any) -> str:
    """A whole run that is told to; what its report tells."""
    run = desk.run(feed, operation=Operation(do, files, **said))
    stage.stage_load(run)
    merge.target_load(run)
    return desk.report(feed, run_id=run.ledger.run_id)


def state_of(desk: "JobDesk", feed: Any, file: str) -> State | None:
    state = desk.run(feed).ledger.histories([file])[file].state
    return state.state if state else None


class Shop:
    """Files of one feed, and what its tables are without some of them, said in plain Python."""

    def __init__(self, desk: "JobDesk", *files: Sequence[tuple[int, int, str]]) -> None:
        self.desk = desk
        self.feed = desk.feed(KEYED, **OURS)
        self.rows: dict[str, Sequence[tuple[int, int, str]]] = {}
        for rows in files:
            self.put(rows)

    def put(self, rows: Sequence[tuple[int, int, str]]) -> str:
        file = self.desk.put(HEAD + "".join(f"{key},{version},{value}\n" for key, version, value in rows))
        self.rows[file] = rows
        return file

    def without(self, *files: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """Target and tombstones: the files were put in their order, so a later row of one version is the newer."""
        of = [
            (key, version, at, row, value, file)
            for at, (file, rows) in enumerate(self.rows.items())
            if file not in files
            for row, (key, version, value) in enumerate(rows)
        ]
        newest = {key: max(one for one in of if one[0] == key) for key in {one[0] for one in of}}
        target = [
            (str(key), str(version), value, value * 2, file)
            for key, version, _, _, value, file in newest.values()
            if value != "gone"
        ]
        dead = [
            (str(key), str(version), file) for key, version, _, _, value, file in newest.values() if value == "gone"
        ]
        return sorted(target), sorted(dead)

    def tables(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """A tombstone below a row that stands says nothing: whether there is one depends on what was merged at once."""
        target = self.desk.rows(self.feed.table, "id", "version", "value", "double", "_file")
        standing = {row[0] for row in target}
        tombs = self.desk.rows(self.feed.tombstones_table, "id", "version", "_file")
        return target, [row for row in tombs if row[0] not in standing]


@pytest.mark.on_spark("at_once")
@pytest.mark.parametrize("is_one_by_one", [True, False], ids=["one_by_one", "at_once"])
def test_the_tables_are_those_that_never_saw_the_file(desk: "JobDesk", is_one_by_one: bool) -> None:
    """It held the newest row of a key, a delete, a key of its own, a key twice, and rows that another had overtaken."""
    shop = Shop(desk)
    for rows in BESIDE_A_WRONG_ONE:
        shop.put(rows)
        if is_one_by_one:
            desk.load(shop.feed)
    desk.load(shop.feed)
    [_, wrong, _] = shop.rows
    assert shop.tables() == shop.without()

    told = operate(desk, shop.feed, Do.RETRACT, wrong, note="the wrong shop's")

    assert told == ""
    assert shop.tables() == shop.without(wrong)
    assert wrong not in {file for (file,) in desk.rows(shop.feed.tombstones_table, "_file")}
    assert state_of(desk, shop.feed, wrong) is State.RETRACTED
    later = shop.put([(2, 1, "late"), (5, 1, "late"), (3, 1, "late")])
    desk.load(shop.feed)
    assert later
    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_files_that_are_retracted_together_leave_what_neither_said(desk: "JobDesk") -> None:
    """Of one key each held the newest row in turn."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "a")])
    wrong = [shop.put([(1, 2, "b"), (3, 1, "gone")]), shop.put([(1, 3, "gone"), (3, 2, "c"), (2, 2, "gone")])]
    desk.load(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, *wrong)

    assert told == ""
    assert shop.tables() == shop.without(*wrong)


@pytest.mark.seldom
def test_a_file_that_is_staged_and_not_merged_never_comes_in(desk: "JobDesk") -> None:
    """The same run's target_load leaves it out."""
    shop = Shop(desk, [(1, 1, "a")])
    desk.load(shop.feed)
    wrong = shop.put([(1, 2, "b"), (2, 1, "b")])
    desk.stage(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, wrong)

    assert told == ""
    assert shop.tables() == shop.without(wrong)
    assert shop.feed.stage_table
    assert desk.run(shop.feed).ledger.staged() == []


@pytest.mark.seldom
def test_of_an_append_only_feed_the_rows_just_go(desk: "JobDesk") -> None:
    """Nobody else has them."""
    feed = desk.feed({"id": "bigint"}, resent="load")
    stays, wrong = desk.put("id\n1\n2\n"), desk.put("id\n1\n2\n")
    desk.load(feed)

    told = operate(desk, feed, Do.RETRACT, wrong)

    assert told == ""
    assert desk.rows(feed.table, "_file", "id") == [(stays, "1"), (stays, "2")]


@pytest.mark.seldom
def test_what_the_stage_table_has_no_longer_is_read_from_the_archive(desk: "JobDesk") -> None:
    """Of the file itself, and of those whose rows come back."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "gone"), (9, 1, "a")])
    wrong = shop.put([(1, 2, "b"), (2, 2, "b"), (3, 1, "b")])
    desk.load(shop.feed)
    desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in merged(desk, shop.feed)])
    shop.put([(3, 0, "c")])
    desk.load(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, wrong)

    assert told == ""
    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_files_of_before_are_read_some_at_a_time_and_none_is_forgotten(
    server: "Server", open_desk: "OpenDesk", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a driver that reads each part into the folder of the one before; none of their rows stands in the target."""
    monkeypatch.setattr(archived, "_FILES", 2)
    with open_desk(server, tmp_path / "driver", "driver") as desk:
        shop = Shop(desk)
        old = [shop.put([(key, 1, "a")]) for key in (1, 2, 3)]
        shop.put([(1, 2, "b"), (2, 2, "b"), (3, 2, "b")])
        desk.load(shop.feed)
        entries = [entry for entry in merged(desk, shop.feed) if entry.file in old]
        desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in entries])

        keys = taking_out._keys(desk.run(shop.feed), entries)

        assert sorted(row["id"] for row in keys.collect()) == [1, 2, 3]
        assert operate(desk, shop.feed, Do.RETRACT, *old) == ""
        assert shop.tables() == shop.without(*old)


@pytest.mark.seldom
def test_what_is_nowhere_any_more_is_named_before_anything_is_written(desk: "JobDesk") -> None:
    """The target would be a guess."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.load(shop.feed)
    entries = merged(desk, shop.feed)
    desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in entries])
    before = shop.tables()
    for entry in entries:
        if entry.file != wrong:
            (desk.volume.root / entry.place.path("archive")).unlink()

    with pytest.raises(OriginalMissingError, match=re.escape(next(iter(shop.rows)))):
        operate(desk, shop.feed, Do.RETRACT, wrong)

    assert shop.tables() == before
    assert state_of(desk, shop.feed, wrong) is State.MERGED


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("content", "is_there", "told"),
    [("id,version\n1,1\n", True, "was not loaded"), (HEAD + "1,1,a\n", False, "no run has ever seen")],
)
def test_what_has_no_rows_in_the_tables_cannot_be_retracted(
    desk: "JobDesk", content: str, *, is_there: bool, told: str
) -> None:
    """With a sentence that names it, and nothing done."""
    feed = desk.feed(KEYED, **OURS)
    file = desk.put(content) if is_there else "gs://landing/never.csv#1"
    desk.load(feed)

    with pytest.raises(OperationRefusedError, match=told):
        operate(desk, feed, Do.RETRACT, file)


@pytest.mark.seldom
def test_a_second_try_of_the_task_retracts_nothing_again(desk: "JobDesk") -> None:
    """A repaired run finds its operation begun, even if the file has gone in again since."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.load(shop.feed)
    run = desk.run(shop.feed, run_id="first", operation=Operation(Do.RETRACT, (wrong,)))
    stage.stage_load(run)
    operate(desk, shop.feed, Do.REPLAY, wrong)
    assert shop.tables() == shop.without()

    stage.stage_load(replace(run, ledger=desk.run(shop.feed, run_id="first").ledger))

    assert shop.tables() == shop.without()
    assert state_of(desk, shop.feed, wrong) is State.MERGED


def merged(desk: "JobDesk", feed: Any) -> list[Any]:
    ledger = desk.run(feed).ledger
    return ledger.in_state(ledger.newest(100), State.MERGED)


def beside(desk: "JobDesk", through: "Through", table: str, meanwhile: Callable[[], None]) -> Engine:
    """The desk's engine, whose first merge into this table waits for what another run does."""
    engine, once = desk.engine, iter([True])

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        if of.target == table and next(once, False):
            meanwhile()
        return engine.merge(of, keys)

    return through(engine, merge=merge)


@pytest.mark.seldom
def test_what_a_run_beside_puts_in_again_it_takes_out_itself(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It had the file in its batch, and commits when the file is out already."""
    shop = Shop(desk, [(1, 1, "a")])
    desk.load(shop.feed)
    wrong = shop.put([(1, 2, "b"), (2, 1, "gone")])
    desk.stage(shop.feed)
    other, late = replace(desk, engine=new_engine()), desk.run(shop.feed, run_id="late")

    def retract() -> None:
        operate(other, shop.feed, Do.RETRACT, wrong)

    merge.target_load(replace(late, engine=beside(desk, through, shop.feed.table, retract)))

    assert shop.tables() == shop.without(wrong)
    assert wrong not in {file for (file,) in desk.rows(shop.feed.tombstones_table, "_file")}
    assert state_of(desk, shop.feed, wrong) is State.RETRACTED


@pytest.mark.seldom
def test_a_run_beside_that_believed_in_a_tombstone_takes_nothing_away(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It had read the tombstone of a file that is out when it commits."""
    shop = Shop(desk, [(1, 2, "a")])
    wrong = shop.put([(1, 3, "gone")])
    desk.load(shop.feed)
    shop.put([(1, 1, "late")])
    desk.stage(shop.feed)
    other, late = replace(desk, engine=new_engine()), desk.run(shop.feed, run_id="late")

    def retract() -> None:
        operate(other, shop.feed, Do.RETRACT, wrong)

    merge.target_load(replace(late, engine=beside(desk, through, shop.feed.table, retract)))

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_what_a_run_took_away_that_died_behind_its_commit_the_next_one_puts_back(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It believed in the tombstone of a file that was out when it committed, and never looked again; the
    other run has not merged anything since.
    """
    shop = Shop(desk, [(1, 2, "a")])
    wrong = shop.put([(1, 3, "gone")])
    desk.load(shop.feed)
    shop.put([(1, 1, "late")])
    desk.stage(shop.feed)
    other, late = replace(desk, engine=new_engine()), desk.run(shop.feed, run_id="late")

    def retract() -> None:
        stage.stage_load(other.run(shop.feed, operation=Operation(Do.RETRACT, (wrong,))))

    retracting = beside(desk, through, shop.feed.table, retract)

    def merge_and_die(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        made = retracting.merge(of, keys)
        if of.target == shop.feed.table:
            raise Gone
        return made

    with pytest.raises(Gone):
        merge.target_load(replace(late, engine=through(desk.engine, merge=merge_and_die)))
    desk.load(shop.feed)

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_a_file_that_is_merged_while_another_goes_is_not_lost(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """Its merge changes nothing while the newer row stands; it is seen by the look at what is accepted now."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 3, "b")])
    desk.load(shop.feed)
    other = replace(desk, engine=new_engine())

    def load() -> None:
        # As a run that listed its file before, and dies when it has merged: it looks at nothing that went.
        shop.put([(1, 2, "c")])
        late = other.run(shop.feed)
        attempt(late, late.volume.waiting(shop.feed, (shop.feed,)))
        staged = late.ledger.staged()
        merge.merge_staged(late, staged)
        late.ledger.append([late.ledger.entry(State.MERGED, file=of.file, attempt=of.attempt) for of in staged])

    run = desk.run(shop.feed, operation=Operation(Do.RETRACT, (wrong,)))
    stage.stage_load(replace(run, engine=beside(desk, through, shop.feed.table, load)))

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
@pytest.mark.parametrize("dies_at", [State.RETRACTING, State.RETRACTED, State.REOPENED, State.STAGED, State.MERGED])
@pytest.mark.parametrize("do", [Do.RETRACT, Do.REPLAY])
def test_a_death_at_any_entry_is_made_good_by_the_next_ordinary_run(
    desk: "JobDesk", dying: "Dying", do: Do, dies_at: State
) -> None:
    """Nobody repeats the command; before the intent is entered, nothing has been done."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b"), (2, 1, "gone")])
    desk.load(shop.feed)
    if (do, dies_at) in {(Do.RETRACT, State.REOPENED), (Do.RETRACT, State.STAGED), (Do.RETRACT, State.MERGED)}:
        return

    with dying(desk, dies_at):
        operate(desk, shop.feed, do, wrong)
    desk.load(shop.feed)

    is_out = do is Do.RETRACT and dies_at is State.RETRACTED
    assert shop.tables() == shop.without(*([wrong] if is_out else []))
    assert state_of(desk, shop.feed, wrong) is (State.RETRACTED if is_out else State.MERGED)
    assert (desk.files("source"), desk.files("rejected")) == ([], [])


@pytest.mark.seldom
def test_what_a_run_put_in_again_and_died_is_taken_out_by_the_next(desk: "JobDesk") -> None:
    """Before it could look whether the file had been retracted meanwhile."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.stage(shop.feed)
    late = desk.run(shop.feed, run_id="late")
    staged = late.ledger.staged()
    desk.load(shop.feed)
    operate(desk, shop.feed, Do.RETRACT, wrong)
    merge.merge_staged(late, staged)
    assert shop.tables() == shop.without()

    desk.load(shop.feed)

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_a_merged_file_goes_in_again_as_what_the_contract_says_now(desk: "JobDesk") -> None:
    """A row that is bad today leaves its key to the older file; nothing else changes, and the order is as it was."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "a")])
    again = shop.put([(1, 2, "b"), (2, 2, "faulty"), (3, 1, "c")])
    shop.put([(1, 3, "d")])
    desk.load(shop.feed)
    shop.feed = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 4}}, **OURS)

    told = operate(desk, shop.feed, Do.REPLAY, again)

    assert told == ""
    shop.rows[again] = [row for row in shop.rows[again] if row[2] != "faulty"]
    assert shop.tables() == shop.without()
    assert state_of(desk, shop.feed, again) is State.MERGED
    assert len(desk.files("archive")) == 3


@pytest.mark.seldom
def test_rejected_files_go_in_again_by_their_reason(desk: "JobDesk") -> None:
    """Only those; each is kept once, in archive/ then, and its reason is gone."""
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 1}}, maxBadRows={"count": 0}, **OURS)
    judged = desk.put(HEAD + "1,1,new\n")
    headless = desk.put("id,version\n1,1\n")
    desk.load(feed, run_id="first")
    assert headless in desk.report(feed, run_id="first")
    assert len(desk.files("rejected")) == 4
    feed = desk.feed(KEYED, maxBadRows={"count": 0}, **OURS)

    told = operate(desk, feed, Do.REPLAY, reason=Reason.TOO_MANY_BAD_ROWS)

    assert told == ""
    assert desk.rows(feed.table, "id", "_file") == [("1", judged)]
    assert state_of(desk, feed, headless) is State.REJECTED
    assert (len(desk.files("archive")), len(desk.files("rejected"))) == (1, 2)


@pytest.mark.seldom
def test_a_file_put_into_source_under_a_name_too_long_holds_up_no_replay(desk: "JobDesk") -> None:
    """It is told and stays rejected; the others of the feed go in again."""
    feed = desk.feed(KEYED, maxBadRows={"count": 0}, **OURS)
    desk.write(f"source/things/{'ä' * 40}.csv", HEAD + "1,1,a\n")
    judged = desk.put(HEAD + "2,1,b\nnone,1,c\n")
    desk.load(feed, run_id="first")
    assert "name_too_long" in desk.report(feed, run_id="first")
    feed = replace(feed, max_bad_rows=desk.feed(KEYED, maxBadRows={"count": 1}).max_bad_rows)

    told = operate(desk, feed, Do.REPLAY)

    assert "was not replayed: its name is longer" in told
    assert desk.rows(feed.table, "id", "_file") == [("2", judged)]


@pytest.mark.seldom
def test_what_is_not_there_any_more_is_told_and_the_rest_goes_on(desk: "JobDesk") -> None:
    """Its rows stay where they are."""
    shop = Shop(desk, [(1, 1, "a")])
    [gone] = shop.rows
    again = shop.put([(2, 1, "b")])
    desk.load(shop.feed)
    [entry] = [entry for entry in merged(desk, shop.feed) if entry.file == gone]
    (desk.volume.root / entry.place.path("archive")).unlink()

    told = operate(desk, shop.feed, Do.REPLAY, gone, again)

    assert f"{gone} was not replayed: " in told
    assert again not in told
    assert shop.tables() == shop.without()
    assert ("reopened", "replay") not in desk.ledger(gone)
    assert desk.ledger(again)[-1] == ("merged",)


@pytest.mark.seldom
def test_another_file_of_its_name_is_not_taken_for_one_that_is_gone(desk: "JobDesk") -> None:
    """Put straight into source/, where the next of that name waits by then: the rows of the first stay."""
    feed = desk.feed(KEYED, **OURS)
    path = desk.write("source/things/a.csv", HEAD + "1,1,a\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk.load(feed)
    [(gone,)] = desk.rows(feed.table, "_file")
    [kept] = desk.files("archive")
    (desk.volume.root / "archive" / kept).unlink()
    desk.write("source/things/a.csv", HEAD + "2,1,b\n")

    told = operate(desk, feed, Do.REPLAY, str(gone))

    assert f"{gone} was not replayed: " in told
    assert desk.rows(feed.table, "id", "value") == [("1", "a"), ("2", "b")]
    assert state_of(desk, feed, str(gone)) is State.MERGED

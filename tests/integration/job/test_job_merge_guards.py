"""No row is merged unseen, and none lost in a merge: the tables are looked at before it and after it."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from pipeline_jobs.engines.engine import KeyRange, Merge, MergeCommit
from pipeline_jobs.errors import (
    CommitConflictError,
    ConservationError,
    JobError,
    StagedRowsDifferError,
    SwapRefusedError,
)
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps.merge import target_load
from pipeline_jobs.tasks import loads

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
THREE = "id,value\n1,a\n2,b\n3,c\n"


def rows_vanish(desk: "JobDesk", feed: "Contract", file: str) -> None:
    """What waits is staged, and then somebody takes the rows of one file out of the stage table."""
    desk.stage(feed)
    [staged] = [entry for entry in desk.run(feed).ledger.staged() if entry.file == file]
    desk.engine.discard(feed.stage_table, [staged.attempt or 0])


def told_files(error: JobError, word: str) -> tuple[str, ...]:
    """The files of the command that the error ends with."""
    ingest, said, *files = shlex.split(str(error).splitlines()[-1])
    assert (ingest, said) == ("ingest", word)
    return tuple(files)


@pytest.mark.seldom
def test_rows_that_left_the_stage_table_are_missed_before_the_merge(desk: "JobDesk") -> None:
    """Of their file nothing is merged, nor entered as merged; the others beside it and behind it are, and the command
    that the error tells has it go in again.
    """
    feed = desk.feed(KEYED)
    lost, beside = desk.put(THREE), desk.put("id,value\n4,d\n")
    rows_vanish(desk, feed, lost)

    with pytest.raises(StagedRowsDifferError, match=r"1 staged files .* 3 good rows were staged, 0 are there") as told:
        target_load(desk.run(feed))
    later = desk.put("id,value\n5,e\n")
    with pytest.raises(StagedRowsDifferError):
        desk.load(feed)
    before = desk.rows(feed.table, "id"), [desk.ledger(file)[-1] for file in (lost, beside, later)]
    desk.operate(feed, Operation(Do.REPLAY, told_files(told.value, "replay")))
    desk.load(feed)

    assert before == ([("4",), ("5",)], [("staged",), ("merged",), ("merged",)])
    assert desk.rows(feed.table, "id") == [(key,) for key in "12345"]
    assert desk.ledger(lost)[-1] == ("merged",)


@pytest.mark.seldom
def test_a_rebuild_is_a_way_out_of_staged_rows_that_are_gone(desk: "JobDesk") -> None:
    """It goes on beside them, tells of them until it comes to a swap, and then has them, too."""
    feed = desk.feed(KEYED)
    lost = desk.put(THREE)
    desk.put("id,value\n4,d\n")
    rows_vanish(desk, feed, lost)

    with pytest.raises(StagedRowsDifferError):
        desk.operate(feed, Operation(Do.REBUILD))
    before = desk.rows(feed.rebuilt.table, "id"), desk.rows(feed.table, "id")
    desk.operate(feed, Operation(Do.SWAP))
    desk.load(feed)

    assert before == ([(key,) for key in "1234"], [("4",)])
    assert desk.rows(feed.table, "id") == [(key,) for key in "1234"]
    assert desk.ledger(lost)[-1] == ("merged", "rebuilt")


@pytest.mark.seldom
def test_files_that_cannot_be_merged_are_told_whatever_is_wrong_besides(desk: "JobDesk", through: "Through") -> None:
    """A view may stay wrong for weeks, and the command that leads out is in nothing else that anybody is told."""
    feed = desk.feed(KEYED)
    lost = desk.put(THREE)
    rows_vanish(desk, feed, lost)

    def publish_view(name: str, query: str) -> None:
        raise PermissionError(name)

    desk.engine = through(desk.engine, publish_view=publish_view)
    with pytest.raises(StagedRowsDifferError) as told:
        target_load(desk.run(feed))

    assert told_files(told.value, "replay") == (lost,)


@pytest.mark.seldom
def test_files_that_cannot_be_merged_are_told_beside_a_swap_that_is_refused(desk: "JobDesk") -> None:
    feed = desk.feed(KEYED)
    other = desk.put("id,value,more\n4,d,1\n")
    desk.load(feed)
    lost = desk.put(THREE)
    rows_vanish(desk, feed, lost)
    stricter = replace(feed, unknown_columns="reject")

    with pytest.raises(SwapRefusedError, match="1 files are rejected by the contract of today") as told:
        desk.operate(stricter, Operation(Do.SWAP))

    assert desk.ledger(other)[-1] == ("merged",)
    assert told_files(told.value, "replay") == (lost,)


@pytest.mark.seldom
def test_new_tables_without_the_rows_that_were_staged_are_dropped_and_made_anew(desk: "JobDesk") -> None:
    """No replay of a file of the feed's own tables would lead out of it: the commands that are told do."""
    feed = desk.feed(KEYED)
    desk.put(THREE)
    desk.load(feed)
    run = desk.run(feed, operation=Operation(Do.REBUILD))
    loads.stage_load(run)
    staged = desk.rows(feed.rebuilt.stage_table, "_attempt")
    desk.engine.discard(feed.rebuilt.stage_table, [int(attempt or 0) for (attempt,) in staged])

    for do in (Do.REBUILD, Do.SWAP):
        with pytest.raises(StagedRowsDifferError, match=r"not in things__rebuild_stage as they were staged") as told:
            desk.operate(feed, Operation(do))
    drop, anew = map(shlex.split, str(told.value).splitlines()[-1].split(" && "))
    desk.operate(feed, Operation(Do.DROP))
    desk.operate(feed, Operation(Do.REBUILD))
    rebuilt = desk.rows(feed.rebuilt.table, "id")
    desk.operate(feed, Operation(Do.SWAP))

    assert (drop, anew) == (["ingest", "rebuild", "things", "--drop"], ["ingest", "rebuild", "things"])
    assert (rebuilt, desk.rows(feed.table, "id")) == ([("1",), ("2",), ("3",)],) * 2


@pytest.mark.seldom
def test_a_row_without_a_key_is_never_merged(desk: "JobDesk", through: "Through") -> None:
    """It would equal nothing, and be inserted with each merge anew."""
    feed = desk.feed(KEYED)
    desk.put(THREE)
    engine = desk.engine
    no_key = F.when(F.col("_row") != 2, F.col("id"))
    desk.engine = through(engine, append=lambda table, rows, _: engine.append(table, rows.withColumn("id", no_key)))
    desk.stage(feed)
    desk.engine = engine

    with pytest.raises(StagedRowsDifferError, match="1 of them without key or order"):
        target_load(desk.run(feed))

    assert desk.rows(feed.table, "id") == []


@pytest.mark.seldom
def test_the_rows_of_a_try_that_died_are_not_merged(desk: "JobDesk", dying: "Dying") -> None:
    """Also if they were good then: the file is judged by the contract of the try that counts."""
    desk.put(THREE)
    with dying(desk, State.STAGED):
        desk.stage(desk.feed(KEYED))
    stricter = desk.feed(KEYED, rules={"not_b": "value <> 'b'"})

    desk.load(stricter)

    assert desk.rows(stricter.stage_table, "_row") == [(row,) for row in "112233"]
    assert desk.rows(stricter.table, "id") == [("1",), ("3",)]


@pytest.mark.seldom
def test_a_row_that_was_merged_is_merged_again_with_what_is_derived_of_it_now(desk: "JobDesk", dying: "Dying") -> None:
    """The merge went through, its entry did not, and the next contract derives another value of the same row."""
    desk.put("id,value\n1,a\n")
    old, new = (
        {**KEYED, "said": {"physicalType": "string", "transformLogic": f"concat(value, '{of}')"}} for of in "xy"
    )
    with dying(desk, State.MERGED):
        desk.load(desk.feed(old))
    before = desk.rows("things", "id", "value", "said")

    desk.load(desk.feed(new))

    assert before == [("1", "a", "ax")]
    assert desk.rows("things", "id", "value", "said") == [("1", "a", "ay")]


@pytest.mark.seldom
def test_a_version_that_does_not_add_up_fails_the_run(desk: "JobDesk", through: "Through") -> None:
    """A merge whose own numbers are not those of the table is not believed, whatever its keys look like."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine = desk.engine

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        return [replace(commit, inserted=commit.inserted + 1) for commit in engine.merge(of, keys)]

    desk.engine = through(engine, merge=merge)

    with pytest.raises(ConservationError, match="does not add up"):
        desk.load(feed)

    assert desk.ledger(file)[-1] == ("staged",)


@pytest.mark.seldom
def test_a_merge_that_leaves_nothing_behind_is_found_out(desk: "JobDesk", through: "Through") -> None:
    """Every key of the batch is looked for in the target before its file is entered as merged."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    desk.engine = through(desk.engine, merge=lambda of, keys: [])

    with pytest.raises(ConservationError, match="3 keys do not stand"):
        desk.load(feed)

    assert desk.ledger(file)[-1] == ("staged",)


@pytest.mark.seldom
def test_a_key_that_stands_twice_is_found_out(desk: "JobDesk", through: "Through") -> None:
    """Each row of it is as new as the batch's: only their number says that one is too many."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine = desk.engine

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        commits = engine.merge(of, keys)
        engine.append(of.target, of.source.filter("id = 2"))
        return commits

    desk.engine = through(engine, merge=merge)

    with pytest.raises(ConservationError, match=r"keys do not stand|A key may stand there twice"):
        desk.load(feed)

    assert desk.ledger(file)[-1] == ("staged",)


@pytest.mark.seldom
def test_a_deletion_of_what_was_never_there_puts_nothing_into_the_target(desk: "JobDesk", through: "Through") -> None:
    """Not for a moment either: one merge into each table is enough, and no reader sees the key between two."""
    feed = desk.feed({**KEYED, "gone": "boolean"}, deleteWhen="gone")
    desk.put("id,value,gone\n1,,true\n2,b,\n")
    engine, merges = desk.engine, list[str]()

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        merges.append(of.target)
        return engine.merge(of, keys)

    desk.engine = through(engine, merge=merge)
    desk.load(feed)

    assert merges == [feed.tombstones_table, feed.table]
    assert desk.rows(feed.table, "id") == [("2",)]


@pytest.mark.seldom
def test_a_merge_that_another_run_overtook_is_made_again(desk: "JobDesk", through: "Through") -> None:
    """On what the other has left; only who is always overtaken gives up, and the next run goes on."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine, overtaken = desk.engine, [True] * 7

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        if overtaken and overtaken.pop():
            raise CommitConflictError("another session changed a table at the same time")
        return engine.merge(of, keys)

    desk.engine = through(engine, merge=merge)
    with pytest.raises(CommitConflictError):
        desk.load(feed)
    after_the_first = desk.ledger(file)[-1], len(overtaken)

    desk.load(feed)

    assert after_the_first == (("staged",), 2)
    assert desk.rows(feed.table, "id") == [("1",), ("2",), ("3",)]

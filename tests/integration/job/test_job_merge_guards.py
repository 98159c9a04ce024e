"""No row is merged unseen, and none lost in a merge: the tables are looked at before it and after it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from pipeline_jobs.engines.engine import KeyRange, Merge, MergeCommit
from pipeline_jobs.errors import CommitConflictError, ConservationError
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.steps.merge import target_load

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from acting_engine import Dying, Through
    from job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
THREE = "id,value\n1,a\n2,b\n3,c\n"


@pytest.mark.seldom
def test_rows_that_left_the_stage_table_are_missed_before_the_merge(desk: "JobDesk") -> None:
    """Nothing of the batch is merged, and nothing entered as merged."""
    feed = desk.feed(KEYED)
    files = [desk.put(THREE), desk.put("id,value\n4,d\n")]
    desk.stage(feed)
    [attempt] = desk.engine.read(TABLE).filter(F.col("file") == files[0]).filter("state = 'staged'").collect()
    desk.engine.discard(feed.stage_table, [attempt["attempt"]])

    with pytest.raises(ConservationError, match="3 good rows were staged, 0 are there"):
        target_load(desk.run(feed))

    assert desk.rows(feed.table, "id") == []
    assert [desk.ledger(file)[-1] for file in files] == [("staged",)] * 2


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

    with pytest.raises(ConservationError, match="1 of them without key or order"):
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
def test_a_row_that_was_merged_is_merged_again_with_the_column_that_it_has_got(desk: "JobDesk", dying: "Dying") -> None:
    """The merge went through, its entry did not, and the next contract reads one more column of the same file."""
    desk.put("id,value,extra\n1,a,7\n")
    old = desk.feed(KEYED)
    with dying(desk, State.MERGED):
        desk.load(old)
    before = desk.rows(old.table, "id", "value")
    new = desk.feed({**KEYED, "extra": "int"})

    desk.load(new)

    assert before == [("1", "a")]
    assert desk.rows(new.table, "id", "value", "extra") == [("1", "a", "7")]


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

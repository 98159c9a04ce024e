"""A swap: the new tables take the feed's names, with everything that the old ones were counted on for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import AnalysisException

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.errors import RebuildMissingError, TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.steps.merge import target_load
from pipeline_jobs.steps.upkeep import tidy_tables
from tests.integration.job.rebuild_desk import DELETES, FILES, KEYED, ORDER, rebuild, rows, swap

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]


def merged_rows(desk: "JobDesk", of: "Contract") -> list[tuple[str | None, ...]]:
    """The staged rows of merged files, as the ledger names their tries: what a retraction would read."""
    merged = {(str(entry.attempt), entry.file) for entry in desk.run(of).ledger.states() if entry.state == "merged"}
    found = desk.rows(of.stage_table, "_attempt", "_file", "_row", *(column.name for column in of.file_columns))
    assert merged <= {row[:2] for row in found}
    return [row[1:] for row in found if row[:2] in merged]


CHANGES: dict[str, tuple["Properties", dict[str, Any]]] = {
    "primaryKey": (
        {**KEYED, "value": {"physicalType": "string", "primaryKey": True}},
        {"sequenceBy": ["seq"], "maxBadRows": {"count": 1}},
    ),
    "sequenceBy": (KEYED, {**DELETES, "sequenceBy": ["value"]}),
    "deleteWhen": (KEYED, {**DELETES, "deleteWhen": "value = 'c9'"}),
    "no deletes": (KEYED, {"sequenceBy": ["seq"], "maxBadRows": {"count": 1}}),
    "type": ({**KEYED, "seq": "double", "more": {"physicalType": "string", "optional": True}}, DELETES),
}


@pytest.mark.seldom
@pytest.mark.parametrize("change", CHANGES)
def test_swapped_tables_are_those_of_a_feed_that_had_the_contract_from_the_start(desk: "JobDesk", change: str) -> None:
    """Target, tombstones and stage, and what late files, duplicates and new ones then do to them."""
    properties, ours = CHANGES[change]
    other = desk.feed(properties, feed="others", **ours)
    for number, content in enumerate(FILES):
        moment, generation = desk.clock.time, 1_600_000_000_000_000 + number
        for feed in ("things", "others"):
            desk.put(content, f"f{number}.csv", feed=feed, generation=generation, at=moment)
    old = desk.feed(KEYED, **DELETES)
    desk.load(old)
    desk.load(other)
    changed = desk.feed(properties, **ours)
    waiting = desk.put("id,seq,value\n2,1,latest\n7,1,new\n", "more.csv", generation=7, at=moment)
    with pytest.raises(TableDiffersError, match="`ingest rebuild things`"):
        desk.stage(changed)

    swap(desk, changed)
    desk.load(changed)

    desk.put("id,seq,value\n2,1,latest\n7,1,new\n", "more.csv", feed="others", generation=7, at=moment)
    desk.load(other)
    assert desk.ledger(waiting)[-1] == ("merged",)
    assert _plain(rows(desk, changed)) == _plain(rows(desk, other))
    assert desk.engine.read("things").dtypes == desk.engine.read("others").dtypes
    assert _plain(merged_rows(desk, changed)) == _plain(merged_rows(desk, other))
    assert not desk.engine.exists("things__rebuild")


@pytest.mark.seldom
def test_a_file_is_taken_out_of_swapped_tables_as_of_those_that_never_saw_it(desk: "JobDesk") -> None:
    """It held the newest row of one key and deleted another; the swap has put its rows under other tries."""
    feeds, files = [desk.feed(KEYED, feed=feed, **DELETES) for feed in ("things", "others")], []
    for number, content in enumerate(FILES):
        moment, generation = desk.clock.time, 1_600_000_000_000_000 + number
        files.append(desk.put(content, f"f{number}.csv", generation=generation, at=moment))
        if number != 1:
            desk.put(content, f"f{number}.csv", feed="others", generation=generation, at=moment)
    for feed in feeds:
        desk.load(feed)
    swap(desk, feeds[0])

    desk.operate(feeds[0], Operation(Do.RETRACT, (files[1],)))

    for table in ("table", "tombstones_table"):
        found = [desk.rows(getattr(feed, table), "id", "seq", *ORDER) for feed in feeds]
        assert _plain(found[0]) == _plain(found[1])
    assert desk.ledger(files[1])[-1] == ("retracted", "retract")


def _plain(found: list[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    return sorted(tuple((value or "").replace("others", "things") for value in row) for row in found)


@pytest.mark.seldom
def test_new_tables_that_a_swap_is_at_are_not_forgotten(desk: "JobDesk") -> None:
    """However long its cause lasts: the run after it ends the swap."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    before = rows(desk, feed)
    rebuild(desk, feed)
    desk.engine.set_property("things", "ingest.swap", "open")
    desk.clock.time += timedelta(days=8)

    tidy_tables(desk.run(feed))
    desk.load(feed)

    assert rows(desk, feed) == before
    assert desk.engine.properties("things")["ingest.swap"] == "none"
    assert not desk.engine.exists("things__rebuild")


@pytest.mark.seldom
@pytest.mark.parametrize("is_same", [True, False])
def test_a_swap_that_a_dead_run_left_is_ended_and_is_no_other_contract_s(desk: "JobDesk", *, is_same: bool) -> None:
    """Told to swap, a run is through with that one if its own contract made it, and makes its own else."""
    desk.put(FILES[0])
    desk.load(desk.feed(KEYED, **DELETES))
    properties, ours = CHANGES["sequenceBy"]
    dead = desk.feed(properties, **ours)
    rebuild(desk, dead)
    desk.engine.set_property("things", "ingest.swap", "open")
    properties, ours = CHANGES["sequenceBy" if is_same else "primaryKey"]
    today = desk.feed(properties, **ours)
    waiting = desk.put("id,seq,value\n1,1,other\n")

    swap(desk, today)
    desk.load(today)

    values = ["b", "c", "other"] if is_same else ["a", "b", "c", "other"]
    assert sorted(row[2] or "" for row in rows(desk, today)) == values
    assert desk.ledger(waiting)[-1][0] == "merged"
    assert desk.engine.read("file_ledger").filter("state = 'compared'").count() == (1 if is_same else 2)


@pytest.mark.seldom
def test_a_swap_that_cannot_be_ended_loads_nothing(desk: "JobDesk") -> None:
    """Somebody has taken the new tables away in the middle of it: half of the feed's tables are theirs."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    rebuild(desk, feed)
    desk.engine.set_property("things", "ingest.swap", "open")
    desk.engine.drop("things__rebuild")
    waiting = desk.put(FILES[1])

    with pytest.raises(RebuildMissingError, match="things__rebuild or its ledger is not there"):
        desk.load(feed)

    assert desk.ledger(waiting) == []


@pytest.mark.seldom
def test_a_merge_that_ends_in_swapped_tables_is_told_and_its_files_are_loaded_again(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """A notebook by the old contract had read its rows before the swap, which has loaded the same file by then.

    Spark reads them in its merge alone, and finds other types there.
    """
    old = desk.feed(KEYED, **DELETES)
    file = desk.put(FILES[0])
    desk.stage(old)
    notebook = desk.run(old, run_id="notebook")
    other = replace(desk, engine=new_engine())
    upper = {**KEYED, "seq": "double", "value": {"physicalType": "string", "cleanse": ["upper"]}}
    changed = other.feed(upper, **DELETES)
    engine, once = desk.engine, iter([True])

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        if of.target == "things" and next(once, False):
            swap(other, changed)
        return engine.merge(of, keys)

    with pytest.raises((TableDiffersError, AnalysisException), match=r"was made anew|SCHEMA_CHANGE"):
        target_load(replace(notebook, engine=through(engine, merge=merge)))
    other.load(changed)

    assert other.rows("things", "id", "seq", "value") == [("1", "1.0", "A"), ("2", "1.0", "B"), ("3", "1.0", "C")]
    assert other.ledger(file)[-1][0] == "merged"


@pytest.mark.seldom
@pytest.mark.parametrize("meanwhile", ["things_stage", "things"])
def test_what_a_notebook_loads_beside_a_swap_is_loaded_again(
    desk: "JobDesk", through: "Through", meanwhile: str
) -> None:
    """Its rows went into tables that were replaced a moment later: before the ledger was asked, and after."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    engine, beside = desk.engine, list[str]()

    def replace_table(table: str, *rest: Any, **named: Any) -> None:
        if table == meanwhile and not beside:
            beside.append(desk.put("id,seq,value\n9,1,beside\n"))
            engine.set_property("things", "ingest.swap", "none")  # the notebook looked before the swap began
            desk.load(feed, run_id="notebook")
            engine.set_property("things", "ingest.swap", "open")
        engine.replace(table, *rest, **named)

    desk.engine = through(engine, replace=replace_table)
    swap(desk, feed)
    desk.engine = engine
    at_once, waiting = rows(desk, feed), desk.files("source")
    desk.load(feed)

    assert ([row[0] for row in at_once], len(waiting)) == (["1", "2", "3"], 1)
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3", "9"]
    loaded = [("attempted",), ("staged",), ("merged",)]
    assert desk.ledger(*beside) == [*loaded, ("reopened", "rebuilt"), *loaded]

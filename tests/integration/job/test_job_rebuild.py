"""A feed made again from its archive: as it was, or as another contract would have made it from the start."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipeline_jobs.errors import RebuildMissingError, SwapRefusedError, TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.rebuilding.findings import Comparison
from pipeline_jobs.steps.report import report
from pipeline_jobs.steps.upkeep import tidy_tables

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "seq": "int", "value": "string"}
DELETES: dict[str, Any] = {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'", "maxBadRows": {"count": 1}}
WELL = {"stage_load": "success", "target_load": "success"}
ORDER = ("_finalized_at", "_generation", "_file", "_row")
FILES = (
    "id,seq,value\n1,1,a\n2,1,b\n3,1,c\n",
    "id,seq,value\n1,3,a3\n2,2,gone\n4,x,bad\n",
    "id,seq,value\n2,1,late\n1,2,a2\n",
    "id,seq,value\n5,1,gone\n3,5,gone\n3,9,c9\n",
    "id,seq,value\n5,7,back\n",
    "id,seq,value\nx,x,bad\ny,y,bad\n",
)


def rebuild(desk: "JobDesk", of: "Contract") -> Comparison:
    desk.operate(of, Operation(Do.REBUILD))
    return compared(desk)


def swap(desk: "JobDesk", of: "Contract", *, accept_rejected: bool = False, without_gone: bool = False) -> None:
    desk.operate(of, Operation(Do.SWAP, accept_rejected=accept_rejected, without_gone=without_gone))


def compared(desk: "JobDesk") -> Comparison:
    """As the ledger has it of the last rebuild."""
    entries = desk.engine.read("file_ledger").filter("state = 'compared'").orderBy("at").collect()
    return Comparison.from_json(entries[-1]["detail"])


def rows(desk: "JobDesk", of: "Contract") -> list[tuple[str | None, ...]]:
    return desk.rows(of.table, *(column.name for column in of.columns), *ORDER)


def merged_rows(desk: "JobDesk", of: "Contract") -> list[tuple[str | None, ...]]:
    """The staged rows of merged files, as the ledger names their tries: what a retraction would read."""
    merged = {(str(entry.attempt), entry.file) for entry in desk.run(of).ledger.states() if entry.state == "merged"}
    found = desk.rows(of.stage_table, "_attempt", "_file", "_row", *(column.name for column in of.file_columns))
    assert merged <= {row[:2] for row in found}
    return [row[1:] for row in found if row[:2] in merged]


@pytest.mark.seldom
def test_an_unchanged_feed_is_rebuilt_as_it_is(desk: "JobDesk") -> None:
    """Whatever came late, deleted, broke a rule or was rejected; and what another step would read is as it was."""
    feed = desk.feed(KEYED, **DELETES)
    for content in FILES:
        desk.put(content)
        desk.load(feed)
    before = rows(desk, feed)

    found = rebuild(desk, feed)
    again = rebuild(desk, feed)

    assert found.is_equal, found
    assert again == found
    assert rows(desk, feed.rebuilt) == rows(desk, feed) == before
    assert (found.target.after, found.files.rows_bad_after) == (3, 1)


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
def test_a_file_that_the_contract_of_today_rejects_holds_the_swap_until_somebody_says_so(desk: "JobDesk") -> None:
    """Its rows leave the target; the file goes where rejected ones are, and the report names it."""
    feed = desk.feed(KEYED, **DELETES)
    good, bad = desk.put(FILES[0]), desk.put(FILES[1])
    desk.load(feed)
    stricter = desk.feed(KEYED, **{**DELETES, "maxBadRows": {"count": 0}})

    found = rebuild(desk, stricter)
    with pytest.raises(SwapRefusedError, match=r"1 files are rejected .*\(--accept-rejected\)"):
        swap(desk, stricter)
    before = rows(desk, feed)
    swap(desk, stricter, accept_rejected=True)

    assert found.files.rejected.first == (bad,)
    assert (found.target.added, found.target.different) == (1, 1)
    assert [row[0] for row in before] == ["1", "3"]
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3"]
    assert desk.ledger(bad)[-1] == ("rejected", "too_many_bad_rows")
    assert desk.ledger(good)[-1] == ("merged", "rebuilt")
    assert [len(desk.files(area)) for area in ("archive", "rejected", "source")] == [1, 2, 0]


@pytest.mark.seldom
def test_a_file_that_was_retracted_since_stays_in_the_archive(desk: "JobDesk") -> None:
    """The new tables rejected it when it was accepted still; it is retracted by now, and can go in again."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    wrong = desk.put("id,seq,value\n4,1,long\n5,1,long\n")
    desk.load(feed)
    strict = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 1}}, **DELETES)
    assert rebuild(desk, strict).files.rejected.number == 1
    desk.operate(strict, Operation(Do.RETRACT, (wrong,)))

    swap(desk, strict)

    assert (len(desk.files("archive")), desk.files("rejected")) == (2, [])
    feed = desk.feed(KEYED, **DELETES)
    desk.operate(feed, Operation(Do.REPLAY, (wrong,)))
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3", "4", "5"]


@pytest.mark.seldom
def test_a_swap_of_what_another_contract_made_is_refused(desk: "JobDesk") -> None:
    """Where it names the version that was seen: what waits is loaded, the feed's tables and the new ones stay."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    rebuild(desk, feed)
    changed = replace(feed, version="7.0.0")
    desk.put(FILES[1])

    with pytest.raises(SwapRefusedError, match=rf"by version {feed.version} of the contract, which is at 7.0.0 now"):
        desk.operate(changed, Operation(Do.SWAP, contract_version=feed.version))
    has_new, seen = desk.engine.exists(feed.rebuilt.table), rows(desk, feed)
    desk.operate(changed, Operation(Do.SWAP, contract_version="7.0.0"))

    assert has_new
    assert [row[0] for row in seen] == ["1", "3"]
    assert not desk.engine.exists(feed.rebuilt.table)


@pytest.mark.seldom
def test_a_file_that_left_the_archive_holds_the_swap_until_somebody_says_so(desk: "JobDesk") -> None:
    """It is named, and so is what its rows were."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    lost = desk.put("id,seq,value\n9,1,z\n")
    desk.load(feed)
    [path] = [path for path in desk.files("archive") if "/2.csv" in path]
    (desk.volume.root / "archive" / path).unlink()

    found = rebuild(desk, feed)
    with pytest.raises(SwapRefusedError, match="1 files are in the lake no more"):
        swap(desk, feed)
    swap(desk, feed, without_gone=True)

    assert (found.files.gone.first, found.target.missing, found.target.added) == ((lost,), 1, 0)
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3"]
    assert desk.ledger(lost)[-1] == ("retracted", "rebuilt")


@pytest.mark.seldom
def test_a_rebuild_takes_in_what_came_since_and_begins_anew_by_another_contract(desk: "JobDesk") -> None:
    """What is there already is not judged again; what another version made is not taken for this one's."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    rebuild(desk, feed)
    attempts = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}
    desk.put(FILES[1])
    desk.load(feed)

    found = rebuild(desk, feed)
    later = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}
    rebuild(desk, replace(feed, version="2.0.0"))
    anew = {row[0] for row in desk.rows("things__rebuild_stage", "_attempt")}

    assert found.is_equal
    assert attempts < later
    assert (len(later), len(anew), later & anew) == (2, 2, set())


@pytest.mark.seldom
def test_what_a_rebuild_found_is_in_its_run_s_report_and_in_no_later_one(
    desk: "JobDesk", caplog: pytest.LogCaptureFixture
) -> None:
    """In counts, with the names of columns and files; a swap tells nothing anew of files that were told of before."""
    caplog.set_level(logging.INFO)
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed, run_id="first")
    desk.report(feed, run_id="first")
    changed = desk.feed({**KEYED, "value": {"physicalType": "string", "cleanse": ["upper"]}}, **DELETES)
    run = desk.operate(changed, Operation(Do.SWAP))
    caplog.clear()

    report(replace(desk.run(changed, run_id=run.ledger.run_id), operation=run.operation), WELL)
    told = _reported(caplog)
    caplog.clear()
    report(desk.run(changed), WELL)

    assert told == [
        "rows: 3 rows became 3: 0 added, 0 missing, 3 different (value in 3)",
        "tombstones: 0 rows, equal",
        "files: 1, with 0 bad rows",
        "swapped",
    ]
    assert _reported(caplog) == []


def _reported(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of a report, without what it remarks of the contract."""
    lines = (record for record in caplog.records if record.name.endswith("report") and record.levelno == logging.INFO)
    return [record.getMessage() for record in lines]


@pytest.mark.seldom
def test_new_tables_go_when_they_are_dropped_or_forgotten(desk: "JobDesk") -> None:
    """At once, or by the upkeep of a week later; the feed's own stay as they are."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    before = rows(desk, feed)
    rebuild(desk, feed)
    tidy_tables(desk.run(feed))
    kept = desk.engine.exists("things__rebuild")

    desk.operate(feed, Operation(Do.DROP))
    dropped = desk.engine.exists("things__rebuild")
    rebuild(desk, feed)
    desk.clock.time += timedelta(days=8)
    tidy_tables(desk.run(feed))
    forgotten = desk.engine.exists("things__rebuild")
    rebuild(desk, feed)
    desk.engine.drop(feed.rebuild_ledger)  # and whoever did so died
    tidy_tables(desk.run(feed))

    assert (kept, dropped, forgotten) == (True, False, False)
    tables = (feed.rebuilt.table, feed.rebuilt.stage_table, feed.rebuilt.tombstones_table, feed.rebuild_ledger)
    assert [desk.engine.exists(table) for table in tables] == [False] * 4
    assert rows(desk, feed) == before


@pytest.mark.seldom
def test_a_rebuild_leaves_no_view_over_its_own_tables(desk: "JobDesk", through: "Through") -> None:
    """They are dropped or take other names, and nobody would drop the view."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    published: list[str] = []
    desk.engine = through(desk.engine, publish_view=lambda name, query: published.append(f"{name}: {query}"))

    rebuild(desk, feed)
    desk.operate(feed, Operation(Do.SWAP))

    assert [view for view in published if "__rebuild" in view] == []
    assert {view.split(":")[0] for view in published} == {"things_rejects"}


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


@pytest.mark.seldom
def test_looked_up_columns_and_rows_of_an_append_only_feed_are_rebuilt_as_they_are(desk: "JobDesk") -> None:
    """By what names a row where there is no key; what another feed lends is lent again."""
    countries = desk.feed({"code": {"physicalType": "string", "primaryKey": True}, "name": "string"}, feed="countries")
    derived = {"physicalType": "string", "transformLogic": "countries.name"}
    looking = desk.feed(
        {"code": "string", "country": derived}, lookups=[{"table": "countries", "on": {"code": "code"}}], resent="load"
    )
    desk.put("code,name\nFR,France\n", feed="countries")
    desk.load(countries)
    for _ in range(2):
        desk.put("code\nFR\nDE\n", "same.csv")
    desk.load(looking)

    found = rebuild(desk, looking)
    swap(desk, looking)

    assert found.is_equal, found
    assert (found.target.after, found.tombstones) == (4, None)
    assert desk.rows("things", "code", "country") == [("DE", None)] * 2 + [("FR", "France")] * 2


@pytest.mark.seldom
@pytest.mark.parametrize("is_sent_again", [True, False])
def test_a_retracted_file_does_not_come_back_by_its_duplicate(desk: "JobDesk", *, is_sent_again: bool) -> None:
    """Its rows were taken out, and the duplicate has the same; unless it was uploaded again since, and accepted."""
    feed = desk.feed({"id": "bigint"}, resent="skip")
    stays = desk.put("id\n7\n", "things/other.csv")
    wrong, duplicate = (desk.put("id\n1\n", "things/day.csv") for _ in range(2))
    desk.load(feed)
    desk.operate(feed, Operation(Do.RETRACT, (wrong,)))
    anew = [desk.put("id\n1\n", "things/day.csv")] if is_sent_again else []
    desk.load(feed)
    before = desk.rows(feed.table, "id")

    found = rebuild(desk, feed)
    swap(desk, feed)

    assert before == desk.rows(feed.table, "id") == [("1",), ("7",)][0 if anew else 1 :]
    assert (found.target.added, found.target.missing) == ((1, 1) if anew else (0, 0))
    assert desk.ledger(wrong)[-1] == ("retracted", "retract")
    assert (desk.ledger(duplicate)[-1][0] == "duplicate") == (not anew)
    assert desk.ledger(stays)[-1][0] == "merged"

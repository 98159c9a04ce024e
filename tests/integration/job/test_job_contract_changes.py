"""A contract that changes under rows: what was staged by the old one is judged again, what was merged is not mixed."""

import shlex
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.names.paths import LakeFile
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import StagedOtherwiseError, TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.steps import merge, setup_tables, stage
from pipeline_jobs.steps.upkeep import tidy_tables

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "seq": "int", "value": "string"}
WIDER: "Properties" = {**KEYED, "more": {"physicalType": "string", "optional": True}}
CONTENT = "id,seq,value,more\n1,1,a,m1\n2,1,b,m2\n"


class Died(BaseException):
    """The process is gone: nothing of the job may catch it."""


class DeadBeforeReopening(Volume):
    """The process dies when it is to bring a file back from the archive."""

    def reopen(self, file: LakeFile, stood: str) -> None:
        raise Died


@pytest.mark.seldom
def test_what_was_staged_by_another_version_is_judged_again_from_the_archive(desk: "JobDesk") -> None:
    """A column that the contract has got since is in the target for every row whose file has it."""
    admitted = desk.put(CONTENT)
    desk.write("source/things/by_hand.csv", "id,seq,value,more\n3,1,c,m3\n")
    desk.stage(desk.feed(KEYED))
    wider = desk.feed(WIDER)

    desk.load(wider)

    assert desk.rows("things", "id", "more") == [("1", "m1"), ("2", "m2"), ("3", "m3")]
    again = [("retracting", "replay"), ("retracted", "replay"), ("reopened",)]
    assert desk.ledger(admitted) == [("attempted",), ("staged",), *again, ("attempted",), ("staged",), ("merged",)]
    assert [Path(path).name for path in desk.files("archive")] == ["1.csv", "by_hand.csv"]
    assert desk.files("source") == []


@pytest.mark.seldom
@pytest.mark.parametrize("key", [True, False])
def test_rows_that_were_merged_without_a_word_go_with_the_file_that_the_next_version_rejects(
    desk: "JobDesk", dying: "Dying", *, key: bool
) -> None:
    """A run died behind the merge. Uploaded anew, no row is there twice, and there is one original of each file."""
    plain: Properties = {"id": {"physicalType": "bigint", "primaryKey": key}, "value": "string"}
    rejected = desk.put("id,value\n1,a\n2,b\n")
    with dying(desk, State.MERGED):
        desk.load(desk.feed(plain))
    merged = desk.rows("things", "id")
    stricter = desk.feed({**plain, "more": "string"})

    desk.load(stricter)
    left = desk.rows("things", "id")
    anew = desk.put("id,value,more\n1,a,m1\n")
    desk.load(stricter)

    assert (merged, left) == ([("1",), ("2",)], [])
    assert desk.ledger(rejected)[-1] == ("rejected", "missing_column")
    assert desk.rows("things", "id", "_file") == [("1", anew)]
    assert [len(desk.files("archive")), len([one for one in desk.files("rejected") if one.endswith(".csv")])] == [1, 1]


def test_a_column_that_a_version_does_not_know_is_null_in_its_rows(desk: "JobDesk") -> None:
    """Of a row that takes the place of an older one, too: no cell of one file stands in a row of another."""
    older, wider = desk.feed(KEYED), desk.feed(WIDER)
    desk.put(CONTENT)
    desk.load(wider)
    desk.put("id,seq,value\n1,2,a2\n3,2,c2\n")

    desk.load(older)

    assert desk.rows("things", "id", "value", "more") == [("1", "a2", None), ("2", "b", "m2"), ("3", "c2", None)]


@pytest.mark.seldom
def test_a_merge_takes_nothing_that_another_version_staged(desk: "JobDesk") -> None:
    """A contract that was deployed between the two tasks: the rest is merged, the run fails, the next one heals it."""
    feed = desk.feed(KEYED)
    desk.put("id,seq,value\n9,1,z\n")
    desk.stage(feed)
    wider = desk.feed(WIDER)
    run = desk.run(wider)

    with pytest.raises(StagedOtherwiseError, match="1 files were staged under another version"):
        merge.target_load(run)
    before = desk.rows("things", "id")
    desk.load(wider)

    assert before == []
    assert desk.rows("things", "id", "more") == [("9", None)]


@pytest.mark.seldom
@pytest.mark.parametrize("way", ["retract", "backup"])
def test_a_file_that_must_be_judged_again_and_is_gone_is_named(desk: "JobDesk", way: str) -> None:
    """Nothing of it is merged in silence, the feed's other files are merged, and each way that is told leads out."""
    gone = desk.put(CONTENT)
    desk.put("id,seq,value,more\n3,1,c,m3\n")
    desk.stage(desk.feed(KEYED))
    [path, _] = desk.files("archive")
    original = desk.volume.root / "archive" / path
    original.unlink()
    wider = desk.feed(WIDER)
    desk.put("id,seq,value,more\n4,1,d,m4\n")

    with pytest.raises(StagedOtherwiseError, match=r"1 of them .* are not in archive/ any more") as told:
        desk.load(wider)
    before = desk.rows("things", "id", "more"), desk.ledger(gone)[-1]
    if way == "retract":
        ingest, word, *files = shlex.split(str(told.value).splitlines()[-1])
        run = desk.run(wider, operation=Operation(Do(word), tuple(files)))
        stage.stage_load(run)
        merge.target_load(run)
        assert (ingest, files) == ("ingest", [gone])
        desk.put(CONTENT)
    else:
        original.write_text(CONTENT)
    desk.load(wider)

    assert before == ([("3", "m3"), ("4", "m4")], ("staged",))
    assert desk.rows("things", "id", "more") == [("1", "m1"), ("2", "m2"), ("3", "m3"), ("4", "m4")]
    assert desk.ledger(gone)[-1] == (("retracted", "retract") if way == "retract" else ("merged",))


@pytest.mark.seldom
def test_a_file_to_be_judged_again_is_in_source_before_the_ledger_says_so(desk: "JobDesk") -> None:
    """A death between the two leaves a file of which the next run knows that it is to go in again, and loses none."""
    file = desk.put(CONTENT)
    desk.stage(desk.feed(KEYED))
    wider, volume = desk.feed(WIDER), desk.volume
    desk.volume = DeadBeforeReopening(volume.root, "landing")
    with pytest.raises(Died):
        desk.stage(wider)
    desk.volume = volume
    after_the_death = desk.ledger(file)[-1]

    desk.load(wider)

    assert after_the_death == ("retracted", "replay")
    assert desk.rows("things", "id", "more") == [("1", "m1"), ("2", "m2")]


CHANGES: dict[str, tuple["Properties", dict[str, Any]]] = {
    "primaryKey": ({**KEYED, "seq": {"physicalType": "int", "primaryKey": True}}, {"sequenceBy": ["seq"]}),
    "sequenceBy": (KEYED, {}),
    "deleteWhen": (KEYED, {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'"}),
}


@pytest.mark.seldom
@pytest.mark.parametrize("rule", CHANGES)
def test_another_rule_of_order_on_a_target_with_rows_is_refused_before_anything_is_written(
    desk: "JobDesk", rule: str
) -> None:
    """By every step that could mix what two rules made; the way back is as simple as the old rule."""
    desk.put(CONTENT)
    old = desk.feed(KEYED, sequenceBy=["seq"])
    desk.load(old)
    waiting = desk.put("id,seq,value,more\n1,2,a2,\n")
    properties, ours = CHANGES[rule]
    changed = desk.feed(properties, **ours)

    for refused in (desk.stage, desk.load, lambda of: setup_tables.set_up(desk.engine, [of], [of])):
        with pytest.raises(TableDiffersError, match=f"merged by another {rule} than the contract's"):
            refused(changed)
    untouched = desk.ledger(waiting), len(desk.files("source"))
    desk.feed(KEYED, sequenceBy=["seq"])
    desk.load(old)

    assert untouched == ([], 1)
    assert desk.rows("things", "id", "value") == [("1", "a2"), ("2", "b")]


@pytest.mark.seldom
def test_an_empty_target_takes_any_rule(desk: "JobDesk") -> None:
    """Nothing was merged by the old one."""
    desk.load(desk.feed(KEYED, sequenceBy=["seq"]))
    changed = desk.feed(KEYED, sequenceBy=["seq"], deleteWhen="value = 'gone'")
    desk.put("id,seq,value\n1,1,a\n1,2,gone\n2,1,b\n")

    desk.load(changed)

    assert desk.rows("things", "id") == [("2",)]


RETYPED: "Properties" = {**KEYED, "value": "bigint"}


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("properties", "ours"),
    [
        pytest.param(RETYPED, {"sequenceBy": ["seq"], "deleteWhen": "value < 0"}, id="value"),
        pytest.param({**KEYED, "value": {"physicalType": "string", "primaryKey": True}}, {}, id="primaryKey"),
    ],
)
def test_tables_without_rows_that_count_follow_the_contract(
    desk: "JobDesk", properties: "Properties", ours: dict[str, Any]
) -> None:
    """A first file that was rejected, because the contract was wrong about it, makes no table that nobody can use."""
    desk.put("id,seq,value\n1,x,7\n")
    wrong = desk.feed(KEYED, sequenceBy=["seq"], deleteWhen="value = 'gone'", maxBadRows={"count": 0})
    desk.load(wrong)
    before = desk.rows("things_stage", "value")
    desk.put("id,seq,value\n1,1,7\n2,1,9999999999\n")
    corrected = desk.feed(properties, **ours)

    desk.load(corrected)

    assert before == [("7",)]
    assert desk.rows("things", "id", "value") == [("1", "7"), ("2", "9999999999")]
    kinds = [dict(desk.engine.read(table).dtypes)["value"] for table in ("things", "things_stage")]
    assert kinds == [properties["value"] if properties is RETYPED else "string"] * 2


PLAIN: "Properties" = {**KEYED, "amount": "decimal(6,2)"}
WIDENED: "Properties" = {**PLAIN, "seq": "bigint", "amount": "decimal(12,3)"}
WIDE = "id,seq,value,amount\n1,9999999999,a2,123456789.125\n3,1,c,1.5\n"


def test_a_wider_type_is_taken_where_the_engine_has_it_and_refused_before_anything_is_written_elsewhere(
    desk: "JobDesk",
) -> None:
    """On Spark the files of before stay as they are; on Sail the old contract goes on, as if nothing had been."""
    desk.put("id,seq,value,amount\n1,1,a,1.25\n2,1,b,2.50\n")
    plain = desk.feed(PLAIN, sequenceBy=["seq"], deleteWhen="value = 'gone'")
    desk.load(plain)
    desk.put("id,seq,value,amount\n4,1,d,4.00\n")
    desk.stage(plain)
    waiting = desk.put(WIDE)
    widened = desk.feed(WIDENED, sequenceBy=["seq"], deleteWhen="value = 'gone'")

    if isinstance(desk.engine, SailEngine):
        with pytest.raises(TableDiffersError, match=r"seq is int, not bigint; amount is decimal\(6,2\).*--swap"):
            desk.load(widened)
        assert desk.ledger(waiting) == []
        desk.load(desk.feed(PLAIN, sequenceBy=["seq"], deleteWhen="value = 'gone'"))
        assert desk.rows("things", "id", "seq") == [("1", "1"), ("2", "1"), ("3", "1"), ("4", "1")]
        return
    desk.load(widened)
    assert desk.rows("things", "id", "seq", "amount") == [
        ("1", "9999999999", "123456789.125"),
        ("2", "1", "2.500"),
        ("3", "1", "1.500"),
        ("4", "1", "4.000"),
    ]
    assert [kind for name, kind in desk.engine.read("things").dtypes if name in ("seq", "amount")] == [
        "bigint",
        "decimal(12,3)",
    ]
    history = [row[4] for row in desk.ask(f"DESCRIBE HISTORY {desk.engine.reference('things')}")]
    assert not any("REPLACE" in operation for operation in history)


@pytest.mark.seldom
def test_a_target_without_rows_gives_no_leave_to_throw_away_what_is_staged(desk: "JobDesk") -> None:
    """A merged file whose rows are all bad has a say in its feed still: people look at them."""
    desk.put("id,seq,value\n1,x,7\n")
    desk.load(desk.feed(KEYED))
    waiting = desk.put("id,seq,value\n1,1,7\n")

    with pytest.raises(TableDiffersError, match=r"things_stage .*value is string, not bigint.*rebuild the feed"):
        desk.stage(desk.feed(RETYPED))

    assert (desk.rows("things", "id"), desk.rows("things_stage", "value")) == ([], [("7",)])
    assert desk.ledger(waiting) == []


@pytest.mark.seldom
@pytest.mark.parametrize("table", ["things", "things_tombstones"])
def test_a_stage_table_without_rows_gives_no_leave_to_stage_what_the_target_cannot_take(
    desk: "JobDesk", table: str
) -> None:
    """Upkeep took its rows, those of target and tombstones keep their type: nothing is staged, and the old goes on."""
    ours: dict[str, Any] = {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'", "retention": {"stageDays": 30}}
    feed = desk.feed(KEYED, **ours)
    desk.put(f"id,seq,value\n1,1,{'gone' if table == 'things_tombstones' else 'a'}\n")
    desk.load(feed)
    desk.clock.time += timedelta(days=31)
    tidy_tables(desk.run(feed))
    waiting = desk.put("id,seq,value\n2,2,b\n")
    retyped = desk.feed({**KEYED, "seq": "string"}, **ours)
    before = desk.rows("things_stage", "_row")

    for refused in (desk.stage, lambda of: setup_tables.set_up(desk.engine, [of], [of])):
        with pytest.raises(TableDiffersError, match=f"the table {table} .*wait in source/") as raised:
            refused(retyped)
        assert str(raised.value).count("seq is int, not string") == 1
    untouched = desk.ledger(waiting), len(desk.files("source"))
    desk.load(desk.feed(KEYED, **ours))

    assert (before, untouched) == ([], ([], 1))
    assert ("2", "2", "b") in desk.rows("things", "id", "seq", "value")


@pytest.mark.seldom
def test_a_type_of_the_targets_alone_lets_files_be_staged_and_says_that_they_wait_so(desk: "JobDesk") -> None:
    """The stage table has no derived column. With the old type again, what was staged is merged."""
    feeds = [
        desk.feed({**KEYED, "size": {"physicalType": kind, "transformLogic": "length(value)"}})
        for kind in ("int", "string")
    ]
    desk.put("id,seq,value\n1,1,a\n")
    desk.load(feeds[0])
    waiting = desk.put("id,seq,value\n2,1,bb\n")

    with pytest.raises(TableDiffersError, match=r"things .*size is int, not string.* in source/, or staged, "):
        desk.load(feeds[1])
    states = desk.ledger(waiting)
    desk.load(feeds[0])

    assert (states[-1], desk.files("source")) == (("staged",), [])
    assert desk.rows("things", "id", "size") == [("1", "1"), ("2", "2")]


@pytest.mark.seldom
def test_tombstones_alone_hold_the_rule_by_which_they_were_made(desk: "JobDesk") -> None:
    """A target whose keys are all deleted is empty, and an older row must still not come back by another order."""
    feed = desk.feed(KEYED, sequenceBy=["seq"], deleteWhen="value = 'gone'")
    desk.put("id,seq,value\n1,2,gone\n")
    desk.load(feed)

    with pytest.raises(TableDiffersError, match="rows of things_tombstones were merged by another sequenceBy"):
        desk.stage(desk.feed(KEYED, deleteWhen="value = 'gone'"))

    assert desk.rows("things", "id") == []

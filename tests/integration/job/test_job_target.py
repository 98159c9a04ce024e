"""target_load: the newest row of each key, whatever came when."""

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.state.making import prepare_target
from pipeline_jobs.steps.merge import merge_staged

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
ORDERED: "Properties" = {**KEYED, "seq": "int", "gone": "boolean"}
HEADER = "id,value,seq,gone\n"

# Updates, a delete, a row older than it, a tie of the sequence, a key that comes back, one that is only deleted.
FILES = (
    HEADER + "1,a1,1,\n2,b1,1,\n3,c1,1,\n",
    HEADER + "1,a3,3,\n2,,3,true\n3,c1 again,1,\n5,,1,true\n",
    HEADER + "1,a2,2,\n2,b2,2,\n3,,2,true\n",
    HEADER + "3,c4,4,\n4,d1,1,\n4,d1 later in the file,1,\n1,a3 tie,3,\n",
)
EXPECTED = [("1", "a3 tie", "3"), ("3", "c4", "4"), ("4", "d1 later in the file", "1")]


@pytest.mark.seldom
@pytest.mark.parametrize("order", list(permutations(range(4)))[::6])
def test_the_order_of_arrival_changes_nothing(desk: "JobDesk", order: Sequence[int]) -> None:
    """Each file a run of its own, in any order, the last of them twice: the same target."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    for number in order:
        desk.put(FILES[number], generation=number + 1, at=desk.clock.time.replace(hour=number))
        desk.load(feed)

    assert desk.rows("things", "id", "value", "seq") == EXPECTED


@pytest.mark.seldom
@pytest.mark.parametrize("key", [("rows",), ("blank", "deleted"), ("most", "dead")])
def test_a_key_may_be_called_like_a_count(desk: "JobDesk", key: Sequence[str]) -> None:
    """A column has any name; of one file alone, its keys are counted."""
    columns: Properties = {name: {"physicalType": "bigint", "primaryKey": True} for name in key}
    feed = desk.feed({**columns, "value": "string"})
    head = ",".join((*key, "value"))
    desk.put(f"{head}\n{','.join('1' for _ in key)},a\n{','.join('1' for _ in key)},b\n")

    desk.load(feed)

    assert desk.rows("things", *key, "value") == [(*("1" for _ in key), "b")]


@pytest.mark.seldom
def test_all_at_once_is_as_one_by_one(desk: "JobDesk") -> None:
    """One merge of all files gives what a merge for each gives."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    for number in (2, 0, 3, 1):
        desk.put(FILES[number], generation=number + 1, at=desk.clock.time.replace(hour=number))

    desk.load(feed)

    assert desk.rows("things", "id", "value", "seq") == EXPECTED


@pytest.mark.seldom
def test_a_deleted_key_stays_away_until_a_newer_row(desk: "JobDesk") -> None:
    """An older row that comes later does not bring it back; a newer one does; an older delete does nothing."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    seen = []
    for row in ("1,a,5,", "1,,7,true", "1,late,6,", "1,,6,true", "1,new,8,", "1,,7,true", "1,,8,true"):
        desk.put(HEADER + row + "\n")
        desk.load(feed)
        seen.append([value for (value,) in desk.rows("things", "value")])

    assert seen == [["a"], [], [], [], ["new"], ["new"], []]


@pytest.mark.seldom
def test_without_a_sequence_the_younger_file_counts(desk: "JobDesk") -> None:
    """Then the generation, then the record further down - not the time of the run."""
    feed = desk.feed(KEYED)
    at = desk.clock.time
    desk.put("id,value\n1,young\n2,second generation\n", at=at, generation=2)
    desk.load(feed)
    desk.put("id,value\n1,old\n", at=at.replace(hour=1), generation=9)
    desk.put("id,value\n1,same time\n2,first generation\n3,up\n3,down\n", at=at, generation=1)

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "young"), ("2", "second generation"), ("3", "down")]


@pytest.mark.seldom
def test_of_one_file_the_record_further_down_counts(desk: "JobDesk") -> None:
    """Also where most of its keys come once."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,alone\n2,up\n3,alone\n2,down\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "alone"), ("2", "down"), ("3", "alone")]


@pytest.mark.seldom
def test_every_row_of_an_append_only_feed_stays(desk: "JobDesk") -> None:
    """Without a key each row is its own; merged again, none is there twice."""
    feed = desk.feed({"value": "string"})
    desk.put("value\na\na\n")
    desk.put("value\na\n")
    desk.stage(feed)
    run = desk.run(feed)
    prepare_target(run.engine, feed)
    staged = run.ledger.staged()

    merge_staged(run, staged)
    merge_staged(run, staged)

    assert desk.rows("things", "value") == [("a",)] * 3


@pytest.mark.on_spark("kinds3")
@pytest.mark.parametrize(
    ("kinds", "low", "high"),
    [
        (("string", "int"), ("a'`\\b", "1"), ("\U0001f600", "-1")),
        (("date", "string"), ("0001-01-01", "x"), ("9999-12-31", "x")),
        (("timestamp", "string"), ("1500-01-01 00:00:00.000001", ""), ("9999-12-31 23:59:59.999999", " ")),
        (("decimal(38,10)", "int"), ("-" + "9" * 28 + ".5", "1"), ("9" * 28 + ".25", "1")),
        (("double", "int"), ("0.30000000000000004", "1"), ("1e300", "1")),
        (("boolean", "int"), ("false", "1"), ("true", "1")),
    ],
)
def test_a_key_of_any_types_finds_its_row_again(
    desk: "JobDesk", kinds: tuple[str, str], low: tuple[str, str], high: tuple[str, str]
) -> None:
    """An update finds the row that it updates, at both ends of the batch's range; nothing else changes."""
    first, second = ({"physicalType": kind, "primaryKey": True, "nullTokens": ["?"]} for kind in kinds)
    feed = desk.feed({"k2": second, "k1": first, "value": "string"})
    for value in ("old", "new"):
        rows = "".join('"{}",{},{}\n'.format(key[0], f'"{key[1]}"', value) for key in (low, high))
        desk.put("k1,k2,value\n" + rows)
        desk.load(feed)

    assert desk.rows("things", "value") == [("new",), ("new",)]


@pytest.mark.seldom
def test_a_look_up_lends_its_columns_and_loses_no_row(desk: "JobDesk") -> None:
    """Found, not found, and a NULL of one's own; a table that does not exist yet is made empty."""
    customers = desk.feed(
        {"cid": {"physicalType": "string", "primaryKey": True}, "country": "string"}, feed="customers"
    )
    feed = desk.feed(
        {
            **KEYED,
            "cid": "string",
            "country": {"physicalType": "string", "transformLogic": "coalesce(customers.country, 'none')"},
            "length": {"physicalType": "tinyint", "transformLogic": "length(value) * 100"},
        },
        lookups=[{"table": "customers", "on": {"cid": "cid"}}],
    )
    desk.put("id,value,cid\n1,a,x\n")
    desk.load(feed)
    before = desk.rows("things", "id", "country")
    desk.put("cid,country\nx,CH\n", feed="customers")
    desk.load(customers)
    desk.put("id,value,cid\n1,a,x\n2,bb,y\n3,,\n")

    desk.load(feed)

    assert before == [("1", "none")]
    assert desk.rows("things", "id", "country", "length") == [
        ("1", "CH", "100"),
        ("2", "none", None),
        ("3", "none", None),
    ]


@pytest.mark.seldom
def test_a_bad_row_never_reaches_the_target(desk: "JobDesk") -> None:
    """It stays in the stage table with its reasons; the good row that it was to replace stays too."""
    feed = desk.feed({**KEYED, "n": "int"})
    desk.put("id,value,n\n1,a,1\n")
    desk.load(feed)
    desk.put("id,value,n\n1,b,x\n2,c,2\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "a"), ("2", "c")]
    assert [row["_row"] for row in desk.engine.read(feed.stage_table).filter("size(_errors) > 0").collect()] == [1]


@pytest.mark.seldom
def test_rows_of_two_sequence_columns_compare_as_a_tuple(desk: "JobDesk") -> None:
    """The first decides, then the second."""
    feed = desk.feed({**KEYED, "day": "date", "n": "int"}, sequenceBy=["day", "n"])
    for row in ("1,a,2026-01-02,1", "1,b,2026-01-01,9", "1,c,2026-01-02,2", "1,d,2026-01-02,1"):
        desk.put(f"id,value,day,n\n{row}\n")
        desk.load(feed)

    assert desk.rows("things", "value") == [("c",)]


def test_a_negative_zero_is_the_zero_of_its_key(desk: "JobDesk") -> None:
    """Engines differ on whether -0.0 is 0.0: the table holds one of them."""
    feed = desk.feed({"id": {"physicalType": "double", "primaryKey": True}, "value": "string"})
    desk.put("id,value\n0,first\n-0.0,second\n")

    desk.load(feed)

    assert desk.rows(feed.table, "value") == [("second",)]


@pytest.mark.seldom
def test_merges_go_on_beyond_the_table_s_first_checkpoint(desk: "JobDesk") -> None:
    """The tenth version of a table and those around it are like any other."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")

    for at in range(1, 14):
        desk.put(f"{HEADER}{at},v{at},{at},\n1,v{at},{at},\n")
        desk.load(feed)

    assert desk.rows("things", "id", "value")[:2] == [("1", "v13"), ("10", "v10")]
    assert len(desk.rows("things", "id")) == 13

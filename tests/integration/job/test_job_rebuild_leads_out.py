"""A rebuild leads out of whatever lets nothing else into the tables: other types, and a key that stands there twice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from pipeline_jobs.errors import ConservationError
from pipeline_jobs.operations.operation import Do, Operation
from tests.integration.job.rebuild_desk import DELETES, KEYED, compared, rebuild, swap

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

ROW = ("_generation", "_file", "_row")
TEXT: "Properties" = {"physicalType": "string", "primaryKey": True}
RETYPED: dict[str, tuple["Properties", tuple[str, ...], str]] = {
    "the key, from a text to a number": (
        {"sku": {"physicalType": "bigint", "primaryKey": True}, "flag": "decimal(3,0)"},
        ROW,
        "4 rows became 2: 0 added, 2 missing, 0 different",
    ),
    "another, from a number to a truth": (
        {"sku": TEXT, "flag": {"physicalType": "boolean", "trueTokens": ["1"], "falseTokens": ["0"]}},
        ("sku",),
        "4 rows became 4: 0 added, 0 missing, 3 different (flag in 3)",
    ),
}


@pytest.mark.seldom
@pytest.mark.parametrize(("properties", "key", "said"), RETYPED.values(), ids=RETYPED)
def test_no_type_of_a_column_holds_up_a_swap(
    desk: "JobDesk", properties: "Properties", key: tuple[str, ...], said: str
) -> None:
    """Two old rows become one and a third becomes none; or no engine casts the old values to the new type."""
    old = desk.feed({"sku": TEXT, "flag": "decimal(3,0)"})
    desk.put("sku,flag\nA1,1\n007,0\n7,1\n8,\n")
    desk.load(old)
    changed = desk.feed(properties, maxBadRows={"count": 1})

    found = rebuild(desk, changed)
    swap(desk, changed)

    assert (str(found.target), found.key) == (said, key)
    assert desk.engine.read("things").dtypes[:2] == [(one.name, one.type.sql) for one in changed.columns[:2]]
    assert desk.engine.read("things").count() == found.target.after


@dataclass(frozen=True)
class Doubled:
    """A feed of three files, the last of them in source/; somebody has put a row of the first into the target twice."""

    feed: "Contract"
    merged: str
    late: str


@pytest.fixture
def doubled(desk: "JobDesk") -> Doubled:
    feed = desk.feed(KEYED, **DELETES)
    older = desk.put("id,seq,value\n1,0,older\n")
    merged = desk.put("id,seq,value\n1,1,a\n2,1,b\n")
    desk.load(feed)
    row = desk.engine.read("things").filter("id = 1").withColumn("_file", F.lit(older))
    desk.engine.append("things", row.union(row), row.columns)
    return Doubled(feed, merged, desk.put("id,seq,value\n1,2,late\n"))


@pytest.mark.seldom
def test_a_file_that_no_merge_takes_for_a_doubled_key_is_merged_by_a_swap(desk: "JobDesk", doubled: Doubled) -> None:
    """Its rebuild says how many rows there are too many, and stays red for the file that waits."""
    with pytest.raises(ConservationError):
        desk.load(doubled.feed)

    with pytest.raises(ConservationError):
        rebuild(desk, doubled.feed)
    found = compared(desk)
    swap(desk, doubled.feed)
    desk.load(doubled.feed)

    assert found.target.doubled == 2
    assert "2 whose key stood there once more" in str(found.target)
    assert desk.rows("things", "id", "value") == [("1", "late"), ("2", "b")]
    assert desk.ledger(doubled.late)[-1][0] == "merged"


@pytest.mark.seldom
def test_a_file_that_cannot_be_taken_out_for_a_doubled_key_goes_with_a_swap(desk: "JobDesk", doubled: Doubled) -> None:
    """Once it is begun each run of the feed ends with it, before it loads anything."""
    with pytest.raises(ConservationError):
        desk.operate(doubled.feed, Operation(Do.RETRACT, (doubled.merged,)))
    with pytest.raises(ConservationError):
        desk.load(doubled.feed)

    rebuild(desk, doubled.feed)
    swap(desk, doubled.feed)
    desk.load(doubled.feed)

    assert desk.rows("things", "id", "value") == [("1", "late")]
    assert [desk.ledger(file)[-1][0] for file in (doubled.merged, doubled.late)] == ["retracted", "merged"]

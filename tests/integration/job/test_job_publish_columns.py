"""publish: columns that come and go, on this side or on that one."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.integration.job.published_feed import FIRST, HEAD, KEYED

if TYPE_CHECKING:
    from tests.integration.job.earlier_version import Earlier
    from tests.integration.job.job_desk import Properties
    from tests.integration.job.publish_desk import PublishDesk

pytest_plugins = ["tests.integration.job.publish_desk", "tests.integration.job.earlier_version"]


@pytest.mark.seldom
def test_a_new_column_comes_with_its_rows(publishing: "PublishDesk") -> None:
    """It stands behind the others, and older rows have nothing in it."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)

    wider = desk.feed({**KEYED, "more": {"physicalType": "decimal(38,10)", "optional": True}}, deleteWhen="gone")
    desk.put(f"{HEAD.strip()},more\n1,a2,,,,,,,,1.5\n")
    desk.load(wider)
    publishing.publish(wider)

    assert publishing.is_equal(wider)
    assert {row["id"]: row["more"] for row in publishing.rows("things")} == {1: Decimal("1.5"), 2: None, 3: None}


@pytest.mark.seldom
def test_a_table_that_a_publish_makes_is_loaded_once(publishing: "PublishDesk") -> None:
    """The first time, and after somebody dropped it: a column that is made with its table has forgotten nothing."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)

    first = publishing.publish(feed)
    publishing.ask("DROP TABLE `{}.things`")
    again = publishing.publish(feed)

    assert [[method for method, _ in asked].count("PUT") for asked in (first, again)] == [1, 1]
    assert publishing.is_equal(feed)


@pytest.mark.seldom
def test_new_columns_come_beside_classified_ones(publishing: "PublishDesk") -> None:
    """Of every type, and without a word of the others: a job that repeats their policy tags would need a right on them,
    and one that leaves them out would take them away.
    """
    desk = publishing.desk
    few: Properties = {"id": KEYED["id"], "value": {"physicalType": "string", "classification": "secret"}}
    feed = desk.feed(few)
    publishing.made_by_terraform(feed)
    desk.put("id,value\n1,a\n2,b\n")
    desk.load(feed)
    publishing.publish(feed)

    more: Properties = {
        name: {"physicalType": kind, "optional": True} for name, kind in KEYED.items() if name not in few
    }
    wider = desk.feed({**few, **more})
    desk.put(FIRST.partition("\n2,")[0] + "\n")
    desk.load(wider)
    asked = publishing.publish(wider)

    assert publishing.is_equal(wider)
    assert publishing.policy_tags("things") == {"value": ["secret"]}
    assert {method for method, _ in asked} == {"GET", "POST", "PUT", "DELETE"}


@pytest.mark.seldom
def test_a_column_that_was_taken_out_there_comes_back_with_all_its_rows(
    publishing: "PublishDesk", earlier: "Earlier"
) -> None:
    """Also with those that have not changed since, and wherever a publish dies between that column and its rows."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    before = earlier(99)
    desk.put(f"{HEAD}3,c2,,,,,,,\n")
    desk.load(feed)

    def begun() -> "PublishDesk":
        there = publishing.anew(before)
        there.publish(feed)
        there.ask("ALTER TABLE `{}.things` DROP COLUMN share")
        return replace(there, desk=desk)

    there = begun()
    whole = there.publish(feed)
    assert there.is_equal(feed)
    assert {row["id"]: row["share"] for row in there.rows("things")} == {1: 0.1, 2: None, 3: None}
    changing = [at for at, (method, _) in enumerate(whole) if method != "GET"]
    assert [whole[at][0] for at in changing] == ["POST"] * 4 + ["PUT", "POST", "DELETE"]
    for at in changing:
        there = begun()
        with pytest.raises(publishing.died):
            there.publish(feed, publishing.strike(at))
        there.publish(feed)

        assert there.is_equal(feed, is_tidy=False)


@pytest.mark.seldom
def test_a_column_that_the_contract_dropped_is_not_made_again(publishing: "PublishDesk") -> None:
    """It is filled for as long as it is there. Taken out there it stays out, though the target keeps it: nothing says
    any more that it is classified. Made there again, once the contract has it again, it gets all its values.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    fewer = desk.feed({name: kind for name, kind in KEYED.items() if name != "share"}, deleteWhen="gone")
    head = HEAD.replace("share,", "")
    desk.put(f"{head}3,c2,,,,,,\n")
    desk.load(fewer)
    publishing.publish(fewer)
    assert publishing.is_equal(fewer)
    assert {row["id"]: row["share"] for row in publishing.rows("things")} == {1: 0.1, 2: None, 3: None}

    publishing.ask("ALTER TABLE `{}.things` DROP COLUMN share")
    desk.put(f"{head}3,c3,,,,,,\n4,d,,,,,,\n")
    desk.load(fewer)
    publishing.publish(fewer)
    assert "share" in desk.engine.read("things").columns
    assert "share" not in publishing.rows("things")[0]
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {
        1: "a",
        2: "\u00e9'`@low",
        3: "c3",
        4: "d",
    }
    assert {method for method, _ in publishing.publish(fewer)} == {"GET"}

    publishing.into().add_columns("things", [{"name": "share", "type": "FLOAT", "mode": "NULLABLE"}])
    publishing.publish(feed)
    assert publishing.is_equal(feed)

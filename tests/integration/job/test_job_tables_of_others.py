"""Tables of other feeds that a feed looks up or summarises: what they wait for holds up nobody else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract, Summary
from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.steps import merge, stage

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

PEOPLE: "Properties" = {
    "cid": {"physicalType": "string", "primaryKey": True},
    "country": "string",
    "seq": "int",
    "note": "string",
}
ONES = "cid,country,seq,note\nx,CH,1,n\ny,AT,1,n\n"
PER_COUNTRY = (Summary("per_country", "SELECT country, count(*) AS n FROM customers GROUP BY country"),)


def customers(desk: "JobDesk", of: Mapping[str, Any] | None = None, **ours: Any) -> Contract:
    return desk.feed({**PEOPLE, **(of or {})}, feed="customers", **({"sequenceBy": ["seq"]} | ours))


def orders(desk: "JobDesk") -> Contract:
    country = {"physicalType": "string", "transformLogic": "customers.country"}
    return desk.feed(
        {"id": {"physicalType": "bigint", "primaryKey": True}, "cid": "string", "country": country},
        lookups=[{"table": "customers", "on": {"cid": "cid"}}],
    )


def look(desk: "JobDesk", of: Contract) -> tuple[list[tuple[str, str]], dict[str, str], list[tuple[Any, ...]]]:
    """All that a run of another feed could change of a table."""
    names = [column.name for column in of.columns]
    return desk.engine.read(of.table).dtypes, dict(desk.engine.properties(of.table)), desk.rows(of.table, *names)


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("columns", "ours"),
    [
        pytest.param({}, {"sequenceBy": []}, id="sequenceBy"),
        pytest.param({}, {"deleteWhen": "note = 'gone'"}, id="deleteWhen"),
        pytest.param({"note": "double"}, {}, id="type"),
    ],
)
def test_a_feed_that_waits_for_its_rebuild_holds_up_none_that_looks_it_up(
    desk: "JobDesk", columns: Mapping[str, Any], ours: Mapping[str, Any]
) -> None:
    """Files are merged and taken out with what its table lends, and the table is left alone."""
    old = customers(desk)
    desk.put(ONES, feed="customers")
    desk.load(old)
    before = look(desk, old)
    waits, feed = customers(desk, columns, **ours), orders(desk)
    desk.put(ONES, feed="customers")
    with pytest.raises(TableDiffersError):
        desk.load(waits)
    desk.put("id,cid\n1,x\n")
    out = desk.put("id,cid\n1,y\n2,y\n")

    desk.load(feed)
    merged = desk.rows("things", "id", "country")
    run = desk.run(feed, operation=Operation(Do.RETRACT, (out,)))
    stage.stage_load(run)
    merge.target_load(run)
    desk.load(feed)

    assert (merged, desk.rows("things", "id", "country")) == ([("1", "AT"), ("2", "AT")], [("1", "CH")])
    assert look(desk, old) == before


@pytest.mark.seldom
@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"country": "int"}, id="lent"),
        pytest.param({"seq": {"physicalType": "int", "primaryKey": True}, "cid": "string"}, id="primaryKey"),
    ],
)
def test_what_a_look_up_could_not_read_rightly_stops_it_and_no_summary(
    desk: "JobDesk", columns: Mapping[str, Any]
) -> None:
    """Other values would be lent, or several rows found for one; a view only shows what is there."""
    old = customers(desk)
    desk.put(ONES, feed="customers")
    desk.load(old)
    feed = orders(desk)
    counting = replace(desk.feed({"id": "bigint"}, feed="counts"), summaries=PER_COUNTRY)
    desk.put("id,cid\n1,x\n")
    counted = desk.put("id\n1\n", feed="counts")
    customers(desk, columns)

    with pytest.raises(TableDiffersError, match="the table customers is looked up"):
        desk.load(feed)
    desk.load(counting)

    assert desk.rows("things", "id") == []
    assert desk.ledger(counted)[-1] == ("merged",)
    assert sorted(desk.ask("SELECT country, n FROM per_country")) == [("AT", 1), ("CH", 1)]


@pytest.mark.seldom
def test_a_table_of_another_feed_gets_the_columns_that_it_lacks_and_no_other_type(desk: "JobDesk") -> None:
    """So that they can be read, as NULL, before that feed has had a run; what is empty its own run makes anew."""
    desk.load(customers(desk))
    customers(desk, {"note": "double", "more": {"physicalType": "string", "optional": True}})
    desk.put("id,cid\n1,x\n")

    desk.load(orders(desk))

    kinds = dict(desk.engine.read("customers").dtypes)
    assert (kinds["note"], kinds["more"]) == ("string", "string")
    assert desk.rows("things", "id", "country") == [("1", None)]


@pytest.mark.seldom
def test_what_an_empty_table_of_other_types_lends_is_of_the_types_of_its_contract(desk: "JobDesk") -> None:
    """Expressions are written for them; the table is left alone, for its own run may be at work in it."""
    old = customers(desk)
    desk.load(old)
    before = look(desk, old)
    customers(desk, {"country": "boolean"})
    country = {"physicalType": "boolean", "transformLogic": "coalesce(customers.country, false)"}
    feed = desk.feed(
        {"id": {"physicalType": "bigint", "primaryKey": True}, "cid": "string", "country": country},
        lookups=[{"table": "customers", "on": {"cid": "cid"}}],
    )
    desk.put("id,cid\n1,x\n")

    desk.load(feed)

    assert desk.rows("things", "id", "country") == [("1", "false")]
    assert look(desk, old) == before

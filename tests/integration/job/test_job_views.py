"""The views for people: what was rejected row by row, and the contract's summaries."""

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.contract import Summary

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "cid": "string", "n": "int"}
PER_COUNTRY = (
    "WITH counted AS (SELECT cid, sum(n) AS n FROM things GROUP BY cid) "
    "SELECT c.country, sum(counted.n) AS n FROM counted JOIN customers AS c ON c.cid = counted.cid "
    "WHERE counted.n > 0 GROUP BY c.country"
)


def test_rejects_and_summaries_can_be_asked(desk: "JobDesk") -> None:
    """Also one that reads another feed's target, which has had no file yet."""
    customers = desk.feed(
        {"cid": {"physicalType": "string", "primaryKey": True}, "country": "string"}, feed="customers"
    )
    summaries = (Summary("per_country", PER_COUNTRY), Summary("total", "SELECT sum(things.n) AS n FROM things"))
    feed = replace(desk.feed(KEYED), summaries=summaries)
    desk.contracts = (customers, feed)
    desk.put("id,cid,n\n1,x,1\n2,x,2\n3,y,4\nbad,y,8\n")
    desk.load(feed)
    before = desk.ask("SELECT country, n FROM per_country")
    desk.put("cid,country\nx,CH\ny,AT\n", feed="customers")

    desk.load(customers)
    desk.load(feed)  # Sail's views are those of a session, over the tables as they were when it made them

    assert before == []
    assert sorted(desk.ask("SELECT country, n FROM per_country")) == [("AT", 4), ("CH", 3)]
    assert desk.ask("SELECT n FROM total") == [(7,)]
    assert desk.ask("SELECT _row, _errors[0].rule FROM things_rejects") == [(4, "type")]

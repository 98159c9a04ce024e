"""The views for people: what was rejected row by row, and the contract's summaries."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException

from contracts.contract import Summary
from contracts.expressions.parsed import ExpressionError
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.state.tables import publish_summaries

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

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
    if isinstance(desk.engine, SailEngine):
        desk.load(feed)  # its views are those of a session, over the tables as they were when it made them

    assert before == []
    assert sorted(desk.ask("SELECT country, n FROM per_country")) == [("AT", 4), ("CH", 3)]
    assert desk.ask("SELECT n FROM total") == [(7,)]
    assert desk.ask("SELECT _row, _errors[0].rule FROM things_rejects") == [(4, "type")]


@pytest.mark.seldom
def test_a_view_that_is_not_ours_to_alter_holds_up_no_file(desk: "JobDesk", through: "Through") -> None:
    """Somebody else made it: its query stays, the run is red and says why, and the file is in the target."""
    feed = desk.feed(KEYED)
    file = desk.put("id,cid,n\n1,x,1\nbad,x,2\n")

    def publish_view(name: str, query: str) -> None:
        raise PermissionError(name)

    desk.engine = through(desk.engine, publish_view=publish_view)
    with pytest.raises(PermissionError, match="things_rejects"):
        desk.load(feed)

    assert desk.ledger(file)[-2:] == [("staged",), ("merged",)]
    assert desk.rows("things", "id") == [("1",)]
    assert "target_load" in desk.report(feed, target_result="failed")


@pytest.mark.seldom
@pytest.mark.parametrize(
    "query",
    [
        "SELECT java_method('java.lang.Math', 'abs', -1) AS n FROM things",
        "SELECT id FROM things TABLESAMPLE (1 ROWS)",
        "SELECT id FROM things_stage",
        "SELECT file FROM file_ledger",
    ],
)
def test_the_job_itself_refuses_a_summary_that_the_check_would(desk: "JobDesk", query: str) -> None:
    """Nothing reaches the engine of a contract that nobody checked, nor a view of the others beside it."""
    feed = replace(
        desk.feed(KEYED), summaries=(Summary("good", "SELECT count(*) AS n FROM things"), Summary("bad", query))
    )
    desk.put("id,cid,n\n1,x,1\n")
    desk.load(replace(feed, summaries=()))

    with pytest.raises(ExpressionError):
        publish_summaries(desk.engine, feed, (feed,))

    with pytest.raises(PySparkException):
        desk.ask("SELECT n FROM good")

"""The view on bad rows that BigQuery gets has the rows of the job's own: its SQL, translated, over the job's tables.

BigQuery itself runs nowhere but at Google. sqlglot reads the query as BigQuery's and writes it as Spark's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot
from pyspark.sql import DataFrame
from sqlglot import exp

from infra.tables import rejects_query
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.tables import publish_rejects
from pipeline_jobs.tasks import loads

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "n": "int"}
COLUMNS = "_file, _row, _raw, _state"


@pytest.fixture
def on_sail(start_engine: "Callable[[str], Server]", open_desk: "OpenDesk", tmp_path: Path) -> "Iterator[JobDesk]":
    with open_desk(start_engine("sail"), tmp_path, "") as desk:
        yield desk


def test_bad_rows_in_bigquery_are_those_of_the_job(on_sail: "JobDesk") -> None:
    """Of a file with good rows too, of a rejected one; of none that was retracted, sent again or of another feed."""
    desk = on_sail
    feed, other = desk.feed(KEYED, maxBadRows={"count": 2}), desk.feed(KEYED, feed="others")
    desk.contracts = (feed, other)
    desk.put("id,n\n1,1\nbad,2\n", "within.csv")
    taken_back = desk.put("id,n\nworse,1\n2,2\n", "taken_back.csv")
    desk.put("id,n\na,1\nb,2\nc,3\n", "rejected.csv")
    desk.put("id,n\nx,1\n", "other.csv", feed="others")
    desk.load(feed)
    desk.load(other)
    run = desk.run(feed, operation=Operation(Do.RETRACT, (taken_back,)))
    loads.stage_load(run)
    loads.target_load(run)
    publish_rejects(desk.engine, feed)  # Sail's views show the tables as they were when it made them

    ours = sorted(desk.ask(f"SELECT {COLUMNS} FROM things_rejects"))
    theirs = sorted(desk.ask(f"SELECT {COLUMNS} FROM ({_in_spark(rejects_query(feed), desk)})"))

    assert theirs == ours
    assert len(ours) == 4


def test_bad_rows_of_a_file_that_two_runs_staged_are_those_of_the_run_that_put_it_in_again(
    on_sail: "JobDesk", through: "Through"
) -> None:
    """By the contract of then: what the second run had staged counted neither before nor now."""
    desk = on_sail
    feed, engine = desk.feed(KEYED), desk.engine
    file = desk.put("id,n\n1,1\nbad,2\n3,worse\n")

    def append(table: str, rows: DataFrame, columns: Sequence[str]) -> None:
        engine.append(table, rows, columns)
        desk.load(feed)

    loads.stage_load(replace(desk.run(feed, run_id="second"), engine=through(engine, append=append)))
    corrected = desk.feed({**KEYED, "n": {"physicalType": "int", "nullTokens": ["worse"]}})
    loads.stage_load(desk.run(corrected, operation=Operation(Do.REPLAY, (file,))))
    publish_rejects(desk.engine, corrected)

    ours = desk.ask("SELECT _row, _state FROM things_rejects")
    theirs = desk.ask(f"SELECT _row, _state FROM ({_in_spark(rejects_query(corrected), desk)})")

    assert len(set(desk.rows(feed.stage_table, "_attempt"))) == 3
    assert (ours, theirs) == ([(2, "staged")], [(2, "staged")])


def _in_spark(query: str, desk: "JobDesk") -> str:
    """BigQuery's SQL as Spark's, each of its tables where the job has it."""
    tree = sqlglot.parse_one(query.replace("{dataset}", "shop.sales"), read="bigquery")
    for table in tree.find_all(exp.Table):
        if table.db:
            placed = exp.to_table(desk.engine.reference(table.name), dialect="spark", alias=table.alias or table.name)
            table.replace(placed)
    return tree.sql(dialect="spark")

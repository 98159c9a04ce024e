"""What the operators' commands work on: a running stack, asked by the clients that ask Google and Databricks."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import samples
from contracts.loader import PACKAGED
from ingest.targets.errors import StatementFailed, TargetError
from ingest.targets.target import Choice, Target, open_local
from ingest.targets.values import Value
from local.settings import LAKE, LANDING
from tests.integration.ingest.stack_desk import StackDesk, running_stack

CUSTOMERS = Path(samples.__file__).parent / "customers_2026-03-02.csv"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    """One file of the feed customers has been merged."""
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        desk.put("daily/customers_2026-03-02.csv", CUSTOMERS.read_bytes())
        yield desk


@pytest.fixture(scope="module")
def target(desk: StackDesk) -> Target:
    return open_local(Choice(root=desk.root))


def test_values_come_back_as_what_they_are(target: Target) -> None:
    """Parameters are values, whatever is in them, and answers have the types of their columns."""
    moment = datetime(2026, 3, 2, 23, 59, 59, 123456, tzinfo=UTC)
    given: dict[str, Value] = {
        "quoted": 'it\'s \\ "here"; drop table customers --',
        "number": 2**40,
        "amount": Decimal("-12.50"),
        "truth": True,
        "day": date(2026, 3, 2),
        "moment": moment,
        "nothing": None,
    }

    [row] = target.tables.rows(
        "SELECT :quoted AS quoted, :number AS number, :amount AS amount, :truth AS truth, :day AS day, "
        ":moment AS moment, :nothing AS nothing, array(named_struct('rule', 'type')) AS errors",
        **given,
    )

    assert row == {**given, "errors": [{"rule": "type"}]}
    assert isinstance(row["amount"], Decimal)


def test_the_tables_of_the_stack_are_read_as_they_are_now(desk: StackDesk, target: Target) -> None:
    """Each statement sees what has been committed before it, by the whole name of a table or by its own alone."""
    desk.put("daily/customers_2026-03-03.csv", CUSTOMERS.read_bytes().partition(b"\n")[0] + b"\n")

    ledger = target.tables.reference("file_ledger")
    found = target.tables.rows(
        f"SELECT file FROM {ledger} WHERE state = :state AND file LIKE '%03-03%'",
        state="merged",
    )

    assert len(found) == 1
    assert target.tables.rows("SELECT count(*) AS rows FROM customers_rejects") == [{"rows": 0}]
    assert target.tables.rows("DESCRIBE TABLE customers")[0]["col_name"] == "customer_id"
    assert target.tables.has("customers")
    assert not target.tables.has("orders")


def test_an_answer_in_many_parts_is_put_together(target: Target) -> None:
    """A part holds ten thousand rows."""
    rows = target.tables.rows("SELECT id FROM range(25000) ORDER BY id")

    assert [row["id"] for row in rows] == list(range(25_000))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("INSERT INTO customers SELECT * FROM customers", "INSUFFICIENT_PERMISSIONS"),
        ("DELETE FROM customers", "INSUFFICIENT_PERMISSIONS"),
        ("DROP TABLE customers", "INSUFFICIENT_PERMISSIONS"),
        ("CREATE TABLE mine AS SELECT 1", "INSUFFICIENT_PERMISSIONS"),
        ("SET spark.sql.ansi.enabled = true", "INSUFFICIENT_PERMISSIONS"),
        ("SELECT 1; DROP TABLE customers", "PARSE_SYNTAX_ERROR"),
        ("SELEC 1", "PARSE_SYNTAX_ERROR"),
        ("SELECT :unknown", "UNBOUND_SQL_PARAMETER"),
        ("SELECT * FROM delta.`/etc`", "TABLE_OR_VIEW_NOT_FOUND"),
        ("SELECT * FROM other.main.customers", "TABLE_OR_VIEW_NOT_FOUND"),
        ("WITH hidden AS (SELECT * FROM parquet.`/etc/passwd`) SELECT * FROM hidden", "TABLE_OR_VIEW_NOT_FOUND"),
        ("SELECT * FROM nowhere", "TABLE_OR_VIEW_NOT_FOUND"),
    ],
)
def test_the_warehouse_reads_its_own_tables_and_does_nothing_else(target: Target, statement: str, code: str) -> None:
    """Each is refused in the words of the API, and leaves the tables as they were."""
    before = target.tables.rows("SELECT count(*) AS rows FROM customers")

    with pytest.raises(StatementFailed) as refused:
        target.tables.rows(statement)

    assert refused.value.code == code
    assert target.tables.rows("SELECT count(*) AS rows FROM customers") == before


def test_places_and_jobs_are_what_the_deployed_jobs_say(desk: StackDesk, target: Target) -> None:
    """Buckets, runs with their tasks, and the contracts of the stack."""
    [run] = target.jobs.newest("customers")
    whole = target.jobs.run(run.run_id)

    assert (target.landing.name, target.lake.name) == (LANDING, LAKE)
    assert [contract.feed for contract in target.contracts] == list(target.jobs.ids) == list(desk.stack.running.jobs)
    assert (run.state, run.is_well, run.is_over) == ("SUCCESS", True, True)
    assert {task.key: task.state for task in whole.tasks} == dict.fromkeys(
        ("stage_load", "target_load", "report"), "SUCCESS"
    )
    assert target.jobs.page_of("customers", run.run_id) == run.page
    assert target.jobs.newest("orders") == []
    with pytest.raises(TargetError, match="the feed parcels has no job there"):
        target.jobs.id_of("parcels")


def test_the_same_token_starts_one_run_and_a_failed_one_says_why(desk: StackDesk, target: Target) -> None:
    """What people are told of a run is the report's text."""
    desk.put("daily/customers_bad.csv", b"no,such,header\n1,2,3\n")
    first = target.jobs.run_now("customers", token="one")

    again = target.jobs.run_now("customers", token="one")
    looks: list[str] = []
    run = target.jobs.wait(first, told=lambda run: looks.append(run.state))

    assert again == first
    assert run.is_over
    assert looks[-1] == run.state
    desk.put_into_lake("source/customers/broken.csv", b"no,such,header\n1,2,3\n")
    failed = target.jobs.wait(target.jobs.run_now("customers", token="two"))
    assert failed.state == "FAILED"
    assert "missing_column" in target.jobs.error_of(failed)


def test_a_command_finds_the_stack_and_needs_no_more(desk: StackDesk) -> None:
    """In a process of its own, with another cloud's variables about; it imports neither Spark nor all of the SDK."""
    strange = {
        "DATABRICKS_HOST": "https://other.cloud.example",
        "DATABRICKS_CLIENT_ID": "somebody",
        "DATABRICKS_CLIENT_SECRET": "a secret",
        "DATABRICKS_CONFIG_PROFILE": "of another workspace",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }
    program = (
        "import sys; sys.argv = ['ingest', 'status', '--json']\n"
        "from ingest.__main__ import main\n"
        "try: main()\n"
        "finally: print(sorted({'pyspark', 'databricks.sdk.service.dashboards'} & set(sys.modules)), file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **strange, "INGEST_ROOT": str(desk.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stderr == "[]\n"
    assert {one["feed"] for one in json.loads(done.stdout)["feeds"]} == set(desk.stack.running.jobs)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("status", "parcels"), "there is no feed parcels; the contracts name customers, order_tracking, orders"),
        (("status", "--deployment", "ingest-prod"), "the workspace has no job named ingest-prod FEED"),
        (("status", "--feeds", "/nowhere"), "there is no contract"),
    ],
)
def test_a_wrong_use_is_one_sentence(desk: StackDesk, arguments: tuple[str, ...], sentence: str) -> None:
    """And exit code 2."""
    result = desk.ingest(*arguments)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_where_no_stack_runs_a_command_says_so(desk: StackDesk, tmp_path: Path) -> None:
    """A file that a dead stack left behind does not count."""
    shutil.copy(desk.root / "stack.json", tmp_path)
    (tmp_path / "stack.lock").touch()

    result = desk.ingest("status", "--target", "local", "--root", str(tmp_path))

    assert result.exit_code == 2
    assert "no stack runs here" in result.stderr
    assert "start it with python -m local up" in result.stderr


def test_the_contracts_are_the_stacks_own_unless_others_are_named(desk: StackDesk, tmp_path: Path) -> None:
    """`--feeds` names a folder."""
    shutil.copy(PACKAGED / "customers.odcs.yaml", tmp_path)

    answer = desk.answer("status", "--feeds", str(tmp_path))

    assert [one["feed"] for one in answer["feeds"]] == ["customers"]

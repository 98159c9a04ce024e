"""publish: the table in BigQuery has the target's rows, whatever became of the target."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from contracts.contract import Contract
from contracts.loader import PACKAGED, load_contracts
from local.demo.story import STORY
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.tasks import loads
from tests.integration.job.published_feed import FIRST, HEAD, KEYED, SECOND

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, Properties
    from tests.integration.job.publish_desk import PublishDesk

pytest_plugins = ["tests.integration.job.publish_desk"]

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.mark.seldom
def test_the_days_of_the_shop(publishing: "PublishDesk") -> None:
    """After each act of the demo the tables there have the rows of the targets here."""
    desk = publishing.desk
    desk.contracts = load_contracts(PACKAGED)
    for feed in desk.contracts:
        publishing.made_by_terraform(feed)
    for act in STORY:
        changed = {feed.feed: feed for feed in desk.contracts for upload in act.uploads if feed.feed in upload.sample}
        for upload in act.uploads:
            feeds = [feed for feed in changed.values() if feed.feed in upload.sample and upload.by != "function"]
            for feed in feeds:
                desk.put((SAMPLES / upload.sample).read_bytes(), upload.name, feed=feed.feed)
        for feed in changed.values():
            desk.load(feed)

            publishing.publish(feed)

            assert publishing.is_equal(feed)
    assert len(publishing.rows("orders")) > 0


@pytest.mark.seldom
def test_values_of_every_type_and_what_is_deleted(publishing: "PublishDesk") -> None:
    """To the last digit, to the ends of the calendar; a key that says deleted goes. A second publish only looks."""
    feed = publishing.desk.feed(KEYED, deleteWhen="gone")
    publishing.desk.put(FIRST)
    publishing.desk.load(feed)
    publishing.publish(feed)
    assert publishing.is_equal(feed)
    assert len(publishing.rows("things")) == 3

    publishing.desk.put(SECOND)
    publishing.desk.load(feed)
    publishing.publish(feed)
    again = publishing.publish(feed)

    assert publishing.is_equal(feed)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "a2", 3: "c", 4: "d"}
    assert {method for method, _ in again} == {"GET"}


@pytest.mark.seldom
def test_what_is_taken_back_made_anew_and_put_in_again(publishing: "PublishDesk") -> None:
    """A retracted file's rows go and older ones come back; after a replay, and a rebuild that takes the target's place
    by another contract, with the same key or another one, the rows are equal, too.
    """
    desk, publish = publishing.desk, publishing.publish
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    second = desk.put(SECOND)
    desk.load(feed)
    publish(feed)
    assert len(publishing.rows("things")) == 3

    for do, rows in ((Do.RETRACT, {1: "a", 2: "\u00e9'`@low", 3: "c"}), (Do.REPLAY, {1: "a2", 3: "c", 4: "d"})):
        _operate(desk, feed, Operation(do, (second,)))
        publish(feed)
        assert publishing.is_equal(feed)
        assert {row["id"]: row["value"] for row in publishing.rows("things")} == rows

    anew = desk.feed({**KEYED, "value": {"physicalType": "string", "cleanse": ["upper"]}}, deleteWhen="gone")
    for do in (Do.REBUILD, Do.SWAP):
        _operate(desk, anew, Operation(do))
    publish(anew)
    assert publishing.is_equal(anew)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "A2", 3: "C", 4: "D"}
    desk.put(f"{HEAD}5,e,,,,,,,\n6,e,,,,,,,\n")
    desk.load(anew)
    publish(anew)
    assert publishing.is_equal(anew)

    by_value: Properties = {
        **KEYED,
        "id": "bigint",
        "value": {"physicalType": "string", "primaryKey": True, "cleanse": ["upper"]},
    }
    keyed = desk.feed(by_value, deleteWhen="gone")
    for do in (Do.REBUILD, Do.SWAP):
        _operate(desk, keyed, Operation(do))
    publish(keyed)
    assert publishing.is_equal(keyed)
    assert len([row for row in publishing.rows("things") if row["value"] == "E"]) == 1


@pytest.mark.seldom
def test_where_upkeep_has_removed_what_was_shown_all_comes(publishing: "PublishDesk", tmp_path: Path) -> None:
    """Somebody keeps the table's files for a shorter time than a publish counts on: the next one is whole."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    desk.put(SECOND)
    desk.load(feed)
    folder = tmp_path / "warehouse" / "things"
    kept = {Path(uri).name for uri in DeltaTable(str(folder)).file_uris()}
    for file in list(folder.rglob("*.parquet")):
        if file.name not in kept and "_delta_log" not in file.parts:
            file.unlink()

    publishing.publish(feed)

    assert publishing.is_equal(feed)


def _operate(desk: "JobDesk", feed: Contract, operation: Operation) -> None:
    """Both loads of a run that is told so."""
    run = desk.run(feed, operation=operation)
    loads.stage_load(run)
    loads.target_load(run)


@pytest.mark.seldom
def test_the_task_as_its_process(
    publishing: "PublishDesk", server: "Server", open_bigquery: str, tmp_path: Path
) -> None:
    """By its entry point, its arguments, and an address in its environment; it says what it did. Without a token at a
    server that wants one, it ends with BigQuery's reason, and the words are in the file.
    """
    desk = publishing.desk
    desk.contracts = load_contracts(PACKAGED)
    [feed] = [one for one in desk.contracts if one.feed == "customers"]
    desk.put((SAMPLES / "customers_2026-03-02.csv").read_bytes(), "daily/customers.csv", feed="customers")
    desk.load(feed)
    there = replace(publishing, url=open_bigquery, dataset="published")
    there.made_by_terraform(feed)

    done = _task(server, tmp_path, open_bigquery)
    refused = _task(server, tmp_path, publishing.url)

    assert done.returncode == 0, done.stderr
    assert there.is_equal(feed)
    last = json.loads(done.stdout.strip().splitlines()[-1])
    assert (last["message"], last["table"], last["rows"]) == ("published", "customers", len(there.rows("customers")))
    assert refused.returncode == 1
    assert "WarehouseRefusedError: BigQuery answered 401 (authError) to GET" in refused.stderr.splitlines()[-1]
    assert "Invalid Credentials" not in refused.stderr
    [kept] = (tmp_path / "scratch" / "errors").glob("*.txt")
    assert "Invalid Credentials" in kept.read_text()


def _task(server: "Server", root: Path, bigquery: str) -> "subprocess.CompletedProcess[str]":
    arguments = {
        "feed": "customers",
        "catalog": root,
        "schema": "warehouse",
        "volume": root / "lake",
        "scratch_volume": root / "scratch",
        "landing_bucket": "landing",
        "engine": server.kind,
        "engine_url": server.url,
        "run_id": "7",
        "publish_to": "shop-project.published",
        "publish_location": "europe-west3",
    }
    script = root / "task.py"
    script.write_text("from pipeline_jobs.entrypoints import publish\npublish()\n")
    return subprocess.run(
        [sys.executable, str(script), *(f"--{name}={value}" for name, value in arguments.items())],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SAMPLES.parent),
            "BIGQUERY_EMULATOR_HOST": bigquery.removeprefix("http://"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

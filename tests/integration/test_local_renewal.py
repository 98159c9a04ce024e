"""A running stack: contracts that change under it, files dropped into a folder, and `put` where something is wrong."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from deltalake import DeltaTable

import samples
from local.running import RunningStack
from local.settings import SCHEMA
from pipeline_jobs.state.ledger import TABLE
from tests.integration.stack_commands import PROJECT, end, run_local, stack_up, until

SAMPLES = Path(samples.__file__).parent
CUSTOMERS = SAMPLES / "customers_2026-03-02.csv"
TRACKING = SAMPLES / "order_tracking_2026-03-03.csv"


class Shop:
    """The folder of a stack, the folder of its contracts, and the one that is watched."""

    def __init__(self, folder: Path) -> None:
        self.root, self.feeds, self.watched = (folder / name for name in ("root", "feeds", "in"))
        self.feeds.mkdir()
        self.watched.mkdir()

    def ship(self, *feeds: str) -> None:
        """Contracts as they are shipped."""
        for feed in feeds:
            shutil.copy(PROJECT / "feeds" / f"{feed}.odcs.yaml", self.feeds)

    def change(self, feed: str, old: str, new: str) -> None:
        """A contract, as an editor does it: in one go."""
        path = self.feeds / f"{feed}.odcs.yaml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def put(self, file: Path, *more: str) -> tuple[int, str]:
        done = run_local("put", "--root", self.root, file, *more)
        assert done.stderr == ""
        return done.returncode, done.stdout

    def in_lake(self, area: str, name: str) -> list[Path]:
        return [path for path in (self.root / "storage" / "lake" / area).rglob(name) if path.is_file()]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A stack that runs with one contract and watches a folder."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.ship("customers")
    with stack_up(shop.root, shop.feeds, os.environ, "--watch", shop.watched) as process:
        yield shop
        end(process)


def test_a_contract_that_is_added_is_in_force_without_a_restart(shop: Shop) -> None:
    """Its job, its table and its route are there for the next file."""
    shop.ship("order_tracking")

    code, said = shop.put(TRACKING)

    assert code == 0, said
    assert "merged" in said
    assert "order_tracking" in RunningStack.on(shop.root).jobs


def test_contracts_with_mistakes_are_named_and_those_of_before_stay_in_force(shop: Shop) -> None:
    """A file is loaded as before, and whoever sends it hears that the contracts on disk are others."""
    good = (shop.feeds / "customers.odcs.yaml").read_text("utf-8")
    shop.change("customers", "filePattern", "filePatern")

    code, said = shop.put(CUSTOMERS, "daily/customers_as_before.csv")
    (shop.feeds / "customers.odcs.yaml").write_text(good, "utf-8")

    assert code == 0, said
    assert "works with older contracts (customers.odcs.yaml has changed)" in said
    assert f"see ingest check {shop.feeds}" in said
    assert "140 rows read" in said


def test_a_name_of_no_feed_is_told_at_once_with_the_patterns_that_there_are(shop: Shop) -> None:
    """And which is nearest; nobody admitted it."""
    code, said = shop.put(CUSTOMERS, "dayly/customers_2026-03-02.csv")

    assert code == 1
    assert "It will be rejected, unrouted: no feed's filePattern matches this name" in said
    assert "the nearest is daily/customers*.csv of customers" in said
    assert "customers takes daily/customers*.csv" in said
    assert "unrouted by the function" in said
    assert "admitted" not in said


def test_a_run_that_fails_is_told_with_its_error_and_its_log(shop: Shop) -> None:
    """Here the key of a table with rows has changed: every run of the feed stops before it writes."""
    shop.ship("order_tracking")
    first = shop.put(TRACKING, "daily/order_tracking_first.csv")
    shop.change("order_tracking", "primaryKey: true\n        primaryKeyPosition: 2", "required: true")

    code, said = shop.put(TRACKING, "daily/order_tracking_second.csv", "--timeout", "30")

    assert first[0] == 0, first[1]
    assert code == 1, said
    assert "stage_load ended as FAILED" in said
    assert str(shop.root / "workspace" / "logs") in said


def test_a_function_that_keeps_failing_is_told_and_its_file_is_not_called_admitted(shop: Shop) -> None:
    """The copy may stand in source/ already: without a run that will load it, it is not admitted."""
    running = RunningStack.on(shop.root)
    headers = {"Authorization": f"Bearer {running.token}"}
    url = f"{running.workspace_url}/api/2.2/jobs/delete"
    urllib3.request("POST", url, json={"job_id": running.jobs["customers"]}, headers=headers)

    code, said = shop.put(CUSTOMERS, "daily/customers_without_a_job.csv", "--timeout", "8")

    assert code == 1
    assert "the function failed on it, and gets it again" in said
    assert "on_object_finalized.log" in said
    assert "admitted" not in said
    assert "it stands as in landing, not acknowledged by the function" in said


def test_what_is_dropped_into_the_watched_folder_is_uploaded_once_it_is_complete(tmp_path: Path) -> None:
    """By its name there, never twice, also after the next start; what becomes of it is told."""
    shop = Shop(tmp_path)
    shop.ship("customers")
    content = CUSTOMERS.read_bytes()
    (shop.watched / "daily").mkdir()

    with stack_up(shop.root, shop.feeds, os.environ, "--watch", shop.watched) as process:
        with (shop.watched / "daily" / "customers_dropped.csv").open("wb") as file:
            for n in range(30):
                file.write(content[len(content) * n // 30 : len(content) * (n + 1) // 30])
                file.flush()
                time.sleep(0.1)
        is_merged = until(lambda: "merged" in _states(shop), 60)
        for name in ("nobodys.csv", "what_follows.csv"):  # while the second is uploaded, the first is told
            (shop.watched / name).write_text("a,b\n1,2\n")
            assert until(lambda name=name: bool(shop.in_lake("rejected", name)), 30)  # type: ignore[misc]  # mypy cannot infer a lambda's default
        said = end(process)
    with stack_up(shop.root, shop.feeds, os.environ, "--watch", shop.watched) as process:
        (shop.watched / "later.csv").write_text("a,b\n1,2\n")
        came = until(lambda: bool(shop.in_lake("rejected", "later.csv")), 30)
        again = end(process)

    [archived] = shop.in_lake("archive", "customers_dropped.csv")
    assert is_merged
    assert came
    assert archived.read_bytes() == content
    assert said.count("gs://landing/daily/customers_dropped.csv") == 2
    assert "merged: 140 rows read, 140 good, 0 bad" in said
    assert "rejected by the function: unrouted" in said
    assert "customers_dropped" not in again


def _states(shop: Shop) -> set[str]:
    path = str(shop.root / "warehouse" / SCHEMA / TABLE)
    rows = DeltaTable(path).to_pyarrow_table(columns=["state"]) if DeltaTable.is_deltatable(path) else None
    return {str(state) for state in rows["state"].to_pylist()} if rows else set()

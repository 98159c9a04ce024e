"""`python -m local up --publish`: a stack that publishes into a BigQuery of its own."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import urllib3

import samples
from local.deployment import PUBLISHED
from local.errors import NoDuckDb
from local.publishing import duckdb_python
from local.running import RunningStack
from tests.integration.stack_commands import PROJECT, end, run_local, stack_up, until

pytest_plugins = ["tests.integration.job.readers_python"]

SAMPLES = Path(samples.__file__).parent


@pytest.mark.usefixtures("readers_python")
def test_a_file_s_rows_are_published_and_can_be_asked_for(tmp_path: Path) -> None:
    """Each task of the run ended well, and the table in the warehouse is the target; no web page is answered."""
    with stack_up(tmp_path, PROJECT / "feeds", os.environ, "--publish") as process:
        put = run_local("put", "--root", tmp_path, SAMPLES / "customers_2026-03-02.csv")
        running = RunningStack.on(tmp_path)
        is_over = until(lambda: all(_tasks(running, "customers").values()), 60)
        there = _asked(running, f"SELECT count(*), count(DISTINCT customer_id) FROM {PUBLISHED.dataset}.customers")
        from_a_page = _sent(running, "SELECT 1", {"Origin": "http://shop.example"})
        tasks = _tasks(running, "customers")
        end(process, signal.SIGINT)

    assert put.returncode == 0, put.stdout + put.stderr
    assert is_over
    assert tasks == dict.fromkeys(("stage_load", "target_load", "publish", "report"), "SUCCESS")
    assert there == ["140", "140"]
    assert from_a_page.status == 403
    assert process.returncode == 0


def test_without_duckdb_it_says_what_to_run(tmp_path: Path) -> None:
    """One line, as of Spark."""
    with pytest.raises(NoDuckDb, match="make readers"):
        duckdb_python(tmp_path)


def _asked(running: RunningStack, query: str) -> list[str]:
    """The first row."""
    answer = _sent(running, query, {})
    assert answer.status == 200, answer.data
    return [cell["v"] for cell in answer.json()["rows"][0]["f"]]


def _sent(running: RunningStack, query: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
    url = f"{running.bigquery_url}/bigquery/v2/projects/{PUBLISHED.project}/queries"
    body = json.dumps({"useLegacySql": False, "query": query})
    return urllib3.request("POST", url, body=body, headers=headers, retries=False, timeout=20.0)


def _tasks(running: RunningStack, feed: str) -> dict[str, str]:
    """Of the feed's newest run."""
    headers = {"Authorization": f"Bearer {running.token}"}
    url = f"{running.workspace_url}/api/2.2/jobs/runs/list?expand_tasks=true&job_id={running.jobs[feed]}"
    newest: dict[str, Any] = urllib3.request("GET", url, headers=headers, retries=False).json()["runs"][0]
    return {task["task_key"]: task["state"].get("result_state", "") for task in newest["tasks"]}

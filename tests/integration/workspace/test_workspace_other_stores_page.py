"""The page on other stores, done here: its requests at the local Jobs API, its jobs as the SDK has them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.service.jobs import JobSettings

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "other-stores.md").read_text("utf-8")
JOBS, REQUEST = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILE = "source/orders/orders_2026-11-29.csv"


def _bash(script: str, folder: Path, **variables: str) -> str:
    environment = {"PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **variables}
    # The same hour for all of a test, whenever it runs.
    clock = "date() { echo 2026-11-29T06; }\n"
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{clock}{script}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_request_may_be_repeated(desk: "Desk") -> None:
    """The first starts a run that is told its file; the second, of the same hour, is answered with that run."""
    told = {"parameters": {"path": "{{job.parameters.path}}"}}
    settings: dict[str, Any] = {"parameters": [{"name": "path", "default": ""}], "queue": {"enabled": True}}
    job = desk.job(desk.task("only", "succeed", **told), **settings)
    variables = {"JOB_ID": str(job), "DATABRICKS_HOST": desk.server.url, "DATABRICKS_TOKEN": desk.server.token}

    first, second = (json.loads(_bash(REQUEST, desk.folder, **variables))["run_id"] for _ in range(2))
    another = json.loads(_bash(REQUEST.replace("11-29.csv", "11-30.csv"), desk.folder, **variables))["run_id"]
    desk.ended(another)

    assert second == first
    assert another != first
    paths = [argument for call in desk.calls() for argument in call if argument.startswith("--path=")]
    assert sorted(paths) == [f"--path={FILE}", f"--path={FILE.replace('11-29', '11-30')}"]


@pytest.mark.parametrize(("cloud", "node"), [("aws", "r6id.xlarge"), ("azure", "Standard_E4ds_v5")])
def test_the_jobs_of_other_clouds_are_jobs(cloud: str, node: str, tmp_path: Path) -> None:
    """Started by files that arrive, on that cloud's nodes, with no word of a bucket of Google's."""
    _bash(JOBS, tmp_path)

    job: dict[str, Any] = json.loads((tmp_path / f"{cloud}.json").read_text("utf-8"))

    assert JobSettings.from_dict(job).as_dict() == job
    [cluster] = job["job_clusters"]
    assert cluster["new_cluster"]["node_type_id"] == node
    assert node in PAGE
    assert job["trigger"]["file_arrival"]["url"] == "/Volumes/main/shop/lake/source/"
    told = {argument for task in job["tasks"] for argument in task["python_wheel_task"]["parameters"]}
    assert "--landing_bucket=none" in told
    assert "gs://" not in json.dumps(job)


def test_the_request_of_data_factory_is_one_that_the_jobs_api_takes(desk: "Desk") -> None:
    """Its expression, with the three values in their places: the same words as the request by hand."""
    [block] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    activity = json.loads(block)["typeProperties"]
    parts = re.findall(r"'((?:[^'])*)'|(pipeline\(\)[.A-Za-z_]+)", activity["body"].removeprefix("@concat"))
    job = desk.job(desk.task("only", "succeed"), parameters=[{"name": "path", "default": ""}])
    values = {
        "pipeline().parameters.job_id": str(job),
        "pipeline().parameters.file": "a.csv",
        "pipeline().RunId": "1f0a0e6c-0000-4000-8000-000000000000",
    }

    body = json.loads("".join(text or values[name] for text, name in parts))
    answers = [desk.client.api_client.do("POST", "/api/2.2/jobs/run-now", body=body) for _ in range(2)]
    desk.server.wait_until_idle(20)

    assert activity["url"].endswith("/api/2.2/jobs/run-now")
    assert body["job_parameters"] == {"path": "source/orders/a.csv"}
    assert answers[0] == answers[1]

"""Jobs as deployments make them: taken whole, given back whole, run in an environment of their own."""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import JobEditMode, JobSettings

from local.deployment import DeployedJobs
from local.workspace.command import main
from local.workspace.server import WorkspaceServer
from pipeline_jobs.workflow.job import Deployment, job_settings
from pipeline_jobs.workflow.triggers import FileArrival, Schedule

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

SERVERLESS = Deployment(
    "main",
    "shop",
    "lake",
    "scratch",
    "landing",
    wheel="/Volumes/main/shop/wheels/x.whl",
    run_as="8b1f6d9e-0000-4000-8000-000000000000",
    emails=("ops@example.com",),
    webhooks=("hook-1",),
    tags={"team": "data"},
)
CLUSTER = {"spark_version": "17.3.x-scala2.13", "node_type_id": "n2-highmem-4", "num_workers": 2}
VARIANTS = {
    "run-now only": SERVERLESS,
    "schedule": replace(SERVERLESS, trigger=Schedule.parse("0 15 * * * ?", "Europe/Berlin")),
    "file arrival": replace(SERVERLESS, trigger=FileArrival(seconds_between=60)),
    "cluster": replace(SERVERLESS, cluster=CLUSTER),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_of_a_job_is_taken_and_given_back(variant: str, desk: "Desk") -> None:
    """By the real SDK's own dataclasses: what a deployment sends is what it finds the next time."""
    settings = JobSettings.from_dict(job_settings("orders", VARIANTS[variant]))
    settings.edit_mode = JobEditMode.UI_LOCKED
    given = {field.name: getattr(settings, field.name) for field in fields(settings)}

    created = desk.client.jobs.create(**given)

    job = desk.client.jobs.get(created.job_id or 0)
    assert job.settings is not None
    shown, sent = job.settings.as_dict(), settings.as_dict()
    pairs = list(zip(shown.pop("tasks"), sent.pop("tasks"), strict=True))
    assert sent.items() <= shown.items()
    assert all(task.items() <= as_shown.items() for as_shown, task in pairs)
    assert {as_shown["run_if"] for as_shown, _ in pairs} == {"ALL_SUCCESS", "ALL_DONE"}
    assert job.run_as_user_name == SERVERLESS.run_as


def test_a_second_deployment_changes_the_job_in_place(desk: "Desk") -> None:
    """The job keeps its id, and loses what the new definition does not have."""
    jobs = DeployedJobs(desk.server.url, desk.server.token)
    first = jobs.put(["orders", "customers"], VARIANTS["schedule"])

    second = jobs.put(["orders", "customers"], VARIANTS["file arrival"])

    job = desk.client.jobs.get(second["orders"])
    assert second == first
    assert job.settings is not None
    assert (job.settings.schedule, job.settings.trigger is None) == (None, False)


def test_tasks_run_in_the_environment_that_the_workspace_is_given(
    tmp_path: Path, distribution: Path, desk: "Desk"
) -> None:
    """Nothing of this project, of PYTHONPATH or of the folder of the start can be imported there."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    [packages] = environment.glob("lib/python*/site-packages")
    for part in distribution.iterdir():
        (packages / part.name).symlink_to(part)
    notes = tmp_path / "elsewhere.jsonl"
    with WorkspaceServer(
        tmp_path / "other",
        task_environment={"PYTHONPATH": str(Path(__file__).parents[3]), "NOTEBOOK": str(notes)},
        preload=("parcel_service", "feeds"),
        python=environment / "bin" / "python",
    ) as server:
        desk.server = server
        desk.client = WorkspaceClient(host=server.url, token=server.token)
        wheel = {"package_name": "contracts.contract", "entry_point": "parse"}

        run = desk.run(desk.job(desk.task("here", "succeed"), {"task_key": "not_here", "python_wheel_task": wheel}))

    assert desk.states(run) == {"here": "SUCCESS", "not_here": "FAILED", "run": "FAILED"}
    assert "parcel_service" in notes.read_text()
    assert "No module named 'feeds'" in (tmp_path / "other" / "logs" / "preload.log").read_text()


def test_an_interpreter_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is served."""
    code = main(["--root", str(tmp_path), "--python", str(tmp_path / "python")], {})

    assert code == 2
    assert "is no interpreter that can be run" in capsys.readouterr().err

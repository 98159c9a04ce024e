"""The jobs that Terraform plans, on a workspace: made, started by the function, changed, taken away.

By a stand-in that makes the calls that the Databricks provider documents; by that provider where PROVIDERS names its
folder.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from databricks.sdk import WorkspaceClient
from deltalake import DeltaTable

from contracts.loader import load_contracts
from local.deployment import deployment
from local.environment import of_children
from local.events import Event
from local.processes import ChildProcess, free_ports, serves_functions
from local.sending.upload import connect
from local.settings import LAKE, LANDING, SCHEMA, StackSettings
from local.stack import Disturbances, Stack
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.workflow.job import Deployment
from tests.infra.job_deployment import JobDeployment
from tests.infra.planned_jobs import as_configured, as_granted, as_the_api_has_it

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments", "tests.infra.installed_providers"]

ROOT = Path(__file__).parents[2]
CUSTOMERS = ROOT / "samples" / "customers_2026-03-02.csv"
PATIENCE = 120.0
# By their form the provider tells application ids from users' names when it reads a job.
RUNNER = "8b1f6d9e-0000-4000-8000-000000000000"


class Town:
    """A local stack whose own function is told of no file: a test starts one that knows the jobs that it made."""

    def __init__(self, root: Path) -> None:
        self.events: list[Event] = []
        self.settings = StackSettings(root)
        lost = Disturbances(plan=lambda _event: ())
        self.stack = Stack(self.settings, os.environ, disturbances=lost, on_object=self._came)

    @property
    def client(self) -> WorkspaceClient:
        return WorkspaceClient(host=self.stack.workspace.url, token=self.stack.workspace.token)

    def here(self, job: "Values") -> dict[str, Any]:
        """The planned job with its places and its principal on this machine; nothing else of it changes."""
        where = deployment(self.settings, self.stack.running.engine_url)
        tasks = [self._moved(task, where) for task in job["task"]]
        return as_configured({**job, "task": tasks, "run_as": [{"service_principal_name": RUNNER}]})

    @staticmethod
    def _moved(task: "Values", where: Deployment) -> "Values":
        [wheel] = task["python_wheel_task"]
        planned = dict(argument.removeprefix("--").split("=", 1) for argument in wheel["parameters"])
        moved = planned | {"engine_url": where.engine_url} | {n: getattr(where, n, v) for n, v in planned.items()}
        return {**task, "python_wheel_task": [{**wheel, "parameters": [f"--{n}={v}" for n, v in moved.items()]}]}

    def create(self, job: dict[str, Any]) -> int:
        """The job by the Jobs API's own call; its id."""
        return int(self._call("POST", "create", body=as_the_api_has_it(job))["job_id"])

    def settings_of(self, job_id: int) -> dict[str, Any]:
        settings: dict[str, Any] = self._call("GET", "get", query={"job_id": job_id})["settings"]
        return settings

    def rights(self, job_id: int) -> dict[str, str]:
        """The levels that were given on a job, by the names of whom they were given to."""
        shown = self.client.jobs.get_permissions(str(job_id)).access_control_list or []
        return {
            entry.service_principal_name or entry.group_name or entry.user_name or "": level.permission_level.value
            for entry in shown
            for level in entry.all_permissions or []
            if level.permission_level and not level.inherited
        }

    def drop(self, name: str, content: bytes) -> Event:
        connect(self.stack.running.storage_url).bucket(LANDING).blob(name).upload_from_string(content)
        return self.events[-1]

    def tell(self, event: Event, jobs: dict[str, int]) -> int:
        """Delivers the event to a function that knows these jobs; the HTTP status that it answers."""
        [port] = free_ports(0, 1)
        running = self.stack.running
        known = {
            "STORAGE_EMULATOR_HOST": running.storage_url,
            "LANDING_BUCKET": LANDING,
            "LAKE_BUCKET": LAKE,
            "FEED_JOBS": json.dumps(running.jobs | jobs),
            "DATABRICKS_HOST": running.workspace_url,
            "DATABRICKS_TOKEN": running.token,
        }
        target = ("--source", str(ROOT / "main.py"), "--target", "on_object_finalized", "--port", str(port))
        command = [sys.executable, "-m", "functions_framework", "--host", "127.0.0.1", *target]
        environment = of_children(os.environ, self.settings.home) | known
        child = ChildProcess("function", command, environment, self.settings.logs / "told.log")
        url = f"http://127.0.0.1:{port}"
        try:
            child.wait_until(lambda: serves_functions(url), PATIENCE)
            answer = urllib3.request(
                "POST", f"{url}/", body=event.body, headers=event.headers, retries=False, timeout=PATIENCE
            )
        finally:
            child.wait()
        return int(answer.status)

    def results(self, job_id: int) -> list[dict[str, str]]:
        """Of each run of a job, the newest first, how its tasks ended."""
        assert self.stack.workspace.wait_until_idle(PATIENCE), "runs are still active"
        runs = self.client.jobs.list_runs(job_id=job_id, expand_tasks=True)
        tasks = ([(task.task_key, task.state) for task in run.tasks or []] for run in runs)
        return [
            {key: state.result_state.value for key, state in of_run if state and state.result_state} for of_run in tasks
        ]

    def rows(self, table: str) -> int:
        return int(DeltaTable(str(self.settings.warehouse / SCHEMA / table)).to_pyarrow_table().num_rows)

    def _call(self, method: str, name: str, **said: Any) -> dict[str, Any]:
        answer = self.client.api_client.do(method, f"/api/2.2/jobs/{name}", **said)
        assert isinstance(answer, dict)
        return answer

    def _came(self, resource: Any) -> None:
        if resource["bucket"] == LANDING:
            self.events.append(Event.finalized(resource))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("town"))
    with town.stack:
        yield town


@pytest.fixture
def deployed(installed: "Terraform", town: Town) -> Iterator[JobDeployment]:
    running = town.stack.running
    with TemporaryDirectory(prefix="tf-") as folder:
        yield JobDeployment.over(installed, Path(folder) / "job", running.workspace_url, running.token)


def test_a_planned_job_lives_on_a_workspace(deployed: JobDeployment, town: Town, plain: "Plan") -> None:
    """Made, started by the function, run to a merged table; applied again it is the same, changed it is changed.

    So are its permissions, beside which whoever applies them owns the job. They can be taken back alone, and the job
    is gone when it is destroyed.
    """
    job = town.here(plain.named("databricks_job", "feed")["customers"])
    [trigger] = grants = as_granted(plain.named("databricks_permissions", "job")["customers"])
    changed = {**job, "tags": {**job["tags"], "owner": "shop"}}
    more = [*grants, {"group_name": "operators", "permission_level": "CAN_VIEW"}]
    content = CUSTOMERS.read_bytes()

    job_id = deployed.apply(job, grants)
    given, again = town.rights(job_id), deployed.changes(job, grants)
    event = town.drop(f"daily/customers_{job_id}.csv", content)
    status = town.tell(event, {"customers": job_id})
    results = town.results(job_id)
    planned = deployed.changes(changed, more)
    changed_id = deployed.apply(changed, more)
    there, given_more = town.client.jobs.get(job_id).settings, town.rights(job_id)
    again_more = deployed.changes(changed, more)
    deployed.apply(changed, [])
    left = town.rights(job_id)
    deployed.destroy()

    assert (again, status) == ("", 200)
    assert results == [dict.fromkeys(("report", "stage_load", "target_load"), "SUCCESS")]
    assert town.rows("customers") == len(content.decode().splitlines()) - 1
    assert (bool(planned), changed_id, again_more) == (True, job_id, "")
    assert there is not None
    assert (there.tags or {})["owner"] == "shop"
    assert left == {town.client.current_user.me().user_name: "IS_OWNER"}
    assert given == left | {trigger["service_principal_name"]: "CAN_MANAGE_RUN"}
    assert given_more == given | {"operators": "CAN_VIEW"}
    assert job_id not in {one.job_id for one in town.client.jobs.list()}


def test_the_setup_job_makes_what_people_look_at(town: Town, plain: "Plan") -> None:
    """As it is planned, with its places on this machine: every table of every contract, before any file of most."""
    job_id = town.create(town.here(plain.the("databricks_job", "setup")))

    town.client.jobs.run_now(job_id)

    assert town.results(job_id) == [{"setup": "SUCCESS"}]
    tables = [TABLE, *(table for one in load_contracts() for table in (one.stage_table, one.table))]
    assert [name for name in tables if not DeltaTable.is_deltatable(str(town.settings.warehouse / SCHEMA / name))] == []


@pytest.mark.parametrize("deployment_", ["plain", "other", "further"])
def test_the_jobs_api_takes_every_planned_job_as_it_is(
    deployment_: str, town: Town, request: pytest.FixtureRequest
) -> None:
    """Of each deployment, with whatever it says of triggers, clusters and notices; nothing is dropped."""
    plan: Plan = request.getfixturevalue(deployment_)
    jobs = [as_configured(resource.values) for resource in plan.resources if resource.type == "databricks_job"]

    kept = [town.settings_of(town.create(job)) for job in jobs]

    for job, settings in zip(jobs, kept, strict=True):
        wanted = as_the_api_has_it(job)
        # A task is given back with what it does not say, too.
        pairs = list(zip(wanted.pop("tasks"), settings["tasks"], strict=True))
        assert all({name: kept_task[name] for name in task} == task for task, kept_task in pairs)
        assert {name: settings[name] for name in wanted} == wanted
    assert len(jobs) == len(load_contracts(Path(plan.variables.get("feeds_folder", ROOT / "feeds")))) + 1

"""The job of a feed, as `jobs/create` of the Databricks Jobs API 2.2 takes it: job.json, and what a deployment decides.

`python -m pipeline_jobs.workflow FEED` prints it as workflow.json.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_jobs.workflow.triggers import FileArrival, Schedule

DEFINITION = Path(__file__).with_name("job.json")
"""The job without what an environment decides; Terraform reads the same file."""

# By the alphabet, as Terraform gives them.
_FIXED = (
    "catalog",
    "engine",
    "engine_url",
    "landing_bucket",
    "reader",
    "schema",
    "scratch_volume",
    "tables_location",
    "volume",
)
_NAMED = "ingest"
_OF_A_FEED = re.compile(rf"({_NAMED}(?:-[a-z0-9-]+)?) ([a-z][a-z0-9_]*)", re.ASCII)
_LOADS = ("stage_load", "target_load")
_KEY = "default"  # of the one environment, or the one cluster, that the tasks share


@dataclass(frozen=True, slots=True)
class Publish:
    """A dataset of BigQuery in which each target has a table of its own, as the task publish makes it.

    `credential` is the service credential of Unity Catalog that it signs in by; empty where nobody asks for one.
    """

    project: str
    dataset: str
    location: str
    credential: str

    def arguments(self) -> list[str]:
        """Of the task."""
        to = f"--publish_to={self.project}.{self.dataset}"
        return [to, f"--publish_location={self.location}", f"--publish_credential={self.credential}"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the jobs of one environment work, what starts them, and who is told of their failures.

    `tables_location` is the folder in a store of external tables; empty where the catalog manages them.
    `wheel` is the path of the wheel on a volume; None where the package is installed already. `cluster` is the
    `new_cluster` of a job cluster as the Jobs API has it; None is serverless. `trigger` None is run-now only.
    `run_as` is the application id of a service principal; empty is whoever creates the job. `webhooks` are ids of
    notification destinations. `max_retries` and `timeout_seconds`, of the two loads, are those of job.json when None.
    `publish` None leaves the task of that name out.
    """

    catalog: str
    schema: str
    volume: str
    scratch_volume: str
    landing_bucket: str
    engine: str = "databricks"
    engine_url: str = ""
    reader: str = ""
    tables_location: str = ""
    wheel: str | None = None
    cluster: Mapping[str, Any] | None = None
    trigger: Schedule | FileArrival | None = None
    run_as: str = ""
    emails: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    max_retries: int | None = None
    timeout_seconds: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    publish: Publish | None = None

    @property
    def volume_root(self) -> str:
        """The volume's folder, as the tasks and the file arrival trigger see it."""
        return self.volume if "/" in self.volume else f"/Volumes/{self.catalog}/{self.schema}/{self.volume}"


def job_settings(feed: str, deployment: Deployment) -> dict[str, Any]:
    """The body of `jobs/create` (and `new_settings` of `jobs/reset`) for the job of one feed."""
    job: dict[str, Any] = json.loads(DEFINITION.read_text("utf-8"))
    environments = job.pop("environments")
    return {
        "name": f"{_NAMED} {feed}",
        **job,
        "tasks": [
            _task(task, feed, deployment)
            for task in job["tasks"]
            if task["task_key"] != "publish" or deployment.publish is not None
        ],
        **_compute(environments, deployment),
        **_trigger(deployment),
        **_told(deployment),
        **({"run_as": {"service_principal_name": deployment.run_as}} if deployment.run_as else {}),
        **({"tags": dict(deployment.tags)} if deployment.tags else {}),
    }


def setup_settings(deployment: Deployment) -> dict[str, Any]:
    """The job that makes the tables of every contract, run before the first file; Terraform's setup.tf has the same."""
    job = job_settings("", deployment)
    [loading] = [task for task in job["tasks"] if task["task_key"] == "stage_load"]
    arguments = [*_fixed("", deployment), "--feed={{job.parameters.feed}}", "--run_id={{job.run_id}}"]
    wheel = loading["python_wheel_task"] | {"entry_point": "setup", "parameters": arguments}
    # A run of a feed may have changed the same table in the same moment, so it is tried again.
    task = loading | {"task_key": "setup", "max_retries": 1, "timeout_seconds": 3600, "python_wheel_task": wheel}
    left_out = ("health", "schedule", "trigger")
    return {name: value for name, value in job.items() if name not in left_out} | {
        "name": f"{_NAMED}: setup",
        "description": "Makes the ledger, and the tables and views of every contract; what is there stays as it is.",
        "parameters": [{"name": "feed", "default": ""}],
        "tasks": [task],
    }


def deployment_and_feed(name: str) -> tuple[str, str] | None:
    """Of a job's name: `ingest orders` as made here, `ingest-prod orders` as Terraform makes it; None of others."""
    found = _OF_A_FEED.fullmatch(name)
    return None if found is None else (found[1], found[2])


def _task(task: Mapping[str, Any], feed: str, deployment: Deployment) -> dict[str, Any]:
    changed = {key: value for key, value in task.items() if key != "environment_key"}
    wheel = task["python_wheel_task"]
    fixed = _fixed(feed, deployment)
    if task["task_key"] == "publish" and deployment.publish is not None:
        fixed += deployment.publish.arguments()
    changed["python_wheel_task"] = wheel | {"parameters": [*fixed, *wheel["parameters"]]}
    if task["task_key"] in _LOADS:
        limits = {"max_retries": deployment.max_retries, "timeout_seconds": deployment.timeout_seconds}
        changed |= {name: limit for name, limit in limits.items() if limit is not None}
    if deployment.cluster is not None:
        libraries = [{"whl": deployment.wheel}] if deployment.wheel else []
        return changed | {"job_cluster_key": _KEY} | ({"libraries": libraries} if libraries else {})
    return changed | ({"environment_key": _KEY} if deployment.wheel else {})


def _fixed(feed: str, deployment: Deployment) -> list[str]:
    """What the deployment decides, as the tasks' own arguments: whoever starts a run cannot say otherwise."""
    values = {"feed": feed, **{name: getattr(deployment, name) for name in _FIXED}}
    return [f"--{name}={value}" for name, value in values.items() if value]


def _compute(environments: list[dict[str, Any]], deployment: Deployment) -> dict[str, Any]:
    if deployment.cluster is not None:
        return {"job_clusters": [{"job_cluster_key": _KEY, "new_cluster": dict(deployment.cluster)}]}
    if deployment.wheel is None:
        return {}
    [environment] = environments
    return {"environments": [environment | {"spec": environment["spec"] | {"dependencies": [deployment.wheel]}}]}


def _trigger(deployment: Deployment) -> dict[str, Any]:
    match deployment.trigger:
        case Schedule() as schedule:
            return {"schedule": schedule.settings()}
        case FileArrival() as arrival:
            return {"trigger": arrival.settings(deployment.volume_root)}
        case None:
            return {}


def _told(deployment: Deployment) -> dict[str, Any]:
    """A failed run is told, and one that takes longer than the health rule of job.json."""
    events = ("on_failure", "on_duration_warning_threshold_exceeded")
    mail = {event: list(deployment.emails) for event in events}
    hooks = {event: [{"id": webhook} for webhook in deployment.webhooks] for event in events}
    return {
        **({"email_notifications": mail} if deployment.emails else {}),
        **({"webhook_notifications": hooks} if deployment.webhooks else {}),
    }

"""A bundle of the jobs of all feeds: databricks.yml, of the same source as workflow.json and Terraform's jobs.

https://docs.databricks.com/gcp/en/dev-tools/bundles/settings
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline_jobs.workflow.job import Deployment, Publish, job_settings, setup_settings
from pipeline_jobs.workflow.triggers import FileArrival, Schedule

SETUP = "setup-tables"
"""The key of the job that makes the tables: no feed can be of that name."""

_WHEEL = "./dist/*.whl"
_OF_PUBLISH = {
    "bigquery_project": "the project of the dataset that targets are published to",
    "bigquery_dataset": "that dataset",
    "bigquery_location": "where it is, such as europe-west3",
    "bigquery_credential": "the service credential of Unity Catalog that writes it",
}
SCHEDULE = Schedule("${var.schedule}", "${var.time_zone}")


def bundle(
    feeds: Iterable[str],
    trigger: Schedule | FileArrival = SCHEDULE,
    cluster: Mapping[str, Any] | None = None,
    *,
    publishes: bool = False,
) -> dict[str, Any]:
    """The bundle of these feeds; what an environment decides are variables of it. `cluster` None is serverless.

    One that `publishes` brings each target to a dataset of BigQuery, too.
    """
    deployment = Deployment(
        catalog="${var.catalog}",
        schema="${var.schema}",
        volume="${var.volume}",
        scratch_volume="${var.scratch_volume}",
        landing_bucket="${var.landing_bucket}",
        wheel=_WHEEL,
        cluster=cluster,
        trigger=trigger,
        publish=Publish(*(f"${{var.{name}}}" for name in _OF_PUBLISH)) if publishes else None,
    )
    return {
        "bundle": {"name": "ingest"},
        "variables": _variables(trigger) | (_published() if publishes else {}),
        # The time of the build in its version: serverless keeps an environment by the path of its wheel.
        "artifacts": {
            "wheel": {"type": "whl", "build": "make wheel", "dynamic_version": True, "files": [{"source": _WHEEL}]}
        },
        # The wheel is all that the jobs need of this folder.
        "sync": {"paths": []},
        "resources": {
            "jobs": {feed: _job(feed, deployment) for feed in sorted(feeds)} | {SETUP: _setup(deployment)},
        },
        "targets": _targets(),
    }


def _variables(trigger: Schedule | FileArrival) -> dict[str, Any]:
    needed = {
        "catalog": "Unity Catalog catalog of the tables",
        "schema": "schema of the tables and volumes",
        "landing_bucket": "the bucket that producers upload to",
        "deployer": "prod: user name, or application id, of whoever deploys: in whose folder the wheel is",
        "runner": "prod: application id of the service principal that the jobs run as",
        "operators": "prod: group whose members may start runs, the function's service principal among them",
    }
    said = {
        "environment": ("what the jobs are named by: ingest-<environment> <feed>", "${bundle.target}"),
        "volume": ("external volume on the lake bucket", "lake"),
        "scratch_volume": ("managed volume", "scratch"),
        "triggers": ("UNPAUSED: jobs are started by what the bundle says; PAUSED: by run-now alone", "PAUSED"),
    }
    of_schedule = {
        "schedule": ("when source/ is drained, a Quartz expression", "0 0 * * * ?"),
        "time_zone": ("of the schedule, by its IANA name", "UTC"),
    }
    if isinstance(trigger, Schedule):
        said |= of_schedule
    emails = {
        "description": "who is told of failed runs, and of those that take long",
        "type": "complex",
        "default": [],
    }
    return {
        **{name: {"description": meaning} for name, meaning in needed.items()},
        **{name: {"description": meaning, "default": value} for name, (meaning, value) in said.items()},
        "emails": emails,
    }


def _published() -> dict[str, Any]:
    return {name: {"description": meaning} for name, meaning in _OF_PUBLISH.items()}


def _targets() -> dict[str, Any]:
    return {
        # Not `mode: development`, which would take from the jobs the names that `ingest status` finds them by. They
        # run as whoever deployed them, and are nobody else's.
        "dev": {"default": True, "variables": {"deployer": "", "runner": "", "operators": ""}},
        "prod": {
            "mode": "production",
            # Not below Shared, where every user of the workspace could put another wheel in place of this one.
            "workspace": {"root_path": "/Workspace/Users/${var.deployer}/.bundle/${bundle.name}/${bundle.target}"},
            "run_as": {"service_principal_name": "${var.runner}"},
            "permissions": [
                {"level": "CAN_RUN", "group_name": "${var.operators}"},
                {"level": "CAN_VIEW", "service_principal_name": "${var.runner}"},
            ],
        },
    }


def _job(feed: str, deployment: Deployment) -> dict[str, Any]:
    job = job_settings(feed, deployment) | {"name": f"ingest-${{var.environment}} {feed}"}
    for name in ("schedule", "trigger"):
        if name in job:
            job[name] |= {"pause_status": "${var.triggers}"}
    return _told(job, "on_failure", "on_duration_warning_threshold_exceeded")


def _setup(deployment: Deployment) -> dict[str, Any]:
    return _told(setup_settings(deployment) | {"name": "ingest-${var.environment}: setup"}, "on_failure")


def _told(job: dict[str, Any], *events: str) -> dict[str, Any]:
    return job | {"email_notifications": dict.fromkeys(events, "${var.emails}")}

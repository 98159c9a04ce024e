"""The job of a feed, as `jobs/create` of the Databricks Jobs API 2.2 takes it.

`python -m pipeline_jobs.workflow FEED` prints it as workflow.json.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feeds.contract import ContractError
from feeds.loader import load_contracts

PACKAGE = "gcs_databricks_ingest"
PARAMETERS = (
    *("feed", "catalog", "schema", "volume", "scratch_volume", "landing_bucket", "engine", "engine_url"),
    *("path", "operation"),
)
"""The job parameters, in the order of the documents; each has a constant default, `path` and `operation` none."""

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the jobs of one environment work, and who is told of their failures.

    `wheel` is the path of the wheel on a volume; None where the package is installed already.
    """

    catalog: str
    schema: str
    volume: str
    scratch_volume: str
    landing_bucket: str
    engine: str = "databricks"
    engine_url: str = ""
    wheel: str | None = None
    emails: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    max_retries: int = 1
    task_timeout_seconds: int = 4 * _HOUR
    tags: Mapping[str, str] = field(default_factory=dict)


def job_settings(feed: str, deployment: Deployment) -> dict[str, Any]:
    """The body of `jobs/create` (and `new_settings` of `jobs/reset`) for the job of one feed."""
    values = {
        "feed": feed,
        **{name: getattr(deployment, name) for name in PARAMETERS[1:8]},
        "path": "",
        "operation": "",
    }
    stage = _task("stage_load", deployment, {})
    target = _task("target_load", deployment, {}) | {"depends_on": [{"task_key": "stage_load"}]}
    results = {f"{key}_result": f"{{{{tasks.{key}_load.result_state}}}}" for key in ("stage", "target")}
    report = _task("report", deployment, results) | {
        "depends_on": [{"task_key": "stage_load"}, {"task_key": "target_load"}],
        "run_if": "ALL_DONE",
        "max_retries": 0,
    }
    return {
        "name": f"ingest {feed}",
        "parameters": [{"name": name, "default": values[name]} for name in PARAMETERS],
        "tasks": [report, stage, target],
        "queue": {"enabled": True},
        "max_concurrent_runs": 1,
        "email_notifications": {"on_failure": list(deployment.emails)},
        "webhook_notifications": {"on_failure": [{"id": webhook} for webhook in deployment.webhooks]},
        "tags": dict(deployment.tags),
        **_environments(deployment),
    }


def _task(key: str, deployment: Deployment, named: Mapping[str, str]) -> dict[str, Any]:
    task: dict[str, Any] = {
        "task_key": key,
        "python_wheel_task": {
            "package_name": PACKAGE,
            "entry_point": key,
            "named_parameters": {"run_id": "{{job.run_id}}", **named},
        },
        "max_retries": deployment.max_retries,
        "timeout_seconds": deployment.task_timeout_seconds,
        # Serverless adds retries of its own unless told not to.
        "disable_auto_optimization": True,
    }
    return task | ({"environment_key": "default"} if deployment.wheel else {})


def _environments(deployment: Deployment) -> dict[str, Any]:
    if deployment.wheel is None:
        return {}
    spec = {"environment_version": "4", "dependencies": [deployment.wheel]}
    return {"environments": [{"environment_key": "default", "spec": spec}]}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m pipeline_jobs.workflow", description=__doc__)
    parser.add_argument("feed", help="the feed whose job is printed")
    parser.add_argument("--catalog", required=True, help="Unity Catalog catalog of the tables")
    parser.add_argument("--schema", required=True, help="schema of the tables and volumes")
    parser.add_argument("--volume", default="lake", help="external volume on the lake bucket (default: %(default)s)")
    parser.add_argument("--scratch-volume", default="scratch", help="managed volume (default: %(default)s)")
    parser.add_argument("--landing-bucket", required=True, help="the bucket that producers upload to")
    parser.add_argument("--wheel", required=True, help="path of the wheel on a volume")
    parser.add_argument("--email", action="append", default=[], help="who is told of a failed run (repeat it)")
    options = parser.parse_args(argv)
    try:
        feeds = {contract.feed for contract in load_contracts()}
    except ContractError as error:
        parser.error(str(error))
    if options.feed not in feeds:
        parser.error(f"there is no feed {options.feed}; there are {', '.join(sorted(feeds))}")
    deployment = Deployment(
        catalog=options.catalog,
        schema=options.schema,
        volume=options.volume,
        scratch_volume=options.scratch_volume,
        landing_bucket=options.landing_bucket,
        wheel=options.wheel,
        emails=tuple(options.email),
    )
    json.dump(job_settings(options.feed, deployment), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

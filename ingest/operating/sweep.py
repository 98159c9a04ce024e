"""`ingest sweep`: the sweep now, instead of at the next tick."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

import typer

from ingest.output import say, say_json
from ingest.targets.errors import TargetError
from ingest.targets.options import telling
from ingest.targets.stack import FOLDER, LocalStack, is_running
from ingest.targets.storage import signed_in_session

if TYPE_CHECKING:
    from requests import Session

SCHEDULER = "https://cloudscheduler.googleapis.com"
_SWEPT_WITHIN = 600.0
_ANSWER_WITHIN = 30.0
_GOOD = 200


def sweep(
    *,
    target: Annotated[
        Literal["local", "google"] | None,
        typer.Option("--target", help="Default: local, where a stack runs in --root; else google.", show_default=False),
    ] = None,
    root: Annotated[Path, typer.Option("--root", envvar="INGEST_ROOT", metavar="FOLDER")] = FOLDER,
    project: Annotated[str, typer.Option("--project", envvar="INGEST_PROJECT", help="The Google Cloud project.")] = "",
    region: Annotated[str, typer.Option("--region", envvar="INGEST_REGION", help="Of the scheduler's job.")] = "",
    deployment: Annotated[
        str, typer.Option("--deployment", envvar="INGEST_DEPLOYMENT", help="As ingest-prod; the job is its -sweep.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Sweep now, instead of at the next tick: files whose event was lost, runs that are missing, files that are due.

    At a local stack by its own sweep, whose end is waited for; in Google Cloud by running the deployment's job of Cloud
    Scheduler (cloudscheduler.jobs.run), whose log has what the sweep found.

    Ends with 0 if it was done, or started; with 1 if a local sweep says that something failed.
    """
    with telling():
        if target == "local" or (target is None and is_running(root)):
            status = tick_local(LocalStack.on(root).sweep_url, datetime.now(UTC))
            log = root / "logs" / "on_sweep.log"
            done, line = status == _GOOD, f"the sweep answered {status}; what it found is in {log}"
        else:
            name = job_name(project, region, deployment)
            run_job(signed_in_session(), name)
            done, line = True, f"{name} was started; the function's log says what it found"
    if as_json:
        say_json({"done": done, "said": line})
    else:
        say(line)
    raise typer.Exit(0 if done else 1)


def tick_local(url: str, at: datetime) -> int:
    """Posts to the sweep what Cloud Scheduler publishes; the status of its answer. Raises requests' exceptions."""
    import requests  # noqa: PLC0415  # only a command that asks pays for it

    identifier, time = str(uuid.uuid4()), at.isoformat().replace("+00:00", "Z")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": identifier,
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-source": "//pubsub.googleapis.com/projects/local/topics/sweep",
        "ce-time": time,
        "content-type": "application/json",
    }
    body = {"message": {"data": "", "messageId": identifier, "publishTime": time}}
    answer = requests.post(f"{url}/", data=json.dumps(body), headers=headers, timeout=_SWEPT_WITHIN)
    return answer.status_code


def job_name(project: str, region: str, deployment: str) -> str:
    """The full name of the scheduler's job; raises TargetError with every part that is missing."""
    parts = {
        "--project (INGEST_PROJECT)": project,
        "--region (INGEST_REGION)": region,
        "--deployment (INGEST_DEPLOYMENT)": deployment,
    }
    missing = [name for name, value in parts.items() if not value]
    if missing:
        raise TargetError(f"which job of Cloud Scheduler is it? say {', '.join(missing)}; or start a stack here")
    names = [quote(value, safe="") for value in (project, region, deployment)]
    return "projects/{}/locations/{}/jobs/{}-sweep".format(*names)


def run_job(session: "Session", name: str, endpoint: str = SCHEDULER) -> None:
    """https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/run; raises TargetError."""
    answer = session.post(f"{endpoint}/v1/{name}:run", json={}, timeout=_ANSWER_WITHIN)
    if answer.status_code != _GOOD:
        raise TargetError(f"Cloud Scheduler answered {answer.status_code} for {name}: {_message(answer.content)}")


def _message(content: bytes) -> str:
    """As Google's APIs say it: https://cloud.google.com/apis/design/errors."""
    try:
        return str(json.loads(content)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "it said no more"

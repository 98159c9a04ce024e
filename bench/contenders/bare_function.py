"""A bare handler of the same event: `python -m bench.contenders.bare_function PORT`.

It makes the calls that ours makes for a file that is admitted, with the clients as people use them: reads the first
64 KiB, copies the object to the lake unless something stands there, looks at the job's newest run, starts one, deletes
the object. It checks nothing, has no deadline, and logs one line.
"""

import hashlib
import os
import sys
from pathlib import Path

import functions_framework
from cloudevents.http import CloudEvent
from databricks.sdk import WorkspaceClient
from google.cloud import storage  # type: ignore[import-untyped]  # it ships no types

from local.functions import serve

TARGET = "copy_and_run"
_HEAD = 64 * 1024

client = storage.Client()
workspace = WorkspaceClient()
landing, lake = client.bucket(os.environ["LANDING_BUCKET"]), client.bucket(os.environ["LAKE_BUCKET"])
job_id = int(os.environ["JOB_ID"])


@functions_framework.cloud_event
def copy_and_run(event: CloudEvent) -> None:
    """Of one generation, by its number."""
    name, generation = event.data["name"], int(event.data["generation"])
    source = landing.blob(name, generation=generation)
    head = source.download_as_bytes(start=0, end=_HEAD - 1)
    copy = lake.blob(f"source/{generation}/{name}")
    copy.rewrite(source, if_generation_match=0)
    newest = next(iter(workspace.jobs.list_runs(job_id=job_id, limit=1, expand_tasks=True)), None)
    token = hashlib.sha256(f"{job_id}|{newest and newest.run_id}".encode()).hexdigest()
    run = workspace.jobs.run_now(job_id, idempotency_token=token, job_parameters={"path": copy.name})
    source.delete()
    print(f"{name}: {len(head)} bytes looked at, run {run.run_id}")  # noqa: T201  # as people log


if __name__ == "__main__":
    serve(Path(__file__), TARGET, int(sys.argv[1]))

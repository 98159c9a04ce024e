"""The Cloud Functions: composition root and targets, `on_object_finalized` for the bucket, `on_sweep` for the clock."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import functions_framework
from cloudevents.http import CloudEvent

from contracts.files.rejection import By
from function import logs, storage
from function.admission import Admission
from function.config import Settings
from function.deadline import CallLimits, Deadline
from function.dispatch import Dispatcher
from function.errors import ConfigurationError
from function.invocation import answer, answer_tick
from function.shared import Shared
from function.storage import CloudStorage
from function.sweep import Ages, Sweep

if TYPE_CHECKING:
    from function.workspace import DatabricksJobs, Workspace


def _now() -> datetime:
    return datetime.now(UTC)


def _settings() -> Settings:
    """Ends the process with every problem named: a function that is set up wrong must not take events."""
    try:
        return Settings.from_env(os.environ)
    except ConfigurationError as error:
        raise SystemExit(str(error)) from error


def _connect_workspace() -> "Workspace":
    from function import workspace  # noqa: PLC0415  # databricks.sdk costs most of a second: only for who needs it

    limits = CallLimits.within(settings.timeout_seconds)
    return workspace.connect(settings.databricks_host, settings.credentials, limits)


def _jobs(deadline: Deadline) -> "DatabricksJobs":
    from function.workspace import DatabricksJobs  # noqa: PLC0415  # as above

    return DatabricksJobs(_workspace, deadline)


settings = _settings()
# google-cloud-storage would ask for each bucket's metadata, in threads of its own, to name it in traces.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
_storage_client = Shared(storage.connect)
_workspace = Shared(_connect_workspace)
logs.configure()


def _files(deadline: Deadline) -> CloudStorage:
    return CloudStorage(_storage_client(), settings.landing_bucket, settings.lake_bucket, deadline)


def _admission(files: CloudStorage, deadline: Deadline, by: By) -> Admission:
    dispatcher = Dispatcher(lambda: _jobs(deadline), _now, settings.sweep_retry.total_seconds())
    return Admission(files, dispatcher, settings.feeds, settings.landing_bucket, _now, by)


@functions_framework.cloud_event
def on_object_finalized(event: CloudEvent) -> None:
    """Returning acknowledges the event, raising has it delivered again."""
    deadline = Deadline.after(settings.timeout_seconds)
    answer(event, lambda landed: _admission(_files(deadline), deadline, "function").admit(landed))


@functions_framework.cloud_event
def on_sweep(_: CloudEvent) -> None:
    """What calls it and with what data does not matter; what a call that raises has left is the next one's."""
    answer_tick(_sweep)


def _sweep() -> None:
    deadline = Deadline.after(settings.timeout_seconds)
    files = _files(deadline)
    Sweep(
        landing=files,
        source=files,
        rejected=files,
        expected=files,
        runs=_jobs(deadline),
        admission=_admission(files, deadline, "sweep"),
        feeds=settings.feeds,
        landing_bucket=settings.landing_bucket,
        ages=Ages(settings.sweep_grace, settings.sweep_retry, settings.placeholder_age),
        deadline=deadline,
        now=_now,
    ).run()

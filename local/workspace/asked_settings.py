"""What a request may make a job of: checked beyond what this workspace acts on, as Databricks checks it."""

import re
from collections.abc import Collection, Mapping

from local.workspace.documents import Document
from local.workspace.kept_settings import check_triggers
from local.workspace.settings import JobSettings
from local.workspace.shapes import TASK_KINDS, check_shape

# https://docs.databricks.com/api/workspace/jobs/create
_TASK_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_PARAMETER = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)

_INT32 = 2**31 - 1
_OF_A_TASK = {
    "timeout_seconds": (0, _INT32),
    "max_retries": (-1, _INT32),
    "min_retry_interval_millis": (0, _INT32),
}


def asked_settings(content: Mapping[str, object]) -> JobSettings:
    """Read the settings in the body of a request; raises InvalidParameterValue naming every problem."""
    document = Document(content)
    check_shape(document, "create")
    check_triggers(document)
    _check_keys(document, "task_key", [task.text("task_key", "") for task in document.children("tasks")], _TASK_KEY)
    _check_keys(document, "parameter", [item.text("name", "") for item in document.children("parameters")], _PARAMETER)
    _check_numbers(document, {"max_concurrent_runs": (0, 1000), "timeout_seconds": (0, _INT32)})
    for task in document.children("tasks"):
        _check_numbers(task, _OF_A_TASK)
        kinds = sorted(name for name in TASK_KINDS if name in task)
        if len(kinds) > 1:
            task.refuse(f"a task is of one kind, not {' and '.join(kinds)}")
    settings = JobSettings.read(document)
    document.finish()
    return settings


def _check_numbers(document: Document, bounds: Mapping[str, tuple[int, int]]) -> None:
    for name, (least, most) in bounds.items():
        if not least <= document.whole(name, least) <= most:
            document.refuse(f"{name} must be between {least} and {most}")


def _check_keys(document: Document, what: str, keys: Collection[str], form: re.Pattern[str]) -> None:
    for key in keys:
        if key and not form.fullmatch(key):
            document.refuse(f"{what} {key!r} must match {form.pattern}")
    for key in {key for key in keys if list(keys).count(key) > 1}:
        document.refuse(f"{what} {key!r} is there more than once")

"""Which fields of a request of the Jobs API are read here: any other one is refused, never ignored."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from local.workspace.documents import Document
from local.workspace.shapes import fields_of

_PAGE = ("limit", "page_token", "offset", "expand_tasks")
_RERUN = ("rerun_tasks", "rerun_all_failed_tasks", "rerun_dependent_tasks")
# By the end of the path: the method of the SDK's JobsAPI, and what is read of its fields. Who asks for the state of a
# trigger gets what there is, since triggers are without effect: none.
_READ: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "get": ("get", ("job_id", "include_trigger_state")),
    "list": ("list", ("name", *_PAGE)),
    "reset": ("reset", ("job_id", "new_settings")),
    "update": ("update", ("job_id", "new_settings", "fields_to_remove")),
    "delete": ("delete", ("job_id",)),
    "runs/list": (
        "list_runs",
        ("job_id", "active_only", "completed_only", "run_type", "start_time_from", "start_time_to", *_PAGE),
    ),
    "runs/get": ("get_run", ("run_id", "include_history")),
    "runs/get-output": ("get_run_output", ("run_id",)),
    "runs/cancel": ("cancel_run", ("run_id",)),
    "runs/cancel-all": ("cancel_all_runs", ("job_id",)),
    "runs/delete": ("delete_run", ("run_id",)),
    "runs/repair": ("repair_run", ("run_id", "latest_repair_id", "job_parameters", *_RERUN)),
}
T = TypeVar("T")


def reading(place: str, answer: Callable[[Document], T]) -> Callable[[Document], T]:
    """Let `answer` see requests of those fields alone; what a job is made of has its own check."""
    if place not in _READ:
        return answer
    request, names = _READ[place]

    def ask(document: Document) -> T:
        document.refuse_others_than(*names, of=fields_of(request))
        document.finish()
        return answer(document)

    return ask

"""Jobs and runs as the JSON of the Jobs API 2.2; the names are those of databricks.sdk.service.jobs."""

from typing import Any

from local.workspace.arguments import job_parameters
from local.workspace.permissions import USER
from local.workspace.runs import Attempt, LifeCycle, Result, Run
from local.workspace.settings import Job, TaskSettings

_status_of = {
    LifeCycle.WAITING_FOR_RETRY: "WAITING",
    LifeCycle.SKIPPED: "TERMINATED",
    LifeCycle.INTERNAL_ERROR: "TERMINATED",
}

_termination_of = {
    Result.SUCCESS: ("SUCCESS", "SUCCESS"),
    Result.SUCCESS_WITH_FAILURES: ("SUCCESS_WITH_FAILURES", "SUCCESS"),
    Result.FAILED: ("RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
    Result.TIMEDOUT: ("CANCELED", "CLIENT_ERROR"),
    Result.CANCELED: ("USER_CANCELED", "CLIENT_ERROR"),
    Result.EXCLUDED: ("SKIPPED", "CLIENT_ERROR"),
    Result.UPSTREAM_FAILED: ("SKIPPED", "CLIENT_ERROR"),
    Result.UPSTREAM_CANCELED: ("SKIPPED", "CLIENT_ERROR"),
    Result.MAXIMUM_CONCURRENT_RUNS_REACHED: ("MAX_CONCURRENT_RUNS_EXCEEDED", "CLIENT_ERROR"),
}


def job_json(job: Job, *, with_tasks: bool) -> dict[str, Any]:
    """Give a job as jobs/get shows it, or as jobs/list does without its tasks."""
    settings = dict(job.settings.document)
    tasks = settings.pop("tasks", None)
    if with_tasks and isinstance(tasks, list):
        settings["tasks"] = [_task(task) for task in tasks]
    defaults = {"email_notifications": {}, "webhook_notifications": {}, "timeout_seconds": 0, "format": "MULTI_TASK"}
    return {
        "job_id": job.job_id,
        "created_time": job.created_time,
        "creator_user_name": job.creator.name,
        "run_as_user_name": job.settings.run_as or job.creator.name,
        "settings": defaults | settings | {"max_concurrent_runs": job.settings.max_concurrent_runs},
    }


def _task(task: dict[str, Any]) -> dict[str, Any]:
    """Give a task with what Databricks says of every one, and what it depends on by the alphabet."""
    defaults = {"run_if": "ALL_SUCCESS", "timeout_seconds": 0, "email_notifications": {}}
    before = sorted(task.get("depends_on") or [], key=lambda other: other["task_key"])
    return defaults | task | ({"depends_on": before} if before else {})


def run_json(run: Run, url: str, *, with_tasks: bool, with_history: bool = False) -> dict[str, Any]:
    """Give a run as runs/get shows it; `url` is the workspace's, `with_history` adds attempts that were superseded."""
    content = {
        "job_id": run.job_id,
        "run_id": run.run_id,
        "job_run_id": run.run_id,
        "number_in_job": run.run_id,
        "original_attempt_run_id": run.run_id,
        "attempt_number": 0,
        "run_name": run.settings.name,
        "run_type": run_type(run),
        "trigger": "ONE_TIME",
        "format": "MULTI_TASK",
        "creator_user_name": USER.name,
        "run_page_url": f"{url}/#job/{run.job_id}/run/{run.run_id}",
        "start_time": run.start_time,
        "end_time": run.end_time,
        "queue_duration": max(run.began_at - run.start_time, 0),
        "run_duration": max(run.end_time - run.start_time, 0),
        "job_parameters": _parameters(run),
        **_state(run.life_cycle, run.result, run.message, lost=_lost(run)),
    }
    if with_history or run.repairs:
        content["repair_history"] = _repairs(run)
    if with_tasks:
        shown = run.attempts if with_history else run.current
        content["tasks"] = [attempt_json(run, attempt, url) for attempt in shown]
    return content


def run_type(run: Run) -> str:
    """Give the type of a run, as runs/list can be asked for it."""
    return "SUBMIT_RUN" if run.submitted else "JOB_RUN"


def attempt_json(run: Run, attempt: Attempt, url: str) -> dict[str, Any]:
    """Give an attempt as one of the tasks of runs/get."""
    tries = [other for other in run.attempts if other.task_key == attempt.task_key]
    lost = attempt.life_cycle is LifeCycle.INTERNAL_ERROR
    return {
        "run_id": attempt.run_id,
        "task_key": attempt.task_key,
        "attempt_number": attempt.attempt_number,
        "original_attempt_run_id": tries[0].run_id,
        "start_time": attempt.start_time,
        "end_time": attempt.end_time,
        "execution_duration": max(attempt.end_time - attempt.start_time, 0) if attempt.start_time else 0,
        "setup_duration": 0,
        "cleanup_duration": 0,
        "run_page_url": f"{url}/#job/{run.job_id}/run/{attempt.run_id}",
        **_settings(run.settings.task(attempt.task_key)),
        **_state(attempt.life_cycle, attempt.result, attempt.message, lost=lost),
    }


def _settings(task: TaskSettings) -> dict[str, Any]:
    wheel: dict[str, Any] = {"package_name": task.package_name, "entry_point": task.entry_point}
    if task.positional_parameters:
        wheel["parameters"] = list(task.positional_parameters)
    else:
        wheel["named_parameters"] = dict(task.named_parameters)
    return {
        "depends_on": [{"task_key": key} for key in task.depends_on],
        "run_if": task.run_if,
        "python_wheel_task": wheel,
        "timeout_seconds": task.timeout_seconds,
        "max_retries": task.max_retries,
        "min_retry_interval_millis": task.min_retry_interval_millis,
        "retry_on_timeout": task.retry_on_timeout,
    }


def _state(life_cycle: LifeCycle, result: Result | None, message: str, *, lost: bool) -> dict[str, Any]:
    """Give `state`, and `status` that came after it; the two name some states differently."""
    state: dict[str, Any] = {"life_cycle_state": life_cycle, "state_message": message}
    status: dict[str, Any] = {"state": _status_of.get(life_cycle, life_cycle)}
    if life_cycle is LifeCycle.QUEUED:
        reason = "Queued due to reaching maximum concurrent runs of the job"
        state["queue_reason"] = reason
        status["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": reason}
    if result is not None:
        code, kind = ("INTERNAL_ERROR", "INTERNAL_ERROR") if lost else _termination_of[result]
        state["result_state"] = result
        state["user_cancelled_or_timedout"] = result in {Result.CANCELED, Result.TIMEDOUT}
        status["termination_details"] = {"code": code, "type": kind, "message": message}
    return {"state": state, "status": status}


def _lost(run: Run) -> bool:
    return any(attempt.life_cycle is LifeCycle.INTERNAL_ERROR for attempt in run.current)


def _parameters(run: Run) -> list[dict[str, str]]:
    defaults = dict(run.settings.parameters)
    return [{"name": name, "default": defaults[name], "value": value} for name, value in job_parameters(run)]


def _repairs(run: Run) -> list[dict[str, Any]]:
    history = [_repair(run, 0, run.start_time, "ORIGINAL")]
    return history + [_repair(run, repair.repair_id, repair.start_time, "REPAIR") for repair in run.repairs]


def _repair(run: Run, repair_id: int, start_time: int, kind: str) -> dict[str, Any]:
    attempts = [attempt for attempt in run.attempts if attempt.repair_id == repair_id]
    item: dict[str, Any] = {
        "type": kind,
        "start_time": start_time,
        "end_time": max((attempt.end_time for attempt in attempts), default=0),
        "task_run_ids": [attempt.run_id for attempt in attempts],
    }
    if repair_id:
        item["id"] = repair_id
    if repair_id == (run.repairs[-1].repair_id if run.repairs else 0):
        item |= _state(run.life_cycle, run.result, run.message, lost=_lost(run))
    return item

"""Settings of a job that this workspace keeps and shows without acting on them, checked as Databricks checks them.

Nothing here starts a run or makes compute: schedules and triggers don't fire, and every task runs on this machine.
"""

from local.workspace.documents import Document
from pipeline_jobs.workflow.triggers import LEAST_SECONDS, Schedule, WrongTriggerError


def check_triggers(document: Document) -> None:
    """Refuse more than one trigger, and those whose fields the Jobs API would not take."""
    given = [name for name in ("schedule", "trigger", "continuous") if name in document]
    if len(given) > 1:
        document.refuse(f"a job has one trigger, not {' and '.join(given)}")
    if "schedule" in document:
        schedule = document.child("schedule")
        cron, zone = schedule.text("quartz_cron_expression"), schedule.text("timezone_id")
        if cron and zone:
            try:
                Schedule.parse(cron, zone)
            except WrongTriggerError as error:
                schedule.refuse(str(error))
    if "file_arrival" in document.child("trigger"):
        _check_file_arrival(document.child("trigger").child("file_arrival"))


def check_compute(document: Document) -> None:
    """Refuse a task whose environment or cluster the job does not have."""
    for name, key in (("environments", "environment_key"), ("job_clusters", "job_cluster_key")):
        known = {item.text(key) for item in document.children(name)}
        for task in document.children("tasks"):
            wanted = task.text(key, "")
            if wanted and wanted not in known:
                task.refuse(f"{key} {wanted} is none of the job's {name}")


def run_as(document: Document) -> str:
    """Give the principal that runs are shown to run as; empty where the job names none."""
    principal = document.child("run_as")
    names = [principal.text(name, "") for name in ("service_principal_name", "user_name", "group_name")]
    if "run_as" in document and sum(map(bool, names)) != 1:
        principal.refuse("one of service_principal_name, user_name or group_name is needed")
    return "".join(names)


def _check_file_arrival(arrival: Document) -> None:
    # https://docs.databricks.com/gcp/en/jobs/file-arrival-triggers
    url = arrival.text("url")
    if url and not url.endswith("/"):
        arrival.refuse("url must end with a slash")
    for name in ("min_time_between_triggers_seconds", "wait_after_last_change_seconds"):
        if 0 < arrival.whole(name, 0) < LEAST_SECONDS:
            arrival.refuse(f"{name} must be {LEAST_SECONDS} or more")

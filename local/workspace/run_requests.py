"""The requests about runs: run-now, submit, list, get, get-output, cancel, delete, repair."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from local.workspace.documents import Document, Parameters
from local.workspace.errors import (
    DeletedRun,
    InvalidParameterValue,
    InvalidState,
    NoSuchJob,
    NoSuchRun,
    PermissionDenied,
)
from local.workspace.identifiers import Identifiers
from local.workspace.jobs import Jobs
from local.workspace.permissions import USER, Principal, may_run
from local.workspace.records import Records
from local.workspace.references import reference_problems
from local.workspace.runs import Result, Run
from local.workspace.scheduler import Scheduler
from local.workspace.settings import Job
from local.workspace.start_requests import RunNow, Submit
from local.workspace.starts import created, repaired
from local.workspace.wire import run_type

_RUN_TYPES = ("JOB_RUN", "WORKFLOW_RUN", "SUBMIT_RUN")
_MOST = 24
"""Runs of a page: less than 25, https://docs.databricks.com/api/gcp/workspace/jobs/listruns#limit"""
_unsuccessful = frozenset(Result) - {Result.SUCCESS, Result.SUCCESS_WITH_FAILURES, Result.EXCLUDED}


@dataclass(frozen=True)
class RunRequests:
    """What clients may ask about runs; each method is one request and raises ApiError for what it refuses."""

    jobs: Jobs
    scheduler: Scheduler
    records: Records
    ids: Identifiers

    def run_now(self, document: Document, caller: Principal) -> dict[str, Any]:
        """Start a run, or give the run that the idempotency token started before, however that ended."""
        asked = RunNow.parse(document)
        with self.scheduler.alone():
            job = self._permitted(asked.job_id, caller)
            run = self._run_of(asked.token) if asked.token else None
            if run is None:
                _check(job, asked.given)
                _check_tasks(job, asked.only)
                settings = job.settings
                if asked.queued is not None:
                    settings = replace(settings, queue_enabled=asked.queued)
                one = replace(job, settings=settings)
                run = created(self.ids.new(), one, asked.given, asked.token, self.ids.now(), self.ids.new, asked.only)
                self.scheduler.enter(run)
        return {"run_id": run.run_id, "number_in_job": run.run_id}

    def submit(self, document: Document, caller: Principal) -> dict[str, Any]:
        """Start a run without a job, or give the run that the idempotency token started before."""
        asked = Submit.parse(document)
        with self.scheduler.alone():
            run = self._run_of(asked.token) if asked.token else None
            if run is None:
                # A job of its own, that nobody finds.
                alone = Job(self.ids.new(), self.ids.now(), asked.settings, caller)
                run = created(self.ids.new(), alone, (), asked.token, self.ids.now(), self.ids.new)
                run = replace(run, submitted=True)
                self.scheduler.enter(run)
        return {"run_id": run.run_id}

    def _permitted(self, job_id: int, caller: Principal) -> Job:
        """Give the job that the caller may run: without a right to it, nobody learns whether there is one."""
        try:
            job = self.jobs.get(job_id)
        except NoSuchJob:
            if caller == USER:
                raise
            job = None
        if job is None or not may_run(job.given, caller):
            raise PermissionDenied(f"{caller.name} has no CAN_MANAGE_RUN or more on job {job_id}.")
        return job

    def find(self, run_id: int) -> Run:
        """Give a run by its own id or that of one of its task runs; raises NoSuchRun."""
        for run in self.scheduler.runs():
            if run_id == run.run_id or any(run_id == attempt.run_id for attempt in run.attempts):
                return run
        raise NoSuchRun(run_id)

    def page(self, document: Document) -> tuple[tuple[Run, ...], str]:
        """Give one page of runs, the newest first, and the token of the next page, empty on the last."""
        limit = document.whole("limit", 20) or _MOST
        last = document.whole("page_token", 0)
        since, until = document.whole("start_time_from", 0), document.whole("start_time_to", 0)
        active, completed = document.flag("active_only"), document.flag("completed_only")
        if document.whole("offset", 0):
            document.refuse("offset is not supported by this workspace, page_token is")
        if not 0 < limit <= _MOST:
            document.refuse(f"limit must be between 1 and {_MOST}")
        if active and completed:
            document.refuse("active_only and completed_only exclude each other")
        job_id = document.whole("job_id", 0)
        kind = document.text("run_type", "")
        if kind not in ("", *_RUN_TYPES):
            document.refuse(f"run_type must be one of {', '.join(_RUN_TYPES)}")
        document.finish()
        found = [
            run
            for run in self.scheduler.runs()
            if (not job_id or run.job_id == job_id)
            and kind in ("", run_type(run))
            and (not last or run.run_id < last)
            and not (active and run.ended)
            and not (completed and not run.ended)
            and run.start_time >= since
            and (not until or run.start_time <= until)
        ]
        shown = tuple(found[:limit])
        return shown, str(shown[-1].run_id) if len(found) > limit else ""

    def cancel(self, document: Document) -> None:
        """Cancel a run, or the one task whose run id was given; what has ended stays as it is."""
        run_id = self._run_id(document)
        run = self.find(run_id)
        keys = () if run_id == run.run_id else (run.attempt(run_id).task_key,)
        self.scheduler.stop(run, keys)

    def cancel_all(self, document: Document) -> None:
        """Cancel all active runs of a job, or all of the workspace's."""
        job_id = document.whole("job_id", 0)
        document.finish()
        for run in self.scheduler.runs():
            if not run.ended and (not job_id or run.job_id == job_id):
                self.scheduler.stop(run)

    def delete(self, document: Document) -> None:
        """Delete a run that has ended; its idempotency token stays taken."""
        run_id = self._run_id(document)
        with self.scheduler.alone():
            run = self._whole_run(run_id)
            if not run.ended:
                raise InvalidState(f"Run {run_id} is active and cannot be deleted.")
            self.scheduler.forget(run)

    def repair(self, document: Document) -> int:
        """Run tasks of an ended run again, in the same run; gives the id of the repair."""
        run_id = document.whole("run_id")
        given = document.pairs("job_parameters")
        latest_repair_id = document.whole("latest_repair_id", 0)
        document.finish()
        with self.scheduler.alone():
            run = self._whole_run(run_id)
            if not run.ended:
                raise InvalidState(f"Run {run_id} is active and cannot be repaired.")
            if latest_repair_id != (run.repairs[-1].repair_id if run.repairs else 0):
                raise InvalidParameterValue("latest_repair_id must be the id of the run's last repair")
            job = self.jobs.get(run.job_id)
            _check(job, given)
            keys = _to_repair(run, document)
            again = repaired(run, job, given, keys, self.ids.now(), self.ids.new)
            self.scheduler.enter(again)
        return again.repairs[-1].repair_id

    def _run_of(self, token: str) -> Run | None:
        # Looked up among the runs of all jobs, as the API's words allow: whoever forgets the job's id in a token
        # shall see that here.
        if token in self.records.deleted_tokens():
            raise DeletedRun(f"The run of idempotency token {token} was deleted.")
        return next((run for run in self.scheduler.runs() if run.token == token), None)

    def _whole_run(self, run_id: int) -> Run:
        run = self.find(run_id)
        if run.run_id != run_id:
            raise InvalidParameterValue(f"{run_id} is a task run; the id of its job run is needed.")
        return run

    @staticmethod
    def _run_id(document: Document) -> int:
        run_id = document.whole("run_id")
        document.finish()
        return run_id


def _check(job: Job, given: Parameters) -> None:
    """Refuse job parameters that the job does not declare, and references in them that name nothing."""
    names = frozenset(name for name, _ in job.settings.parameters)
    document = Document({}, "job_parameters")
    for name, value in given:
        if name not in names:
            document.refuse(f"{name} is no parameter of job {job.job_id}")
        for problem in reference_problems(value, names, frozenset()):
            document.refuse(f"{name} {problem}")
    document.finish()


def _check_tasks(job: Job, only: Collection[str]) -> None:
    """Refuse a run of nothing: of a job without tasks, or of tasks that the job has not."""
    keys = {task.key for task in job.settings.tasks}
    document = Document({})
    if not keys:
        document.refuse(f"job {job.job_id} has no tasks to run")
    for key in sorted(set(only) - keys):
        document.refuse(f"only names {key}, which is no task of job {job.job_id}")
    document.finish()


def _to_repair(run: Run, document: Document) -> Collection[str]:
    named = document.texts("rerun_tasks")
    all_failed = document.flag("rerun_all_failed_tasks")
    dependent = document.flag("rerun_dependent_tasks")
    if bool(named) == all_failed:
        document.refuse("exactly one of rerun_tasks and rerun_all_failed_tasks is needed")
    for key in set(named) - {task.key for task in run.settings.tasks}:
        document.refuse(f"rerun_tasks names {key}, which is no task of the run")
    document.finish()
    keys = set(named) or {attempt.task_key for attempt in run.current if attempt.result in _unsuccessful}
    if not keys:
        raise InvalidState(f"Run {run.run_id} has no task that failed.")
    return keys | (run.settings.downstream_of(keys) if dependent else set())

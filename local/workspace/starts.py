"""How runs, repairs and attempts come into being."""

from collections.abc import Callable, Collection
from dataclasses import replace

from local.workspace.documents import Parameters
from local.workspace.runs import Attempt, LifeCycle, Repair, Result, Run
from local.workspace.settings import Job


def created(
    run_id: int,
    job: Job,
    given: Parameters,
    token: str,
    now: int,
    new_id: Callable[[], int],
    only: tuple[str, ...] = (),
) -> Run:
    """Give a new run of a job, QUEUED; `given` and `only` are what run-now says of parameters and tasks."""
    attempts = tuple(
        Attempt(task.key, new_id(), 0, 0, LifeCycle.BLOCKED if task.depends_on else LifeCycle.QUEUED)
        if not only or task.key in only
        else Attempt(task.key, new_id(), 0, 0, LifeCycle.TERMINATED, Result.EXCLUDED)
        for task in job.settings.tasks
    )
    return Run(
        run_id=run_id,
        job_id=job.job_id,
        settings=job.settings,
        parameters=_parameters(job, given),
        overridden=given,
        token=token,
        start_time=now,
        life_cycle=LifeCycle.QUEUED,
        attempts=attempts,
        only=only,
    )


def repaired(
    run: Run, job: Job, given: Parameters, task_keys: Collection[str], now: int, new_id: Callable[[], int]
) -> Run:
    """Run those tasks of an ended run again, and those that the job got since, as attempts of a new repair.

    The repair takes the job's settings of now, and only the job parameters that are `given` again.
    """
    run = replace(run, settings=job.settings, parameters=_parameters(job, given), overridden=given)
    run = replace(run, only=(*run.only, *task_keys) if run.only else ())
    known = {attempt.task_key for attempt in run.attempts}
    repair = Repair(new_id(), now)
    fresh = tuple(
        next_attempt(run, task.key, repair.repair_id, LifeCycle.BLOCKED, new_id())
        for task in job.settings.tasks
        if task.key in task_keys or task.key not in known
    )
    again = replace(run, attempts=run.attempts + fresh, repairs=(*run.repairs, repair))
    return replace(again, life_cycle=LifeCycle.QUEUED, result=None, stopping_as=None, message="", end_time=0)


def next_attempt(run: Run, task_key: str, repair_id: int, life_cycle: LifeCycle, run_id: int) -> Attempt:
    """Give a new attempt of a task, numbered after those that it has."""
    number = sum(attempt.task_key == task_key for attempt in run.attempts)
    return Attempt(task_key, run_id, number, repair_id, life_cycle)


def _parameters(job: Job, given: Parameters) -> Parameters:
    return tuple((dict(job.settings.parameters) | dict(given)).items())

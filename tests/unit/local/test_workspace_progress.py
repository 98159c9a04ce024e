"""How a run moves on, from state to state, without processes or time."""

import itertools
from collections.abc import Callable
from dataclasses import replace

from local.workspace.permissions import USER
from local.workspace.progress import Ending, begin, finished, launched, lost, retried, retry_due, skipped, stopped
from local.workspace.runs import LifeCycle, Result, Run
from local.workspace.settings import Job, JobSettings
from local.workspace.starts import created, repaired


def test_a_new_run_is_queued_and_its_later_tasks_blocked() -> None:
    """Nothing is PENDING before the run leaves the queue."""
    run = _new()

    assert run.life_cycle is LifeCycle.QUEUED
    assert _life_cycles(run) == {"load": "QUEUED", "merge": "BLOCKED"}
    assert _life_cycles(begin(run, 5)) == {"load": "PENDING", "merge": "BLOCKED"}
    assert begin(run, 5).began_at == 5


def test_a_retry_waits_for_its_interval_from_the_start_of_the_try_before() -> None:
    """The next try is a new attempt, and what depends on the task waits for that one."""
    run = launched(begin(_new(max_retries=1, min_retry_interval_millis=500), 0), 11, 1000)

    run = finished(run, 11, Ending(Result.FAILED, "ValueError: x"), 1200, _ids())

    assert _life_cycles(run) == {"load": "WAITING_FOR_RETRY", "merge": "BLOCKED"}
    assert retry_due(run, run.latest("load")) == 1500
    assert (run.attempt(11).result, run.attempt(11).error) == (Result.FAILED, "ValueError: x")
    assert _life_cycles(retried(run, run.latest("load").run_id))["load"] == "PENDING"


def test_retries_are_counted_anew_in_a_repair() -> None:
    """A repair gives a task as many tries as the run gave it."""
    job = _job(max_retries=1)
    run = begin(_new(job=job), 0)
    for _ in range(2):
        run = _failed_once(run)
    assert run.result is Result.FAILED

    run = begin(repaired(run, job, (), {"load"}, 9, _ids(200)), 9)
    run = _failed_once(run)

    assert not run.ended
    assert _life_cycles(run)["load"] == "WAITING_FOR_RETRY"
    assert [attempt.attempt_number for attempt in run.attempts if attempt.task_key == "load"] == [0, 1, 2, 3]


def test_a_timeout_is_retried_only_where_the_task_says_so() -> None:
    """retry_on_timeout is off by default."""
    ending = Ending(Result.TIMEDOUT)
    plain = launched(begin(_new(max_retries=1), 0), 11, 0)
    patient = launched(begin(_new(max_retries=1, retry_on_timeout=True), 0), 11, 0)

    assert _life_cycles(finished(plain, 11, ending, 1, _ids()))["load"] == "TERMINATED"
    assert _life_cycles(finished(patient, 11, ending, 1, _ids()))["load"] == "WAITING_FOR_RETRY"


def test_a_stopped_task_ends_as_what_it_was_stopped_as_and_is_not_retried() -> None:
    """The killed process of a cancelled task is no failure."""
    run = stopped(launched(begin(_new(max_retries=3), 0), 11, 0), Result.CANCELED, 1)
    assert _life_cycles(run) == {"load": "TERMINATING", "merge": "TERMINATED"}

    run = finished(run, 11, Ending(Result.FAILED, "killed"), 2, _ids())

    assert (run.life_cycle, run.result) == (LifeCycle.TERMINATED, Result.CANCELED)
    assert _results(run) == {"load": "CANCELED", "merge": "CANCELED"}


def test_a_task_that_succeeds_while_it_is_cancelled_has_succeeded() -> None:
    """A process that was done before the signal came tells the truth; the tasks after it stay cancelled."""
    run = stopped(launched(begin(_new(), 0), 11, 0), Result.CANCELED, 1)

    run = finished(run, 11, Ending(Result.SUCCESS), 2, _ids())

    assert _results(run) == {"load": "SUCCESS", "merge": "CANCELED"}
    assert run.result is Result.CANCELED


def test_a_queued_run_that_is_cancelled_never_begins() -> None:
    """Nothing of it is left to start."""
    run = stopped(_new(), Result.CANCELED, 1)

    assert run.ended
    assert _results(run) == {"load": "CANCELED", "merge": "CANCELED"}


def test_a_run_above_the_limit_is_skipped_with_its_tasks() -> None:
    """A skipped run has ended."""
    run = skipped(_new(), 1)

    assert (run.life_cycle, run.result) == (LifeCycle.SKIPPED, Result.MAXIMUM_CONCURRENT_RUNS_REACHED)
    assert all(attempt.ended for attempt in run.attempts)


def test_a_lost_run_keeps_what_had_ended_in_it() -> None:
    """Only what was active becomes an INTERNAL_ERROR."""
    run = launched(begin(_new(), 0), 11, 0)
    run = launched(finished(run, 11, Ending(Result.SUCCESS), 1, _ids()), 12, 1)

    run = lost(run, 2)

    assert run.life_cycle is LifeCycle.INTERNAL_ERROR
    assert _life_cycles(run) == {"load": "TERMINATED", "merge": "INTERNAL_ERROR"}
    assert _results(run) == {"load": "SUCCESS", "merge": "FAILED"}


def test_a_repair_takes_the_settings_of_now_and_forgets_the_parameters_of_then() -> None:
    """A task that the job got since runs too; parameters count only if they are sent again."""
    run = _failed_once(begin(_new(), 0))
    run = replace(run, parameters=(("path", "then"),))
    job = _job(new_task="tidy")

    run = begin(repaired(run, job, (("path", "now"),), {"load"}, 9, _ids(200)), 9)

    assert run.parameters == (("path", "now"),)
    assert _life_cycles(run) == {"load": "PENDING", "merge": "TERMINATED", "tidy": "PENDING"}


def _job(new_task: str = "", **settings: object) -> Job:
    def task(key: str, *after: str) -> dict[str, object]:
        wheel = {"package_name": "package", "entry_point": key}
        return {"task_key": key, "depends_on": [{"task_key": key} for key in after], "python_wheel_task": wheel}

    tasks = [task("load") | settings, task("merge", "load")]
    tasks += [task(new_task)] if new_task else []
    return Job(1, 0, JobSettings.parse({"tasks": tasks, "parameters": [{"name": "path", "default": ""}]}), USER)


def _new(job: Job | None = None, **settings: object) -> Run:
    return created(10, job or _job("", **settings), (), "", 0, itertools.count(11).__next__)


def _ids(first: int = 100) -> Callable[[], int]:
    return itertools.count(first).__next__


def _failed_once(run: Run) -> Run:
    attempt = run.latest("load")
    if attempt.life_cycle is LifeCycle.WAITING_FOR_RETRY:
        run = retried(run, attempt.run_id)
    run = launched(run, attempt.run_id, 0)
    return finished(run, attempt.run_id, Ending(Result.FAILED), 1, _ids(attempt.run_id + 1000))


def _life_cycles(run: Run) -> dict[str, str]:
    return {attempt.task_key: attempt.life_cycle.value for attempt in run.current}


def _results(run: Run) -> dict[str, str]:
    return {attempt.task_key: attempt.result.value for attempt in run.current if attempt.result}

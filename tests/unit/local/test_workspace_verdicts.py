"""Whether a task runs after those before it, and what a run's result is."""

import itertools

import pytest

from local.workspace.permissions import USER
from local.workspace.progress import Ending, begin, finished, launched
from local.workspace.runs import LifeCycle, Result, Run
from local.workspace.settings import Job, JobSettings, RunIf
from local.workspace.starts import created
from local.workspace.verdicts import judge

ok, bad, late = Result.SUCCESS, Result.FAILED, Result.TIMEDOUT
out, gone, after_bad, after_gone = (
    Result.EXCLUDED,
    Result.CANCELED,
    Result.UPSTREAM_FAILED,
    Result.UPSTREAM_CANCELED,
)


@pytest.mark.parametrize(
    ("run_if", "upstream", "verdict"),
    [
        (RunIf.ALL_SUCCESS, (), None),
        (RunIf.ALL_SUCCESS, (ok, ok), None),
        (RunIf.ALL_SUCCESS, (ok, out), None),
        (RunIf.ALL_SUCCESS, (ok, bad), after_bad),
        (RunIf.ALL_SUCCESS, (ok, late), after_bad),
        (RunIf.ALL_SUCCESS, (after_bad,), after_bad),
        (RunIf.ALL_SUCCESS, (ok, gone), after_gone),
        (RunIf.ALL_SUCCESS, (bad, gone), after_bad),
        (RunIf.ALL_SUCCESS, (after_gone,), after_gone),
        (RunIf.ALL_DONE, (bad, gone, after_bad), None),
        (RunIf.ALL_DONE, (out, out), out),
        (RunIf.AT_LEAST_ONE_SUCCESS, (ok, bad), None),
        (RunIf.AT_LEAST_ONE_SUCCESS, (bad, bad), after_bad),
        (RunIf.AT_LEAST_ONE_SUCCESS, (bad, out), after_bad),
        (RunIf.NONE_FAILED, (ok, out), None),
        (RunIf.NONE_FAILED, (out, out), out),
        (RunIf.NONE_FAILED, (ok, bad), after_bad),
        (RunIf.AT_LEAST_ONE_FAILED, (ok, bad), None),
        (RunIf.AT_LEAST_ONE_FAILED, (ok, gone), None),
        (RunIf.AT_LEAST_ONE_FAILED, (ok, ok), out),
        (RunIf.ALL_FAILED, (bad, after_bad), None),
        (RunIf.ALL_FAILED, (ok, bad), out),
    ],
)
def test_a_task_runs_where_its_condition_is_met(
    run_if: RunIf, upstream: tuple[Result, ...], verdict: Result | None
) -> None:
    """Each run_if decides on the results of the tasks before it; None is that the task runs."""
    assert judge(run_if, upstream) is verdict


@pytest.mark.parametrize(
    ("stage", "target", "report", "result"),
    [
        (ok, ok, ok, Result.SUCCESS),
        (bad, None, ok, Result.SUCCESS_WITH_FAILURES),
        (ok, bad, ok, Result.SUCCESS_WITH_FAILURES),
        (bad, None, bad, Result.FAILED),
        (ok, ok, bad, Result.FAILED),
        (ok, ok, late, Result.TIMEDOUT),
        (late, None, ok, Result.SUCCESS_WITH_FAILURES),
    ],
)
def test_the_leaf_tasks_decide_the_result_of_a_run(
    stage: Result, target: Result | None, report: Result, result: Result
) -> None:
    """A run is judged by the tasks that no other waits for; what failed before them only colours a success."""
    run = begin(_run(), 0)

    run = _done(run, "stage_load", stage)
    if target is not None:
        run = _done(run, "target_load", target)
    run = _done(run, "report", report)

    assert run.ended
    assert run.result is result
    assert run.latest("target_load").result is (target or after_bad)


def _run() -> Run:
    def task(key: str, *after: str, run_if: str = "ALL_SUCCESS") -> dict[str, object]:
        wheel = {"package_name": "package", "entry_point": key}
        before = [{"task_key": other} for other in after]
        return {"task_key": key, "depends_on": before, "run_if": run_if, "python_wheel_task": wheel}

    tasks = [
        task("report", "stage_load", "target_load", run_if="ALL_DONE"),
        task("stage_load"),
        task("target_load", "stage_load"),
    ]
    job = Job(1, 0, JobSettings.parse({"name": "ingest orders", "tasks": tasks}), USER)
    return created(10, job, (), "", 0, itertools.count(11).__next__)


def _done(run: Run, key: str, result: Result) -> Run:
    attempt = run.latest(key)
    assert attempt.life_cycle is LifeCycle.PENDING
    begun = launched(run, attempt.run_id, 0)
    return finished(begun, attempt.run_id, Ending(result), 0, itertools.count(100).__next__)

"""What results mean: whether a task runs after those before it, and how a run ended."""

from collections.abc import Sequence

from local.workspace.runs import Result, Run, cancelled_results, failed_results
from local.workspace.settings import RunIf

task_failure = "Workload failed, see run output for details"
"""The message that a real workspace puts on each failed task; the reason stands in the run output only."""


def judge(run_if: RunIf, upstream: Sequence[Result | None]) -> Result | None:
    """Decide from the results of its dependencies what a task ends as without running; None: it runs.

    https://docs.databricks.com/en/jobs/run-if.html: excluded tasks count as successful, but if all are
    excluded, so is this one; a cancelled task frees only tasks that handle failures.
    """
    if upstream and all(result is Result.EXCLUDED for result in upstream):
        return Result.EXCLUDED
    if not upstream or run_if is RunIf.ALL_DONE:
        return None
    bad = [result in failed_results | cancelled_results for result in upstream]
    met = {
        RunIf.ALL_SUCCESS: not any(bad),
        RunIf.NONE_FAILED: not any(bad),
        RunIf.AT_LEAST_ONE_SUCCESS: any(result is Result.SUCCESS for result in upstream),
        RunIf.AT_LEAST_ONE_FAILED: any(bad),
        RunIf.ALL_FAILED: all(bad),
    }
    if met[run_if]:
        return None
    if run_if in {RunIf.AT_LEAST_ONE_FAILED, RunIf.ALL_FAILED}:
        return Result.EXCLUDED
    return Result.UPSTREAM_FAILED if failed_results.intersection(upstream) else Result.UPSTREAM_CANCELED


def result_of(run: Run) -> Result:
    """Give a run's result: a stop's if it hit any task, else that of the leaf tasks."""
    results = {attempt.task_key: attempt.result for attempt in run.current}
    if run.stopping_as is not None and _was_hit(run):
        return run.stopping_as
    leaves = {results[key] for key in run.leaves}
    if leaves & {Result.FAILED, Result.UPSTREAM_FAILED}:
        return Result.FAILED
    if Result.TIMEDOUT in leaves:
        return Result.TIMEDOUT
    if leaves & cancelled_results:
        return Result.CANCELED
    bad = (failed_results | cancelled_results).intersection(results.values())
    return Result.SUCCESS_WITH_FAILURES if bad else Result.SUCCESS


def _was_hit(run: Run) -> bool:
    return any(attempt.result in {run.stopping_as, Result.CANCELED} for attempt in run.current)


def failure_message(run: Run) -> str:
    """Say which tasks failed, in the words of a real workspace."""
    failed = [attempt.task_key for attempt in run.current if attempt.result in {Result.FAILED, Result.TIMEDOUT}]
    skipped = any(attempt.result is Result.UPSTREAM_FAILED for attempt in run.current)
    tasks = ", ".join(failed)
    tail = " This caused all downstream tasks to get skipped." if skipped else ""
    return f"Task {tasks} failed with message: {task_failure}.{tail}"

"""How a run moves on: pure functions from a run and what happened to the run after it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from local.workspace.runs import Attempt, LifeCycle, Result, Run
from local.workspace.settings import TaskSettings
from local.workspace.starts import next_attempt
from local.workspace.verdicts import failure_message, judge, result_of, task_failure


@dataclass(frozen=True)
class Ending:
    """How a task's process ended: its result, the text of its exception, its traceback."""

    result: Result
    error: str = ""
    error_trace: str = ""


def begin(run: Run, now: int) -> Run:
    """Take the run out of the queue: tasks that wait for nothing become PENDING."""
    blocked = tuple(
        replace(attempt, life_cycle=LifeCycle.BLOCKED) if attempt.life_cycle is LifeCycle.QUEUED else attempt
        for attempt in run.attempts
    )
    return advance(replace(run, life_cycle=LifeCycle.PENDING, began_at=now, attempts=blocked), now)


def advance(run: Run, now: int) -> Run:
    """Let every task whose dependencies have ended go on, and end the run when all tasks have."""
    while True:
        freed = [attempt for attempt in run.current if attempt.life_cycle is LifeCycle.BLOCKED]
        moved = [_released(run, attempt, now) for attempt in freed]
        if moved == freed:
            break
        for attempt in moved:
            run = run.having(attempt)
    return _end(run, now) if all(attempt.ended for attempt in run.current) else run


def _released(run: Run, attempt: Attempt, now: int) -> Attempt:
    task = run.settings.task(attempt.task_key)
    upstream = [run.latest(key) for key in task.depends_on if run.includes(key)]
    if not all(other.ended for other in upstream):
        return attempt
    verdict = judge(task.run_if, [other.result for other in upstream])
    if verdict is None:
        return replace(attempt, life_cycle=LifeCycle.PENDING)
    return attempt.end(verdict, now, f"Task {attempt.task_key} was not run: its run_if is {task.run_if}.")


def launched(run: Run, attempt_id: int, now: int) -> Run:
    """Mark an attempt, and with it the run, as RUNNING."""
    attempt = replace(run.attempt(attempt_id), life_cycle=LifeCycle.RUNNING, start_time=now)
    return replace(run.having(attempt), life_cycle=LifeCycle.RUNNING)


def finished(run: Run, attempt_id: int, ending: Ending, now: int, new_id: Callable[[], int]) -> Run:
    """Enter how an attempt ended; where the task may be retried, its next attempt is WAITING_FOR_RETRY."""
    attempt = run.attempt(attempt_id)
    result = ending.result
    if result is not Result.SUCCESS and attempt.stopping_as is not None:
        result = attempt.stopping_as
    message = task_failure if result is Result.FAILED else ""
    ended = replace(attempt.end(result, now, message), error=ending.error, error_trace=ending.error_trace)
    run = run.having(ended)
    if attempt.stopping_as is None and _may_retry(run, run.settings.task(attempt.task_key), result):
        retry = next_attempt(run, attempt.task_key, attempt.repair_id, LifeCycle.WAITING_FOR_RETRY, new_id())
        return replace(run, attempts=(*run.attempts, retry))
    return advance(run, now)


def _may_retry(run: Run, task: TaskSettings, result: Result) -> bool:
    repair_id = run.latest(task.key).repair_id
    done = sum(attempt.task_key == task.key and attempt.repair_id == repair_id for attempt in run.attempts)
    left = task.max_retries < 0 or done <= task.max_retries
    return left and (result is Result.FAILED or (result is Result.TIMEDOUT and task.retry_on_timeout))


def retry_due(run: Run, retry: Attempt) -> int:
    """Give when a retry may start: its interval counts from the start of the attempt that failed."""
    failed = next(attempt for attempt in reversed(run.attempts) if attempt.task_key == retry.task_key and attempt.ended)
    return failed.start_time + run.settings.task(retry.task_key).min_retry_interval_millis


def retried(run: Run, attempt_id: int) -> Run:
    """Make the attempt that waited for its retry interval PENDING."""
    return run.having(replace(run.attempt(attempt_id), life_cycle=LifeCycle.PENDING))


def stopped(run: Run, as_result: Result, now: int, task_keys: Collection[str] = ()) -> Run:
    """Stop the run (or only those tasks): what runs is TERMINATING until its process is gone, the rest CANCELED."""
    for attempt in run.current:
        if attempt.ended or (task_keys and attempt.task_key not in task_keys):
            continue
        if attempt.life_cycle in {LifeCycle.RUNNING, LifeCycle.TERMINATING}:
            run = run.having(replace(attempt, life_cycle=LifeCycle.TERMINATING, stopping_as=as_result))
        else:
            run = run.having(attempt.end(Result.CANCELED, now, "Run cancelled."))
    if not task_keys:
        run = replace(run, stopping_as=as_result, life_cycle=LifeCycle.TERMINATING)
    return advance(run, now)


def skipped(run: Run, now: int) -> Run:
    """End a run that came while as many as may run at a time were active, and that may not wait in a queue."""
    result = Result.MAXIMUM_CONCURRENT_RUNS_REACHED
    message = "Skipped: the job has as many active runs as its max_concurrent_runs allows."
    attempts = tuple(attempt.end(result, now, message) for attempt in run.attempts)
    ended = replace(run, life_cycle=LifeCycle.SKIPPED, result=result, end_time=now, message=message)
    return replace(ended, attempts=attempts)


def lost(run: Run, now: int) -> Run:
    """End a run whose workspace died under it: what had not ended is an INTERNAL_ERROR."""
    message = "The workspace stopped while this run was active."
    for attempt in run.attempts:
        if not attempt.ended:
            ended = replace(attempt.end(Result.FAILED, now, message), life_cycle=LifeCycle.INTERNAL_ERROR)
            run = run.having(replace(ended, error=message))
    return replace(run, life_cycle=LifeCycle.INTERNAL_ERROR, result=Result.FAILED, end_time=now, message=message)


def _end(run: Run, now: int) -> Run:
    result = result_of(run)
    # A run that failed shows INTERNAL_ERROR as its life cycle, though its tasks are TERMINATED and its status
    # is too: so the real API answers (databricks/cli, libs/testserver/jobs.go, measured there).
    failed = result is Result.FAILED
    life_cycle = LifeCycle.INTERNAL_ERROR if failed else LifeCycle.TERMINATED
    message = failure_message(run) if failed else ""
    return replace(run, life_cycle=life_cycle, result=result, end_time=now, message=message)

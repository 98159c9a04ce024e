"""The mail and the webhook calls that a run which ended badly would send."""

from dataclasses import dataclass

from local.workspace.runs import Attempt, LifeCycle, Result, Run, failed_results


@dataclass(frozen=True)
class Notice:
    """One notification: to whom (mail addresses, ids of notification destinations), about which run, with which text.

    `result` is FAILED, TIMEDOUT or INTERNAL_ERROR; `at` is in milliseconds since 1970.
    """

    addresses: tuple[str, ...]
    webhooks: tuple[str, ...]
    job_id: int
    job_name: str
    run_id: int
    result: str
    at: int
    subject: str
    text: str


def notice_of(run: Run) -> Notice | None:
    """Give the notice of an ended run, or None: on_failure fires for FAILED, TIMEDOUT and INTERNAL_ERROR only.

    It has no text of its own on the real platform but the error of each failed task, which stands here at its end.
    """
    settings = run.settings
    if run.result not in {Result.FAILED, Result.TIMEDOUT}:
        return None
    if not settings.failure_addresses and not settings.failure_webhooks:
        return None
    lost = any(attempt.life_cycle is LifeCycle.INTERNAL_ERROR for attempt in run.current)
    result = LifeCycle.INTERNAL_ERROR.value if lost else run.result.value
    lines = [f"Job: {settings.name}", f"Run: {run.run_id}", f"Result: {result}"]
    lines += [_line(attempt) for attempt in run.current if attempt.result in failed_results]
    return Notice(
        addresses=settings.failure_addresses,
        webhooks=settings.failure_webhooks,
        job_id=run.job_id,
        job_name=settings.name,
        run_id=run.run_id,
        result=result,
        at=run.end_time,
        subject=f"{settings.name}: run {run.run_id} {result}",
        text="\n".join(lines),
    )


def _line(attempt: Attempt) -> str:
    return f"Task {attempt.task_key}: {attempt.result}: {attempt.error or attempt.message}"

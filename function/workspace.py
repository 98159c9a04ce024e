"""The Jobs API, as the functions use it; the only module that knows databricks.sdk.

Importing it costs most of a second, so it is imported for the first event that needs a run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from databricks.sdk import WorkspaceClient
from databricks.sdk.clock import RealClock
from databricks.sdk.core import Config
from databricks.sdk.credentials_provider import CredentialsProvider, CredentialsStrategy
from databricks.sdk.errors import BadRequest, NotFound, Unauthenticated
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.jobs import BaseRun, RunResultState, RunTask, TerminationCodeCode
from databricks.sdk.service.jobs import Run as GetRun
from requests import RequestException

from function.credentials import Bearers, Credentials, bearers
from function.deadline import CallLimits, Deadline
from function.errors import RunRefused, WorkspaceFailed
from function.runs import OVER, Run, TaskRun

_RECENT = 24
"""As many as one page of runs/list holds."""
_UNKNOWN = "UNKNOWN"
T = TypeVar("T")


class _ShortPauses(RealClock):
    """The SDK sleeps as long as a Retry-After says, past every limit of its own."""

    def __init__(self, longest: float) -> None:
        self._longest = longest

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, self._longest))


class _Bearing(CredentialsStrategy):
    """Gives each request the token in use."""

    def __init__(self, tokens: Bearers) -> None:
        self._tokens = tokens

    def auth_type(self) -> str:
        return "bearer"

    def __call__(self, _: Config) -> CredentialsProvider:
        return lambda: {"Authorization": f"Bearer {self._tokens.in_use().text}"}


@dataclass(frozen=True, slots=True)
class Workspace:
    """A client for all threads, and the tokens that it signs in with."""

    client: WorkspaceClient
    tokens: Bearers


def connect(host: str, credentials: Credentials, limits: CallLimits) -> Workspace:
    """Asks the host for its metadata; signs in with the first call."""
    # By the wall clock: a function's machine may have slept for longer than a token lasts.
    tokens = bearers(host, credentials, limits, time.time)
    config = Config(
        host=host,
        credentials_strategy=_Bearing(tokens),
        # Named, so that it takes what else it finds in the environment for no second way to sign in.
        auth_type="bearer",
        http_timeout_seconds=limits.attempt,
        # The SDK takes whole seconds, and a zero for its default of five minutes.
        retry_timeout_seconds=max(1, int(limits.retries)),
        clock=_ShortPauses(limits.pause),
    )
    return Workspace(WorkspaceClient(config=config), tokens)


@dataclass(frozen=True, slots=True)
class DatabricksJobs:
    """The jobs of one workspace within one invocation; raises WorkspaceFailed where it does not answer."""

    workspace: Callable[[], Workspace]
    deadline: Deadline

    def newest_run(self, job_id: int) -> Run | None:
        """The run that was started last, with its tasks."""
        return next(iter(self._runs(job_id, 1)), None)

    def recent_runs(self, job_id: int) -> tuple[Run, ...]:
        """The last 24 runs, with their tasks, the one started last first."""
        return self._runs(job_id, _RECENT)

    def is_over(self, run_id: int) -> bool:
        """Whether the run has ended, or was deleted."""

        def ask(client: WorkspaceClient) -> bool:
            try:
                return _life_cycle(_understood(lambda: client.jobs.get_run(run_id))) in OVER
            except NotFound:
                return True

        return self._ask(ask)

    def run_now(self, job_id: int, path: str, token: str) -> int:
        """The run that the token stands for, started if it is new; raises RunRefused.

        The SDK posts again when an answer is lost; the token makes that one run.
        """

        def ask(client: WorkspaceClient) -> int:
            try:
                started = _understood(
                    lambda: client.jobs.run_now(job_id, idempotency_token=token, job_parameters={"path": path})
                )
            except (NotFound, BadRequest) as error:
                raise RunRefused(f"job {job_id}: {error}") from error
            return _understood(lambda: int(started.run_id))

        return self._ask(ask)

    def _runs(self, job_id: int, count: int) -> tuple[Run, ...]:
        def ask(client: WorkspaceClient) -> tuple[Run, ...]:
            listed = client.jobs.list_runs(job_id=job_id, limit=count, expand_tasks=True)
            return _understood(lambda: tuple(_run(run) for run in islice(listed, count)))

        return self._ask(ask)

    def _ask(self, ask: Callable[[WorkspaceClient], T]) -> T:
        """The answer, asked for once more with another token where the workspace does not take this one any more."""
        workspace = self._within_limits(self.workspace)
        token = self._within_limits(workspace.tokens.in_use)
        try:
            return self._within_limits(lambda: ask(workspace.client))
        except WorkspaceFailed as failure:
            if not isinstance(failure.__cause__, Unauthenticated):
                raise
            if self._within_limits(lambda: workspace.tokens.instead_of(token)) == token:
                raise
        return self._within_limits(lambda: ask(workspace.client))

    def _within_limits(self, call: Callable[[], T]) -> T:
        self.deadline.call()
        try:
            return call()
        except (DatabricksError, RequestException, TimeoutError) as error:
            raise WorkspaceFailed(f"{type(error).__name__}: {error}") from error


def _understood(read: Callable[[], T]) -> T:
    """What the SDK reads in an answer; of one that is not the Jobs API's it raises whatever Python makes of it.

    Such an answer says nothing of jobs and runs, whatever its status: a proxy's 404 is no run that was deleted.
    """
    try:
        return read()
    except DatabricksError as error:
        shown = _without_the_answer(error)
        if shown is error:
            raise
        raise WorkspaceFailed(f"{type(shown).__name__}: {shown}") from shown
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise WorkspaceFailed(
            f"the workspace answers with what is not the Jobs API's: {type(error).__name__}: {error}"
        ) from error


def _without_the_answer(error: Exception) -> Exception:
    """The error, or one of its class where the SDK could not read the answer, which it calls a likely bug of its own.

    A proxy's page is what mostly stands there; it says nothing about the SDK, and does not belong into a log.
    """
    # The SDK gives it no class: https://github.com/databricks/databricks-sdk-py, errors/parser.py.
    if isinstance(error, DatabricksError) and str(error).startswith("unable to parse response"):
        return type(error)("the answer is no error of the Jobs API: something else than the workspace has answered")
    return error


def _run(run: BaseRun) -> Run:
    return Run(
        run_id=int(run.run_id or 0),
        life_cycle=_life_cycle(run),
        started_at=_moment(run.start_time or 0),
        ended_at=_moment(run.end_time) if run.end_time else None,
        repaired=any(item.id for item in run.repair_history or ()),
        tasks=tuple(_task(task) for task in run.tasks or ()),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _task(task: RunTask) -> TaskRun:
    number = task.attempt_number or 0
    return TaskRun(task.task_key, _life_cycle(task), _has_succeeded(task), number, _was_cancelled(task))


def _life_cycle(run: BaseRun | GetRun | RunTask) -> str:
    """In the words of `state`; a workspace that has dropped that field says nearly the same in `status`."""
    if run.state and run.state.life_cycle_state:
        return run.state.life_cycle_state.value
    if run.status and run.status.state:
        return run.status.state.value
    return _UNKNOWN


def _was_cancelled(task: RunTask) -> bool:
    if task.state and task.state.result_state:
        return task.state.result_state in (RunResultState.CANCELED, RunResultState.UPSTREAM_CANCELED)
    details = task.status.termination_details if task.status else None
    return details is not None and details.code in (TerminationCodeCode.CANCELED, TerminationCodeCode.USER_CANCELED)


def _has_succeeded(task: RunTask) -> bool:
    if task.state and task.state.result_state:
        return task.state.result_state is RunResultState.SUCCESS
    details = task.status.termination_details if task.status else None
    return details is not None and details.code is TerminationCodeCode.SUCCESS

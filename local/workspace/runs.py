"""What a run is: frozen values, with states named as the Jobs API names them."""

from dataclasses import dataclass, replace
from enum import StrEnum

from local.workspace.documents import Parameters
from local.workspace.settings import JobSettings


class LifeCycle(StrEnum):
    """Where a run or a task stands."""

    QUEUED = "QUEUED"
    BLOCKED = "BLOCKED"
    PENDING = "PENDING"
    WAITING_FOR_RETRY = "WAITING_FOR_RETRY"
    RUNNING = "RUNNING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class Result(StrEnum):
    """How a run or a task ended."""

    SUCCESS = "SUCCESS"
    SUCCESS_WITH_FAILURES = "SUCCESS_WITH_FAILURES"
    FAILED = "FAILED"
    TIMEDOUT = "TIMEDOUT"
    CANCELED = "CANCELED"
    EXCLUDED = "EXCLUDED"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    UPSTREAM_CANCELED = "UPSTREAM_CANCELED"
    MAXIMUM_CONCURRENT_RUNS_REACHED = "MAXIMUM_CONCURRENT_RUNS_REACHED"


ended_states = frozenset({LifeCycle.TERMINATED, LifeCycle.SKIPPED, LifeCycle.INTERNAL_ERROR})
cancelled_results = frozenset({Result.CANCELED, Result.UPSTREAM_CANCELED})
failed_results = frozenset({Result.FAILED, Result.TIMEDOUT, Result.UPSTREAM_FAILED})


@dataclass(frozen=True)
class Attempt:
    """One try of one task: a task run of the API. Times are in milliseconds since 1970, 0 where they have not come.

    `attempt_number` counts all tries of the task in its run from 0; `repair_id` is 0 in the original run;
    `stopping_as` is what it ends as once its process is gone, while it is TERMINATING.
    """

    task_key: str
    run_id: int
    attempt_number: int
    repair_id: int
    life_cycle: LifeCycle
    result: Result | None = None
    stopping_as: Result | None = None
    message: str = ""
    start_time: int = 0
    end_time: int = 0
    error: str = ""
    error_trace: str = ""

    @property
    def ended(self) -> bool:
        """Whether the state is one that does not change any more."""
        return self.life_cycle in ended_states

    def end(self, result: Result, now: int, message: str = "") -> "Attempt":
        """Give the attempt as it is after ending with `result`."""
        return replace(self, life_cycle=LifeCycle.TERMINATED, result=result, end_time=now, message=message)


@dataclass(frozen=True)
class Repair:
    """One repair of a run: the same id stands in the attempts that it made."""

    repair_id: int
    start_time: int


@dataclass(frozen=True)
class Run:
    """A job run: the settings and parameters that it was started with, and every attempt of its tasks so far.

    `token` is the idempotency token of its run-now, empty without one; `began_at` is when it left the queue. `only` are
    the tasks that run-now named, empty for all of them. `submitted` is a run without a job, of runs/submit.
    """

    run_id: int
    job_id: int
    settings: JobSettings
    parameters: Parameters
    overridden: Parameters
    token: str
    start_time: int
    life_cycle: LifeCycle
    attempts: tuple[Attempt, ...]
    began_at: int = 0
    end_time: int = 0
    result: Result | None = None
    stopping_as: Result | None = None
    message: str = ""
    repairs: tuple[Repair, ...] = ()
    only: tuple[str, ...] = ()
    submitted: bool = False

    def includes(self, task_key: str) -> bool:
        """Whether the run was asked to run that task."""
        return not self.only or task_key in self.only

    @property
    def leaves(self) -> tuple[str, ...]:
        """The keys of those of its tasks that none of its others depends on: they decide its result."""
        own = [task for task in self.settings.tasks if self.includes(task.key)]
        inner = {key for task in own for key in task.depends_on}
        return tuple(task.key for task in own if task.key not in inner)

    @property
    def ended(self) -> bool:
        """Whether the state is one that only a repair changes."""
        return self.life_cycle in ended_states

    @property
    def queued_at(self) -> int:
        """When the run, or its last repair, came into the queue."""
        return self.repairs[-1].start_time if self.repairs else self.start_time

    @property
    def current(self) -> tuple[Attempt, ...]:
        """The latest attempt of each task, in the order of the job's tasks."""
        return tuple(self.latest(task.key) for task in self.settings.tasks)

    def latest(self, task_key: str) -> Attempt:
        """Give the latest attempt of a task."""
        return next(attempt for attempt in reversed(self.attempts) if attempt.task_key == task_key)

    def attempt(self, run_id: int) -> Attempt:
        """Give the attempt whose task run has that id."""
        return next(attempt for attempt in self.attempts if attempt.run_id == run_id)

    def having(self, changed: Attempt) -> "Run":
        """Give the run with that attempt in the place of the one with its id."""
        return replace(
            self,
            attempts=tuple(changed if attempt.run_id == changed.run_id else attempt for attempt in self.attempts),
        )

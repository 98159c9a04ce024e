"""A run of a feed's job, as far as it decides whether another is needed."""

from dataclasses import dataclass
from datetime import datetime

STAGE_LOAD = "stage_load"
TARGET_LOAD = "target_load"
REPORT = "report"

_NOT_BEGUN = frozenset({"QUEUED", "PENDING", "BLOCKED", "WAITING"})
OVER = frozenset({"TERMINATED", "SKIPPED", "INTERNAL_ERROR"})
_GOING_ON = _NOT_BEGUN | {"RUNNING"}


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One try of a task, in the words of the Jobs API; `attempt` counts from 0, across repairs too."""

    key: str
    life_cycle: str
    succeeded: bool
    attempt: int
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run and its tasks; no task begins before `started_at`, `ended_at` is None while it goes on."""

    run_id: int
    life_cycle: str
    started_at: datetime
    ended_at: datetime | None
    repaired: bool
    tasks: tuple[TaskRun, ...]

    @property
    def is_over(self) -> bool:
        return self.life_cycle in OVER

    @property
    def will_list_source(self) -> bool:
        """Whether stage_load is still to begin, and so will see every file that stands in source/ now.

        A retry or a repair may skip what an earlier try has done, so only a first attempt is sure to list. What
        is not known to wait counts as begun: a run too many costs little, one too few leaves a file behind.
        """
        tries = [task for task in self.tasks if task.key == STAGE_LOAD]
        return (
            self.life_cycle in _GOING_ON
            and not self.repaired
            and len(tries) == 1
            and tries[0].attempt == 0
            and tries[0].life_cycle in _NOT_BEGUN
        )

    @property
    def has_staged(self) -> bool:
        """Whether stage_load succeeded, in its last try."""
        return self._succeeded(STAGE_LOAD)

    @property
    def has_loaded(self) -> bool:
        """Whether both loads succeeded, each in its last try; what report thought of the files does not count."""
        return all(self._succeeded(key) for key in (STAGE_LOAD, TARGET_LOAD))

    @property
    def is_silenced(self) -> bool:
        """Whether report was cancelled: of what the run rejected nobody has heard, and no mail tells of its end."""
        report = self._last(REPORT)
        return report is not None and report.cancelled

    def _succeeded(self, key: str) -> bool:
        task = self._last(key)
        return task is not None and task.succeeded

    def _last(self, key: str) -> TaskRun | None:
        tries = (task for task in self.tasks if task.key == key)
        return max(tries, key=lambda task: task.attempt, default=None)

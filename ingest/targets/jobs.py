"""The job of each feed: its runs, and new ones."""

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from ingest.targets.errors import TargetError

if TYPE_CHECKING:
    from databricks.sdk.service.jobs import BaseRun, JobsAPI, RunTask
    from databricks.sdk.service.jobs import Run as GetRun

_LOOK_EVERY = 1.0
_PAGE = 24
"""As many as one answer of runs/list holds: https://docs.databricks.com/api/gcp/workspace/jobs/listruns#limit"""
_PAGES = 20
_ALONE = 10
"""As many feeds are asked for one by one before the runs of all are."""
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task of a run, its last attempt; `state` as of `Run`, `run_id` is the task run's."""

    key: str
    state: str
    run_id: int


@dataclass(frozen=True, slots=True)
class Run:
    """`state` is QUEUED, PENDING, RUNNING, TERMINATING … while it is under way, then its result: SUCCESS, FAILED,
    CANCELED, TIMEDOUT …; `ended` is None while it is under way.
    """

    run_id: int
    state: str
    started: datetime
    ended: datetime | None
    page: str
    tasks: tuple[TaskState, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    @property
    def is_well(self) -> bool:
        return self.state in ("SUCCESS", "SUCCESS_WITH_FAILURES")


@dataclass(frozen=True, slots=True)
class Jobs:
    """By feed. Every call has a timeout, and raises what the SDK raises: `ingest.targets.options` tells it."""

    api: "JobsAPI"
    ids: Mapping[str, int]
    host: str
    sleep: Callable[[float], None] = time.sleep

    def id_of(self, feed: str) -> int:
        """Raises TargetError for a feed without a job."""
        try:
            return self.ids[feed]
        except KeyError as error:
            there = ", ".join(self.ids) or "none"
            raise TargetError(f"the feed {feed} has no job there; those that have: {there}") from error

    def newest(self, feed: str, most: int = 1) -> list[Run]:
        """The feed's last runs, the newest first, without their tasks."""
        runs = self.api.list_runs(job_id=self.id_of(feed), limit=min(most, _PAGE))
        return [_run(run) for run in islice(runs, most)]

    def newest_of_all(self) -> list[tuple[str, Run]]:
        """The last runs of the workspace, as many as one answer holds, that are a feed's; each with its feed."""
        feeds = {job_id: feed for feed, job_id in self.ids.items()}
        runs = islice(self.api.list_runs(limit=_PAGE), _PAGE)
        return [(feeds[run.job_id], _run(run)) for run in runs if run.job_id in feeds]

    def last(self, feeds: Collection[str]) -> dict[str, Run]:
        """The last run of each of these feeds that has had one.

        Of many feeds the workspace's newest runs are read first, page by page: those of hundreds of feeds stand in a
        few. Only who is not among them is asked for alone.
        """
        asked = [feed for feed in feeds if feed in self.ids]
        found = self._among_the_newest(asked) if len(asked) > _ALONE else {}
        rest = [feed for feed in asked if feed not in found]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            alone = dict(zip(rest, pool.map(self.newest, rest), strict=True))
        known = {feed: run for feed, run in found.items() if run}
        return known | {feed: runs[0] for feed, runs in alone.items() if runs}

    def _among_the_newest(self, feeds: Collection[str]) -> dict[str, Run | None]:
        """Those of the feeds that have a run there; all of them, where the workspace has no others."""
        named = {self.ids[feed]: feed for feed in feeds}
        found: dict[str, Run | None] = {}
        left = _PAGE * _PAGES
        for run in islice(self.api.list_runs(limit=_PAGE), left):
            left -= 1
            if run.job_id in named:
                found.setdefault(named[run.job_id], _run(run))
            if len(found) == len(named):
                return found
        return dict.fromkeys(feeds) | found if left else found

    def run(self, run_id: int) -> Run:
        """A run with its tasks."""
        return _run(self.api.get_run(run_id))

    def run_of(self, feed: str, run_id: int) -> Run | None:
        """As `run`; None for one of another job, whose state and error are not the feed's."""
        run = self.api.get_run(run_id)
        return _run(run) if run.job_id == self.id_of(feed) else None

    def run_now(self, feed: str, operation: str = "", *, token: str, path: str = "") -> int:
        """Starts a run, or gives the id of the one that the same token (of at most 64 characters) started before."""
        parameters = {"operation": operation, "path": path}
        given = {name: value for name, value in parameters.items() if value}
        started = self.api.run_now(self.id_of(feed), job_parameters=given or None, idempotency_token=token)
        return int(started.bind()["run_id"])

    def wait(self, run_id: int, told: Callable[[Run], object] = lambda _: None) -> Run:
        """The run once it is over; `told` is called with it at each look, one a second."""
        while True:
            run = self.run(run_id)
            told(run)
            if run.is_over:
                return run
            self.sleep(_LOOK_EVERY)

    def error_of(self, run: Run) -> str:
        """The text of its failed task, the report's where that failed too: what people are told; empty if none did."""
        failed = [task for task in run.tasks if task.state not in ("SUCCESS", "SUCCESS_WITH_FAILURES", "EXCLUDED")]
        for task in sorted(failed, key=lambda task: task.key != "report"):
            text = self.api.get_run_output(task.run_id).error
            if text:
                return text
        return ""

    def why_failed(self, run: Run) -> str:
        """As `error_of`, but of a load that failed what it says itself: the report only names it."""
        loads = replace(run, tasks=tuple(task for task in run.tasks if task.key != "report"))
        return self.error_of(loads) or self.error_of(run)

    def said_by(self, run: Run) -> str:
        """What a run's failed tasks say, a load before the report; empty where none failed."""
        whole = self.run(run.run_id)
        return "\n".join(dict.fromkeys(filter(None, (self.why_failed(whole), self.error_of(whole)))))

    def page_of(self, feed: str, run_id: int) -> str:
        """The address of a run's page in the workspace."""
        return f"{self.host.rstrip('/')}/#job/{self.id_of(feed)}/run/{run_id}"


def _run(run: "BaseRun | GetRun") -> Run:
    over = run.end_time is not None and run.end_time > 0
    return Run(
        run_id=int(run.run_id or 0),
        state=_state(run),
        started=_moment(run.start_time or 0),
        ended=_moment(run.end_time or 0) if over else None,
        page=run.run_page_url or "",
        tasks=_last_attempts(run.tasks or []),
    )


def _last_attempts(tasks: "list[RunTask]") -> tuple[TaskState, ...]:
    newest = {task.task_key: task for task in sorted(tasks, key=lambda task: task.attempt_number or 0)}
    return tuple(TaskState(key, _state(task), int(task.run_id or 0)) for key, task in newest.items())


def _state(run: "BaseRun | GetRun | RunTask") -> str:
    """The result where there is one, else the life cycle."""
    if run.state is None:
        return "UNKNOWN"
    state = run.state.result_state or run.state.life_cycle_state
    return state.value if state else "UNKNOWN"


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)

"""A Jobs API for one process: runs that wait in a queue, tasks that begin when a history says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from function.errors import RunRefused
from function.runs import Run, TaskRun
from pipeline_jobs.operations.operation import Operation

KEYS = ("stage_load", "target_load", "report")
_RETRIES = {"stage_load": 1, "target_load": 1, "report": 0}
_ENDED = frozenset({"SUCCESS", "FAILED", "CANCELED", "UPSTREAM_FAILED"})
_RECENT = 24


@dataclass
class Try:
    """One try of a task; `result` is empty until it has one. `has_listed` is for tries that list source/."""

    key: str
    number: int
    life_cycle: str = "BLOCKED"
    result: str = ""
    has_listed: bool = False

    @property
    def is_to_list(self) -> bool:
        return not self.result and not self.has_listed

    def end(self, result: str) -> None:
        self.life_cycle, self.result = "TERMINATED", result

    def seen(self) -> TaskRun:
        """As a listing answers."""
        return TaskRun(self.key, self.life_cycle, self.result == "SUCCESS", self.number, self.result == "CANCELED")


@dataclass
class JobRun:
    """A run with all its tries; `mails` counts the notices of its failure."""

    run_id: int
    job_id: int
    path: str
    started_at: datetime
    queued: bool
    tries: list[Try]
    ended_at: datetime | None = None
    repaired: bool = False
    deleted: bool = False
    mails: int = 0
    operation: Operation | None = None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    def last(self, key: str) -> Try:
        return [one for one in self.tries if one.key == key][-1]

    def seen(self) -> Run:
        """As a listing answers."""
        life_cycle = "TERMINATED" if self.is_over else "QUEUED" if self.queued else "RUNNING"
        tasks = tuple(one.seen() for one in self.tries)
        return Run(self.run_id, life_cycle, self.started_at, self.ended_at, self.repaired, tasks)


@dataclass
class Workspace:
    """Jobs by their number, one active run each; a listing may be `behind` by so many changes."""

    now: Callable[[], datetime]
    runs: list[JobRun] = field(default_factory=list)
    _tokens: dict[str, int] = field(default_factory=dict)
    _listings: list[list[Run]] = field(default_factory=list)
    _job_of: dict[int, int] = field(default_factory=dict)

    # What the functions ask.

    def newest_run(self, job_id: int, behind: int = 0) -> Run | None:
        return next(self._found(job_id, behind), None)

    def recent_runs(self, job_id: int, behind: int = 0) -> tuple[Run, ...]:
        return tuple(islice(self._found(job_id, behind), _RECENT))

    def is_over(self, run_id: int) -> bool:
        run = self.get(run_id)
        return run.is_over or run.deleted

    def run_now(self, job_id: int, path: str, token: str, operation: Operation | None = None) -> int:
        if token in self._tokens:
            run = self.get(self._tokens[token])
            if run.deleted:
                raise RunRefused(f"the run {run.run_id} of this token was deleted")
            return run.run_id
        run_id = 100 + len(self.runs)
        queued = self.active(job_id) is not None
        tries = [Try(key, 0) for key in KEYS]
        tries[0].life_cycle = "BLOCKED" if queued else "PENDING"
        self.runs.append(JobRun(run_id, job_id, path, self._moment(), queued, tries, operation=operation))
        self._tokens[token] = run_id
        self._job_of[run_id] = job_id
        self._changed()
        return run_id

    # What a history does.

    def get(self, run_id: int) -> JobRun:
        return next(run for run in self.runs if run.run_id == run_id)

    def active(self, job_id: int) -> JobRun | None:
        """The run that goes on; others wait for its end."""
        return next((run for run in self.of(job_id) if not run.is_over and not run.queued), None)

    def of(self, job_id: int) -> list[JobRun]:
        return [run for run in self.runs if run.job_id == job_id]

    def next_task(self, run: JobRun) -> Try | None:
        """What may begin now; a task that failed with tries left is tried again first."""
        return next((one for one in run.tries if one.life_cycle == "PENDING"), None)

    def begin(self, task: Try) -> None:
        task.life_cycle = "RUNNING"
        self._changed()

    def end(self, run: JobRun, task: Try, result: str) -> None:
        """Enters the result, and what follows from it for the other tasks and for the run."""
        if run.is_over:
            return  # cancelled meanwhile
        task.end(result)
        tries = [one for one in run.tries if one.key == task.key]
        if result == "FAILED" and self._may_retry(run, task.key, len(tries)):
            run.tries.append(Try(task.key, task.number + 1, "PENDING"))
        else:
            self._follow(run)
        self._changed()

    def cancel(self, run: JobRun) -> None:
        for task in run.tries:
            if task.result == "":
                task.end("CANCELED")
        self._close(run)

    def repair(self, run: JobRun) -> None:
        """What did not succeed is done again, and report after it."""
        run.repaired, run.ended_at = True, None
        run.queued = any(not other.is_over and not other.queued for other in self.of(run.job_id) if other is not run)
        failed = [key for key in KEYS[:2] if run.last(key).result != "SUCCESS"]
        for key in (*failed, "report"):
            run.tries.append(Try(key, run.last(key).number + 1))
        if not run.queued:
            self._follow(run)
        self._changed()

    def delete(self, run: JobRun) -> None:
        run.deleted = True
        self._changed()

    def _may_retry(self, run: JobRun, key: str, tries: int) -> bool:
        repairs = 1 if run.repaired else 0
        return tries <= _RETRIES[key] + repairs

    def _follow(self, run: JobRun) -> None:
        """The first task that may begin, or the end of the run."""
        for task in run.tries:
            if task.life_cycle != "BLOCKED":
                continue
            if task.key == "stage_load":
                task.life_cycle = "PENDING"
            elif task.key == "target_load" and run.last("stage_load").result != "SUCCESS":
                if run.last("stage_load").result in _ENDED:
                    task.end("UPSTREAM_FAILED")
            elif task.key == "target_load" or run.last("target_load").result in _ENDED:
                task.life_cycle = "PENDING"
            if task.life_cycle == "PENDING":
                return
        if all(run.last(key).result for key in KEYS):
            self._close(run)

    def _close(self, run: JobRun) -> None:
        run.ended_at = self._moment()
        results = [run.last(key).result for key in KEYS]
        run.mails += "FAILED" in results
        waiting = next((other for other in self.of(run.job_id) if other.queued and not other.is_over), None)
        if waiting is not None and self.active(run.job_id) is None:
            waiting.queued = False
            self._follow(waiting)
        self._changed()

    def _moment(self) -> datetime:
        """To the millisecond, as the Jobs API tells it."""
        moment = self.now()
        return datetime.fromtimestamp(int(moment.timestamp() * 1000) / 1000, UTC)

    def _changed(self) -> None:
        self._listings.append([run.seen() for run in reversed(self.runs) if not run.deleted])

    def _found(self, job_id: int, behind: int) -> Iterator[Run]:
        at = len(self._listings) - 1 - behind
        for run in self._listings[at] if at >= 0 else []:
            if self._job_of[run.run_id] == job_id:
                yield run

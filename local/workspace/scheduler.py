"""Runs of jobs: starts what may start, waits for what runs, and keeps every change on disk before the next."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from local.workspace import progress
from local.workspace.arguments import command_line
from local.workspace.identifiers import Identifiers
from local.workspace.notices import Notice, notice_of
from local.workspace.processes import TaskProcess, TaskProcesses
from local.workspace.records import Records
from local.workspace.runs import Attempt, LifeCycle, Result, Run
from local.workspace.task import Work
from local.workspace.timers import Timers


@dataclass(frozen=True)
class Hooks:
    """What the owner wants to hear: each notice, and each attempt before it starts (task key, task run id)."""

    on_notice: Callable[[Notice], object]
    before_task: Callable[[str, int], object]


class Scheduler:
    """All runs of the workspace, and the threads that wait for their tasks, one for each."""

    def __init__(self, records: Records, processes: TaskProcesses, ids: Identifiers, hooks: Hooks) -> None:
        self._records = records
        self._processes = processes
        self._ids = ids
        self._hooks = hooks
        self._changed = threading.Condition()
        self._runs: dict[int, Run] = {}
        self._working: dict[int, TaskProcess] = {}
        self._timers = Timers()
        self._threads: set[threading.Thread] = set()
        self._outbox: list[Notice] = []
        self._undelivered = 0
        self._depth = 0
        self._open = False

    def open(self) -> None:
        """Read the runs of the last time; those that were active then ended with their workspace."""
        with self._changes():
            self._runs = {run.run_id: run for run in self._records.runs()}
            for run in [run for run in self._runs.values() if not run.ended]:
                self._enter(progress.lost(run, self._ids.now()))
            self._open = True

    def close(self) -> None:
        """End every task; what was active stays so on disk, as after a death."""
        with self._changed:
            self._open = False
            self._timers.cancel_all()
            for process in self._working.values():
                process.kill()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def runs(self) -> tuple[Run, ...]:
        """Give all runs, the newest first."""
        with self._changed:
            return tuple(reversed(self._runs.values()))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nothing happen between what the caller reads and what it enters."""
        with self._changes():
            yield

    def enter(self, run: Run) -> None:
        """Take a new or a repaired run, QUEUED: start it, leave it in the queue, or skip it."""
        with self._changes():
            self._enter(run)
            others = [other for other in self._of_job(run.job_id) if other.run_id != run.run_id]
            full = len([other for other in others if other.life_cycle is not LifeCycle.QUEUED])
            if full < run.settings.max_concurrent_runs:
                self._begin(run)
            elif not run.settings.queue_enabled:
                self._enter(progress.skipped(run, self._ids.now()))

    def stop(self, run: Run, task_keys: Sequence[str] = ()) -> None:
        """Cancel a run, or only those of its tasks."""
        self._stop(run.run_id, Result.CANCELED, task_keys)

    def forget(self, run: Run) -> None:
        """Delete an ended run."""
        with self._changes():
            self._records.drop_run(self._runs.pop(run.run_id))

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until no run is active and every notice is delivered; False if that takes longer than `timeout` s."""
        with self._changed:
            return self._changed.wait_for(self._idle, timeout)

    def _idle(self) -> bool:
        return not self._undelivered and all(run.ended for run in self._runs.values())

    @contextmanager
    def _changes(self) -> Iterator[None]:
        """Hold the lock, and deliver the notices of what was changed only when it is free again."""
        with self._changed:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            outbox: list[Notice] = []
            if not self._depth:
                outbox, self._outbox = self._outbox, outbox
        for notice in outbox:
            self._deliver(notice)

    def _deliver(self, notice: Notice) -> None:
        try:
            self._hooks.on_notice(notice)
        finally:
            with self._changed:
                self._undelivered -= 1
                self._changed.notify_all()

    def _of_job(self, job_id: int) -> list[Run]:
        return [run for run in self._runs.values() if run.job_id == job_id and not run.ended]

    def _enter(self, run: Run) -> None:
        """Keep a run's new state, start what has become PENDING in it, and follow up on its end."""
        before = self._runs.get(run.run_id)
        self._runs[run.run_id] = run
        self._records.keep_run(run)
        known = {attempt.run_id: attempt.life_cycle for attempt in before.attempts} if before else {}
        for attempt in run.attempts:
            if attempt.life_cycle is not known.get(attempt.run_id):
                self._act(run, attempt)
        if run.ended and before is not None and not before.ended:
            self._follow(run)
        self._changed.notify_all()

    def _act(self, run: Run, attempt: Attempt) -> None:
        if attempt.life_cycle is LifeCycle.PENDING:
            thread = threading.Thread(target=self._perform, args=(run.run_id, attempt.run_id), daemon=True)
            self._threads.add(thread)
            thread.start()
        elif attempt.life_cycle is LifeCycle.TERMINATING:
            self._working[attempt.run_id].kill()
        elif attempt.life_cycle is LifeCycle.WAITING_FOR_RETRY:
            seconds = (progress.retry_due(run, attempt) - self._ids.now()) / 1000
            self._timers.start(attempt.run_id, seconds, partial(self._retry, run.run_id, attempt.run_id))

    def _follow(self, run: Run) -> None:
        self._timers.cancel(run.run_id)
        notice = notice_of(run)
        if notice is not None:
            self._records.keep_notice(notice)
            self._outbox.append(notice)
            self._undelivered += 1
        queued = [other for other in self._of_job(run.job_id) if other.life_cycle is LifeCycle.QUEUED]
        running = len(self._of_job(run.job_id)) - len(queued)
        if self._open and queued and running < queued[0].settings.max_concurrent_runs:
            self._begin(min(queued, key=lambda other: other.queued_at))

    def _begin(self, run: Run) -> None:
        if run.settings.timeout_seconds:
            stop = partial(self._stop, run.run_id, Result.TIMEDOUT, ())
            self._timers.start(run.run_id, run.settings.timeout_seconds, stop)
        self._enter(progress.begin(run, self._ids.now()))

    def _retry(self, run_id: int, attempt_id: int) -> None:
        with self._changes():
            run = self._runs.get(run_id)
            if self._open and run and run.attempt(attempt_id).life_cycle is LifeCycle.WAITING_FOR_RETRY:
                self._enter(progress.retried(run, attempt_id))

    def _stop(self, run_id: int, as_result: Result, task_keys: Sequence[str]) -> None:
        with self._changes():
            run = self._runs.get(run_id)
            if self._open and run and not run.ended:
                self._enter(progress.stopped(run, as_result, self._ids.now(), task_keys))

    def _perform(self, run_id: int, attempt_id: int) -> None:
        """Run one attempt to its end, in a thread of its own."""
        try:
            attempt = self._runs[run_id].attempt(attempt_id)
            self._hooks.before_task(attempt.task_key, attempt_id)
            process = self._launch(run_id, attempt_id)
            if process is not None:
                task = self._runs[run_id].settings.task(attempt.task_key)
                self._finish(run_id, attempt_id, process.wait(task.timeout_seconds))
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _launch(self, run_id: int, attempt_id: int) -> TaskProcess | None:
        with self._changes():
            run = self._runs[run_id]
            attempt = run.attempt(attempt_id)
            if not self._open or attempt.life_cycle is not LifeCycle.PENDING:
                return None
            task = run.settings.task(attempt.task_key)
            log = self._records.log(attempt_id)
            arguments = command_line(run, attempt)
            work = Work(attempt_id, task.package_name, task.entry_point, arguments, str(log), f"{log}.failure")
            process = self._processes.start(work)
            self._working[attempt_id] = process
            self._enter(progress.launched(run, attempt_id, self._ids.now()))
            return process

    def _finish(self, run_id: int, attempt_id: int, ending: progress.Ending) -> None:
        with self._changes():
            del self._working[attempt_id]
            if self._open:
                run = self._runs[run_id]
                self._enter(progress.finished(run, attempt_id, ending, self._ids.now(), self._ids.new))

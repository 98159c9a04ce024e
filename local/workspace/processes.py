"""Processes that run tasks: started fresh, warm before they are needed, each for one task."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from local.workspace import task
from local.workspace.progress import Ending
from local.workspace.runs import Result
from local.workspace.task import Work

_repository = Path(__file__).resolve().parents[2]


class TaskProcess:
    """A process that does one piece of work, in a process group of its own."""

    def __init__(self, process: subprocess.Popen[str], work: Work) -> None:
        self._process = process
        self._work = work

    def wait(self, timeout_seconds: int) -> Ending:
        """Wait until the work ends, or kill it after that time (0: none), and say how it ended."""
        try:
            code = self._process.wait(timeout_seconds or None)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
            return Ending(Result.TIMEDOUT, f"The task ran longer than its timeout of {timeout_seconds} s.")
        finally:
            # What the task started in the background ends with it, as it does with a job's compute.
            _kill_group(self._process)
            _close(self._process)
        return Ending(Result.SUCCESS) if code == 0 else self._failure(code)

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._process.poll() is None:
            _kill_group(self._process)

    def _failure(self, code: int) -> Ending:
        report = Path(self._work.failure)
        if report.exists():
            return Ending(Result.FAILED, **json.loads(report.read_text()))
        cause = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return Ending(Result.FAILED, f"The task's process {cause}.")


class TaskProcesses:
    """Starts task processes; `spares` of them stand ready, with the modules of `preload` imported.

    `environment` is all that they have of one; `log` takes what spares write before they have work. `python` is
    the interpreter of another environment, which then must hold all that tasks import; None is this one.
    """

    def __init__(
        self, environment: Mapping[str, str], preload: Sequence[str], spares: int, log: Path, python: Path | None
    ) -> None:
        # By its path and without the script's folder (-P), so that tasks import what is installed and nothing from
        # the folder that they happen to be started in. Another environment is closed to PYTHONPATH as well (-I).
        interpreter = [sys.executable, "-P"] if python is None else [str(python), "-I"]
        self._command = [*interpreter, "-u", task.__file__, *preload]
        self._environment = dict(environment)
        self._count = spares
        self._log = log
        self._lock = threading.Lock()
        self._spares: list[subprocess.Popen[str]] = []
        self._open = False

    def open(self) -> None:
        """Start the spares."""
        with self._lock:
            self._open = True
        self.refill()

    def refill(self) -> None:
        """Start as many spares as are missing."""
        with self._lock:
            while self._open and len(self._spares) < self._count:
                self._spares.append(self._spawn())

    def close(self) -> None:
        """End the spares, and start none any more. Processes at work are their owners' to end."""
        with self._lock:
            self._open = False
            spares, self._spares = self._spares, []
        for spare in spares:
            _kill_group(spare)
            spare.wait()
            _close(spare)

    def start(self, work: Work) -> TaskProcess:
        """Hand work to a spare, or to a new process where none is alive; `refill` is the caller's next step."""
        while True:
            process = self._take()
            if _hand_over(process, work):
                return TaskProcess(process, work)
            process.wait()
            _close(process)

    def _take(self) -> subprocess.Popen[str]:
        with self._lock:
            while self._spares:
                spare = self._spares.pop(0)
                if spare.poll() is None:
                    return spare
                _close(spare)
        return self._spawn()

    def _spawn(self) -> subprocess.Popen[str]:
        with self._log.open("a") as log:
            return subprocess.Popen(  # noqa: S603 - the interpreter and module names that the owner chose
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=_repository,
                env=self._environment,
                start_new_session=True,
                text=True,
            )


def _hand_over(process: subprocess.Popen[str], work: Work) -> bool:
    if process.stdin is None:
        return False
    try:
        process.stdin.write(json.dumps(asdict(work)) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return False
    return True


def _kill_group(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _close(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        try:
            process.stdin.close()
        except BrokenPipeError:
            return

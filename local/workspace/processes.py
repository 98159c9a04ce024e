"""Processes that run tasks: each fresh and for one task, forked where its modules are imported already."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from local.workspace import task
from local.workspace.progress import Ending
from local.workspace.runs import Result
from local.workspace.task import Event, Work

_repository = Path(__file__).resolve().parents[2]


class TaskProcess:
    """A process that does one piece of work, in a process group of its own."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._group: int | None = None
        self._is_killed = False
        self._code = 0
        self._ended = threading.Event()

    def wait(self, timeout_seconds: int) -> Ending:
        """Wait until the work ends, or kill it after that time (0: none), and say how it ended."""
        if not self._ended.wait(timeout_seconds or None):
            self.kill()
            self._ended.wait()
            return Ending(Result.TIMEDOUT, f"The task ran longer than its timeout of {timeout_seconds} s.")
        return Ending(Result.SUCCESS) if self._code == 0 else self._failure()

    def kill(self) -> None:
        """End the process and all that it started, at once, or as soon as there is one."""
        with self._lock:
            self._is_killed = True
            if not self._ended.is_set():
                self._kill_group()

    def started(self, process: int) -> None:
        """Take note of the process' id, which is its group's."""
        with self._lock:
            self._group = process
            if self._is_killed:
                self._kill_group()

    def ended(self, code: int) -> None:
        """Take note of its exit code, the negative number of the signal that killed it."""
        with self._lock:
            # What the task started in the background ends with it, as it does with a job's compute.
            self._kill_group()
            self._code = code
            self._ended.set()

    def _kill_group(self) -> None:
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError):  # all of it has ended already
                os.killpg(self._group, signal.SIGKILL)

    def _failure(self) -> Ending:
        report = Path(self._work.failure)
        if report.exists():
            return Ending(Result.FAILED, **json.loads(report.read_text()))
        killed = f"was killed by {signal.Signals(-self._code).name}" if self._code < 0 else None
        return Ending(Result.FAILED, f"The task's process {killed or f'ended with exit code {self._code}'}.")


class TaskProcesses:
    """Starts task processes from a server that has the modules of `preload` imported.

    `environment` is all that they have of one; `log` takes what is written before there is work. `python` is the
    interpreter of another environment, which then must hold all that tasks import; None is this one.
    """

    def __init__(self, environment: Mapping[str, str], preload: Sequence[str], log: Path, python: Path | None) -> None:
        # By its path and without the script's folder (-P), so that tasks import what is installed and nothing from
        # the folder that they happen to be started in. Another environment is closed to PYTHONPATH as well (-I).
        interpreter = [sys.executable, "-P"] if python is None else [str(python), "-I"]
        self._command = [*interpreter, "-u", task.__file__, *preload]
        self._environment = dict(environment)
        self._log = log
        self._lock = threading.Lock()
        self._server: _ForkServer | None = None

    def open(self) -> None:
        """Start the server, which imports before there is work."""
        with self._lock:
            self._server = self._started()

    def close(self) -> None:
        """End the server, and with it every process that still works."""
        with self._lock:
            if self._server is not None:
                self._server.close()

    def start(self, work: Work) -> TaskProcess:
        """Begin the work, on a new server where the last one has died."""
        with self._lock:
            if self._server is None or self._server.is_over:
                self._server = self._started()
            return self._server.start(work)

    def _started(self) -> "_ForkServer":
        with self._log.open("a") as log:
            server = subprocess.Popen(  # noqa: S603 - the interpreter and module names that the owner chose
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=_repository,
                env=self._environment,
                start_new_session=True,
            )
        return _ForkServer(server)


class _ForkServer:
    """The workspace's end of a process that forks for each piece of work (`task.ForkServer` is the other one)."""

    def __init__(self, server: "subprocess.Popen[bytes]") -> None:
        self._server = server
        self._lock = threading.Lock()
        self._working: dict[int, TaskProcess] = {}
        self._is_over = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def is_over(self) -> bool:
        """Whether it starts nothing any more, because it has died or is closed."""
        return self._is_over

    def start(self, work: Work) -> TaskProcess:
        """Hand work over; where the server has just died, the process has ended as it did."""
        process = TaskProcess(work)
        with self._lock:
            if self._is_over:
                process.ended(self._code())
                return process
            self._working[work.number] = process
            with contextlib.suppress(BrokenPipeError):  # `_listen` ends what no server will start
                _pipe(self._server.stdin).write(json.dumps(asdict(work)).encode() + b"\n")
                _pipe(self._server.stdin).flush()
        return process

    def close(self) -> None:
        """End it, and wait until it has; its forks notice by themselves."""
        with self._lock:
            self._take_no_more()
        self._listener.join()

    def _take_no_more(self) -> None:
        self._is_over = True
        with contextlib.suppress(BrokenPipeError):  # what could not be written has no reader any more
            _pipe(self._server.stdin).close()

    def _listen(self) -> None:
        with _pipe(self._server.stdout) as events:
            for line in events:
                self._take(Event(**json.loads(line)))
        self._server.wait()
        with self._lock:
            self._take_no_more()
            lost = list(self._working.values())
            self._working.clear()
        for process in lost:
            process.ended(self._code())

    def _take(self, event: Event) -> None:
        if event.code is None:
            with self._lock:
                process = self._working[event.number]
            process.started(event.process)
        else:
            with self._lock:
                process = self._working.pop(event.number)
            process.ended(event.code)

    def _code(self) -> int:
        return self._server.returncode or -signal.SIGKILL


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise ValueError("the server was started without its pipes")
    return end

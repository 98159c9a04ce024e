"""Processes of tasks: `python …/task.py MODULE …` imports the modules, then has a process for each piece of work.

It runs in whatever environment tasks have, and so imports nothing but the standard library.

Work is one JSON line on stdin, and its process a fork of this one, so that what is slow to import is imported once.
Each start and each end of a process is one JSON line on stdout. Where this process dies, or the workspace, which shows
as the end of stdin, every task ends with all that it started. (Linux' parent death signal would not do: it is sent when
the starting *thread* ends.)
"""

import contextlib
import gc
import importlib
import importlib.metadata
import json
import logging
import os
import selectors
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn


@dataclass(frozen=True)
class Work:
    """An entry point to run, with its arguments, and the files that its output and its failure go to.

    Events name it by `number`.
    """

    number: int
    package_name: str
    entry_point: str
    arguments: tuple[str, ...]
    log: str
    failure: str

    @classmethod
    def parse(cls, line: bytes) -> "Work":
        """Read the JSON line that the workspace wrote."""
        content = json.loads(line)
        return cls(**content | {"arguments": tuple(content["arguments"])})


@dataclass(frozen=True)
class Event:
    """A process of that id has started on the work of that number, or has ended with an exit code as Popen's."""

    number: int
    process: int
    code: int | None = None


def main() -> int:
    """Import what the command line names and fork for each piece of work; 0 once no more is to come."""
    # What is printed has nothing to do with the events, which keep their descriptor for themselves.
    events = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "linux":  # elsewhere what is imported may not survive a fork, so that each task imports its own
        for name in sys.argv[1:]:
            _preload(name)
        # What forks share they need not search for garbage: that would write to each of its pages.
        gc.freeze()
    work = ForkServer(events).work()
    if work is not None:
        _write_to(Path(work.log))
        _leave_with(_perform(work))
    return 0


def _leave_with(code: int) -> NoReturn:
    """End a fork as multiprocessing ends its own, once its threads have ended and everything is written.

    The interpreter's way out would take all modules apart one by one, and so write to every page that the fork shares:
    several times what a small task costs, before anybody hears that it has ended.
    """
    # Not by joining them: pools have threads that end only when they are told of the end.
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - as multiprocessing does; nothing public does it
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class ForkServer:
    """Forks for each line of stdin, and writes what becomes of the processes to the descriptor `events`."""

    def __init__(self, events: int) -> None:
        self._events = events
        self._life, self._until_death = os.pipe()
        """Nobody ever writes to it: its reading end closes when this process ends, however it does."""
        self._ended, self._wakeup = os.pipe()
        os.set_blocking(self._ended, False)
        os.set_blocking(self._wakeup, False)
        self._begun = b""
        """The start of a line whose end is still to come."""
        self._numbers: dict[int, int] = {}
        """Of the work of each process that runs."""

    def work(self) -> Work | None:
        """What this process is to do, in a fork; None in the process itself, once stdin has ended."""
        signal.set_wakeup_fd(self._wakeup)
        signal.signal(signal.SIGCHLD, _is_heard_by_the_wakeup)
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._ended in ready:
                    self._reap()
                if 0 in ready:
                    received = os.read(0, 1 << 16)
                    if not received:
                        return None
                    for work in self._read(received):
                        if self._fork(work):
                            return work

    def _read(self, received: bytes) -> list[Work]:
        *lines, self._begun = (self._begun + received).split(b"\n")
        return [Work.parse(line) for line in lines]

    def _fork(self, work: Work) -> bool:
        """True in the new process, which leads a group of its own from its first moment on."""
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            self._leave()
            return True
        with contextlib.suppress(PermissionError, ProcessLookupError):  # it has done so itself, or ended already
            os.setpgid(process, process)
        self._numbers[process] = work.number
        self._tell(Event(work.number, process))
        return False

    def _leave(self) -> None:
        """Let go of everything that is the server's, in a fork of it; from now on it ends when the server does."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (self._events, self._until_death, self._ended, self._wakeup):
            os.close(descriptor)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        threading.Thread(target=_end_with, args=(self._life,), daemon=True).start()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._ended, 1 << 16)
        for process, number in list(self._numbers.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del self._numbers[process]
                self._tell(Event(number, process, os.waitstatus_to_exitcode(status)))

    def _tell(self, event: Event) -> None:
        os.write(self._events, json.dumps(asdict(event)).encode() + b"\n")


def _is_heard_by_the_wakeup(_number: int, _frame: object) -> None:
    """Handles SIGCHLD, which without a handler would not be heard at all."""


def _end_with(life: int) -> None:
    os.read(life, 1)
    os.killpg(0, signal.SIGKILL)


def _preload(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 - only a head start: a task that needs the module fails by itself, in its own log
        sys.stderr.write(f"{name} cannot be imported ahead of work:\n{traceback.format_exc()}")


def _write_to(log: Path) -> None:
    """Send stdout and stderr of this process, and of those that it starts, to the log."""
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _perform(work: Work) -> int:
    sys.argv = [work.package_name, *work.arguments]
    try:
        entry_point(work.package_name, work.entry_point)()
    except SystemExit as leaving:
        if leaving.code in (None, 0):
            return 0
        _report(work, leaving)
    except BaseException as error:  # noqa: BLE001 - the top of the process: whatever a task raises is its result
        _report(work, error)
    else:
        return 0
    return 1


def entry_point(package_name: str, name: str) -> Callable[[], object]:
    """Find an entry point in the metadata of a distribution, or else the function of a package of that name.

    The order is that of the Jobs API's python_wheel_task. Raises ModuleNotFoundError or AttributeError for neither.
    """
    try:
        for found in importlib.metadata.distribution(package_name).entry_points.select(name=name):
            loaded: Callable[[], object] = found.load()
            return loaded
    except importlib.metadata.PackageNotFoundError:
        sys.stderr.write(f"No distribution is named {package_name}; looking for a package.\n")
    function: Callable[[], object] = getattr(importlib.import_module(package_name), name)
    return function


def _report(work: Work, error: BaseException) -> None:
    """Write the exception to the log, as Python does, and where the workspace looks for it."""
    # The first frame is this module's own.
    inner = error.__traceback__.tb_next if error.__traceback__ else None
    trace = "".join(traceback.format_exception(type(error), error, inner))
    sys.stderr.write(trace)
    text = "".join(traceback.format_exception_only(error)).strip()
    Path(work.failure).write_text(json.dumps({"error": text, "error_trace": trace}))


if __name__ == "__main__":
    sys.exit(main())

"""The process of one task: `python …/task.py MODULE …` imports the modules, then waits for work.

It runs in whatever environment the task has, and so imports nothing but the standard library.

The work is one JSON line on stdin; when stdin closes, the process ends with all that it started, because then the
workspace is gone. (Linux' parent death signal would not do: it is sent when the starting *thread* ends.)
"""

import importlib
import importlib.metadata
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """An entry point to run, with its arguments, and the files that its output and its failure go to."""

    package_name: str
    entry_point: str
    arguments: tuple[str, ...]
    log: str
    failure: str

    @classmethod
    def parse(cls, line: str) -> "Work":
        """Read the JSON line that the workspace wrote."""
        content = json.loads(line)
        return cls(**content | {"arguments": tuple(content["arguments"])})


def main() -> int:
    """Import what the command line names, wait for work, do it; 0 if it succeeded or none came."""
    for name in sys.argv[1:]:
        _preload(name)
    line = sys.stdin.readline()
    if not line:
        return 0
    work = Work.parse(line)
    _leave_with_the_workspace()
    _write_to(Path(work.log))
    return _perform(work)


def _preload(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 - only a head start: a task that needs the module fails by itself, in its own log
        sys.stderr.write(f"{name} cannot be imported ahead of work:\n{traceback.format_exc()}")


def _leave_with_the_workspace() -> None:
    """Watch stdin on a descriptor of its own, and give the task an empty one."""
    stdin = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch() -> None:
        while os.read(stdin, 1024):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


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

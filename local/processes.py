"""The stack's own child processes: started with a log file, awaited, ended."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import urllib3

from local import child
from local.errors import ChildEnded, NotReadyInTime, PortInUse

_LAST_WORDS = 2_000  # bytes at the end of a log that may hold the reason


class ChildProcess:
    """One command in a session of its own, its output in a file; it ends when this process does.

    `patience` is how long it has to end by itself once it is asked to, in seconds.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, patience: float = 10.0
    ) -> None:
        self.name = name
        self._patience = patience
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  # the stack's own command
                [sys.executable, "-S", "-E", child.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Returns once `ready` says so; raises ChildEnded or NotReadyInTime, in seconds."""
        deadline = time.monotonic() + timeout
        while not ready():
            if self._process.poll() is not None:
                raise ChildEnded(self.name, self.log, self._last_words())
            if time.monotonic() > deadline:
                raise NotReadyInTime(self.name, timeout, self.log)
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the process that the command, and all that it starts, is a child of."""
        return self._process.pid

    def exit_code(self) -> int:
        """Returns once it has ended, by itself or not: its code as a shell says it, 137 after kill -9."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def end(self) -> None:
        """Asks the process to end; `wait` for it afterwards."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()

    def wait(self) -> None:
        """Returns once the process is gone, with force if it must be."""
        self.end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._patience)
        with contextlib.suppress(ProcessLookupError):  # what it started itself, too
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _last_words(self) -> str:
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _LAST_WORDS))
            lines = file.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def free_ports(first: int, count: int) -> tuple[int, ...]:
    """So many ports in a row that nobody listens on (0: any free ones); raises PortInUse."""
    with contextlib.ExitStack() as open_together:
        return tuple(_probe(first + n if first else 0, open_together) for n in range(count))


def _probe(port: int, open_together: contextlib.ExitStack) -> int:
    probe = open_together.enter_context(socket.socket())
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise PortInUse(port) from error
    return int(probe.getsockname()[1])


def accepts_connections(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serves_functions(url: str) -> bool:
    """Whether functions-framework answers there: it has a route of its own that calls no function."""
    try:
        urllib3.request("GET", f"{url}/robots.txt", headers={"connection": "close"}, retries=False, timeout=2.0)
    except urllib3.exceptions.HTTPError:
        return False
    return True

"""`ingest board` over a stack, in a process of its own: this package knows nothing of `ingest`."""

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from local.environment import of_children
from local.processes import ChildProcess, accepts_connections, free_ports
from local.stack import Stack

_START_WITHIN = 60.0


class Board:
    """The pages of a running stack, from entering to leaving; `port` 0 takes a free one.

    Entering raises PortInUse. It reads contracts as it starts: `look` starts it anew where the stack has taken others.
    """

    def __init__(self, stack: Stack, environment: Mapping[str, str], port: int = 0) -> None:
        self._stack = stack
        self._environment = environment
        self._port = port
        self._contracts = ""
        self._child: ChildProcess | None = None

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://127.0.0.1:{self._port}/"

    def wait(self) -> None:
        """Returns once it answers; raises ChildEnded, NotReadyInTime."""
        if self._child is not None:
            self._child.wait_until(lambda: accepts_connections(self._port), _START_WITHIN)

    def look(self) -> None:
        """For who looks again and again."""
        if self._stack.running.contracts != self._contracts:
            self._end()
            self._start()

    def __enter__(self) -> Self:
        [self._port] = free_ports(self._port, 1)
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self) -> None:
        settings = self._stack.settings
        options = ("--target", "local", "--root", str(settings.root), "--port", str(self._port), "--allow-uploads")
        command = [sys.executable, "-m", "ingest", "board", *options]
        environment = of_children(self._environment, settings.home)
        self._contracts = self._stack.running.contracts
        self._child = ChildProcess("board", command, environment, settings.logs / "board.log")

    def _end(self) -> None:
        if self._child is not None:
            self._child.wait()
            self._child = None

"""Keeps one process of the stack alive: whenever it has ended, it is started anew, until the stack is closed."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.processes import ChildProcess

log = logging.getLogger(__name__)

PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each new start in a row, the last for ever: what cannot live must not keep the machine busy."""
LONG_ENOUGH = 60.0
"""Seconds after which a process has proved that it can live: its death is the first of a row again."""


@dataclass(frozen=True, slots=True)
class Death:
    """A process ended unasked: `code` as a shell says it, `pause` in seconds until its next start."""

    name: str
    code: int
    log: Path
    pause: float

    def __str__(self) -> str:
        when = f"in {self.pause:g} s" if self.pause else "at once"
        return f"the {self.name} ended with exit code {self.code}, see {self.log}; it is started anew {when}"


class Supervisor:
    """Watches a child that runs already, and starts its successors by `start`; `on_death` hears of each death."""

    def __init__(
        self,
        child: ChildProcess,
        start: Callable[[], ChildProcess],
        *,
        on_death: Callable[[Death], object],
        pauses: Sequence[float] = PAUSES,
        long_enough: float = LONG_ENOUGH,
    ) -> None:
        self._child: ChildProcess | None = child
        self._start_child = start
        self._on_death = on_death
        self._pauses = pauses
        self._long_enough = long_enough
        self._in_a_row = 0
        self._ending = threading.Event()
        self._lock = threading.Lock()  # nobody starts a child while somebody decides that it was the last
        self._thread = threading.Thread(target=self._watch, args=(child,), name=f"keeps-{child.name}", daemon=True)

    def start(self) -> None:
        """From now on the child is kept alive; before, its death is for who waits until it is ready."""
        self._thread.start()

    def end(self) -> None:
        """It is not started anew any more; `stop` afterwards."""
        self._ending.set()

    def stop(self) -> None:
        """Returns once the child, and one whose start was under way, is gone."""
        self.end()
        with self._lock:
            child = self._child
        if child is not None:
            child.wait()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self, child: ChildProcess) -> None:
        successor: ChildProcess | None = child
        while successor is not None:
            began = time.monotonic()
            code = successor.exit_code()
            with self._lock:
                if self._ending.is_set():
                    return
                successor.wait()  # what it started itself goes too: it would keep the port
                self._child = None
            if time.monotonic() - began >= self._long_enough:
                self._in_a_row = 0
            self._tell(Death(successor.name, code, successor.log, self._pause()))
            successor = self._successor()

    def _tell(self, death: Death) -> None:
        log.warning("%s", death)
        try:
            self._on_death(death)
        except OSError as error:  # a terminal that was closed is no reason to go on without an engine
            log.warning("nobody could be told: %s", error)

    def _successor(self) -> ChildProcess | None:
        """None once the stack is being closed; a machine that has no room for a process is asked again."""
        while not self._ending.wait(self._pause()):
            self._in_a_row += 1
            try:
                with self._lock:
                    if not self._ending.is_set():
                        self._child = self._start_child()
                        return self._child
            except OSError as error:
                log.warning("it could not be started, which is tried again in %g s: %s", self._pause(), error)
        return None

    def _pause(self) -> float:
        return self._pauses[min(self._in_a_row, len(self._pauses) - 1)]

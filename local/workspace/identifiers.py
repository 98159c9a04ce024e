"""Ids of jobs and runs, and the clock that they come from."""

import threading
from collections.abc import Callable


class Identifiers:
    """Gives ids that only grow, also across restarts: microseconds since 1970, or one more than the last id.

    `clock` gives seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> int:
        """Give the time in milliseconds since 1970."""
        return int(self._clock() * 1000)

    def new(self) -> int:
        """Give an id that no job, run or task run has."""
        with self._lock:
            self._last = max(self._last + 1, int(self._clock() * 1_000_000))
            return self._last

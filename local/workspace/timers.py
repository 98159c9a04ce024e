"""Calls that come later, unless they are cancelled before."""

import threading
from collections.abc import Callable


class Timers:
    """One pending call for each key; a new one under the same key takes the place of the old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[int, threading.Timer] = {}

    def start(self, key: int, seconds: float, call: Callable[[], object]) -> None:
        """Make the call after that time, in a thread of its own."""

        def fire() -> None:
            self.cancel(key)
            call()

        timer = threading.Timer(max(seconds, 0), fire)
        timer.daemon = True
        self.cancel(key)
        with self._lock:
            self._pending[key] = timer
        timer.start()

    def cancel(self, key: int) -> None:
        """Forget the call of that key, if one is pending."""
        with self._lock:
            timer = self._pending.pop(key, None)
        if timer is not None:
            timer.cancel()

    def cancel_all(self) -> None:
        """Forget all calls."""
        for key in list(self._pending):
            self.cancel(key)

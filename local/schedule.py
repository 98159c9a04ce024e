"""Calls the sweep every few seconds, as Cloud Scheduler does through a topic every few minutes."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import urllib3

from local.events import Event

log = logging.getLogger(__name__)


class SweepSchedule:
    """Posts a Pub/Sub event to one URL at every tick, from a thread of its own; a failed tick waits for the next."""

    def __init__(
        self,
        url: str,
        *,
        every: float,
        answer_within: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = url
        self._every = every
        self._now = now
        self._http = urllib3.PoolManager(retries=False, timeout=answer_within)
        self._stopped = threading.Event()
        self._ticking = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="sweep-schedule", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """No tick begins any more, and one that fails from now on is not worth a word; `stop` afterwards."""
        self._stopped.set()

    def stop(self) -> None:
        """Ends after the tick that is being answered."""
        self.end()
        if self._thread.is_alive():
            self._thread.join()
        self._http.clear()

    def __enter__(self) -> "SweepSchedule":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def held(self) -> Iterator[None]:
        """No tick is being answered inside of the block; the one that is due comes after it."""
        with self._ticking:
            yield

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            with self._ticking:
                self.tick()

    def tick(self) -> None:
        """One call of the sweep; returns once it has answered."""
        event = Event.message_published("sweep", "sweep", self._now())
        try:
            answer = self._http.request("POST", self._url, body=event.body, headers=event.headers)
        except urllib3.exceptions.HTTPError as error:
            self._warn(f"the sweep did not answer: {type(error).__name__}")
            return
        if not 200 <= answer.status < 300:
            self._warn(f"the sweep failed: HTTP {answer.status}")

    def _warn(self, what: str) -> None:
        if not self._stopped.is_set():
            log.warning(what)

"""Delivers events to a function: at least once, again after a failure, in no promised order.

What Eventarc does between a bucket and a function: https://cloud.google.com/eventarc/docs/retry-events. Events
wait in memory: those of a stack that is stopped are lost, and the sweep finds their files.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import urllib3

from local.events import Event

log = logging.getLogger(__name__)

Plan = Callable[[Event], Sequence[float]]
"""What happens to an event on its way: the seconds after which each of its copies sets out.

`(0,)` is an undisturbed event, `()` one that is lost, `(0, 0)` one that comes twice, `(30,)` one that is late
and so behind others.
"""


def undisturbed(_: Event) -> Sequence[float]:
    """The plan of a good day: one copy, at once."""
    return (0.0,)


@dataclass(frozen=True, slots=True)
class Retries:
    """When an event is delivered again, in seconds; the defaults are those of Eventarc's subscriptions."""

    shortest: float = 10.0
    longest: float = 600.0
    give_up_after: float = 24 * 3600.0
    answer_within: float = 600.0

    def wait_after(self, failures: int) -> float:
        """The pause after so many failures: doubled each time, from the shortest to the longest."""
        return float(min(self.longest, self.shortest * 2 ** min(failures - 1, 32)))


@dataclass(order=True, slots=True)
class _Delivery:
    """One copy of an event on its way; ordered by when it is due, then by age."""

    due: float
    number: int
    event: Event = field(compare=False)
    first_due: float = field(compare=False)
    failures: int = field(compare=False, default=0)


class EventDelivery:
    """Posts events to one URL from a small pool of threads; `start` before and `stop` after use, or `with`."""

    def __init__(
        self,
        url: str,
        *,
        retries: Retries = Retries(),
        plan: Plan = undisturbed,
        handlers: int = 8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._retries = retries
        self._plan = plan
        self._clock = clock
        self._http = urllib3.PoolManager(maxsize=handlers, retries=False, timeout=retries.answer_within)
        self._handlers = ThreadPoolExecutor(handlers, thread_name_prefix="delivery")
        self._dispatcher = threading.Thread(target=self._dispatch, name="delivery", daemon=True)
        self._changed = threading.Condition()
        self._waiting: list[_Delivery] = []
        self._numbers = itertools.count()
        self._on_the_way = 0
        self._holds = 0
        self._stopped = False

    def start(self) -> None:
        self._dispatcher.start()

    def end(self) -> None:
        """Nothing sets out any more, and what fails from now on is not worth a word; `stop` afterwards."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Ends after the deliveries that are being answered; what still waits is forgotten."""
        self.end()
        if self._dispatcher.is_alive():
            self._dispatcher.join()
        self._handlers.shutdown(wait=True)
        self._http.clear()

    def __enter__(self) -> "EventDelivery":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def publish(self, event: Event) -> None:
        """Takes an event on; returns at once."""
        delays = self._plan(event)
        copies = [event, *(event.as_published_twice() for _ in delays[1:])][: len(delays)]
        with self._changed:
            now = self._clock()
            for copy, delay in zip(copies, delays, strict=True):
                heapq.heappush(self._waiting, _Delivery(now + delay, next(self._numbers), copy, now + delay))
            self._changed.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing sets out inside of the block: what is published there is all there before the first arrives."""
        with self._changed:
            self._holds += 1
        try:
            yield
        finally:
            with self._changed:
                self._holds -= 1
                self._changed.notify_all()

    def wait_until_idle(self, timeout: float) -> None:
        """Returns once every event was acknowledged, lost or given up; raises TimeoutError, in seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting and not self._on_the_way, timeout):
                count = len(self._waiting) + self._on_the_way
                raise TimeoutError(f"{count} events are still on their way after {timeout:g} s")

    def wait_until_answered(self, timeout: float) -> None:
        """Returns once nothing is on its way that has set out; raises TimeoutError, in seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._on_the_way, timeout):
                raise TimeoutError(f"{self._on_the_way} events are not answered after {timeout:g} s")

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                delivery = self._next_due()
                if delivery is None:
                    return
                self._on_the_way += 1
            self._handlers.submit(self._deliver, delivery)

    def _next_due(self) -> _Delivery | None:
        """Waits for the next delivery that may set out; None once stopped. Holds the condition's lock."""
        while not self._stopped:
            pause = self._waiting[0].due - self._clock() if self._waiting and not self._holds else None
            if pause is not None and pause <= 0:
                return heapq.heappop(self._waiting)
            self._changed.wait(pause)
        return None

    def _deliver(self, delivery: _Delivery) -> None:
        failure = self._post(delivery.event)
        with self._changed:
            self._on_the_way -= 1
            if failure and not self._stopped:
                self._deliver_again(delivery, failure)
            self._changed.notify_all()

    def _post(self, event: Event) -> str:
        """Why the event was not acknowledged; empty if it was."""
        try:
            answer = self._http.request("POST", self._url, body=event.body, headers=event.headers)
        except urllib3.exceptions.HTTPError as error:
            return type(error).__name__
        return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"

    def _deliver_again(self, delivery: _Delivery, failure: str) -> None:
        delivery.failures += 1
        pause = self._retries.wait_after(delivery.failures)
        event, due = delivery.event, self._clock() + pause
        if due - delivery.first_due > self._retries.give_up_after:
            log.error("gave up event %s, %r: %s, %d times", event.id, event.subject, failure, delivery.failures)
            return
        log.warning("event %s, %r: %s, again in %g s", event.id, event.subject, failure, pause)
        delivery.due = due
        heapq.heappush(self._waiting, delivery)

"""What an event handler does around the work itself: the clock, the one log line, the answer."""

import time
from collections.abc import Callable

from cloudevents.http import CloudEvent

from function.errors import MalformedEvent, SweepIncomplete
from function.event import LandedObject
from function.logs import log_outcome, mark_told
from function.outcome import Outcome


def answer(
    event: CloudEvent, handle: Callable[[LandedObject], Outcome], clock: Callable[[], float] = time.monotonic
) -> None:
    """Returns where the event needs nothing more, raises where it has to come again; logs one line either way."""
    began = clock()
    file = ""
    try:
        landed = LandedObject.from_cloud_event(event)
        file = landed.identity
        outcome = handle(landed)
    except MalformedEvent as fault:
        outcome = Outcome.malformed(str(fault))
    except Exception as failure:
        log_outcome(Outcome.failed(failure), file, 1000 * (clock() - began), failure)
        raise
    log_outcome(outcome, file, 1000 * (clock() - began))


def answer_tick(sweep: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
    """As `answer`, for a sweep, which logs its own lines once it has begun."""
    began = clock()
    try:
        sweep()
    except SweepIncomplete as told:
        mark_told(told)
        raise
    except Exception as failure:
        log_outcome(Outcome.failed(failure), "", 1000 * (clock() - began), failure)
        raise

"""When a feed's files are due, and whether one is missing: pure, with the time as an argument.

A file counts for the period in which it comes, from one due time to the next, each with the latency that its file may
still take: nobody can tell from a name which day a later file was meant for.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from contracts.contract import Contract, Expectation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_A_YEAR = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC))
"""One with every pair of months that follow one another, and with a leap day."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """No file has come since `since`, the latest that was in time for the due time before; both are aware, in UTC."""

    due: datetime
    since: datetime

    def __str__(self) -> str:
        return f"a file was due by {_said(self.due)}, and none has come since {_said(self.since)}"


@dataclass(frozen=True, slots=True)
class Missed:
    """A due time by which no file had come; `came_at` is when one came after all, None if none has yet."""

    due: datetime
    came_at: datetime | None

    def __str__(self) -> str:
        came = f"one came {_said(self.came_at)}" if self.came_at else "none has come since"
        return f"no file had come by {_said(self.due)}; {came}"


def overdue(contract: Contract, last_finalized_at: datetime | None, now: datetime) -> Overdue | None:
    """What is missing now; None for a feed that expects nothing, and for one that has what is due."""
    period = last_period(contract, now)
    if period is None or (last_finalized_at is not None and last_finalized_at > period[0]):
        return None
    return Overdue(period[1], period[0])


def last_period(contract: Contract, now: datetime) -> tuple[datetime, datetime] | None:
    """The due time that has passed last, latency and all, behind the end of the latency of the one before it: files
    that came since then count for it. None where nothing is expected.
    """
    if contract.expected is None:
        return None
    latency = contract.expected.latency
    due_times = due_until(contract.expected, now - latency)
    due = next(due_times)
    return next(due_times) + latency, due


def looked_for(expected: Expectation) -> timedelta:
    """For how long at most a file that came is looked for: it may count from just after the end of a due time's latency
    to that of the next but one. So the longest pair of periods that the calendar has.
    """
    if expected.hours is not None:
        return 2 * timedelta(hours=expected.hours)
    due_times = list(takewhile(lambda due: due > _A_YEAR[0], due_until(expected, _A_YEAR[1])))
    return max(due - before for due, before in zip(due_times, due_times[2:], strict=False))


def missed(contract: Contract, finalized: Sequence[datetime], since: datetime, now: datetime) -> tuple[Missed, ...]:
    """Due times that have passed, latency and all, after `since`, the earliest first.

    `finalized` are the times of all files that came in the period of the due time before `since` or later, in any
    order.
    """
    if contract.expected is None:
        return ()
    latency = contract.expected.latency
    due_times = due_until(contract.expected, now - latency)
    periods = takewhile(lambda period: period[0] + latency > since, pairwise(due_times))
    found = [(due, [came for came in finalized if before + latency < came]) for due, before in periods]
    late = [(due, min(came, default=None)) for due, came in found]
    return tuple(Missed(due, came) for due, came in reversed(late) if came is None or came > due + latency)


def due_until(expected: Expectation, now: datetime) -> Iterator[datetime]:
    """The due times up to `now`, the latest first, without end; in UTC.

    A time that the clocks skip is due an hour later by them, one that they show twice the first time.
    """
    if expected.hours is not None:
        yield from _every(timedelta(hours=expected.hours), now)
        return
    zone = ZoneInfo(expected.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    while True:
        due = datetime.combine(day, expected.by, zone).astimezone(UTC)
        if _is_due_on(expected, day) and due <= now:
            yield due
        day -= timedelta(days=1)


def _every(step: timedelta, now: datetime) -> Iterator[datetime]:
    due = _EPOCH + (now - _EPOCH) // step * step
    while True:
        yield due
        due -= step


def _is_due_on(expected: Expectation, day: date) -> bool:
    """A day of the month that a month has not is its last one."""
    if expected.month_days:
        last = monthrange(day.year, day.month)[1]
        return day.day in {min(one, last) for one in expected.month_days}
    return not expected.weekdays or day.weekday() in expected.weekdays


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ", "seconds").replace("+00:00", " UTC")

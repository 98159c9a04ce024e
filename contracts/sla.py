"""Of `slaProperties` what says when files are expected; the rest of them is documentation."""

import re
from collections.abc import Mapping
from datetime import time, timedelta

from contracts.contract import WEEKDAYS, Expectation
from contracts.notation.formats import check_time_zone
from contracts.parsing.fields import Fields
from contracts.suggestions import meant

_OURS = ("frequency", "timeOfAvailability", "latency")
_DOCUMENTATION = (
    *("availability", "throughput", "errorRate", "generalAvailability", "endOfSupport", "endOfLife", "retention"),
    *("timeToDetect", "timeToNotify", "timeToRepair"),
)
"""Service levels of the standard's own that look like ours to who guesses, and are not."""
_FIELDS = ("id", "property", "value", "unit", "description", "element", "driver", "authoritativeDefinitions")
_HOURS, _DAYS, _WEEKS, _MONTHS = (
    ("h", "hour", "hours"),
    ("d", "day", "days"),
    ("w", "week", "weeks"),
    ("month", "months"),
)
_MINUTES = ("min", "minute", "minutes")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MOST_HOURS = 24 * 366
_MONTH = 31


def parse_expected(root: Fields) -> Expectation | None:
    """None where the contract expects no files at any time."""
    found = _named(root)
    if not found:
        return None
    if "frequency" not in found:
        if not any(part.is_misspelt("frequency") for part in found.values()):
            next(iter(found.values())).wrong("says when files are due only beside frequency")
        return None
    unit = _unit(found["frequency"], _HOURS, _DAYS, _WEEKS, _MONTHS)
    count = _count(found["frequency"])
    latency = _latency(found.get("latency"))
    if unit in _HOURS:
        if "timeOfAvailability" in found:
            found["timeOfAvailability"].wrong("goes with a frequency in days, weeks or months, not in hours")
        return Expectation(count, time(), "UTC", (), (), latency)
    if count != 1:
        found["frequency"].wrong("value must be 1 unless unit is hours: on which days stands in timeOfAvailability")
    by, zone, days = _availability(found.get("timeOfAvailability"))
    weekdays = tuple(WEEKDAYS.index(day) for day in days if day in WEEKDAYS)
    month_days = tuple(_MONTH if day == "last" else int(day) for day in days if day not in WEEKDAYS)
    _check_days(found.get("timeOfAvailability", found["frequency"]), unit, weekdays, month_days)
    return Expectation(None, by, zone, weekdays, month_days, latency)


def _named(root: Fields) -> Mapping[str, Fields]:
    """Those that are ours, by their names; what seems to be meant for one of them is told."""
    found: dict[str, Fields] = {}
    for part in root.parts("slaProperties"):
        name = part.text("property")
        near = None if name in _DOCUMENTATION else meant(name, _OURS)
        if name in found:
            part.wrong(f"{name} stands twice")
        elif name in _OURS:
            found[name] = part
            part.only((*_FIELDS, "customProperties"))
        elif near:
            part.wrong(f"{name} is not understood here; did you mean {near}?")
    return found


def _unit(part: Fields, *groups: tuple[str, ...]) -> str:
    known = tuple(word for group in groups for word in group)
    value = part.raw("unit")
    if value in known:
        return str(value)
    near = meant(value, known) if isinstance(value, str) else None
    part.wrong(f"unit must be one of {', '.join(known)}; it is {value!r}{f'; did you mean {near}?' if near else ''}")
    return groups[0][0]


def _count(part: Fields) -> int:
    value = part.raw("value")
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_HOURS:
        return value
    part.wrong(f"value must be a whole number from 1 to {_MOST_HOURS}; it is {value!r}")
    return 1


def _latency(part: Fields | None) -> timedelta:
    if part is None:
        return timedelta(0)
    unit, count = _unit(part, _MINUTES, _HOURS, _DAYS), _count(part)
    if unit in _DAYS:
        return timedelta(days=count)
    return timedelta(hours=count) if unit in _HOURS else timedelta(minutes=count)


def _availability(part: Fields | None) -> tuple[time, str, tuple[str, ...]]:
    """By when, in which time zone, on which days."""
    if part is None:
        return time(), "UTC", ()
    ours = part.custom_properties()
    ours.only(("timeZone", "days"))
    clock = _CLOCK.fullmatch(part.text("value"))
    if clock is None:
        part.wrong(f'value must be a time of day as a text, like "08:00"; it is {part.raw("value")!r}')
    zone = ours.text("timeZone", "UTC")
    try:
        check_time_zone(zone)
    except ValueError as error:
        ours.wrong(str(error))
        zone = "UTC"
    return time(int(clock[1]), int(clock[2])) if clock else time(), zone, _days(ours)


def _days(ours: Fields) -> tuple[str, ...]:
    days = ours.raw("days")
    if days is None:
        return ()
    written = [str(day) for day in days] if isinstance(days, list) else []
    known = (*WEEKDAYS, *map(str, range(1, _MONTH + 1)), "last")
    for day in written:
        if day not in known:
            near = meant(day, (*WEEKDAYS, "last"))
            ours.wrong(
                f"days: {day!r} is neither one of {', '.join(WEEKDAYS)} nor of 1 to 31 and last"
                + (f"; did you mean {near}?" if near else "")
            )
    if not written or len(set(written)) < len(written):
        ours.wrong("days must be a list of different days")
    return tuple(day for day in written if day in known)


def _check_days(part: Fields, unit: str, weekdays: tuple[int, ...], month_days: tuple[int, ...]) -> None:
    if unit in _DAYS and month_days:
        part.wrong("days of a daily file are weekdays")
    elif unit in _WEEKS and (len(weekdays) != 1 or month_days):
        part.wrong("a weekly file needs the one weekday that it is due on, in days")
    elif unit in _MONTHS and (weekdays or not month_days):
        part.wrong("a monthly file needs its days of the month, in days: 1 to 31, or last")

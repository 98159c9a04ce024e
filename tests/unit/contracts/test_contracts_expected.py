"""When files are due, what of them is missing, and how a contract says so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from contracts.contract import Contract, ContractError, Expectation
from contracts.expected import Missed, due_until, last_period, missed, overdue
from contracts.loader import PACKAGED, load_contract, read_document
from contracts.parsing.parse import parse_contract

DOCUMENT: Any = read_document(PACKAGED / "customers.odcs.yaml")
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def _contract(*sla: dict[str, Any]) -> Contract:
    return parse_contract({**DOCUMENT, "slaProperties": list(sla)}, "customers.odcs.yaml")


def _frequency(unit: str, value: int = 1) -> dict[str, Any]:
    return {"property": "frequency", "value": value, "unit": unit}


def _by(clock: str, zone: str | None = None, days: Sequence[object] | None = None) -> dict[str, Any]:
    given = {"timeZone": zone, "days": list(days) if days else None}
    ours = [{"property": name, "value": value} for name, value in given.items() if value is not None]
    return {"property": "timeOfAvailability", "value": clock, "customProperties": ours}


def _due(contract: Contract, until: str, count: int = 3) -> list[str]:
    assert contract.expected is not None
    due = islice(due_until(contract.expected, datetime.fromisoformat(until)), count)
    return [moment.strftime("%a %Y-%m-%d %H:%M") for moment in due]


@pytest.mark.parametrize(
    ("sla", "until", "due"),
    [
        (
            (_frequency("d"), _by("08:00")),
            "2026-03-01T08:00Z",
            ["Sun 2026-03-01 08:00", "Sat 2026-02-28 08:00", "Fri 2026-02-27 08:00"],
        ),
        (
            (_frequency("d"), _by("08:00")),
            "2026-03-01T07:59Z",
            ["Sat 2026-02-28 08:00", "Fri 2026-02-27 08:00", "Thu 2026-02-26 08:00"],
        ),
        (
            (_frequency("day"), _by("08:00", "Europe/Vienna", ["mon", "tue", "wed", "thu", "fri"])),
            "2026-03-02T12:00Z",
            ["Mon 2026-03-02 07:00", "Fri 2026-02-27 07:00", "Thu 2026-02-26 07:00"],
        ),
        # The clocks of Vienna skip 02:30 on 2026-03-29, and show it twice on 2026-10-25.
        (
            (_frequency("d"), _by("02:30", "Europe/Vienna")),
            "2026-03-30T12:00Z",
            ["Mon 2026-03-30 00:30", "Sun 2026-03-29 01:30", "Sat 2026-03-28 01:30"],
        ),
        (
            (_frequency("d"), _by("02:30", "Europe/Vienna")),
            "2026-10-26T12:00Z",
            ["Mon 2026-10-26 01:30", "Sun 2026-10-25 00:30", "Sat 2026-10-24 00:30"],
        ),
        (
            (_frequency("d"), _by("23:00", "America/Los_Angeles")),
            "2026-03-02T12:00Z",
            ["Mon 2026-03-02 07:00", "Sun 2026-03-01 07:00", "Sat 2026-02-28 07:00"],
        ),
        (
            (_frequency("d"), _by("01:00", "Pacific/Kiritimati")),
            "2026-03-01T12:00Z",
            ["Sun 2026-03-01 11:00", "Sat 2026-02-28 11:00", "Fri 2026-02-27 11:00"],
        ),
        (
            (_frequency("w"), _by("06:00", days=["sat"])),
            "2026-03-04T12:00Z",
            ["Sat 2026-02-28 06:00", "Sat 2026-02-21 06:00", "Sat 2026-02-14 06:00"],
        ),
        (
            (_frequency("month"), _by("06:00", days=["last"])),
            "2028-03-30T12:00Z",
            ["Tue 2028-02-29 06:00", "Mon 2028-01-31 06:00", "Fri 2027-12-31 06:00"],
        ),
        (
            (_frequency("month"), _by("06:00", days=[1, 30])),
            "2026-03-01T12:00Z",
            ["Sun 2026-03-01 06:00", "Sat 2026-02-28 06:00", "Sun 2026-02-01 06:00"],
        ),
        (
            (_frequency("h", 6),),
            "2026-03-01T06:00Z",
            ["Sun 2026-03-01 06:00", "Sun 2026-03-01 00:00", "Sat 2026-02-28 18:00"],
        ),
        (
            (_frequency("d"),),
            "2026-03-01T06:00Z",
            ["Sun 2026-03-01 00:00", "Sat 2026-02-28 00:00", "Fri 2026-02-27 00:00"],
        ),
    ],
)
def test_files_are_due_as_the_contract_says(sla: tuple[dict[str, Any], ...], until: str, due: list[str]) -> None:
    """By the clocks of its zone, on its days, the latest first, in UTC."""
    assert _due(_contract(*sla), until) == due


@pytest.mark.parametrize(
    ("last", "now", "is_overdue"),
    [
        ("2026-03-04T08:00:00.000001Z", "2026-03-04T09:00Z", False),
        ("2026-03-03T08:30:00.000001Z", "2026-03-04T09:00Z", False),
        ("2026-03-03T08:30Z", "2026-03-04T09:00Z", True),
        ("2026-03-03T08:10Z", "2026-03-04T08:30Z", True),
        ("2026-03-03T08:00Z", "2026-03-04T08:29Z", False),
        ("2026-03-03T08:00Z", "2026-03-04T08:30Z", True),
        ("2026-03-03T08:00Z", "2026-03-04T09:00Z", True),
        (None, "2026-03-04T09:00Z", True),
    ],
)
def test_a_file_is_overdue_when_none_came_since_the_due_time_before(
    last: str | None, now: str, is_overdue: bool
) -> None:
    """Not before the latency is over, and one that came within the latency of the day before was that day's; a feed
    that never had a file is overdue like another.
    """
    latency = {"property": "latency", "value": 30, "unit": "min"}
    contract = _contract(_frequency("d"), _by("08:00"), latency)
    came = datetime.fromisoformat(last) if last else None

    found = overdue(contract, came, datetime.fromisoformat(now))

    assert (found is not None) == is_overdue
    if found:
        assert (found.due.day, found.since.day) == (4, 3)
        assert "due by 2026-03-04 08:00:00 UTC" in str(found)


def test_a_feed_that_expects_nothing_is_never_overdue() -> None:
    """Most are such."""
    contract = _contract()

    assert contract.expected is None
    assert overdue(contract, None, NOW) is None
    assert missed(contract, [], NOW - timedelta(days=9), NOW) == ()


def test_what_was_missed_since_is_told_with_when_it_came() -> None:
    """A day without a file, a day with a late one, a day with one in time; what was told before is not told again."""
    contract = _contract(_frequency("d"), _by("08:00"), {"property": "latency", "value": 1, "unit": "h"})
    day = [datetime(2026, 3, at, 8, tzinfo=UTC) for at in range(6)[1:]]
    late = day[2] + timedelta(hours=2)

    found = missed(contract, [late, day[0] - timedelta(hours=1), day[3] - timedelta(minutes=1)], day[0], day[4])
    later = missed(contract, [late], day[2] + timedelta(hours=3), day[2] + timedelta(hours=4))

    assert found == (Missed(day[1], late), Missed(day[2], late))
    assert "one came 2026-03-03 10:00:00 UTC" in str(found[1])
    assert later == ()


def test_a_file_within_its_latency_stands_for_no_other_day() -> None:
    """Of a producer who always comes ten minutes after the hour, the day without a file is found."""
    contract = _contract(_frequency("d"), _by("08:00"), {"property": "latency", "value": 30, "unit": "min"})
    day = [datetime(2026, 3, at, 8, tzinfo=UTC) for at in range(6)[1:]]
    came = [at + timedelta(minutes=10) for at in (day[0], day[1], day[3])]

    found = missed(contract, came, day[1] + timedelta(hours=1), day[3] + timedelta(hours=1))

    assert found == (Missed(day[2], came[-1]),)
    assert last_period(contract, day[2] + timedelta(minutes=30)) == (day[1] + timedelta(minutes=30), day[2])


@pytest.mark.parametrize(
    ("sla", "sentence"),
    [
        (
            ({"property": "frequncy", "value": 1, "unit": "d"},),
            "frequncy is not understood here; did you mean frequency?",
        ),
        ((_frequency("dy"),), "unit must be one of h, hour, hours, d"),
        ((_frequency("days", 2),), "value must be 1 unless unit is hours"),
        ((_frequency("h", 0),), "value must be a whole number from 1"),
        ((_frequency("d"), _frequency("d")), "frequency stands twice"),
        ((_by("08:00"),), "says when files are due only beside frequency"),
        ((_frequency("h", 6), _by("08:00")), "goes with a frequency in days"),
        ((_frequency("d"), _by("8 o'clock")), 'a time of day as a text, like "08:00"'),
        ((_frequency("d"), _by("24:00")), 'a time of day as a text, like "08:00"'),
        ((_frequency("d"), _by("08:00", "Europe/Wien")), "Europe/Wien"),
        ((_frequency("d"), _by("08:00", days=["tuesday"])), "days: 'tuesday' is neither one of mon, tue"),
        ((_frequency("d"), _by("08:00", days=["mon", "mon"])), "days must be a list of different days"),
        ((_frequency("d"), _by("08:00", days=[1])), "days of a daily file are weekdays"),
        ((_frequency("w"), _by("08:00")), "a weekly file needs the one weekday"),
        ((_frequency("month"), _by("08:00", days=["mon"])), "a monthly file needs its days of the month"),
        ((_frequency("d"), {"property": "latency", "value": 30, "unit": "parsecs"}), "unit must be one of min"),
    ],
)
def test_what_a_contract_means_without_saying_it_is_refused(sla: tuple[dict[str, Any], ...], sentence: str) -> None:
    """With what was meant, where that can be guessed."""
    with pytest.raises(ContractError) as caught:
        _contract(*sla)

    assert sentence in str(caught.value)


def test_other_service_levels_are_documentation() -> None:
    """The standard has many."""
    contract = _contract(
        {"property": "retention", "value": 3, "unit": "y"}, {"property": "availability", "value": 99.9}
    )

    assert contract.expected is None


def test_the_shipped_orders_are_expected_each_morning() -> None:
    """One example that people copy from."""
    expected = load_contract(PACKAGED / "orders.odcs.yaml").expected

    assert str(expected) == "a file by 06:00 Europe/Vienna on every day, 0:30:00 later at most"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": (0, 4)}, "a file by 06:00 UTC on mon, fri"),
        ({"month_days": (1, 31)}, "a file by 06:00 UTC on the 1., the 31."),
        ({"hours": 6}, "a file every 6 h"),
    ],
)
def test_what_is_expected_is_said_in_words(changes: dict[str, Any], said: str) -> None:
    """For ingest diff and whoever asks."""
    six = datetime(2026, 3, 2, 6, tzinfo=UTC).time()

    assert str(replace(Expectation(None, six, "UTC", (), (), timedelta(0)), **changes)) == said


@pytest.mark.parametrize(
    ("sla", "least"),
    [
        ((_frequency("month"), _by("08:00", days=["last"])), 63),
        ((_frequency("month"), _by("08:00", days=[1])), 63),
        ((_frequency("month"), _by("08:00", days=[1]), {"property": "latency", "value": 36, "unit": "h"}), 63),
        ((_frequency("month"), _by("08:00", days=[1, 15])), 32),
        ((_frequency("w"), _by("08:00", days=["mon"])), 15),
        ((_frequency("h", 24 * 100),), 201),
        # Of weeks in which the clocks go back it is an hour more than fourteen days.
        ((_frequency("w"), _by("08:00", "Europe/Vienna", ["mon"])), 15),
        ((_frequency("d"), _by("08:00")), 7),
    ],
)
def test_files_stay_for_as_long_as_they_are_looked_for(sla: tuple[dict[str, Any], ...], least: int) -> None:
    """One that goes before would be told as missing although it came, and the next one as late, each time."""

    def kept(area: str, days: int) -> Contract:
        retention = {"property": "retention", "value": {area: days}}
        ours = [*DOCUMENT["customProperties"], retention]
        return parse_contract({**DOCUMENT, "customProperties": ours, "slaProperties": list(sla)}, "customers.odcs.yaml")

    for area in ("archiveDays", "rejectedDays"):
        with pytest.raises(ContractError, match=rf"{area} must be at least {least}[,:].* it is {least - 1}"):
            kept(area, least - 1)
        kept(area, least)
    assert kept("stageDays", 1).retention.stage_days == 1
    assert kept("archiveDays", 400).expected is not None
    assert _is_still_there(_contract(*sla), timedelta(days=least))


def _is_still_there(contract: Contract, kept: timedelta) -> bool:
    """Whether at no hour of two years a file is asked for that came in time and has gone."""
    assert contract.expected is not None
    start, hour = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
    periods = (last_period(contract, start + number * hour) for number in range(0, 2 * 366 * 24, 7))
    asked = zip((start + number * hour for number in range(0, 2 * 366 * 24, 7)), periods, strict=True)
    return all(now - since < kept for now, period in asked if period for since in period[:1])

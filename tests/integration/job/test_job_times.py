"""Dates and timestamps by the contract's formats and zones."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

BAD = ["type:value"]

# (physicalType, the property's format) -> cell -> value
FORMATS: dict[tuple[str, str], dict[str, str | list[str]]] = {
    ("date", "dd.MM.yyyy"): {
        "02.03.2026": "2026-03-02",
        "2026-03-02": "2026-03-02",
        "2.3.2026": BAD,
        "31.02.2026": BAD,
        "02x03x2026": BAD,
        "02.03.2026 ": "2026-03-02",
        "02.03.26": BAD,
    },
    ("date", "M/d/yyyy"): {
        "3/2/2026": "2026-03-02",
        "03/02/2026": "2026-03-02",
        "13/1/2026": BAD,
        "0/1/2026": BAD,
        "3/002/2026": BAD,
    },
    ("date", "d-MMM-yyyy"): {
        "2-Mar-2026": "2026-03-02",
        "02-MARCH-2026": "2026-03-02",
        "2-sept.-2026": "2026-09-02",
        "2-Mär-2026": BAD,
        "2-03-2026": BAD,
        "30-Feb-2026": BAD,
        "2-Marc-2026": BAD,
    },
    ("date", "excelDays"): {
        "46083": "2026-03-02",
        "46083.0": "2026-03-02",
        "61": "1900-03-01",
        "60": BAD,
        "46083.5": BAD,
        "2958465": "9999-12-31",
        "2958466": BAD,
        "2026-03-02": "2026-03-02",
    },
    ("date", "yyyyMMdd"): {"20260302": "2026-03-02", "20260230": BAD, "2026032": BAD},
    ("timestamp", "dd.MM.yyyy HH:mm"): {
        "02.03.2026 10:11": "2026-03-02 10:11:00",
        "02.03.2026 24:00": BAD,
        "02.03.2026 10:60": BAD,
        "2026-03-02T10:11:12Z": "2026-03-02 10:11:12",
    },
    ("timestamp", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"): {
        "2026-03-02T10:11:12.345+02:00": "2026-03-02 08:11:12.345",
        "2026-03-02T10:11:12.345Z": "2026-03-02 10:11:12.345",
    },
    ("timestamp", "dd/MM/yyyy HH:mm:ssXXX"): {
        "02/03/2026 10:11:12-03:30": "2026-03-02 13:41:12",
        "02/03/2026 10:11:12+18:00": "2026-03-01 16:11:12",
        "02/03/2026 10:11:12+99:99": BAD,
        "02/03/2026 10:11:12+01:60": BAD,
        "02/03/2026 10:11:60Z": BAD,
        "02/03/2026 10:11:12": BAD,
    },
    ("timestamp", "yyyyMMddHHmmssSSSSSS"): {
        "20260302101112123456": "2026-03-02 10:11:12.123456",
        "202603021011121234567": BAD,
    },
    ("timestamp", "yyyy-MM-dd HH:mm:ss.SSSSSSSSSXX"): {
        "2026-03-02 10:11:12.123456000+0130": "2026-03-02 08:41:12.123456",
        "2026-03-02 10:11:12.000000000Z": "2026-03-02 10:11:12",
        "2026-03-02 10:11:12.123456001+0130": BAD,
        "2026-03-02T10:11:12.1234560Z": "2026-03-02 10:11:12.123456",
        "2026-03-02T10:11:12.123456000": "2026-03-02 10:11:12.123456",
        "2026-03-02 10:11:12.100000000+01:00": "2026-03-02 09:11:12.1",
        "2026-03-02T10:11:12.1234567Z": BAD,
        "2026-03-02T10:11:12.1234560000Z": BAD,
    },
    ("timestamp", "yyyyMMddHHmmX"): {
        "202603021011+01": "2026-03-02 09:11:00",
        "202603021011-0330": "2026-03-02 13:41:00",
        "202603021011Z": "2026-03-02 10:11:00",
        "202603021011+01:00": BAD,
        "202603021011+19": BAD,
        "202603021011": BAD,
    },
    ("timestamp", "h:mm a, d MM yyyy"): {
        "12:05 AM, 2 03 2026": "2026-03-02 00:05:00",
        "12:05 pm, 2 03 2026": "2026-03-02 12:05:00",
        "1:05 PM, 2 03 2026": "2026-03-02 13:05:00",
        "11:59 PM, 2 03 2026": "2026-03-02 23:59:00",
        "0:05 AM, 2 03 2026": BAD,
        "13:05 PM, 2 03 2026": BAD,
    },
    ("timestamp", "yyyy-MM-dd'Zeit äöü.*'HH"): {
        "2026-03-02Zeit äöü.*10": "2026-03-02 10:00:00",
        "2026-03-02Zeit äöüxx10": BAD,
    },
    ("timestamp", "epochSeconds"): {
        "0": "1970-01-01 00:00:00",
        "1772446272": "2026-03-02 10:11:12",
        "-1": "1969-12-31 23:59:59",
        "253402300799": "9999-12-31 23:59:59",
        "253402300800": BAD,
        "999999999999999999999": BAD,
        "1.5": BAD,
        "2026-03-02 10:11:12": "2026-03-02 10:11:12",
    },
    ("timestamp", "epochMillis"): {
        "1772446272345": "2026-03-02 10:11:12.345",
        "-1": "1969-12-31 23:59:59.999",
        "-62135596800000": "0001-01-01 00:00:00",
        "-62135596800001": BAD,
    },
}


@pytest.mark.parametrize(("kind", "text_format"), FORMATS)
def test_a_format_reads_its_letters_and_nothing_else(judging: "JobDesk", kind: str, text_format: str) -> None:
    """One letter reads one or two digits, two exactly two; ISO 8601 is read beside any format."""
    cases = FORMATS[kind, text_format]

    found = judging.judged({"physicalType": kind, "format": text_format}, cases)

    assert found == cases


def test_the_property_s_format_goes_before_the_feed_s(judging: "JobDesk") -> None:
    """What both could read, the property's reads."""
    cells = ["02/03/2026", "2026.03.02"]

    found = judging.judged(
        {"physicalType": "date", "format": "MM/dd/yyyy"}, cells, csv={"dateFormats": ["dd/MM/yyyy", "yyyy.MM.dd"]}
    )

    assert found == {"02/03/2026": "2026-02-03", "2026.03.02": "2026-03-02"}


def test_a_moment_outside_the_years_1_to_9999_is_bad(judging: "JobDesk") -> None:
    """Also one that only its offset takes there: not every driver can hold it."""
    cells = ["0000-12-31 10:00:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]

    found = judging.judged("timestamp", cells)

    assert found == {cell: ["type:value"] for cell in cells}


@pytest.mark.parametrize(
    ("formats", "moment"),
    [
        (["yyyyMMdd", "epochSeconds"], "2026-01-01 00:00:00"),
        (["epochSeconds", "yyyyMMdd"], "1970-08-23 11:48:21"),
        (["epochMillis", "epochSeconds"], "1970-01-01 05:37:40.101"),
    ],
)
def test_the_first_format_that_reads_a_cell_counts(judging: "JobDesk", formats: list[str], moment: str) -> None:
    """What several could read, the one that is written first reads."""
    cell = "20260101"

    found = judging.judged("timestamp", [cell], csv={"timestampFormats": formats})

    assert found == {cell: moment}


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",  # turns by half an hour
        "America/St_Johns",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Pacific/Apia",  # skipped a day
        "Antarctica/Troll",  # turns by two hours
        "Europe/Lisbon",
    ],
)
def test_a_wall_time_is_the_moment_it_was_in_the_zone(judging: "JobDesk", zone: str) -> None:
    """A time that the clock skipped is bad, one that it showed twice is the earlier: as zoneinfo has it."""
    cells = [wall.isoformat(sep=" ") for wall in _around_transitions(zone)]

    found = judging.judged("timestamp", cells, csv={"timeZone": zone})

    assert found == {cell: _moment(cell, zone) for cell in cells}


@pytest.mark.parametrize(
    ("zone", "cell", "moment"),
    [
        ("+02:00", "2026-03-02 10:11:12", "2026-03-02 08:11:12"),
        ("-09:30", "2026-03-02 10:11:12", "2026-03-02 19:41:12"),
        ("Z", "2026-03-02 10:11:12", "2026-03-02 10:11:12"),
        ("+02:00", "2026-03-02T10:11:12Z", "2026-03-02 10:11:12"),
        ("Europe/Berlin", "2026-03-29T02:30:00+01:00", "2026-03-29 01:30:00"),
    ],
)
def test_an_offset_in_the_cell_goes_before_the_feed_s_zone(
    judging: "JobDesk", zone: str, cell: str, moment: str
) -> None:
    """The zone is for what has none of its own."""
    found = judging.judged("timestamp", [cell], csv={"timeZone": zone})

    assert found == {cell: moment}


def _around_transitions(zone: str) -> list[datetime]:
    """Wall times around every change of the zone's offset in these years, and some quiet ones."""
    walls = {datetime.fromisoformat(quiet) for quiet in ("2026-01-15 12:00", "1999-07-04 23:59:59")}
    moment = datetime(2005, 1, 1, tzinfo=UTC)
    step = timedelta(hours=1)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    while moment.year < 2013:
        moment += step
        new = moment.astimezone(ZoneInfo(zone)).utcoffset()
        if new != offset:
            wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
            walls |= {wall + timedelta(minutes=minutes) for minutes in range(-150, 151, 30)}
            walls |= {wall + timedelta(microseconds=of) for of in (-1, 1)}
        offset = new
    return sorted(walls)


def _moment(cell: str, zone: str) -> str | list[str]:
    wall = datetime.fromisoformat(cell)
    moment = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        return BAD
    text = moment.replace(tzinfo=None).isoformat(sep=" ")
    return text.rstrip("0") if "." in text else text

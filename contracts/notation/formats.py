"""Date and time formats: the JDK's letters, as far as a contract may use them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.notation.foreign_formats import in_our_letters

LETTERS = (
    *("yyyy", "yy", "MMMM", "MMM", "MM", "M", "dd", "d", "HH", "H", "hh", "h", "a", "mm", "m", "ss", "s"),
    *("XXX", "XX", "X"),
)
"""What a format may be made of, besides a run of S and text in single quotes."""

_OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-8]):[0-5][0-9]")
_NO_ZONES = ("posix", "right/", "localtime", "Factory")
"""Files beside the zones on some machines; engines know none of them."""
_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'])", re.DOTALL)
MICROSECONDS = 6
"""The digits of a fraction that a timestamp holds; whatever a format has behind them must be zero."""
_MAX_FRACTION = 9
_DAY = re.compile("yMd|ydM|dMy|Mdy")
_CLOCK = re.compile("(?:[Hh](?:m(?:sS?)?)?)?")
_MONTH_FOR_MINUTE = re.compile("[Hh]M")
_NO_FORMATS: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("iso8601", "iso-8601", "iso 8601", "iso"): "ISO 8601 is read in any case: leave the format out",
        ("epoch", "unix", "unixtime", "epochseconds"): "write epochSeconds or epochMillis instead",
        ("epochmilli", "epochmillis", "millis", "epochmilliseconds"): "write epochMillis instead",
        ("excel", "exceldate", "serial"): "write excelDays instead, of dates",
    }
)
_NOT_READ: Mapping[str, str] = MappingProxyType(
    {
        r"[Eec]|%[aAuw]": "a weekday is not read: have it left out of the file, or the column read as a string",
        r"D{3}|%j": "the day of a year is not read: read the column as a string",
        r"[wWYq]|Q|%[VUW]": "weeks and quarters are not read: read the column as a string",
        r"[zVvO]|%Z": "names of zones are not read: XXX are offsets, and csv timeZone is where the files are written",
    }
)
_DIGITS = tuple("yMdHhmsS")
_ONE_OR_TWO_DIGITS = tuple("MdHhms")
MONTH_NAMES = ("MMM", "MMMM")
EPOCHS = {"epochSeconds": 1, "epochMillis": 1000}
"""The formats that count from 1970, with how many of their units make a second."""


EXCEL_DAYS = "excelDays"
"""The format of a spreadsheet's dates: days since its year 1900, which it takes for a leap year
(https://learn.microsoft.com/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year).
"""
FIRST_EXCEL_DAY, LAST_EXCEL_DAY = 61, 2958465
"""1900-03-01, before which spreadsheets do not agree, and 9999-12-31."""


@dataclass(frozen=True, slots=True)
class FormatPart:
    """A field of a date or time (its letters, such as `yyyy` or `SSS`), or text that stands as it is."""

    letters: str
    literal: str


def parse_format(text: str) -> tuple[FormatPart, ...]:
    """Raises ValueError with a sentence for anything outside the allowed letters, and what to write instead."""
    try:
        return _parsed(text)
    except ValueError as error:
        instead = _instead(text)
        raise ValueError(f"{error}; {instead}" if instead else str(error)) from None


def _instead(text: str) -> str:
    meant = in_our_letters(text)
    for words, instead in _NO_FORMATS.items():
        if text.strip().casefold() in words:
            return instead
    try:
        _parsed(meant)
    except ValueError:
        found = (said for letters, said in _NOT_READ.items() if re.search(letters, text))
        return next(found, "")
    return f"write {meant} instead"


def _parsed(text: str) -> tuple[FormatPart, ...]:
    parts: list[FormatPart] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise ValueError(f"format {text!r}: a quote is never closed")
        at = match.end()
        if match[2] is None:
            literal = match[3] if match[3] is not None else (match[1].replace("''", "'") or "'")
            parts.append(FormatPart("", literal))
        elif match[0] in LETTERS or (match[2] == "S" and len(match[0]) <= _MAX_FRACTION):
            parts.append(FormatPart(match[0], ""))
        else:
            raise ValueError(f"format {text!r}: {match[0]} is none of {' '.join(LETTERS)} S…")
    _check_fields(text, parts)
    return tuple(parts)


def parse_date_format(text: str) -> tuple[FormatPart, ...]:
    """As parse_format, for a date: a time of day in it would be cut off unseen. Nothing for `excelDays`."""
    if text == EXCEL_DAYS:
        return ()
    parts = parse_format(text)
    extra = [part.letters for part in parts if part.letters and part.letters[0] not in "yMd"]
    if extra:
        raise ValueError(f"format {text!r}: a date has no {' '.join(extra)}; make the column a timestamp")
    return parts


def parse_timestamp_format(text: str) -> tuple[FormatPart, ...]:
    """As parse_format, and nothing for the formats that count from 1970."""
    if text == EXCEL_DAYS:
        raise ValueError(f"format {text!r} is of dates: a spreadsheet's time of day is no exact time")
    return () if text in EPOCHS else parse_format(text)


def _check_fields(text: str, parts: list[FormatPart]) -> None:
    fields = "".join(part.letters[:1] for part in parts)
    problem = _missing(fields) or _out_of_place(fields) or _run_together(parts)
    if problem:
        raise ValueError(f"format {text!r}: {problem}")


def _missing(fields: str) -> str | None:
    if len(set(fields)) != len(fields) or {"H", "h"} <= set(fields):
        return "a field stands in it twice"
    if not {"y", "M", "d"} <= set(fields):
        return "year, month and day must be in it (yyyy MM dd; mm are minutes)"
    if ("h" in fields) != ("a" in fields):
        return "h and a need each other; the hours of a day are HH"
    for smaller, greater in (("m", "Hh"), ("s", "m"), ("S", "s")):
        if smaller in fields and not set(greater) & set(fields):
            return f"{smaller} needs {' or '.join(greater)}"
    return None


def _out_of_place(fields: str) -> str | None:
    """Nobody writes a date with the time of day inside it: such a format has MM (month) where mm (minute) is meant."""
    if not _DAY.search(fields):
        return (
            "year, month and day must stand together, the year not between the others; MM is the month, mm the minute"
        )
    if not _CLOCK.fullmatch("".join(field for field in fields if field in "HhmsS")):
        return "hour, minute and second must stand in this order; MM is the month, mm the minute"
    if _MONTH_FOR_MINUTE.search(fields):
        return "the month stands behind the hour; MM is the month, mm the minute"
    return None


def _run_together(parts: list[FormatPart]) -> str | None:
    """Of `dM`, 111 is the 1st of November and the 11th of January."""
    shorter = 0
    for part in parts:
        is_digits = part.letters[:1] in _DIGITS and part.letters not in MONTH_NAMES
        if not is_digits and not part.literal.isdigit():
            shorter = 0
        shorter += part.letters in _ONE_OR_TWO_DIGITS
        if shorter > 1:
            return "two fields of one or two digits need something between them; write two letters for each"
    return None


def has_short_year(text: str) -> bool:
    """Whether a format has a year of two digits, which wants a pivot."""
    try:
        return any(part.letters == "yy" for part in parse_format(text))
    except ValueError:
        return False


def full_year(two_digits: int, pivot: int) -> int:
    """Of the hundred years from the pivot on, the one that ends in these digits."""
    return pivot + (two_digits - pivot) % 100


def check_time_zone(name: str) -> None:
    """Raises ValueError unless it is an IANA name, Z, UTC or an offset such as +01:00."""
    if name in ("UTC", "Z") or _OFFSET.fullmatch(name):
        return
    if name.startswith(_NO_ZONES):
        raise ValueError(f"timeZone {name!r} is a file of this machine's and no place; write one such as Europe/Berlin")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"timeZone {name!r} is no IANA name and no offset such as +01:00") from error

"""What a text is read as by formats of dates and timestamps, in the order in which the job tries them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from contracts.contract import Column, CsvDialect
from contracts.notation.formats import (
    EPOCHS,
    EXCEL_DAYS,
    FIRST_EXCEL_DAY,
    LAST_EXCEL_DAY,
    MICROSECONDS,
    MONTH_NAMES,
    FormatPart,
    full_year,
    parse_format,
)
from contracts.notation.months import month_number, month_pattern

ISO = "ISO 8601"
"""In the place of a format: what is tried before any other."""
EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{2,7}(?:\.0+)?", re.ASCII)
_ISO_DATE = re.compile(r"(?P<y>[0-9]{4})-(?P<M>[0-9]{2})-(?P<d>[0-9]{2})", re.ASCII)
_ISO_TIMESTAMP = re.compile(
    rf"{_ISO_DATE.pattern}[T ](?P<H>[01][0-9]|2[0-3]):(?P<m>[0-5][0-9])"
    r"(?::(?P<s>[0-5][0-9])(?:\.(?P<S>[0-9]{1,6}|[0-9]{6}0{1,3}))?)?"
    r"(?P<X>Z|[+-](?:0[0-9]|1[0-8])(?::?[0-5][0-9])?)?",
    re.ASCII,
)
_FULL_YEAR = 4
_HALF_DAY = 12
_A_PIVOT = 1970
"""In the place of the one that a contract has to name: whether a text fits is no question of the century."""
_FIELDS = {
    "yyyy": "(?P<y>[0-9]{4})",
    "yy": "(?P<y>[0-9]{2})",
    **{letter: f"(?P<{letter}>[0-9]{{1,2}})" for letter in "MdHhms"},
    **{letter * 2: f"(?P<{letter}>[0-9]{{2}})" for letter in "MdHhms"},
    "a": "(?P<a>[AaPp][Mm])",
    "XXX": "(?P<X>Z|[+-](?:0[0-9]|1[0-8]):[0-5][0-9])",
    "XX": "(?P<X>Z|[+-](?:0[0-9]|1[0-8])[0-5][0-9])",
    "X": "(?P<X>Z|[+-](?:0[0-9]|1[0-8])(?:[0-5][0-9])?)",
}


@dataclass(frozen=True, slots=True)
class Read:
    """By which format a text was read, and the moment in UTC, of a date its midnight; None where no calendar has it."""

    by: str
    moment: datetime | None


def formats_of(column: Column, dialect: CsvDialect) -> tuple[str, ...]:
    """Behind ISO 8601, in the order in which they are tried."""
    own = () if column.format is None else (column.format,)
    return own + {"date": dialect.date_formats, "timestamp": dialect.timestamp_formats}.get(column.type.name, ())


def read_first(text: str, column: Column, formats: tuple[str, ...], dialect: CsvDialect) -> Read | None:
    """As the job: of dates the first that the text looks like decides, of timestamps the first that has a moment."""
    for form in (ISO, *formats):
        found = read_by(form, text, column, dialect)
        if found is not None and (found.moment is not None or column.type.name == "date"):
            return found
    return None


def read_by(form: str, text: str, column: Column, dialect: CsvDialect) -> Read | None:
    """By this one alone; None where the text does not look like it."""
    is_date = column.type.name == "date"
    if form == EXCEL_DAYS:
        return Read(form, _excel_day(text)) if _WHOLE.fullmatch(text) else None
    if form in EPOCHS:
        return Read(form, _since_1970(text, EPOCHS[form])) if _NUMBER.fullmatch(text) else None
    if form == ISO:
        match = (_ISO_DATE if is_date else _ISO_TIMESTAMP).fullmatch(text)
    else:
        match = _pattern(form, dialect.locale).fullmatch(text)
    if match is None:
        return None
    return Read(form, _moment(match.groupdict(), dialect, UTC if is_date else zone_of(dialect.time_zone)))


def zone_of(name: str) -> tzinfo:
    """Of a name that `check_time_zone` lets pass."""
    if name in ("UTC", "Z"):
        return UTC
    return _offset(name) if name[0] in "+-" else ZoneInfo(name)


def _excel_day(text: str) -> datetime | None:
    days = int(text.partition(".")[0])
    return EXCEL_ZERO + timedelta(days=days) if FIRST_EXCEL_DAY <= days <= LAST_EXCEL_DAY else None


def _since_1970(text: str, units: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=int(text) * (10**6 // units))
    except OverflowError:
        return None


def _moment(fields: dict[str, str], dialect: CsvDialect, zone: tzinfo) -> datetime | None:
    """None for a time that no calendar has or the zone's clock skipped, and outside the years 1 to 9999."""
    year, month = int(fields["y"]), fields["M"]
    if len(fields["y"]) < _FULL_YEAR:
        year = full_year(year, dialect.pivot_year or _A_PIVOT)
    hour = _hour(fields)
    minute, second = (int(fields.get(name) or 0) for name in "ms")
    micros = int((fields.get("S") or "")[:MICROSECONDS].ljust(MICROSECONDS, "0"))
    zone = _offset(fields["X"]) if fields.get("X") else zone
    try:
        month_of_year = int(month) if month.isdigit() else month_number(month, dialect.locale)
        local = datetime(year, month_of_year, int(fields["d"]), hour, minute, second, micros, zone)
        moment = local.astimezone(UTC)
        return moment if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None
    except (ValueError, OverflowError):
        return None


def _hour(fields: dict[str, str]) -> int:
    """No hour (99) where the clock of twelve hours does not show it."""
    if not fields.get("h"):
        return int(fields.get("H") or 0)
    hour = int(fields["h"])
    later = _HALF_DAY if fields["a"].lower() == "pm" else 0
    return hour % _HALF_DAY + later if 1 <= hour <= _HALF_DAY else 99


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


@cache
def _pattern(form: str, language: str) -> re.Pattern[str]:
    return re.compile("".join(_piece(part, language) for part in parse_format(form)), re.ASCII)


def _piece(part: FormatPart, language: str) -> str:
    if not part.letters:
        return re.escape(part.literal)
    if part.letters in MONTH_NAMES:
        return rf"(?P<M>{month_pattern(language)})\.?"
    digits = min(len(part.letters), MICROSECONDS)
    return _FIELDS.get(part.letters, f"(?P<S>[0-9]{{{digits}}})" + "0" * (len(part.letters) - digits))

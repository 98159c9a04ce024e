"""Dates and timestamps by the contract's formats and zone, without the engine's own parsers.

Each format becomes a pattern with groups; what it matches is put together to `yyyy-MM-dd HH:mm:ss.SSSSSS`,
which every engine casts alike. Sessions run in UTC, so that a cast wall time is that time in UTC.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.contract import CsvDialect
from contracts.notation.formats import (
    EXCEL_DAYS,
    FIRST_EXCEL_DAY,
    LAST_EXCEL_DAY,
    MICROSECONDS,
    MONTH_NAMES,
    FormatPart,
    parse_format,
)
from contracts.notation.months import MONTHS, month_pattern

EPOCH_UNITS = {"epochSeconds": 1, "epochMillis": 1000}
_YEAR_ONE, _YEAR_TEN_THOUSAND = -62135596800, 253402300800

_ISO_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
# One to six digits, and up to three zeros behind the sixth: nested, so that a text is read in one way.
_FRACTION = "[0-9](?:" * 5 + "[0-9]0{0,3}" + ")?" * 5
_CLOCK = rf"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.({_FRACTION}))?)?"
_OFFSET = r"(Z|[+-](?:0[0-9]|1[0-8])(?::?[0-5][0-9])?)"
_ISO_TIMESTAMP = rf"\A([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[T ]{_CLOCK}{_OFFSET}?\z"
_FIELDS = {
    "yyyy": "([0-9]{4})",
    "yy": "([0-9]{2})",
    **dict.fromkeys(("M", "d", "H", "h", "m", "s"), "([0-9]{1,2})"),
    **dict.fromkeys(("MM", "dd", "HH", "hh", "mm", "ss"), "([0-9]{2})"),
    "a": "([AaPp][Mm])",
    "XXX": r"(Z|[+-](?:0[0-9]|1[0-8]):[0-5][0-9])",
    "XX": r"(Z|[+-](?:0[0-9]|1[0-8])[0-5][0-9])",
    "X": r"(Z|[+-](?:0[0-9]|1[0-8])(?:[0-5][0-9])?)",
}
_OF_ISO = tuple(
    f"yyyy-MM-dd{between}HH:mm{end}"
    for between in ("'T'", " ")
    for end in ("", *(f":ss{behind}" for behind in ("", "X", "XX", "XXX")))
)
"""Formats of nothing but what ISO 8601 reads already."""
_EXCEL_DAY = r"\A[0-9]{2,7}(?:\.0+)?\z"
_MICROSECOND = timedelta(microseconds=1)
_OVERLAPS = (timedelta(hours=1), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A format as a regular expression, and the number of the group that holds each field, by its letter."""

    regex: str
    groups: dict[str, int]
    dialect: CsvDialect
    has_name: bool
    has_short_year: bool

    @classmethod
    def of(cls, text: str, dialect: CsvDialect) -> "_Pattern":
        parts = parse_format(text)
        fields = [part.letters[0] for part in parts if part.letters]
        return cls(
            regex=rf"\A{''.join(_piece(part, dialect.locale) for part in parts)}\z",
            groups={letter: number for number, letter in enumerate(fields, 1)},
            dialect=dialect,
            has_name=any(part.letters in MONTH_NAMES for part in parts),
            has_short_year=any(part.letters == "yy" for part in parts),
        )

    @property
    def is_rearranged(self) -> bool:
        """Whether its digits are those of the moment, only in another order."""
        return not (self.has_name or self.has_short_year or "h" in self.groups)

    def field(self, text: Column, letter: str) -> Column | None:
        return F.regexp_extract(text, self.regex, self.groups[letter]) if letter in self.groups else None


def _piece(part: FormatPart, language: str) -> str:
    if not part.letters:
        return re.escape(part.literal)
    if part.letters in MONTH_NAMES:
        return rf"({month_pattern(language)})\.?"
    digits = min(len(part.letters), MICROSECONDS)
    return _FIELDS.get(part.letters, f"([0-9]{{{digits}}})" + "0" * (len(part.letters) - digits))


def parse_date(text: Column, formats: tuple[str, ...], dialect: CsvDialect) -> Column:
    """ISO 8601 or the first format that matches; NULL otherwise, and for a day that no month has.

    Of some texts its year is 0: `on_calendar`.
    """
    value = F.when(text.rlike(_ISO_DATE), text)
    for text_format in formats:
        if text_format == EXCEL_DAYS:
            value = value.when(text.rlike(_EXCEL_DAY), _excel_day(text))
        else:
            pattern = _Pattern.of(text_format, dialect)
            value = value.when(text.rlike(pattern.regex), _day(text, pattern))
    # By way of a timestamp: an embedded engine reads a date alone with its parser of SQL, in three times the time.
    return value.try_cast("timestamp_ntz").cast("date")


def parse_timestamp(text: Column, formats: tuple[str, ...], dialect: CsvDialect) -> Column:
    """ISO 8601 or the first format that matches; NULL otherwise, and for a time that the zone's clock skipped.

    Of some texts its year is 0 or 10000: `on_calendar`.
    """
    time_zone = dialect.time_zone
    value = F.when(text.rlike(_ISO_TIMESTAMP), _iso(text, time_zone))
    for text_format in formats:
        if text_format in EPOCH_UNITS:
            value = F.coalesce(value, _epoch(text, EPOCH_UNITS[text_format]))
        elif text_format not in _OF_ISO:
            pattern = _Pattern.of(text_format, dialect)
            value = F.coalesce(value, F.when(text.rlike(pattern.regex), _moment(text, pattern, time_zone)))
    return value


def on_calendar(value: Column) -> Column:
    """NULL outside the years 1 to 9999, which engines and drivers hold in different ways or not at all."""
    return F.when(F.year(value).between(1, 9999), value)


def _iso(text: Column, time_zone: str) -> Column:
    fast = text.rlike(r"\A[0-9-]{10}[T ][0-9:]{8}(?:\.[0-9]{1,6})?\z")
    plain = F.translate(text, "T", " ").try_cast("timestamp")
    behind = rf"{_OFFSET}\z"
    to_microseconds = F.regexp_replace(F.regexp_replace(text, behind, ""), r"(\.[0-9]{6})0{1,3}\z", "$1")
    local = F.translate(to_microseconds, "T", " ").try_cast("timestamp")
    shifted = _at_offset(local, F.regexp_extract(text, behind, 1))
    return (
        F.when(fast, _in_zone(plain, time_zone)).when(text.rlike(behind), shifted).otherwise(_in_zone(local, time_zone))
    )


def _day(text: Column, pattern: _Pattern) -> Column:
    year, month, day = (F.regexp_extract(text, pattern.regex, pattern.groups[letter]) for letter in "yMd")
    if pattern.has_short_year:
        year = _full_year(year, pattern.dialect.pivot_year)
    if pattern.has_name:
        month = _month(month, pattern.dialect.locale)
    return F.concat_ws("-", year, F.lpad(month, 2, "0"), F.lpad(day, 2, "0"))


def _full_year(two_digits: Column, pivot: int | None) -> Column:
    """Of the hundred years from the pivot on, the one that ends in these digits; the check wants the pivot."""
    if pivot is None:
        return F.lit(None).cast("string")
    century, beyond = divmod(pivot, 100)
    centuries = F.when(two_digits.try_cast("int") >= beyond, century).otherwise(century + 1)
    return F.concat(F.lpad(centuries.cast("string"), 2, "0"), two_digits)


def _month(name: Column, language: str) -> Column:
    number = F.lit(None).cast("string")
    for month, names in enumerate(MONTHS[language], 1):
        number = F.when(F.lower(name).isin(*names), F.lit(str(month))).otherwise(number)
    return number


def _excel_day(text: Column) -> Column:
    days = F.regexp_replace(text, r"\.0+\z", "").try_cast("int")
    day = F.date_add(F.lit("1899-12-30").cast("date"), days)
    return F.when(days.between(FIRST_EXCEL_DAY, LAST_EXCEL_DAY), day.cast("string"))


def _moment(text: Column, pattern: _Pattern, time_zone: str) -> Column:
    local = (_rearranged if pattern.is_rearranged else _put_together)(text, pattern).try_cast("timestamp")
    offset = pattern.field(text, "X")
    return _in_zone(local, time_zone) if offset is None else _at_offset(local, offset)


def _rearranged(text: Column, pattern: _Pattern) -> Column:
    """The groups in the order of a moment by one replacement, and each of two digits by another."""
    month, day, hour, minute, second = (
        f"0${pattern.groups[letter]}" if letter in pattern.groups else "00" for letter in "MdHms"
    )
    fraction = f".${pattern.groups['S']}" if "S" in pattern.groups else ""
    ordered = f"${pattern.groups['y']}-{month}-{day} {hour}:{minute}:{second}{fraction}"
    return F.regexp_replace(F.regexp_replace(text, pattern.regex, ordered), "([- :])0([0-9]{2})", "$1$2")


def _put_together(text: Column, pattern: _Pattern) -> Column:
    zero = F.lit("0")
    hour = pattern.field(text, "H")
    clock = [_twelve_hours(text, pattern) if hour is None else hour]
    clock += [zero if (part := pattern.field(text, letter)) is None else part for letter in "ms"]
    fraction = pattern.field(text, "S")
    return F.concat(
        _day(text, pattern),
        F.lit(" "),
        F.concat_ws(":", *(F.lpad(part, 2, "0") for part in clock)),
        F.lit(".") if fraction is not None else F.lit(""),
        F.lit("") if fraction is None else fraction,
    )


def _twelve_hours(text: Column, pattern: _Pattern) -> Column:
    """The hour of a format with h and a, midnight where it has neither; no hour (99) outside 1 to 12."""
    hour, half = pattern.field(text, "h"), pattern.field(text, "a")
    if hour is None or half is None:
        return F.lit("0")
    number = hour.try_cast("int")
    hours = number % 12 + F.when(F.lower(half) == "pm", 12).otherwise(0)
    return F.when(number.between(1, 12), hours).otherwise(99).cast("string")


def _epoch(text: Column, units: int) -> Column:
    number = F.when(text.rlike(r"\A[+-]?[0-9]{1,18}\z"), F.ltrim(text, F.lit("+")).try_cast("bigint"))
    within = (number >= _YEAR_ONE * units) & (number < _YEAR_TEN_THOUSAND * units)
    return F.when(within, F.timestamp_micros(number * F.lit(1_000_000 // units)))


def _at_offset(local: Column, offset: Column) -> Column:
    """The local time at an offset: `Z`, or hours and perhaps minutes behind a sign."""
    # Each column is named once or twice: a plan holds its expressions anew wherever they are named.
    number = F.rpad(F.translate(offset, "Z+:", "00"), 5, "0").try_cast("int")
    minutes = number - (number / 100).cast("int") * 40
    return _shifted(local, minutes)


def _shifted(local: Column, minutes: Column) -> Column:
    return F.timestamp_micros(F.unix_micros(local) - minutes.cast("bigint") * F.lit(60_000_000))


def _in_zone(local: Column, time_zone: str) -> Column:
    """A wall time of the zone as the moment it was: NULL where the clock skipped it, the earlier of two."""
    if time_zone in ("UTC", "Z"):
        return local
    if time_zone[0] in "+-":
        sign, hours, minutes = -1 if time_zone[0] == "-" else 1, int(time_zone[1:3]), int(time_zone[4:6])
        return _shifted(local, F.lit(sign * (60 * hours + minutes)))
    moment = F.to_utc_timestamp(local, time_zone)
    earlier = [
        F.timestamp_micros(F.unix_micros(moment) - F.lit(int(gap.total_seconds()) * 1_000_000)) for gap in _OVERLAPS
    ]
    found = F.when(F.lit(False), moment)
    for candidate in (*earlier, moment):
        found = found.when(F.from_utc_timestamp(candidate, time_zone) == local, candidate)
    return found

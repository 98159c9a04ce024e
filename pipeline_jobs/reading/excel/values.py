"""A cell's number as text: what it holds, not how it is shown."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from contracts.notation.cleansing import BLANKS
from contracts.notation.formats import FIRST_EXCEL_DAY, LAST_EXCEL_DAY

_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)
"""As many as a spreadsheet shows and computes with (https://support.microsoft.com/office/excel-specifications-and-limits)."""
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[1-9][0-9]*")
_WHOLE_DAYS = re.compile(r"([0-9]{1,7})(?:\.0+)?")
_DAY_ZERO = date(1899, 12, 30)
_LATER_IN_1904 = 1462
_DAY = 24 * 60 * 60 * 1000
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\[\]]*\]', re.IGNORECASE | re.DOTALL)
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
}
"""Of the formats that a workbook does not write out, those of dates and times (ECMA-376, 18.8.30)."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell's format shows a number: as a date or time, with the day, with the time of day, as a duration."""

    is_time: bool = False
    shows_day: bool = False
    shows_clock: bool = False
    is_duration: bool = False

    @classmethod
    def of(cls, number: int, code: str | None) -> "Style":
        """Of the format with this number, and its code where the workbook has one."""
        code = _BUILT_IN.get(number, "") if code is None else code
        shown = _NOT_LETTERS.sub("", code.partition(";")[0]).lower()
        if "general" in shown:
            return cls()
        shows_clock = any(letter in shown for letter in "hs")
        shows_day = any(letter in shown for letter in ("dy" if shows_clock else "dmy"))
        return cls(shows_day or shows_clock, shows_day, shows_clock, "[" in shown)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date cell: `clock` is empty at midnight; `plain` is how it is written where no type is known for it."""

    day: str
    clock: str
    plain: str

    def in_column(self, *, of_dates: bool, of_times: bool) -> str:
        if of_times:
            return f"{self.day} {self.clock or '00:00:00'}"
        return self.day if of_dates and not self.clock else self.plain


def number_text(text: str) -> str:
    """Fifteen digits at the most, without an exponent; what is no number stays as it is, and is a bad cell.

    A whole number stays, too: a spreadsheet has none of sixteen digits, but programs write keys so, digit by digit.
    """
    if _WHOLE.fullmatch(text) or not _NUMBER.fullmatch(text):
        return text
    number = _DIGITS.create_decimal(text)
    shown = format(number, "f")
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown == "-0" else shown


def cell_of(text: str, style: Style, *, is_1904: bool) -> str | Moment:
    """A number as its style means it; those days stay numbers on which spreadsheets do not agree."""
    if not style.is_time or not _NUMBER.fullmatch(text):
        return number_text(text)
    days = Decimal(text)
    if days < 0 or days > LAST_EXCEL_DAY:
        return number_text(text)
    day, rest = divmod(int((days * _DAY).to_integral_value(ROUND_HALF_EVEN)), _DAY)
    if style.is_duration:
        return _clock(day * _DAY + rest)
    if day == 0 and not (is_1904 and style.shows_day):
        return _clock(rest)
    day += _LATER_IN_1904 if is_1904 else 0
    if not FIRST_EXCEL_DAY <= day <= LAST_EXCEL_DAY:
        return number_text(text)
    written, clock = (_DAY_ZERO + timedelta(days=day)).isoformat(), _clock(rest) if rest else ""
    plain = f"{written} {clock or '00:00:00'}" if clock or style.shows_clock else written
    return Moment(written, clock, plain)


def counted_from_1900(text: str) -> str:
    """The days of a workbook that counts them from 1904, where nothing but the contract says that they are days."""
    days = _WHOLE_DAYS.fullmatch(text.strip(BLANKS))
    return str(int(days[1]) + _LATER_IN_1904) if days else text


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    hours, seconds = divmod(seconds, 3600)
    fraction = f".{rest:03}" if rest else ""
    return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}{fraction}"

"""Date formats as other tools write them, in the letters of this language."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_STRFTIME: Mapping[str, str] = MappingProxyType(
    {
        "%Y": "yyyy",
        "%y": "yy",
        "%m": "MM",
        "%-m": "M",
        "%d": "dd",
        "%-d": "d",
        "%e": "d",
        "%b": "MMM",
        "%B": "MMMM",
        "%H": "HH",
        "%-H": "H",
        "%I": "hh",
        "%-I": "h",
        "%M": "mm",
        "%S": "ss",
        "%f": "SSSSSS",
        "%p": "a",
        "%z": "XX",
        "%F": "yyyy-MM-dd",
        "%T": "HH:mm:ss",
        "%R": "HH:mm",
        "%D": "MM/dd/yy",
        "%%": "%",
    }
)
"""https://docs.python.org/3/library/datetime.html#format-codes, as C, Python and MySQL nearly agree on."""
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        # Oracle, PostgreSQL: https://www.postgresql.org/docs/current/functions-formatting.html
        "HH24": "HH",
        "HH12": "hh",
        "MI": "mm",
        "SS": "ss",
        "MON": "MMM",
        "Mon": "MMM",
        "MONTH": "MMMM",
        "Month": "MMMM",
        "RRRR": "yyyy",
        "RR": "yy",
        "AM": "a",
        "PM": "a",
        "TZH:TZM": "XXX",
        "TZR": "XXX",
        # Excel and .NET, moment.js, java.time; German and French spreadsheets.
        "YYYY": "yyyy",
        "YY": "yy",
        "uuuu": "yyyy",
        "uu": "yy",
        "DD": "dd",
        "D": "d",
        "A": "a",
        "tt": "a",
        "kk": "HH",
        "k": "H",
        "LL": "MM",
        "L": "M",
        "LLL": "MMM",
        "LLLL": "MMMM",
        "ZZ": "XXX",
        "Z": "XX",
        "zzz": "XXX",
        "K": "XXX",
        "x": "X",
        "xx": "XX",
        "xxx": "XXX",
        "TT": "dd",
        "JJJJ": "yyyy",
        "JJ": "yy",
        "jjjj": "yyyy",
        "jj": "dd",
        "aaaa": "yyyy",
        "aa": "yy",
        "y": "yyyy",
        "T": "'T'",
        **{"f" * digits: "S" * digits for digits in range(1, 8)},
        **{f"FF{digits}": "S" * digits for digits in range(1, 10)},
        "FF": "SSSSSS",
        "US": "SSSSSS",
        "MS": "SSS",
    }
)
_PIECE = re.compile(
    r"'(?:[^']|'')*'|%-?[A-Za-z%]|TZH:TZM|HH24|HH12|MI|AM|PM|MONTH|Month|MON|Mon|FF[1-9]?|([A-Za-z])\1*|.", re.DOTALL
)


def in_our_letters(text: str) -> str:
    """The format that is most likely meant; whether it is one, its caller has to see."""
    pieces = [match[0] for match in _PIECE.finditer(text)]
    translated = [_STRFTIME.get(piece, _WORDS.get(piece, piece)) for piece in pieces]
    return "".join(_with_minutes(_with_hours(translated)))


def _with_hours(pieces: list[str]) -> list[str]:
    """Without a sign for morning or evening hh is the hour of a day."""
    of_a_day = {"hh": "HH", "h": "H"}
    return pieces if "a" in pieces else [of_a_day.get(piece, piece) for piece in pieces]


def _with_minutes(pieces: list[str]) -> list[str]:
    """M behind an hour is the minute, and m before any is the month."""
    hours = [at for at, piece in enumerate(pieces) if piece[:1] in ("H", "h")]
    first = hours[0] if hours else len(pieces)
    behind, before = {"MM": "mm", "M": "m"}, {"mm": "MM", "m": "M"}
    has_minutes = any(piece in before for piece in pieces[first:])
    return [
        before.get(piece, piece)
        if at < first
        else behind.get(piece, piece)
        if at in (first + 1, first + 2) and not has_minutes
        else piece
        for at, piece in enumerate(pieces)
    ]

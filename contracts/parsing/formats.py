"""Date and time formats: the JDK's letters, as far as a contract may use them."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LETTERS = ("yyyy", "MM", "M", "dd", "d", "HH", "H", "hh", "h", "a", "mm", "m", "ss", "s", "XXX")
"""What a format may be made of, besides a run of S and text in single quotes."""

_OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-8]):[0-5][0-9]")
_NO_ZONES = ("posix", "right/", "localtime", "Factory")
"""Files beside the zones on some machines; engines know none of them."""
_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'])", re.DOTALL)
_MAX_FRACTION = 6  # what a timestamp holds; a longer fraction would be cut
EPOCHS = {"epochSeconds": 1, "epochMillis": 1000}
"""The formats that count from 1970, with how many of their units make a second."""


@dataclass(frozen=True, slots=True)
class FormatPart:
    """A field of a date or time (its letters, such as `yyyy` or `SSS`), or text that stands as it is."""

    letters: str
    literal: str


def parse_format(text: str) -> tuple[FormatPart, ...]:
    """Raises ValueError with a sentence for anything outside the allowed letters."""
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
    """As parse_format, for a date: a time of day in it would be cut off unseen."""
    parts = parse_format(text)
    extra = [part.letters for part in parts if part.letters and part.letters[0] not in "yMd"]
    if extra:
        raise ValueError(f"format {text!r}: a date has no {' '.join(extra)}; make the column a timestamp")
    return parts


def parse_timestamp_format(text: str) -> tuple[FormatPart, ...]:
    """As parse_format, and nothing for the formats that count from 1970."""
    return () if text in EPOCHS else parse_format(text)


def _check_fields(text: str, parts: list[FormatPart]) -> None:
    fields = [part.letters[0] for part in parts if part.letters]
    if len(set(fields)) != len(fields) or {"H", "h"} <= set(fields):
        raise ValueError(f"format {text!r}: a field stands in it twice")
    if not {"y", "M", "d"} <= set(fields):
        raise ValueError(f"format {text!r}: year, month and day must be in it")
    if ("h" in fields) != ("a" in fields):
        raise ValueError(f"format {text!r}: h and a need each other")
    for smaller, greater in (("m", "Hh"), ("s", "m"), ("S", "s")):
        if smaller in fields and not set(greater) & set(fields):
            raise ValueError(f"format {text!r}: {smaller} needs {' or '.join(greater)}")


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

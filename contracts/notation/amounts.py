"""Sizes and durations as a contract writes them."""

import re
from datetime import timedelta

_SIZE = re.compile(r"([0-9]+)\s*(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)?")
_UNITS = {"B": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4, "kB": 1, "MB": 2, "GB": 3, "TB": 4}
_DURATION = re.compile(r"([0-9]+)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_CENTURY = 100 * 366 * 86400
_DIGITS = 12
_DURATION_HELP = "must be a number with s, m, h, d or w, such as 2d"


def parse_size(text: str) -> int:
    """In bytes, of `maxFileSize`; raises ValueError with a sentence."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"maxFileSize must be a number of bytes, or one with kB, MB, KiB, MiB, …; it is {text!r}")
    unit = match[2] or "B"
    base = 1024 if unit.endswith("iB") else 1000
    return int(int(match[1]) * base ** _UNITS[unit])


def parse_duration(text: str) -> timedelta:
    """Of `maxFuture`; raises ValueError with a sentence."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"maxFuture {_DURATION_HELP}; it is {text!r}")
    seconds = int(match[1]) * _SECONDS[match[2]] if len(match[1]) < _DIGITS else _CENTURY + 1
    if seconds > _CENTURY:
        raise ValueError(f"maxFuture may be a hundred years at most; it is {text!r}")
    return timedelta(seconds=seconds)

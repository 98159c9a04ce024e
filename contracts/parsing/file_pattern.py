"""The `filePattern` of a contract: wildcards, and what people write who take it for a regular expression."""

import re
import unicodedata

from contracts.names.paths import is_placeholder
from contracts.parsing.fields import Fields

_LONGEST = 256
_REGULAR = re.compile(r"^\^|\$$|\\|[\[\]{}|]|\.\+|\)[*+?]|(?:^|/|\()\.\*")
"""Anchors, escapes, classes, counts, alternatives, `.+`, a group that repeats, and `.*` where a name begins."""


def parse_file_pattern(ours: Fields) -> str:
    """What is wrong is added to the problems of `ours`."""
    pattern = ours.text("filePattern")
    for problem in _problems(pattern):
        ours.wrong(f"filePattern {pattern[:_LONGEST]!r}: {problem}")
    return pattern


def _problems(pattern: str) -> list[str]:
    segments = pattern.split("/")
    regular = _REGULAR.search(pattern)
    found = {
        "it is the object's name alone, without gs:// and the bucket": "://" in pattern,
        "* stands for any characters, not %": "%" in pattern and "*" not in pattern,
        f"it has {len(pattern)} characters; {_LONGEST} are the most; use wildcards": len(pattern) > _LONGEST,
        "a name of a file does not begin or end with / nor have // in it": bool(pattern) and "" in segments,
        "** stands for whole segments, so / is on both sides of it": any(
            "**" in segment and segment != "**" for segment in segments
        ),
        "such files are placeholders, which are never loaded": segments[-1] != "" and is_placeholder(pattern, size=1),
        "it is not in Unicode's composed form (NFC), in which Terraform would write it": not unicodedata.is_normalized(
            "NFC", pattern
        ),
    }
    if regular:
        found[
            f"{regular[0]} looks like a regular expression, which it is not: ? is one character, * any within a "
            f"segment, ** any segments; if the name of a file has that character, write ? for it"
        ] = True
    return [problem for problem, is_so in found.items() if is_so]

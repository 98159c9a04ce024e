"""Names that a contract may give, made from those that a file has."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "æ": "ae", "ø": "oe"}
)
_LONGEST_COLUMN = 60
_LONGEST_FEED = 40
_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|dat|gz))+$", re.IGNORECASE)
_STAMP = re.compile(r"(?:[-_. ]+[0-9]|[0-9]{4})[-0-9_.T:]*$")
_WILD = re.compile(r"[^A-Za-z0-9 _.,=~-]")


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """One for each heading, none twice."""
    names: list[str] = []
    for at, heading in enumerate(header, start=1):
        name = _identifier(heading, _LONGEST_COLUMN) or f"column_{at}"
        while name in names:
            name = f"{name}_{at}"
        names.append(name)
    return tuple(names)


def feed_name(path: Path) -> str:
    """From the file's name, less the date or number behind it."""
    return _identifier(_STAMP.sub("", _ENDINGS.sub("", path.name)), _LONGEST_FEED) or "new_feed"


def file_pattern(path: Path) -> str:
    """Names like this one, in any folder; what a pattern could take for a wildcard is any character."""
    ending = _ENDINGS.search(path.name)
    stem = _WILD.sub("?", _STAMP.sub("", _ENDINGS.sub("", path.name)))[:_LONGEST_COLUMN]
    return f"**/{stem}*{ending[0] if ending else ''}"


def words(name: str) -> frozenset[str]:
    return frozenset(name.split("_"))


def _identifier(text: str, longest: int) -> str:
    spelt = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text.translate(_SPELT))
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:longest].strip("_")
    return f"c_{name}" if name[:1].isdigit() else name

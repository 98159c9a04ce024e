"""Numbers with their digits in groups, as people write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Grouping:
    """`separators` are characters that stand between groups, `points` those that may stand before the fraction."""

    separators: str
    points: str

    @property
    def pattern(self) -> str:
        """Of a number with a separator: a first group without a leading zero, then groups of three digits.

        `0.123` is no number in groups, though it would be one of a thousandth's size without its point.
        """
        return rf"[+-]?[1-9][0-9]{{0,2}}(?:[{self.separators}][0-9]{{3}})+(?:[{self.points}][0-9]+)?"


GROUPINGS: Mapping[str, Grouping] = MappingProxyType(
    {
        "groupPoint": Grouping(".", ","),
        "groupComma": Grouping(",", "."),
        "groupBlank": Grouping(" \u00a0\u202f", ".,"),
        "groupApostrophe": Grouping("'\u2019", ".,"),
    }
)
"""By the step of `cleanse` that takes the separators out."""


def ungrouped(text: str, grouping: Grouping) -> str:
    """A number in groups without its separators; any other text as it stands."""
    is_grouped = re.fullmatch(grouping.pattern, text)
    return re.sub(f"[{grouping.separators}]", "", text) if is_grouped else text

"""What `cleanse` does to a cell before anything else looks at it: its steps, as values and in plain Python.

The job does the same in its engine's terms (`pipeline_jobs.judging.cleansing`); a test holds one against the other.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.notation.grouping import GROUPINGS, ungrouped

BLANKS = " \t\r\n\f\x0b"
"""What `trim` drops at both ends of a cell."""
UNIT_BLANKS = BLANKS + "\u00a0\u202f"
"""What may stand between a number and its unit."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with what it was given: the units, the old and the new text, the length and the character."""

    name: str
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {' '.join(self.given)}" if self.given else self.name

    @property
    def written(self) -> str | dict[str, object]:
        """As a contract has it."""
        match self.name, self.given:
            case "replace", (old, new):
                return {self.name: {"old": old, "new": new}}
            case "padLeft", (length, character):
                return {self.name: {"length": int(length), "with": character}}
            case "unit", units:
                return {self.name: list(units)}
        return self.name


def parenthesised(text: str) -> str:
    """`(12.50)` as `-12.50`; what has a sign within is no number."""
    return re.sub(r"\A\(([^()+-][^()]*)\)\Z", r"-\1", text)


def with_leading_minus(text: str) -> str:
    """`12.50-` as `-12.50`."""
    is_behind = len(text) > 1 and text.endswith("-") and not text.startswith(("-", "+"))
    return f"-{text[:-1]}" if is_behind else text


def without_zero_fraction(text: str) -> str:
    """`17850.0` as `17850`; any other fraction stays, and is no whole number."""
    return re.sub(r"\A([+-]?[0-9]+)\.0+\Z", r"\1", text)


def without_unit(text: str, units: Iterable[str]) -> str:
    """Less one of the units, at the beginning (behind a sign) or at the end, with the blanks beside it.

    A unit alone is no number, and stays.
    """
    sign = text[:1] if text.startswith(("-", "+")) else ""
    for unit in longest_first(units):
        if text.startswith(sign + unit):
            return sign + text.removeprefix(sign + unit).lstrip(UNIT_BLANKS) or text
    end = next((unit for unit in longest_first(units) if text.endswith(unit)), "")
    return (text.removesuffix(end).rstrip(UNIT_BLANKS) if end else "") or text


def longest_first(units: Iterable[str]) -> list[str]:
    """So that of `US$` and `$` both are found."""
    return sorted(units, key=lambda unit: (-len(unit), unit))


def padded(text: str, length: int, character: str) -> str:
    """No shorter than so many characters; the empty text stays empty, since it may mean NULL."""
    return text.rjust(length, character) if text else text


_PLAIN: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "trim": lambda text: text.strip(BLANKS),
        "upper": str.upper,
        "lower": str.lower,
        # A point that was there makes the cell bad; two points are in no number's grammar.
        "decimalComma": lambda text: text.replace(".", "..").replace(",", "."),
    }
)
_OF_NUMBERS: Mapping[str, Callable[[str, tuple[str, ...]], str]] = MappingProxyType(
    {
        "parentheses": lambda text, _: parenthesised(text),
        "unit": without_unit,
        "trailingMinus": lambda text, _: with_leading_minus(text),
        "dropZeroFraction": lambda text, _: without_zero_fraction(text),
    }
)


def cleansed(text: str, steps: Iterable[Step]) -> str:
    """The cell after all steps, in their order."""
    for step in steps:
        text = _after(text, step)
    return text


def _after(text: str, step: Step) -> str:
    if step.name in _PLAIN:
        return _PLAIN[step.name](text)
    if step.name == "replace":
        old, new = step.given
        return text.replace(old, new)
    if step.name == "padLeft":
        length, character = step.given
        return padded(text, int(length), character)
    number = text.strip(BLANKS)
    if step.name in GROUPINGS:
        return ungrouped(number, GROUPINGS[step.name])
    return _OF_NUMBERS[step.name](number, step.given)

"""The steps of `cleanse` in an engine's terms: what `contracts.notation.cleansing` says of one text, for a column.

Patterns stay within what Java and Rust match alike; a text of the contract stands in them by its characters' codes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.notation.cleansing import BLANKS, UNIT_BLANKS, Step, longest_first
from contracts.notation.grouping import GROUPINGS, Grouping

_OFTEN = frozenset({"padLeft", "unit", "trailingMinus", *GROUPINGS})
"""Steps that name their text several times."""
PARENTHESES = r"\A\(([^()+\-][^()]*)\)\z"
ZERO_FRACTION = r"\A([+-]?[0-9]+)\.0+\z"


def in_turns(steps: Iterable[Step]) -> list[Callable[[Column], Column]]:
    """What the steps make of a text, one after the other, each turn in a projection of its own; at least one.

    A plan has no variables: in one projection, steps that name their text often would make it grow with their product.
    """
    turns: list[list[Step]] = [[]]
    for step in steps:
        if step.name in _OFTEN and turns[-1]:
            turns.append([])
        turns[-1].append(step)
    return [partial(_after, steps=turn) for turn in turns]


def _after(text: Column, steps: Sequence[Step]) -> Column:
    return reduce(cleansed, steps, text)


def cleansed(text: Column, step: Step) -> Column:
    """After one step."""
    trimmed = F.btrim(text, F.lit(BLANKS))
    match step.name, step.given:
        case "trim", _:
            return trimmed
        case ("upper" | "lower") as case, _:
            return F.upper(text) if case == "upper" else F.lower(text)
        case "replace", (old, new):
            return F.replace(text, F.lit(old), F.lit(new))
        case "padLeft", (length, character):
            return _padded(text, int(length), character)
        case "decimalComma", _:
            # A point that was there makes the cell bad; two points are in no number's grammar.
            return F.translate(F.replace(text, F.lit("."), F.lit("..")), ",", ".")
    return _of_number(trimmed, step)


def _of_number(number: Column, step: Step) -> Column:
    match step.name:
        case "parentheses":
            return F.regexp_replace(number, PARENTHESES, "-$1")
        case "unit":
            return _without_unit(number, step.given)
        case "trailingMinus":
            is_behind = number.endswith("-") & ~number.startswith("-") & ~number.startswith("+")
            return F.when(is_behind, F.concat(F.lit("-"), _without_end(number, "-"))).otherwise(number)
        case "dropZeroFraction":
            return F.regexp_replace(number, ZERO_FRACTION, "$1")
    return _ungrouped(number, GROUPINGS[step.name])


def _ungrouped(number: Column, grouping: Grouping) -> Column:
    """The number without its separators; with one that parts no groups of three digits, as it stands: no number."""
    plain = F.regexp_replace(number, f"[{grouping.separators}]", "")
    return F.when(number.rlike(rf"\A{grouping.pattern}\z"), plain).otherwise(number)


def _without_unit(number: Column, units: Iterable[str]) -> Column:
    begins = unit_pattern(units)
    left = F.when(number.rlike(begins), F.regexp_replace(number, begins, "$1"))
    for unit in longest_first(units):
        left = left.when(number.endswith(unit), F.rtrim(_without_end(number, unit), F.lit(UNIT_BLANKS)))
    # A unit alone is no number, and no NULL either.
    return F.when(left != "", left).otherwise(number)


def unit_pattern(units: Iterable[str]) -> str:
    """Of a number that begins with one of the units, its sign in a group."""
    either = "|".join(map(_literal, longest_first(units)))
    return rf"\A([+-]?)(?:{either})[{UNIT_BLANKS}]*"


def _without_end(text: Column, end: str) -> Column:
    return F.substring(text, F.lit(1), F.char_length(text) - len(end))


def _literal(text: str) -> str:
    return "".join(rf"\x{{{ord(char):X}}}" for char in text)


def _padded(text: Column, length: int, character: str) -> Column:
    is_short = F.char_length(text).between(1, length - 1)
    return F.when(is_short, F.lpad(text, length, character)).otherwise(text)

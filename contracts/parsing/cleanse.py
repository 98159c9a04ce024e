"""The steps of `cleanse`, as a property writes them."""

from collections.abc import Mapping

from contracts.notation.cleansing import BLANKS, Step
from contracts.notation.grouping import GROUPINGS
from contracts.parsing.fields import Fields
from contracts.suggestions import did_you_mean
from contracts.types import ColumnType

_OF_TEXT = ("trim", "upper", "lower")
_OF_NUMBERS = ("parentheses", "unit", "trailingMinus", *GROUPINGS, "decimalComma", "dropZeroFraction")
"""In the order in which they find what they look for."""
STEPS = (*_OF_TEXT, *_OF_NUMBERS, "replace", "padLeft")
_MOST_STEPS = 20
"""Each may be a level of an expression, of which a client of Spark Connect makes fewer than fifty."""
_MOST_UNITS, _LONGEST_UNIT, _LONGEST_TEXT, _LONGEST_PAD = 20, 20, 100, 1000
_OF_A_NUMBER = frozenset("0123456789.,+-()'" + BLANKS)


def parse_cleanse(ours: Fields, kind: ColumnType | None) -> tuple[Step, ...]:
    """What is wrong is added to the problems; `kind` is None where the type itself is wrong."""
    steps = tuple(step for step in (_step(one, ours) for one in ours.items("cleanse")) if step is not None)
    if len(steps) > _MOST_STEPS:
        ours.wrong(f"cleanse has {len(steps)} steps; {_MOST_STEPS} are the most")
    if kind is not None:
        _check_types(steps, ours, kind)
    _check_order([step.name for step in steps], ours)
    return steps


def _step(one: object, ours: Fields) -> Step | None:
    """A text, or a mapping of one step's name to what it is given."""
    if isinstance(one, Mapping) and len(one) == 1:
        [(name, given)] = one.items()
        if name == "unit":
            return _unit(given, ours)
        if name in ("replace", "padLeft"):
            return _with_fields(name, Fields(given, f"{ours.place} cleanse {name}", ours.problems))
        one = name
    if not isinstance(one, str):
        ours.wrong("cleanse must be a list of steps, each a name or one name with what it is given")
    elif one not in STEPS:
        ours.wrong(f"cleanse {one!r} is not understood; {did_you_mean(one, STEPS)}")
    elif one in ("unit", "replace", "padLeft"):
        example = {"unit": "[€]", "replace": '{old: "/", new: "-"}', "padLeft": '{length: 5, with: "0"}'}[one]
        ours.wrong(f"cleanse {one} needs what it works with: {{{one}: {example}}}")
    else:
        return Step(one)
    return None


def _unit(given: object, ours: Fields) -> Step | None:
    found = given if isinstance(given, list) else [given]
    units = tuple(unit for unit in found if isinstance(unit, str) and unit)
    if not units or len(units) < len(found) or len(units) > _MOST_UNITS:
        ours.wrong(f"cleanse unit must be a list of texts, {_MOST_UNITS} at most")
        return None
    for unit in units:
        if len(unit) > _LONGEST_UNIT or _OF_A_NUMBER & {unit[0], unit[-1]} or any(map(str.isdigit, unit)):
            ours.wrong(f"cleanse unit {unit!r} must have no digit, and no blank or sign of a number at its ends")
    return Step("unit", units)


def _with_fields(name: str, fields: Fields) -> Step:
    if name == "replace":
        fields.only(("old", "new"))
        old, new = fields.text("old"), fields.text("new", "")
        if len(old) > _LONGEST_TEXT or len(new) > _LONGEST_TEXT:
            fields.wrong(f"old and new have {_LONGEST_TEXT} characters at most")
        return Step(name, (old, new))
    fields.only(("length", "with"))
    length, character = fields.count("length"), fields.text("with", " ")
    if not length or length > _LONGEST_PAD:
        fields.wrong(f"length must be a whole number from 1 to {_LONGEST_PAD}")
    if len(character) != 1:
        fields.wrong(f"with must be one character; it is {character!r}")
    return Step(name, (str(length or 1), character[:1] or " "))


def _check_types(steps: tuple[Step, ...], ours: Fields, kind: ColumnType) -> None:
    names = [step.name for step in steps]
    for name in names:
        if name in _OF_NUMBERS and name != "decimalComma" and not kind.is_number:
            ours.wrong(f"cleanse {name} needs a number, not {kind.name}")
    if "decimalComma" in names and not kind.is_number and not kind.is_time:
        # What had a point becomes what no number and no time is; a text would keep it.
        ours.wrong(
            f"cleanse decimalComma needs a number, a date or a timestamp, not {kind.name}; of a text, write "
            '{replace: {old: ",", new: "."}}'
        )
    if "padLeft" in names and kind.name != "string":
        ours.wrong(f"cleanse padLeft needs a string, not {kind.name}")
    if "replace" in names and kind.is_number:
        ours.wrong("cleanse replace would make another number of a number; write unit, or one of the group steps")
    if "dropZeroFraction" in names and kind.is_number and not (kind.is_integer or kind.scale == 0):
        ours.wrong(f"cleanse dropZeroFraction needs a whole number; {kind.sql} has room for the fraction")
    has_fraction = kind.name == "double" or bool(kind.scale) or "dropZeroFraction" in names
    if "groupPoint" in names and "decimalComma" not in names and kind.is_number and has_fraction:
        ours.wrong("cleanse groupPoint leaves no point for a fraction; write decimalComma behind it")


def _check_order(names: list[str], ours: Fields) -> None:
    groups = [name for name in names if name in GROUPINGS]
    if len(groups) > 1:
        ours.wrong(f"cleanse has {' and '.join(groups)}; a number's groups are parted in one way")
    if "groupComma" in groups and "decimalComma" in names:
        ours.wrong("cleanse groupComma and decimalComma contradict each other: a comma parts groups or is the point")
    places = [_OF_NUMBERS.index(name) for name in names if name in _OF_NUMBERS]
    if places != sorted(places):
        right = " ".join(_OF_NUMBERS[place] for place in sorted(places))
        ours.wrong(f"write these steps of cleanse in this order, or one finds nothing behind another: {right}")

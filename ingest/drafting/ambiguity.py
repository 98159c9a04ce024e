"""Numbers that can be read in two ways: what one takes for the point, the other takes for the end of a group."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import islice

from contracts.notation.cleansing import Step, cleansed
from ingest.drafting.readings import Reading, readings

_NUMBERS = ("number", "integer")
_FEW = 100
"""Cells that are asked first: almost always one of them tells."""


def other_cleanse(reading: Reading, cells: Collection[str]) -> tuple[Step, ...] | None:
    """Steps by which these cells, which the reading fits, would be other numbers of its type, if there are any."""
    if reading.logical not in _NUMBERS or _other(reading, frozenset(islice(cells, _FEW))) is None:
        return None
    return _other(reading, frozenset(cells))


def _other(reading: Reading, cells: frozenset[str]) -> tuple[Step, ...] | None:
    values = _values(cells, reading.cleanse)
    for other in readings(cells):
        if other.logical not in _NUMBERS:
            break  # the readings of numbers stand together
        steps = _with_a_point(other.cleanse)
        of_this_type = Reading(reading.physical, reading.logical, "", cleanse=steps)
        if _values(cells, steps) != values and of_this_type.fits(cells):
            return steps
    return None


def _values(cells: Iterable[str], steps: tuple[Step, ...]) -> dict[str, Decimal]:
    return {cell: Decimal(cleansed(cell.strip(), steps)) for cell in cells}


def _with_a_point(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """A type with a fraction takes points between groups only where a comma stands before the fraction."""
    names = [step.name for step in steps]
    return (*steps, Step("decimalComma")) if "groupPoint" in names and "decimalComma" not in names else steps

"""What somebody may have meant who wrote a name that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 100
"""Characters: the comparison takes time by the square of them, and no name of ours has as many."""
_ALIKE = 0.7


def meant(name: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest; None where none is near."""
    if len(name) > _LONGEST:
        return None
    folded = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), folded, 1, _ALIKE)
    return folded[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """How a sentence about the unknown name goes on: with the nearest known one, else with all of them."""
    names = sorted(known)
    near = meant(name, names)
    return f"did you mean {near}?" if near else f"known are {', '.join(names)}"

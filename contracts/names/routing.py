"""Which feed a name belongs to, by the `filePattern` of the contracts.

Names are anybody's, so they are matched in steps whose number is bounded by the lengths of name and pattern,
multiplied; a regular expression would try the ways in which wildcards can share a name one after the other.
"""

from collections.abc import Callable, Iterable, Sequence

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.names.paths import MAX_OBJECT_NAME_BYTES


def matches(file_pattern: str, name: str) -> bool:
    """Whether the object's name is one of the pattern's; case counts.

    `?` one character, `*` any within a segment, `**` any number of segments, none among them.
    """
    segments = file_pattern.split("/")
    if segments[-1] == "**":
        segments.append("*")  # a name has a last segment, if an empty one
    return fits(segments, name.split("/"), "**", _is_segment)


def _is_segment(pattern: str, segment: str) -> bool:
    return fits(pattern, segment, "*", _is_character)


def _is_character(pattern: str, character: str) -> bool:
    return pattern in ("?", character)


def fits(pattern: Sequence[str], items: Sequence[str], run: str, is_item: Callable[[str, str], bool]) -> bool:
    """Whether each item is what the pattern has in its place, or one of any number that a `run` in it takes.

    Only the last run is ever made longer: whatever an earlier one could take instead, the last one can take as well.
    """
    at = taken = 0
    behind_run, run_end = None, 0
    while taken < len(items):
        if at < len(pattern) and pattern[at] == run:
            at += 1
            behind_run, run_end = at, taken
        elif at < len(pattern) and is_item(pattern[at], items[taken]):
            at += 1
            taken += 1
        elif behind_run is not None:
            run_end += 1
            at, taken = behind_run, run_end
        else:
            return False
    return all(piece == run for piece in pattern[at:])


def route(name: str, contracts: Iterable[Contract]) -> Contract:
    """The one contract that claims the name; raises FileRejected (name_too_long, unrouted, ambiguous)."""
    if len(name.encode("utf-8", "surrogatepass")) > MAX_OBJECT_NAME_BYTES:
        detail = f"the name is longer than the {MAX_OBJECT_NAME_BYTES} bytes of any object's; shorten it"
        raise FileRejected(Reason.NAME_TOO_LONG, detail)
    claiming = [contract for contract in contracts if matches(contract.file_pattern, name)]
    if not claiming:
        raise FileRejected(Reason.UNROUTED, "no feed's filePattern matches this name; rename it or add a contract")
    if len(claiming) > 1:
        feeds = ", ".join(sorted(contract.feed for contract in claiming))
        raise FileRejected(Reason.AMBIGUOUS, f"the filePatterns of {feeds} all match this name; make one narrower")
    return claiming[0]

"""Which feed a name belongs to, by the `filePattern` of the contracts.

Names are anybody's, so they are matched in steps whose number is bounded by the lengths of name and pattern,
multiplied; a regular expression would try the ways in which wildcards can share a name one after the other.
"""

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.names.paths import MAX_OBJECT_NAME_BYTES

_LONGEST_COMPARED = 150
_ALIKE = 0.6


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
    contracts = tuple(contracts)
    claiming = [contract for contract in contracts if matches(contract.file_pattern, name)]
    if not claiming:
        raise FileRejected(Reason.UNROUTED, f"no feed's filePattern matches this name; {_way_out(name, contracts)}")
    if len(claiming) > 1:
        feeds = ", ".join(sorted(contract.feed for contract in claiming))
        raise FileRejected(Reason.AMBIGUOUS, f"the filePatterns of {feeds} all match this name; make one narrower")
    return claiming[0]


def _way_out(name: str, contracts: Sequence[Contract]) -> str:
    near = nearest(name, contracts)
    meant = f"the nearest is {near.file_pattern} of {near.feed}; " if near else ""
    return f"{meant}rename it or add a contract"


def nearest(name: str, contracts: Sequence[Contract]) -> Contract | None:
    """The contract whose filePattern the name comes nearest to: the largest part of the pattern's own characters.

    None where that is less than most of them, and for names that are too long to compare: the time goes by the square.
    """
    if not contracts or len(name) > _LONGEST_COMPARED:
        return None
    alike = [(_alike(contract.file_pattern, name), contract) for contract in contracts]
    share, best = max(alike, key=lambda one: one[0])
    return best if share >= _ALIKE else None


def _alike(pattern: str, name: str) -> float:
    """The share of the pattern's characters, without wildcards, that stand in the name in their order; 0 to 1."""
    plain = "".join(character for character in pattern if character not in "*?").casefold()
    if not plain or len(plain) > _LONGEST_COMPARED:
        return 0.0
    blocks = SequenceMatcher(None, plain, name.casefold(), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(plain)


def claims(contract: Contract, name: str, contracts: Iterable[Contract]) -> bool:
    """Whether the feed claims the name, and no other does."""
    try:
        return route(name, contracts) is contract
    except FileRejected:
        return False

"""Whether a pattern reads some text, or the beginning of one, in two ways.

On a text that does not match, an engine that goes back tries every way, and two ways that repeat are more than it can
ever try. Where each beginning leads to each place of the pattern in one way, there is one try for each character and
place at most.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from contracts.parsing.regex_tree import Characters, Choice, Node, Piece, Repeat, Row, common_character

_MOST_COMPARISONS = 20_000
_START = 0


class TooIntricate(Exception):
    """So many ways are open at once that it takes too long to look at them all; an engine would be slow, too."""


class TwoWays(Exception):
    """`text` is the shortest text, or beginning of one, that is read in two ways, `pieces` where these part, if not
    over nothing at all.
    """

    def __init__(self, text: str, pieces: tuple[Piece, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.pieces = pieces


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read so far in two ways, or in one where no pieces are at which they parted."""

    text: str
    parted: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Ends:
    """Of a part of the pattern: whether it can be empty, and the places at which it begins and ends."""

    is_empty: bool
    first: list[int]
    last: list[int]


class _Places:
    """Every character of the pattern as a place, and which places may follow it, once for each way to get there; the
    first place is before the text, the last one behind it.
    """

    def __init__(self, tree: Node) -> None:
        """Raises TwoWays where the empty text is read in two ways."""
        self.of: list[Characters | None] = [None]
        self.following: list[list[int]] = [[]]
        whole = self._add(tree)
        self._link([_START], whole.first)
        end = self._place(None)
        self._link([*whole.last, *([_START] if whole.is_empty else [])], [end])

    def _place(self, characters: Characters | None) -> int:
        self.of.append(characters)
        self.following.append([])
        return len(self.of) - 1

    def _link(self, ends: Sequence[int], beginnings: Sequence[int]) -> None:
        for end in ends:
            self.following[end] += beginnings

    def _add(self, node: Node) -> _Ends:
        if isinstance(node, Characters):
            place = self._place(node)
            return _Ends(is_empty=False, first=[place], last=[place])
        if isinstance(node, Row):
            return self._in_a_row(map(self._add, node.parts))
        if isinstance(node, Choice):
            branches = [self._add(branch) for branch in node.branches]
            empty = [branch for branch in branches if branch.is_empty]
            if len(empty) > 1:
                raise TwoWays("")
            first = [place for branch in branches for place in branch.first]
            return _Ends(bool(empty), first, [place for branch in branches for place in branch.last])
        return self._in_a_row(self._copies(node))

    def _in_a_row(self, parts: Iterator[_Ends]) -> _Ends:
        row = _Ends(is_empty=True, first=[], last=[])
        for part in parts:
            self._link(row.last, part.first)
            first = [*row.first, *part.first] if row.is_empty else row.first
            last = [*part.last, *row.last] if part.is_empty else part.last
            row = _Ends(row.is_empty and part.is_empty, first, last)
        return row

    def _copies(self, node: Repeat) -> Iterator[_Ends]:
        """The body as often as it must stand there, and once more for all that it may: as if without end."""
        if node.least == node.most:
            yield from (self._add(node.body) for _ in range(node.least))
            return
        yield from (self._add(node.body) for _ in range(node.least - 1))
        body = self._add(node.body)
        if body.is_empty:
            raise TwoWays("")
        if node.most != 1:
            self._link(body.last, body.first)
        yield _Ends(node.least == 0, body.first, body.last)


def check_one_way(tree: Node) -> None:
    """Raises TwoWays, TooIntricate."""
    places = _Places(tree)
    compared = 0
    readings = {(_START, _START): _Reading("", ())}
    waiting = deque(readings)
    while waiting:
        pair = waiting.popleft()
        so_far = readings[pair]
        for one, other, has_parted in _next_pairs(places, *pair):
            compared += 1
            if compared > _MOST_COMPARISONS:
                raise TooIntricate
            then = (min(one, other), max(one, other))
            text = _both_read(places.of[one], places.of[other])
            if text is None or (then in readings and one != other):
                continue
            parted = so_far.parted or (_pieces(places, one, other) if has_parted else ())
            if has_parted and one == other:
                raise TwoWays(so_far.text + text, parted)
            if then not in readings:
                readings[then] = _Reading(so_far.text + text, parted)
                waiting.append(then)


def _next_pairs(places: _Places, one: int, other: int) -> Iterator[tuple[int, int, bool]]:
    """The places of two readings a character further on, and whether the readings have parted."""
    if one != other:
        yield from ((a, b, True) for a, b in product(places.following[one], places.following[other]))
        return
    yield from ((a, a, False) for a in dict.fromkeys(places.following[one]))
    yield from ((a, b, True) for a, b in combinations(places.following[one], 2))


def _both_read(one: Characters | None, other: Characters | None) -> str | None:
    """A character that both places take, nothing at the end of the pattern for both; None where there is none."""
    if one is None or other is None:
        return "" if one is other else None
    return common_character(one.ranges, other.ranges)


def _pieces(places: _Places, *numbers: int) -> tuple[Piece, ...]:
    return tuple(characters.piece for characters in map(places.of.__getitem__, numbers) if characters)

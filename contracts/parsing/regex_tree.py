"""A pattern of a column as a tree: which characters, one behind the other, one or the other, how often."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
"""Characters by their code points: first and last of each range."""

_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(,?)([0-9]*)\}", re.ASCII)
_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_MEMBER = re.compile(r"(\\x0B|\\?.)(?:-(\\x0B|\\?.))?", re.DOTALL)
_CONTROLS = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\f": "\f", "\\x0B": "\x0b"}
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands for itself in a pattern: `text` as engines are given it, `source` as it is written, from `at`."""

    text: str
    source: str
    at: int


@dataclass(frozen=True, slots=True)
class Characters:
    """Any one character of the ranges."""

    ranges: Ranges
    piece: Piece


@dataclass(frozen=True, slots=True)
class Row:
    """One part behind the other; without parts, the empty text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the branches."""

    branches: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body, `least` to `most` times; None is without end."""

    body: "Node"
    least: int
    most: int | None


Node = Characters | Row | Choice | Repeat


def parse_tree(pieces: Sequence[Piece]) -> Node:
    """Of a pattern that `re` has compiled. Anchors are left out: without them, a pattern matches more, not less."""
    return _Reader(pieces).choice()


def size(node: Node) -> int:
    """How many characters stand in the pattern if each is written as often as it may be repeated; nothing counts 1."""
    if isinstance(node, Repeat):
        return size(node.body) * max(node.least, node.most or 1)
    return 1 if isinstance(node, Characters) else max(1, sum(map(size, _below(node))))


def longest_text(node: Node) -> int | None:
    """How many characters the longest text has that the pattern matches; None where there is no longest."""
    if isinstance(node, Characters):
        return 1
    if isinstance(node, Repeat):
        body = longest_text(node.body)
        return None if body is None or node.most is None else body * node.most
    lengths = list(map(longest_text, _below(node)))
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths):
        return None
    return max(known) if isinstance(node, Choice) else sum(known)


def _below(node: Row | Choice) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Row) else node.branches


class _Reader:
    """Reads the pieces from left to right, a method for each level of the grammar."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._at = 0

    def choice(self) -> Node:
        branches = [self._row()]
        while self._takes("|"):
            branches.append(self._row())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _row(self) -> Node:
        parts = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeated(self._single()))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _single(self) -> Node:
        piece = self._pieces[self._at]
        self._at += 1
        if piece.text in (r"\A", r"\z"):
            return Row(())
        if piece.text != "(":
            return Characters(character_ranges(piece.text), piece)
        if self._takes("?"):
            self._takes(":")
        body = self.choice()
        self._takes(")")
        return body

    def _repeated(self, body: Node) -> Node:
        match = _QUANTIFIER.fullmatch(self._next())
        if match is None:
            return body
        self._at += 1
        self._takes("?")  # which of the ways is tried first matters to nobody who asks how many there are
        if match[0] in _COUNTS:
            return Repeat(body, *_COUNTS[match[0]])
        least = int(match[1])
        return Repeat(body, least, least if not match[2] else int(match[3]) if match[3] else None)

    def _next(self) -> str:
        return self._pieces[self._at].text if self._at < len(self._pieces) else ""

    def _takes(self, text: str) -> bool:
        is_next = self._next() == text
        self._at += is_next
        return is_next


def character_ranges(text: str) -> Ranges:
    """Of a piece as engines are given it: one character, escaped or not, or a class."""
    if len(text) == 1 or not text.startswith("["):
        return ((_code(text), _code(text)),)
    is_negated = text.startswith("[^")
    members = _MEMBER.finditer(text[2 if is_negated else 1 : -1])
    ranges = sorted((_code(member[1]), _code(member[2] or member[1])) for member in members)
    return tuple(_others(ranges)) if is_negated else tuple(ranges)


def _code(text: str) -> int:
    return ord(_CONTROLS.get(text, text[-1]))


def _others(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begin = 0
    for first, last in ranges:
        if begin < first:
            yield begin, first - 1
        begin = max(begin, last + 1)
    if begin <= _LAST_CHARACTER:
        yield begin, _LAST_CHARACTER


@lru_cache(maxsize=4096)
def common_character(one: Ranges, other: Ranges) -> str | None:
    """A character of both, one that can be shown if there is one."""
    both = [(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other]
    both = [(first, last) for first, last in both if first <= last]
    shown = (char for char in "a0A-. " if any(first <= ord(char) <= last for first, last in both))
    return next(shown, chr(both[0][0]) if both else None)

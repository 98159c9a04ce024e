"""The regular expressions that a contract may use: what Java and Rust match alike, ASCII classes throughout."""

import re

from contracts.parsing.ambiguity import TooIntricate, TwoWays, check_one_way
from contracts.parsing.regex_tree import Node, Piece, longest_text, parse_tree, size

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\x0B"}
_CONTROLS = frozenset("tnrf")
_PUNCTUATION = frozenset(r"""\.^$|?*+()[]{}-/'"&~#@%,;:=<>!_ """)
_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(?:,([0-9]*))?\}", re.ASCII)
LONGEST_MATCHED = 1000
"""Characters of the longest text that is held against a pattern: beyond, engines that match by recursion run out of
stack.
"""
_MAX_REPETITIONS = 1000  # Rust refuses patterns that grow too big
_MAX_LENGTH = 1000
_MAX_DEPTH = 20
_ANCHORS = {"^": r"\A", "$": r"\z"}  # in the middle of a text, Java's $ stands before a last line end, too


class PatternError(ValueError):
    """The pattern uses something on which the engines disagree, or in which some of them would be lost for hours."""


def portable(pattern: str) -> str:
    r"""The pattern in the form that every engine is given, to be matched whole: `\A(?:…)\z`.

    Raises PatternError for look-around, back-references, flags, and everything else outside the subset; for what an
    engine could read in several ways, too.
    """
    pieces = _pieces(pattern)
    body = "".join(piece.text for piece in pieces)
    try:
        re.compile(body.replace(r"\z", r"\Z"))  # Python's name for it, before 3.14
    except re.error as error:
        raise PatternError(f"pattern {pattern!r} is not a regular expression: {error}") from error
    _check_ways(pattern, parse_tree(pieces))
    return rf"\A(?:{body})\z"


def longest_match(pattern: str) -> int | None:
    """How many characters the longest text has that a portable pattern matches; None where there is no longest."""
    return longest_text(parse_tree(_pieces(pattern)))


def _pieces(pattern: str) -> list[Piece]:
    if len(pattern) > _MAX_LENGTH:
        raise PatternError(f"pattern {pattern[:20]!r}…: it has {len(pattern)} characters, {_MAX_LENGTH} are the most")
    pieces: list[Piece] = []
    at = depth = 0
    while at < len(pattern):
        text, end = _next_piece(pattern, at)
        pieces.append(Piece(text, pattern[at:end], at))
        at = end
        depth += {"(": 1, ")": -1}.get(text, 0)
        if depth > _MAX_DEPTH:
            raise PatternError(
                f"pattern {pattern!r}: groups stand {depth} deep in one another; {_MAX_DEPTH} are the most"
            )
    return pieces


def _check_ways(pattern: str, tree: Node) -> None:
    if size(tree) > _MAX_REPETITIONS:
        raise PatternError(
            f"pattern {pattern!r} has {size(tree)} characters with its repetitions written out, "
            f"{_MAX_REPETITIONS} are the most; use maxLength"
        )
    try:
        check_one_way(tree)
    except TooIntricate as error:
        problem = "has too many branches or repetitions at once; list values as an enum"
        raise PatternError(f"pattern {pattern!r} {problem}") from error
    except TwoWays as ways:
        raise PatternError(f"pattern {pattern!r} {_told(ways)}") from ways


def _told(ways: TwoWays) -> str:
    if not ways.pieces:
        return "has two ways to be empty in one place: what repeats, and all branches but one, must not be empty"
    one, other = (f"{piece.source} (character {piece.at + 1})" for piece in ways.pieces)
    return (
        f"reads {ways.text!r} in two ways, by {one} or {other}; engines may try all such ways for hours, so the next "
        "character must decide whether a repetition goes on, as in [a-z]+(-[a-z]+)*"
    )


def _next_piece(pattern: str, at: int) -> tuple[str, int]:
    char = pattern[at]
    if char == "\\":
        return _escape(pattern, at, inside=False)
    if char == "[":
        return _class(pattern, at)
    if char == ".":
        return r"[^\n]", at + 1
    if char == "(" and pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
        raise PatternError(f"pattern {pattern!r}: of the groups that begin with (? only (?:…) is allowed")
    quantifier = _QUANTIFIER.match(pattern, at)
    if quantifier:
        return _quantifier(pattern, quantifier)
    if char in _ANCHORS:
        return _ANCHORS[char], at + 1
    if char in "{}]":
        raise PatternError(f"pattern {pattern!r}: write a literal {char} as \\{char}")
    return char, at + 1


def _quantifier(pattern: str, match: re.Match[str]) -> tuple[str, int]:
    if pattern[match.end() : match.end() + 1] == "+":
        raise PatternError(f"pattern {pattern!r}: possessive quantifiers are not known to every engine")
    if any(int(count) > _MAX_REPETITIONS for count in match.groups() if count):
        raise PatternError(f"pattern {pattern!r}: {match[0]} repeats more than {_MAX_REPETITIONS} times; use maxLength")
    return match[0], match.end()


def _escape(pattern: str, at: int, *, inside: bool) -> tuple[str, int]:
    letter = pattern[at + 1 : at + 2]
    if letter in _CLASSES and letter:
        return _CLASSES[letter] if inside else f"[{_CLASSES[letter]}]", at + 2
    if letter and letter in "DWS" and not inside:
        return f"[^{_CLASSES[letter.lower()]}]", at + 2
    if letter and (letter in _CONTROLS or letter in _PUNCTUATION):
        # Rust refuses a backslash before a character that needs none.
        needs_it = letter in _CONTROLS or letter in r"\.^$|?*+()[]{}-&~#"
        return f"\\{letter}" if needs_it else letter, at + 2
    raise PatternError(f"pattern {pattern!r}: \\{letter} is not known to every engine in the same sense")


def _class(pattern: str, at: int) -> tuple[str, int]:
    out = ["[^" if pattern.startswith("[^", at) else "["]
    start = at
    at += len(out[0])
    while not pattern.startswith("]", at):
        item, at = _member(pattern, start, at)
        if pattern.startswith("-", at) and not pattern.startswith("-]", at):
            end, at = _member(pattern, start, at + 1)
            if len(item) > 2 or len(end) > 2:
                raise PatternError(f"pattern {pattern!r}: escape the - beside \\d, \\w and \\s within […]")
            item = f"{item}-{end}"
            if pattern.startswith("-", at) and not pattern.startswith("-]", at):
                raise PatternError(f"pattern {pattern!r}: escape the - behind a range within […]")
        out.append(item)
    if len(out) == 1:
        raise PatternError(f"pattern {pattern!r}: escape ] within […]")
    return "".join(out) + "]", at + 1


def _member(pattern: str, start: int, at: int) -> tuple[str, int]:
    """One character of a class (two with its backslash), or the ranges that a \\d, \\w or \\s stands for."""
    char = pattern[at : at + 1]
    if not char:
        raise PatternError(f"pattern {pattern!r}: the [ at {start + 1} is never closed")
    if char == "\\":
        return _escape(pattern, at, inside=True)
    if char == "[" or pattern[at : at + 2] in ("&&", "--", "~~"):
        raise PatternError(f"pattern {pattern!r}: escape {char} within […]; classes cannot be nested")
    return (rf"\{char}" if char in "-^&~|" else char), at + 1

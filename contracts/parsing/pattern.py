"""The regular expressions that a contract may use: what Java and Rust match alike, ASCII classes throughout."""

import re

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\x0B"}
_CONTROLS = frozenset("tnrf")
_PUNCTUATION = frozenset(r"""\.^$|?*+()[]{}-/'"&~#@%,;:=<>!_ """)
_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(?:,([0-9]*))?\}", re.ASCII)
_MAX_REPETITIONS = 1000  # Rust refuses patterns that grow too big
_ANCHORS = {"^": r"\A", "$": r"\z"}  # in the middle of a text, Java's $ stands before a last line end, too


class PatternError(ValueError):
    """The pattern uses something on which the engines disagree."""


def portable(pattern: str) -> str:
    r"""The pattern in the form that every engine is given, to be matched whole: `\A(?:…)\z`.

    Raises PatternError for look-around, back-references, flags, and everything else outside the subset.
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        piece, at = _next_piece(pattern, at)
        out.append(piece)
    body = "".join(out)
    try:
        re.compile(body.replace(r"\z", r"\Z"))  # Python's name for it, before 3.14
    except re.error as error:
        raise PatternError(f"pattern {pattern!r} is not a regular expression: {error}") from error
    return rf"\A(?:{body})\z"


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

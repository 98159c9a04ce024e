"""The regular expressions of a contract: what all engines match alike, or a refusal that says why."""

import re

import pytest

from contracts.parsing.pattern import PatternError, portable


def _matches(pattern: str, text: str) -> bool:
    """As an engine does it; Python calls the end of a text by another name."""
    return re.search(portable(pattern).replace(r"\z", r"\Z"), text) is not None


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("^[A-Z]{5}$", ["ABCDE"], ["ABCDE\n", "\nABCDE", "ABCDEF", "abcde"]),
        ("[A-Z]{2}", ["AB"], ["ABC", "xAB"]),
        (r"\d+", ["0123"], ["٣", "", "1 "]),
        (r"\w+", ["aZ_9"], ["ü", "a-b"]),
        (r"\s", [" ", "\t", "\n", "\x0b"], ["\u00a0", "\u2028"]),
        (r"[\d\-]+", ["1-2"], ["1+2"]),
        (r"\D", ["a", "٣", "\n"], ["1"]),
        ("a.c", ["abc", "a\rc", "aüc"], ["a\nc"]),
        ("a|b", ["a", "b"], ["ab", "xa"]),
        ("(?:a|b)+", ["abba"], ["abc"]),
        ("(ab){2,3}", ["abab", "ababab"], ["ab", "abababab"]),
        ("a*?b", ["aab"], ["aabb"]),
        (r"\.\-\/\$", [".-/$"], ["a-/$"]),
        ("", [""], ["a"]),
        (r"[^,]*", ["a\nb"], ["a,b"]),
    ],
)
def test_a_pattern_is_matched_whole_with_ascii_classes(pattern: str, matching: list[str], other: list[str]) -> None:
    """Java and Rust disagree on the rest."""
    assert [text for text in matching if not _matches(pattern, text)] == []
    assert [text for text in other if _matches(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?i)a", "(?P<x>a)", "(?<x>a)", "(?>a)"),
        *(r"(a)\1", r"\k<x>", r"\p{L}", r"\bword\b", r"\A", r"\Z", r"\z", r"\x41", r"\u0041", r"\h", r"\e", r"\Qa\E"),
        *("a++", "a*+", "a?+", "a{2}+", "a{", "a}", "]", "[a", "[]", "[a&&b]", "[a[b]]", "[[:alpha:]]", "[a--b]"),
        *("(", ")", "*a", "a**", "[b-a]", "a{3,2}", "\\"),
    ],
)
def test_what_engines_read_differently_is_refused(pattern: str) -> None:
    """When the contract is checked, not when a file is read."""
    with pytest.raises(PatternError, match="pattern"):
        portable(pattern)

"""A pattern reads each text in one way, so that an engine which tries all ways is done soon; counted, not timed."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.notation.grouping import GROUPINGS
from contracts.notation.texts import STRING_FORMATS
from contracts.parsing.dialect import parse_dialect
from contracts.parsing.fields import Fields, Problems
from contracts.parsing.pattern import PatternError, _pieces, longest_match, portable
from contracts.parsing.regex_tree import Characters, Choice, Node, Repeat, Row, character_ranges, parse_tree, size
from contracts.types import ColumnType
from pipeline_jobs.judging import cleansing, grammar, moments

ONE_WAY = [
    *("[A-Z]{2}-[0-9]{6}", r"\d{3}-\d{4}", "[a-z]+(-[a-z]+)*", "[A-Z][a-z]*( [A-Z][a-z]*)*", "^[A-Z]{2}[0-9]{9}$"),
    *(
        r"[^@]+@[^@]+\.[a-z]{2,}",
        r"[\w.+\-]+@[\w\-]+\.[\w.\-]+",
        r"https?://[^/ ]+(/.*)?",
        "[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}",
    ),
    *(r"\d{1,3}(,\d{3})*(\.\d+)?", r"(\+\d{1,3} )?\d+( \d+)*", r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    *(
        r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}",
        r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    ),
    *("Mr|Mrs|Ms", "(DE|DK|FR)(,(DE|DK|FR))*", "(a|ab)*", ".*x", r".*\.csv", r"\w+\d", r"\s*\S.*", r"\d+(\s\w*)?"),
    *("", "()", "a{0}", "a*?b", "(ab){2,3}", "[0-9a-f]{128}", "[0-9a-f]{1,1000}", "(a?b){3}", "a{2,}b?"),
]
TWO_WAYS = [
    *("(a+)+", "(a+)*b", "(a|a)*", "(a|b|ab)*", r"\d*\d*x", ".*.*", "[a-z]*[a-m]+", "[a-z]*x?[a-z]*", r"([a-z]+)*@"),
    *(r"(\w+\s?)+", r"\d+\s?\w*", "(x+x+)+y", ".*foo.*", "(a|b)*a(a|b)*", "a?a?", "(a?){3}", "a?b?a?", r"(\d+){2}"),
    *("(a{1,10}){1,10}", "([ab]|[bc])+", "a|[a-c]", r"[^@]+@?[^@]+", r"[^\d]*\D*", r"(\.|[.a])*"),
]
EMPTY_TWICE = ["(a*)*", "(a*b?)*", "(.*)+", "(|a)+", "a*|b*", "(a?)?", "(a?){2,3}", "()*", "(|)"]


class TooManySteps(Exception):
    """The text took more looks at a character than a pattern that is read in one way does."""


class Backtracking:
    """The plainest engine that tries one way after the other, as Java's and Python's do."""

    def __init__(self, most: int) -> None:
        self._left = most

    def matches(self, tree: Node, text: str) -> bool:
        """Raises TooManySteps after `most` looks at a character."""
        return self._match(tree, text, 0, lambda end: end == len(text))

    def _match(self, node: Node, text: str, at: int, then: Callable[[int], bool]) -> bool:
        if isinstance(node, Characters):
            return self._is_one(node, text[at : at + 1]) and then(at + 1)
        if isinstance(node, Choice):
            return any(self._match(branch, text, at, then) for branch in node.branches)
        if isinstance(node, Row):
            return self._row(node.parts, text, at, then)
        return self._repeat(node, text, at, then)

    def _is_one(self, node: Characters, char: str) -> bool:
        self._left -= 1
        if self._left < 0:
            raise TooManySteps
        return char != "" and any(first <= ord(char) <= last for first, last in node.ranges)

    def _row(self, parts: tuple[Node, ...], text: str, at: int, then: Callable[[int], bool]) -> bool:
        if not parts:
            return then(at)
        return self._match(parts[0], text, at, lambda end: self._row(parts[1:], text, end, then))

    def _repeat(self, node: Repeat, text: str, at: int, then: Callable[[int], bool]) -> bool:
        if node.most != 0:
            fewer = Repeat(node.body, max(0, node.least - 1), node.most and node.most - 1)
            if self._match(node.body, text, at, lambda end: self._repeat(fewer, text, end, then)):
                return True
        return node.least == 0 and then(at)


def _steps(tree: Node, text: str) -> int:
    """As many as there are places in the pattern, each looked at from each place, at each character."""
    return (len(text) + 1) * (size(tree) + 1) ** 2


def _tree(pattern: str) -> Node:
    return parse_tree(_pieces(pattern))


_PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\w"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda branches: f"({'|'.join(branches)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])).map(
            lambda two: "({}){}".format(*two)
        ),
    ),
    max_leaves=5,
)
_TEXTS = [(word * 40)[:40] + tail for word in ("a", "b", "ab", "aab", "abb") for tail in ("", "!", "a\n")]


@settings(max_examples=300)
@given(_PATTERNS)
def test_whatever_is_accepted_is_matched_in_steps_in_line_with_the_text(pattern: str) -> None:
    """By an engine that tries every way."""
    try:
        portable(pattern)
    except PatternError:
        return

    for text in _TEXTS:
        Backtracking(_steps(_tree(pattern), text)).matches(_tree(pattern), text)


@pytest.mark.parametrize("pattern", ONE_WAY)
def test_what_people_write_is_accepted_and_costs_little(pattern: str) -> None:
    """Also on texts that begin well for long and end badly."""
    portable(pattern)

    tree = _tree(pattern)
    for text in _spoilt(pattern):
        Backtracking(_steps(tree, text)).matches(tree, text)


def _spoilt(pattern: str) -> Iterable[str]:
    words = ("a", "0", "A", "1.", "a-", "Aa ", "DE,", "a@a.", " ", "ab", "255.", ",000", "https://a/")
    return ((word * 60)[:60] + "!" for word in words)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", ".*.*b", "a*a*a*b", "(a{1,10}){1,10}b"])
def test_the_count_of_steps_tells_what_is_refused(pattern: str) -> None:
    """Else the tests above would hold for any pattern."""
    text = "a" * 60 + "!"

    with pytest.raises(TooManySteps):
        Backtracking(_steps(_tree(pattern), text)).matches(_tree(pattern), text)


@pytest.mark.parametrize("pattern", TWO_WAYS)
def test_what_reads_a_text_in_two_ways_is_refused_with_that_text(pattern: str) -> None:
    """And with the pieces at which the ways part."""
    with pytest.raises(PatternError, match=r"reads '.+' in two ways, by .+ \(character \d+\) or .+ \(character \d+\)"):
        portable(pattern)


@pytest.mark.parametrize("pattern", EMPTY_TWICE)
def test_what_is_empty_in_two_ways_is_refused(pattern: str) -> None:
    """An engine could repeat nothing for ever."""
    with pytest.raises(PatternError, match="two ways to be empty"):
        portable(pattern)


def test_the_pieces_of_the_refusal_are_those_of_the_pattern() -> None:
    """As they are written, and where."""
    with pytest.raises(PatternError) as caught:
        portable(r"x[a-z]*\w+")

    assert "reads 'xaa' in two ways, by [a-z] (character 2) or \\w (character 8);" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("(" * 21 + "a" + ")" * 21, "20 are the most"),
        ("a" * 1001, "1000 are the most"),
        ("((a{10}){10}){11}", "has 1100 characters with its repetitions written out"),
        ("((((){1000}){1000}){1000}){1000}", "with its repetitions written out"),
        ("(((a{0}){1000}){1000}){1000}", "with its repetitions written out"),
        ("((a{0,100}b){0,100}c){0,100}", "with its repetitions written out"),
        (".*[a-z]{900}", "too many branches or repetitions"),
        ("|".join(f"{one}{two}" for one in "ABCDEFGHIJKLMNO" for two in "ABCDEFGHIJKLMNO"), "an enum"),
    ],
)
def test_a_pattern_is_no_larger_than_can_be_looked_over(pattern: str, word: str) -> None:
    """The check itself is bounded, too."""
    with pytest.raises(PatternError, match=word):
        portable(pattern)


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        *(("", 0), ("abc", 3), ("a|bcd|ef", 3), ("a?", 1), ("[a-z]{2,5}x", 6), ("(ab{3}){2}", 8), ("^a$", 1)),
        *(("a*", None), ("(ab+|c)", None), ("a{2,}", None), ("x(a|b*)y", None)),
    ],
)
def test_the_longest_text_that_a_pattern_matches_is_known(pattern: str, longest: int | None) -> None:
    """Or that there is none."""
    assert longest_match(pattern) == longest


@pytest.mark.parametrize(
    ("text", "members", "others"),
    [
        *(("a", "a", "b"), (r"\.", ".", "a"), (r"\t", "\t", "t"), ("[^\n]", "a\r\U0010ffff", "\n"), ("[", "[", "a")),
        *(
            (r"[a-c\-x]", "abc-x", "d"),
            ("[^a-y]", "`z", "amy"),
            (r"[ \t\n\r\f\x0B]", " \x0b", "x"),
            (r"[\]\\]", "]\\", "x"),
        ),
    ],
)
def test_the_characters_of_a_piece_are_those_that_engines_match(text: str, members: str, others: str) -> None:
    """Ranges, escapes and all that is left out."""
    ranges = character_ranges(text)

    def holds(char: str) -> bool:
        return any(first <= ord(char) <= last for first, last in ranges)

    assert [char for char in members if not holds(char)] == []
    assert [char for char in others if holds(char)] == []


_FORMATS = ("dd.MM.yyyy", "yyyyMMdd'T'HHmmss.SSSSSSXXX", "d/M/yyyy h:mm a", "d. MMMM yy")


@pytest.mark.parametrize(
    "regex",
    [
        *(*STRING_FORMATS.values(), grammar._INTEGER, grammar._DOUBLE, moments._ISO_DATE, moments._ISO_TIMESTAMP),
        *(grouping.pattern for grouping in GROUPINGS.values()),
        *(grammar._decimal(ColumnType.parse(kind)) for kind in ("decimal(38,0)", "decimal(38,38)", "decimal(9,2)")),
        *(moments._Pattern.of(form, parse_dialect(Fields({}, "csv", Problems()))).regex for form in _FORMATS),
        *(cleansing.PARENTHESES, cleansing.ZERO_FRACTION, moments._EXCEL_DAY),
    ],
)
def test_our_own_patterns_read_a_cell_in_one_way_too(regex: str) -> None:
    """They are held against cells of any length."""
    portable(regex.removeprefix(r"\A").removesuffix(r"\z"))

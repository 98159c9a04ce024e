"""YAML without surprises: whatever two readers may take for different values is refused."""

from decimal import Decimal

import pytest
import yaml

from contracts.parsing.document import MAX_CHARACTERS, parse_yaml

_HUNDRED = "a: &a {b: 1}\n" + "".join(f"c{at}: *a\n" for at in range(100))
_MANY = "a: &a [" + "1, " * 1019 + "1]\n" + "".join(f"c{at}: *a\n" for at in range(96))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("True", True), ("FALSE", False), ("~", None), ("-7", -7), ("0", 0), ("a y", "a y"), ("12 3", "12 3")),
        *(("1.10", Decimal("1.10")), (".5", Decimal("0.5")), ("1.5e+3", Decimal("1.5e+3")), ("1.0.0", "1.0.0")),
        *(("'y'", "y"), ('"010"', "010"), ("'2026-11-21'", "2026-11-21"), ("'~'", "~"), ("'1.0'", "1.0")),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, value: object) -> None:
    """A fraction keeps its zeros, what is quoted is a text."""
    parsed = parse_yaml(f"[{text}]")

    assert parsed == [value]
    assert isinstance(parsed, list)
    assert type(parsed[0]) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("y", "N", "NO", "Yes", "on", "off", "010", "+5", "0x1F", "0o17", "0b11", "1_000", "1_0.5", "1e3", "1.5e3"),
        *(
            "12:30",
            "12:30:45",
            "1:30.5",
            "-.INF",
            ".NaN",
            "2026-11-21",
            "2026-1-2",
            "2026-11-21T10:00:00Z",
            "=",
            "-01",
            "<<",
        ),
    ],
)
def test_what_two_readers_take_for_different_values_is_to_be_quoted(text: str) -> None:
    """As a value, as a key, in a list; every such line is named at once."""
    for document in (f"a: 1\nb: {text}", f"a: 1\n{text}: b", f"a: 1\nb: [{text}]"):
        with pytest.raises(ValueError, match="quote it: line 2: ") as caught:
            parse_yaml(document)
        assert str(caught.value).endswith(f"line 2: {text}")
    with pytest.raises(ValueError, match=r"line 1: .*; line 2: "):
        parse_yaml(f"a: {text}\nb: {text}")
    assert parse_yaml(f"'{text}': '{text}'") == {text: text}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: 1\na: 2",
            "a: {b: 1, b: 2}",
            "{[a]: 1}",
            "{{a: 1}: 1}",
            "a: [1",
            "!!python/object/apply:os.system [x]",
            "1: a",
            "true: a",
        ),
        *("a: &x 1\nb: *y", "\x00", "a: 1\n\tb: 2", "a\n--- \nb"),
    ],
)
def test_what_is_ambiguous_or_no_yaml_is_refused_in_one_line(text: str) -> None:
    """With the line where it is; a double key would silently lose the first."""
    with pytest.raises(ValueError, match="not a YAML document") as caught:
        parse_yaml(text)

    assert "\n" not in str(caught.value)


WITHIN = {
    "depth of lists": "[" * 50 + "]" * 50,
    "depth of mappings": "{a: " * 50 + "1" + "}" * 50,
    "depth of a block": "- " * 50 + "a",
    "brackets in a text": "# " + "[" * 500 + "\na: '" + "[" * 500 + "'",
    "aliases": _HUNDRED,
    "values": _MANY,
    "alias of a text": "a: &a x\nb: *a",
    "characters": "a: " + "x" * (MAX_CHARACTERS - 3),
}
BEYOND = {
    "depth of lists": ("[" * 51 + "]" * 51, "line 1: mappings and lists stand more than 50 deep"),
    "depth of mappings": ("{a: " * 51 + "1" + "}" * 51, "more than 50 deep"),
    "depth of a block": ("- " * 51 + "a", "more than 50 deep"),
    "depth of lines": (
        "\n".join(" " * at + "a:" for at in range(52)),
        "line 51: mappings and lists stand more than 50",
    ),
    "aliases": (_HUNDRED + "d: *a", "line 102: more than 100 aliases"),
    "values by aliases": (_MANY + "d: *a", "line 98: more than 100000 values"),
    "values": ("[" + "a," * 100_000 + "]", "more than 100000 values"),
    "tag": ("a: 1\nb: !!str 1", "line 2: it has the tag tag:yaml.org,2002:str"),
    "aliases of aliases": (
        "a: &a [x]\nb: &b [*a, *a]\nc: *b",
        "line 2: the alias *a stands within what an anchor names",
    ),
    "alias of itself": ("a: &a [*a]", "stands within what an anchor names"),
    "characters": ("a: " + "x" * (MAX_CHARACTERS - 2), "more than 1000000 characters"),
}


@pytest.mark.parametrize("limit", WITHIN)
def test_a_document_within_the_limits_is_read(limit: str) -> None:
    """To the last depth, alias, value and character that is allowed."""
    assert parse_yaml(WITHIN[limit])


@pytest.mark.parametrize("limit", BEYOND)
def test_what_would_cost_more_than_it_says_is_refused_before_it_is_built(limit: str) -> None:
    """Depth ends the loader's process, aliases multiply what stands once."""
    text, problem = BEYOND[limit]

    with pytest.raises(ValueError, match="document") as caught:
        parse_yaml(text)

    assert problem in str(caught.value)


def test_a_refused_document_was_not_given_to_the_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be too late to look at what it built."""
    monkeypatch.setattr(yaml, "load", lambda *_, **__: pytest.fail("the loader was asked"))

    for text, _ in BEYOND.values():
        with pytest.raises(ValueError, match="document"):
            parse_yaml(text)

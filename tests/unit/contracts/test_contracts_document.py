"""YAML without surprises: what is no plain number, no true and no false is a text."""

from decimal import Decimal

import pytest

from contracts.parsing.document import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("NO", "NO"), ("off", "off"), ("y", "y"), ("True", True), ("FALSE", False)),
        *(("010", "010"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("0b11", "0b11"), ("-7", -7)),
        *(("1.10", Decimal("1.10")), (".5", Decimal("0.5")), ("1.5e+3", Decimal("1.5e+3")), ("1:30.5", "1:30.5")),
        *((".inf", ".inf"), (".NaN", ".NaN"), ("1_0.5", "1_0.5"), ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z")),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, value: object) -> None:
    """Norway is a country, a leading zero is no octal, a fraction keeps its zeros."""
    parsed = parse_yaml(f"[{text}]")

    assert parsed == [value]
    assert isinstance(parsed, list)
    assert type(parsed[0]) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("a: 1\na: 2", "a: {b: 1, b: 2}", "{[a]: 1}", "{{a: 1}: 1}", "a: [1", "!!python/object/apply:os.system [x]"),
        *("a: &x 1\nb: *y", "\x00", "a: 1\n\tb: 2", "a\n--- \nb"),
    ],
)
def test_what_is_ambiguous_or_no_yaml_is_refused_in_one_line(text: str) -> None:
    """With the line where it is; a double key would silently lose the first."""
    with pytest.raises(ValueError, match="not a YAML document") as caught:
        parse_yaml(text)

    assert "\n" not in str(caught.value)

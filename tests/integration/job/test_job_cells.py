"""A cell's way to its value, and the checks of values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

# What a property says, and of its cells: the value's text (None: NULL), or the rules that the cell breaks.
WAYS: list[tuple[dict[str, Any], dict[str, str | list[str] | None]]] = [
    ({"cleanse": ["trim"]}, {" \t\r\n\f\va b\v ": "a b", "  ": None, "\u00a0x": "\u00a0x"}),
    ({"cleanse": ["upper"]}, {"straße": "STRASSE", "é": "É"}),
    ({"cleanse": ["lower"]}, {"ÀB": "àb"}),
    ({"cleanse": ["trim", "upper"], "nullTokens": ["NA"]}, {" na ": None, "NA": None, "": ""}),
    ({"cleanse": ["upper"], "nullTokens": ["na"]}, {"na": "NA"}),
    ({"nullTokens": ["NULL", "-"]}, {"NULL": None, "null": "null", " -": " -", "-": None, "": ""}),
    ({"nullTokens": []}, {"": "", "x": "x"}),
    ({"default": "none"}, {"": "none", "x": "x"}),
    ({"default": "none", "required": True}, {"": "none"}),
    ({"required": True}, {"": ["required:value"], " ": " "}),
    ({"required": True, "nullTokens": ["?"]}, {"?": ["required:value"], "": ""}),
    ({"physicalType": "int", "default": "7"}, {"": "7", "x": ["type:value"]}),
    ({"physicalType": "int", "default": "x"}, {"": ["type:value"]}),
    ({"physicalType": "int", "required": True}, {"x": ["type:value"], "": ["required:value"]}),
    ({"physicalType": "int", "nullTokens": ["NULL"]}, {" NULL": ["type:value"], "NULL": None, "": ["type:value"]}),
    (
        {"physicalType": "decimal(9,2)", "cleanse": ["decimalComma"]},
        {"1,5": "1.50", "1.5": ["type:value"], "1.000,5": ["type:value"], "1,2,3": ["type:value"], "7": "7.00"},
    ),
    (
        {"physicalType": "decimal(12,2)", "cleanse": ["groupPoint", "decimalComma"]},
        {"1.234,56": "1234.56", " -12.345.678 ": "-12345678.00", "1234,5": "1234.50", "+1.000": "1000.00"}
        | {key: ["type:value"] for key in ("1.23", "0.123", "1.2345,6", "1.234.56", "1.234,", "1,234.5", "x.123")},
    ),
    (
        {"physicalType": "double", "cleanse": ["groupComma"]},
        {"1,234.56": "1234.56", "1234.5": "1234.5"}
        | {key: ["type:value"] for key in ("1,23", "12,34,567", "1,234,5", ",123")},
    ),
    (
        {"physicalType": "decimal(12,2)", "cleanse": ["groupBlank", "decimalComma"]},
        {"1 234,56": "1234.56", "1\u00a0234\u202f567": "1234567.00", " 12 ": "12.00"}
        | {key: ["type:value"] for key in ("1 2", "1 2345", "1  234")},
    ),
    (
        {"physicalType": "int", "cleanse": ["groupApostrophe"], "nullTokens": ["-"]},
        {"1'234": "1234", "1\u2019234\u2019567": "1234567", "-": None}
        | {key: ["type:value"] for key in ("1'23", "'123", "1'234.0")},
    ),
    (
        {"physicalType": "int", "cleanse": ["decimalComma", "dropZeroFraction"]},
        {"17850,0": "17850", "7": "7", "-3,000": "-3"} | {key: ["type:value"] for key in ("1,5", "1.0", "1,", ",0")},
    ),
    (
        {"physicalType": "decimal(9,2)", "cleanse": ["parentheses", {"unit": ["€", "US$", "$", "%"]}, "trailingMinus"]},
        {"12.50 €": "12.50", "€12.50": "12.50", "US$ 5": "5.00", "-$5": "-5.00", "12 %": "12.00", "7.5-": "-7.50"}
        | {"(12.50)": "-12.50", " (5 €) ": "-5.00", "($5)": "-5.00", "3": "3.00", "4\u00a0€": "4.00"}
        | {key: ["type:value"] for key in ("€5€", "5 €-", "(-5)", "-5-", "()", "(5", "£5", "€", "5--", "-(5)")},
    ),
    (
        {"physicalType": "decimal(9,2)", "cleanse": [{"unit": ["EUR"]}, "groupPoint", "decimalComma"]},
        {"1.234,50 EUR": "1234.50", "EUR 7": "7.00", "1.2 EUR": ["type:value"], "5 eur": ["type:value"]},
    ),
    (
        {"cleanse": ["trim", {"padLeft": {"length": 5, "with": "0"}}]},
        {"7": "00007", " 42 ": "00042", "123456": "123456", "": None, "äö": "000äö"},
    ),
    ({"cleanse": [{"replace": {"old": ".*", "new": "$1"}}]}, {"a.*b.*": "a$1b$1", "axb": "axb"}),
    ({"physicalType": "date", "cleanse": [{"replace": {"old": "/", "new": "-"}}]}, {"2026/03/02": "2026-03-02"}),
    (
        {"physicalType": "boolean", "trueTokens": ["Ja", "j"], "falseTokens": ["nein"]},
        {"JA": "true", " j ": "true", "nein": "false", "yes": ["type:value"], "1": ["type:value"], "": None},
    ),
    ({"physicalType": "double", "cleanse": ["decimalComma"]}, {"1,5e3": "1500.0", "1.5": ["type:value"]}),
    (
        {"physicalType": "timestamp", "cleanse": ["decimalComma"]},
        {"2026-01-01 00:00:00,5": "2026-01-01 00:00:00.5", "2026-01-01 00:00:00.5": ["type:value"]},
    ),
    (
        {"physicalType": "int", "minimum": 1, "maximum": 3},
        {"0": ["minimum:value"], "1": "1", "3": "3", "4": ["maximum:value"], "": None, "x": ["type:value"]},
    ),
    ({"physicalType": "bigint", "maximum": 9223372036854775807}, {"9223372036854775807": "9223372036854775807"}),
    (
        {"physicalType": "decimal(38,10)", "minimum": Decimal("0.5"), "maximum": 10},
        {
            "0.4999999999": ["minimum:value"],
            "0.5": "0.5000000000",
            "9" * 28 + ".5": ["maximum:value"],
            "10": "10.0000000000",
        },
    ),
    (
        {"physicalType": "decimal(38,0)", "minimum": Decimal("-0.5"), "maximum": "1e3"},
        {"9" * 38: ["maximum:value"], "-1": ["minimum:value"], "0": "0", "1000": "1000", "1001": ["maximum:value"]},
    ),
    (
        {"physicalType": "tinyint", "minimum": Decimal(-1000), "maximum": Decimal("1000.5")},
        {"-128": "-128", "127": "127"},
    ),
    ({"physicalType": "tinyint", "minimum": 128}, {"127": ["minimum:value"], "": None}),
    ({"physicalType": "decimal(38,38)", "maximum": -1}, {"0.5": ["maximum:value"], "x": ["type:value"]}),
    (
        {"physicalType": "int", "minimum": Decimal("0.5"), "maximum": "1.5"},
        {"0": ["minimum:value"], "1": "1", "2": ["maximum:value"]},
    ),
    ({"physicalType": "double", "minimum": Decimal("0.1")}, {"0.1": "0.1", "0.09999999999999999": ["minimum:value"]}),
    (
        {"physicalType": "date", "minimum": "2026-01-01", "maximum": "2026-12-31"},
        {"2025-12-31": ["minimum:value"], "2026-01-01": "2026-01-01", "2027-01-01": ["maximum:value"]},
    ),
    (
        {"physicalType": "timestamp", "minimum": "2026-01-01T00:00:00+01:00", "maximum": "2026-01-01T12:00:00.5"},
        {
            "2025-12-31T22:59:59Z": ["minimum:value"],
            "2025-12-31T23:00:00Z": "2025-12-31 23:00:00",
            "2026-01-01 12:00:00.5": "2026-01-01 12:00:00.5",
            "2026-01-01 12:00:00.500001": ["maximum:value"],
        },
    ),
    (
        {"minLength": 2, "maxLength": 3},
        {"a": ["minLength:value"], "äö": "äö", "\U0001f600b": "\U0001f600b", "abcd": ["maxLength:value"], "": None},
    ),
    (
        {"pattern": "^[A-Z]{2}$"},
        {"AB": "AB", "AB\n": ["pattern:value"], "xAB": ["pattern:value"], "ABC": ["pattern:value"], "": None},
    ),
    ({"pattern": "a|bc"}, {"a": "a", "bc": "bc", "abc": ["pattern:value"], "ac": ["pattern:value"]}),
    (
        {"pattern": r"\d+(\s\w*)?", "maxLength": 9},
        {"12 x_": "12 x_", "\u0661": ["pattern:value"], "1\u00a0x": ["pattern:value"]},
    ),
    (
        {"pattern": "[a-z]+", "maxLength": 3},
        {"abc": "abc", "abcd": ["maxLength:value"], "A": ["pattern:value"], "\U0001f600" * 4: ["maxLength:value"]},
    ),
    ({"pattern": "[a-z]{2,9}"}, {"a" * 9: "a" * 9, "a" * 10: ["pattern:value"], "a" * 5000: ["pattern:value"]}),
    (
        {"pattern": "([a-z]-?)*[0-9]", "maxLength": 1000},
        {"a-" * 499 + "a1": "a-" * 499 + "a1", "a-" * 500: ["pattern:value"], "a" * 1001: ["maxLength:value"]},
    ),
    ({"pattern": "."}, {"ä": "ä", "\n": ["pattern:value"], "\r": "\r", "\U0001f600": "\U0001f600"}),
    ({"enum": [{"value": "a"}, {"value": "B"}]}, {"a": "a", "b": ["enum:value"], "B": "B", "": None}),
    ({"physicalType": "int", "enum": [{"value": 1}, {"value": 2}]}, {"01": "1", "3": ["enum:value"], "+2": "2"}),
    ({"physicalType": "decimal(5,2)", "enum": [{"value": Decimal("1.5")}]}, {"1.50": "1.50", "1.51": ["enum:value"]}),
    (
        {"physicalType": "date", "enum": [{"value": "2026-01-01"}]},
        {"2026-01-01": "2026-01-01", "2026-01-02": ["enum:value"]},
    ),
    (
        {"format": "uuid"},
        {
            "123e4567-e89b-12d3-a456-426614174000": "123e4567-e89b-12d3-a456-426614174000",
            "123E4567-E89B-12D3-A456-426614174000": "123E4567-E89B-12D3-A456-426614174000",
            "123e4567e89b12d3a456426614174000": ["format:value"],
            "{123e4567-e89b-12d3-a456-426614174000}": ["format:value"],
        },
    ),
    (
        {"format": "email"},
        {"a@b.ch": "a@b.ch", "a@b": ["format:value"], "a b@c.ch": ["format:value"], "@b.ch": ["format:value"]},
    ),
    (
        {"format": "uri"},
        {
            "https://x/ä?y": "https://x/ä?y",
            "mailto:a@b": "mailto:a@b",
            "x": ["format:value"],
            "a b:c": ["format:value"],
        },
    ),
    (
        {"minLength": 3, "maxLength": 3, "pattern": "[a-z]+", "enum": [{"value": "abc"}], "format": "uri"},
        {"A": ["minLength:value", "pattern:value", "enum:value", "format:value"]},
    ),
]


@pytest.mark.parametrize(("property_", "cells"), WAYS)
def test_a_cell_goes_its_way_in_this_order(
    judging: "JobDesk", property_: Mapping[str, Any], cells: Mapping[str, str | list[str] | None]
) -> None:
    """Cleanse, null tokens, default, blanks, grammar, checks: each on what the one before gave."""
    found = judging.judged({"physicalType": "string", **property_}, cells)

    assert found == cells


def test_groups_that_are_none_make_a_bad_cell(judging: "JobDesk") -> None:
    """What would be a number without the rule, and another one than was meant."""
    whole = {"physicalType": "decimal(9,2)", "cleanse": ["groupPoint", "decimalComma"]}

    assert judging.judged(whole, ("1.23", "0.123")) == {"1.23": ["type:value"], "0.123": ["type:value"]}
    assert judging.judged({"physicalType": "int", "cleanse": ["groupPoint"]}, ("1.23",)) == {"1.23": ["type:value"]}
    assert judging.judged({"physicalType": "decimal(9,0)", "cleanse": ["groupComma"]}, ("1,23", "1,234")) == {
        "1,23": ["type:value"],
        "1,234": "1234",
    }


def test_a_text_that_is_too_long_breaks_maxlength_alone(judging: "JobDesk") -> None:
    """The pattern is not held against it, nor against its beginning, whatever stands there."""
    texts = ("abc", "abcd", "ABCD", "AB")

    found = judging.judged({"physicalType": "string", "pattern": "[a-z]+", "maxLength": 3}, texts)

    assert list(found.values()) == ["abc", ["maxLength:value"], ["maxLength:value"], ["pattern:value"]]

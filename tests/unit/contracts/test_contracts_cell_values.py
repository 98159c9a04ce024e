"""The values that a contract itself holds are held against the grammar of their column."""

from decimal import Decimal
from typing import Any

import pytest

from contracts.checking.cell_values import is_value, value_problems
from contracts.contract import Contract
from contracts.parsing.parse import parse_contract


def _contract(kind: str, options: dict[str, Any] | None = None, **fields: Any) -> Contract:
    ours = {name: fields.pop(name) for name in ("default", "cleanse") if name in fields}
    column = {
        "name": "c",
        "physicalType": kind,
        "logicalTypeOptions": options,
        "customProperties": [{"property": name, "value": value} for name, value in ours.items()],
        **fields,
    }
    csv = {"dateFormats": ["dd.MM.yyyy"], "timestampFormats": ["d/M/yyyy h:mm a", "epochSeconds"]}
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": [column]}],
        "customProperties": [{"property": "filePattern", "value": "x"}, {"property": "csv", "value": csv}],
    }
    return parse_contract(document, "things")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("tinyint", ["127", "-128", "+7", " 007 "], ["128", "-129", "1.0", "", "1e1", "٣", "1 000"]),
        ("decimal(5,2)", ["123.45", "000123.4", "-1", "+0.00"], ["1234.5", "1.234", "1.", ".5", "1,5", "1e2"]),
        ("decimal(2,2)", ["0.25", "00.1", "0"], ["1.25", "0.125"]),
        ("double", ["1", "1.5e-7", "+1E9"], ["1e999", "NaN", "inf", "0x1", "1.", "1e"]),
        ("boolean", ["TRUE", "f", "Yes", "n", "0"], ["2", "on", "", "tru"]),
        (
            "date",
            ["2026-02-28", "28.02.2026", " 2026-02-28 "],
            ["2026-02-29", "31.04.2026", "2026-2-8", "20260228", "0000-01-01"],
        ),
        (
            "timestamp",
            [
                "2026-02-28T10:00:00Z",
                "2026-02-28 10:00",
                "2026-02-28 10:00:00.123456+0100",
                "8/2/2026 9:05 pm",
                "1700000000",
            ],
            [
                "2026-02-28",
                "2026-02-28 24:00:00",
                "2026-02-30 10:00:00",
                "8/2/2026 13:05 pm",
                "2026-02-28 10:00:00.1234567",
            ],
        ),
        ("string", ["", " x ", "\n"], ["a\0b"]),
    ],
)
def test_a_value_is_in_the_grammar_of_its_type(kind: str, good: list[str], bad: list[str]) -> None:
    """The written grammar, blanks around it dropped for every type but string."""
    contract = _contract(kind)
    column = contract.file_columns[0]

    assert [text for text in good if not is_value(text, column, contract.csv)] == []
    assert [text for text in bad if is_value(text, column, contract.csv)] == []


@pytest.mark.parametrize(
    ("kind", "fields", "word"),
    [
        ("int", {"default": "none"}, "default 'none' is no int"),
        ("int", {"default": "1" * 5000}, "is no int"),
        ("double", {"default": "1e-99999999999999999999", "options": {"minimum": 1}}, "is no double"),
        ("int", {"default": "3", "enum": [{"value": 1}]}, "default '3' is not in the enum"),
        ("int", {"default": "0", "options": {"minimum": 1}}, "default '0' breaks minimum"),
        ("int", {"default": "9", "options": {"maximum": 1}}, "default '9' breaks maximum"),
        ("string", {"default": "abcd", "options": {"maxLength": 3}}, "default 'abcd' breaks maxLength"),
        ("string", {"default": "a", "options": {"minLength": 3}}, "default 'a' breaks minLength"),
        ("string", {"default": "a\n", "options": {"pattern": "^[a-z]$"}}, "default 'a\\n' breaks pattern"),
        ("decimal(5,2)", {"enum": [{"value": Decimal("1.125")}]}, "enum '1.125' is not how"),
        ("boolean", {"enum": [{"value": "yes"}]}, "enum 'yes' is not how"),
        ("date", {"enum": [{"value": "28.02.2026"}]}, "enum '28.02.2026' is not how"),
        ("timestamp", {"enum": [{"value": "2026-02-28T10:00:00Z"}]}, "is not how a timestamp"),
        ("int", {"options": {"minimum": 2, "maximum": 1}}, "minimum 2 is above maximum 1"),
        ("date", {"options": {"minimum": "2026-02-02", "maximum": "2026-02-01"}}, "is above maximum"),
        (
            "date",
            {"default": "01.01.1900", "options": {"minimum": "2000-01-01"}},
            "default '01.01.1900' breaks minimum",
        ),
        (
            "date",
            {"default": "1900-01-01", "enum": [{"value": "2026-02-28"}]},
            "default '1900-01-01' is not in the enum",
        ),
        ("timestamp", {"default": "1", "options": {"maximum": "1970-01-01T00:00:00"}}, "default '1' breaks maximum"),
        ("string", {"default": "none", "options": {"format": "uuid"}}, "default 'none' breaks format"),
        ("string", {"default": "a@b.c\n", "options": {"format": "email"}}, "default 'a@b.c\\n' breaks format"),
        (
            "timestamp",
            {"options": {"minimum": "2026-01-01T00:00:01", "maximum": "2026-01-01T01:00:00+01:00"}},
            "minimum 2026-01-01T00:00:01 is above maximum",
        ),
        ("string", {"options": {"minLength": 2, "maxLength": 1}}, "minLength 2 is above maxLength 1"),
    ],
)
def test_a_value_that_no_cell_could_have_is_named(kind: str, fields: dict[str, Any], word: str) -> None:
    """It would make bad rows of good ones, or allow nothing."""
    problems = list(value_problems(_contract(kind, **fields)))

    assert [place for place, _ in problems] == ["property c"]
    assert word in problems[0][1]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("int", {"default": "+1", "enum": [{"value": 1}], "options": {"minimum": 1, "maximum": 1}}),
        ("string", {"default": "", "enum": [{"value": ""}, {"value": "x"}]}),
        ("boolean", {"default": "No", "enum": [{"value": False}]}),
        ("date", {"default": "01.02.2026", "enum": [{"value": "2026-02-01"}]}),
        ("timestamp", {"default": "0", "enum": [{"value": "1970-01-01 00:00:00"}]}),
        ("date", {"default": "01.02.2026", "options": {"minimum": "2026-02-01", "maximum": "2026-02-01"}}),
        ("timestamp", {"default": "0", "options": {"minimum": "1970-01-01T01:00:00+01:00"}}),
        ("string", {"default": "a@b.c", "options": {"format": "email"}}),
    ],
)
def test_values_of_their_type_are_good(kind: str, fields: dict[str, Any]) -> None:
    """Compared as values, not as texts."""
    assert list(value_problems(_contract(kind, **fields))) == []


def test_an_offset_is_one_that_a_clock_can_have() -> None:
    """As the job reads it: a default with another would make bad rows."""
    contract = _contract("timestamp", {"format": "yyyyMMdd HHmmssXXX"})
    offsets = ["+02:00", "-18:00", "Z", "+99:99", "+01:60"]

    good = [of for of in offsets if is_value(f"20250201 100000{of}", contract.file_columns[0], contract.csv)]

    assert good == ["+02:00", "-18:00", "Z"]

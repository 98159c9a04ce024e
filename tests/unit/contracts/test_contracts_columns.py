"""One property to one column: every rule with a type that it fits, everything that is wrong at once."""

from typing import Any

import pytest

from contracts.contract import Column, DerivedColumn
from contracts.parsing.columns import parse_column
from contracts.parsing.fields import Fields, Problems


def _parse(**fields: Any) -> tuple[Column | DerivedColumn, Problems]:
    problems = Problems()
    ours = fields.pop("ours", {})
    custom = [{"property": name, "value": value} for name, value in ours.items()]
    values = {"name": "c", "physicalType": "string", **fields} | ({"customProperties": custom} if custom else {})
    return parse_column(Fields(values, "", problems)), problems


def test_a_column_is_read_from_the_header_of_its_name_unless_told_otherwise() -> None:
    """Most files and tables agree."""
    plain, _ = _parse()
    renamed, _ = _parse(ours={"sourceName": "Customer No"})

    assert isinstance(plain, Column)
    assert isinstance(renamed, Column)
    assert (plain.source_name, renamed.source_name) == ("c", "Customer No")


@pytest.mark.parametrize(
    ("kind", "limits", "parsed"),
    [
        ("bigint", {"minimum": 1, "maximum": 9}, ("1", "9")),
        ("decimal(5,2)", {"minimum": 0, "maximum": "0.10"}, ("0", "0.10")),
        ("double", {"minimum": "-1.5"}, ("-1.5", "None")),
        ("int", {"maximum": "1e3"}, ("None", "1000")),
        ("date", {"minimum": "2026-01-31"}, ("2026-01-31", "None")),
        ("timestamp", {"minimum": "2026-01-31T10:00:00+01:00"}, ("2026-01-31T10:00:00+01:00", "None")),
    ],
)
def test_limits_are_exact(kind: str, limits: dict[str, Any], parsed: tuple[str, str]) -> None:
    """Fractions as they are written, no exponents, times with their zone."""
    column, problems = _parse(physicalType=kind, logicalTypeOptions=limits)

    assert problems == []
    assert isinstance(column, Column)
    assert (str(column.minimum), str(column.maximum)) == parsed


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"logicalTypeOptions": {"minimum": 1}}, "needs a number, a date"),
        ({"physicalType": "int", "logicalTypeOptions": {"minimum": "x"}}, "must be a number"),
        ({"physicalType": "int", "logicalTypeOptions": {"minimum": True}}, "must be a number"),
        ({"physicalType": "double", "logicalTypeOptions": {"maximum": "NaN"}}, "must be a number"),
        ({"physicalType": "int", "logicalTypeOptions": {"maximum": "1" * 39}}, "must be a number"),
        ({"physicalType": "int", "logicalTypeOptions": {"maximum": "1e40"}}, "more than 38 digits"),
        ({"physicalType": "date", "logicalTypeOptions": {"minimum": "soon"}}, "ISO 8601 date"),
        ({"physicalType": "int", "logicalTypeOptions": {"maxLength": 3}}, "needs a string"),
        ({"logicalTypeOptions": {"maxLength": -1}}, "not below zero"),
        ({"logicalTypeOptions": {"minLength": 10**23}}, "minLength is 2147483647 at most"),
        ({"logicalTypeOptions": {"pattern": "[a-z]+"}}, "add a maxLength, of 1000 at most"),
        ({"logicalTypeOptions": {"pattern": "[a-z]+", "maxLength": 1001}}, "is 1000 at most; it is 1001"),
        ({"logicalTypeOptions": {"pattern": "[a-z]{2}", "maxLength": 1001}}, "is 1000 at most; it is 1001"),
        ({"logicalTypeOptions": {"pattern": "([a-z]+)*", "maxLength": 9}}, "reads 'aa' in two ways"),
        ({"logicalTypeOptions": {"format": "phone"}}, "uuid, email, uri"),
        ({"physicalType": "int", "logicalTypeOptions": {"format": "uuid"}}, "format needs"),
        ({"physicalType": "date", "logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm"}}, "a date has no"),
        ({"logicalTypeOptions": {"multipleOf": 2}}, "multipleOf is not understood"),
        ({"logicalType": "integer"}, "not what physicalType string holds"),
        ({"logicalType": "object"}, "'object' is not understood; known are boolean, date"),
        ({"physicalName": "d"}, "physicalName differs"),
        ({"unique": True}, "unique is not understood"),
        ({"required": "yes"}, "true or false"),
        ({"ours": {"cleanse": ["trim", "rot13"]}}, "rot13"),
        ({"ours": {"cleanse": "trim"}}, "must be a list"),
        ({"ours": {"cleanse": ["groupPoint"]}}, "groupPoint needs a number, not string"),
        ({"physicalType": "int", "ours": {"cleanse": ["groupPoint", "groupBlank"]}}, "parted in one way"),
        (
            {"ours": {"cleanse": ["trim", "decimalComma"]}},
            "decimalComma needs a number, a date or a timestamp, not string; of a text, write",
        ),
        ({"physicalType": "boolean", "ours": {"cleanse": ["decimalComma"]}}, "a date or a timestamp, not boolean"),
        (
            {"physicalType": "double", "ours": {"cleanse": ["decimalComma", "groupPoint"]}},
            "in this order, or one finds nothing behind another: groupPoint",
        ),
        ({"physicalType": "double", "ours": {"cleanse": ["groupComma", "decimalComma"]}}, "contradict each other"),
        ({"physicalType": "decimal(9,2)", "ours": {"cleanse": ["groupPoint"]}}, "write decimalComma behind it"),
        ({"ours": {"cleanse": ["parenteses"]}}, "did you mean parentheses"),
        ({"ours": {"cleanse": ["trim"] * 21}}, "21 steps; 20 are the most"),
        ({"ours": {"cleanse": [{"trim": 1, "upper": 2}]}}, "each a name or one name with what it is given"),
        ({"physicalType": "int", "ours": {"cleanse": ["unit"]}}, "unit needs what it works with: {unit: [€]}"),
        ({"physicalType": "int", "ours": {"cleanse": [{"unit": []}]}}, "unit must be a list of texts"),
        ({"physicalType": "int", "ours": {"cleanse": [{"unit": ["-"]}]}}, "unit '-' must have no digit"),
        ({"physicalType": "int", "ours": {"cleanse": [{"unit": ["m2"]}]}}, "unit 'm2' must have no digit"),
        ({"ours": {"cleanse": [{"unit": ["€"]}]}}, "unit needs a number, not string"),
        ({"physicalType": "int", "ours": {"cleanse": [{"replace": {"old": ".", "new": ""}}]}}, "another number"),
        ({"ours": {"cleanse": [{"replace": {"old": ""}}]}}, "old"),
        ({"ours": {"cleanse": [{"replace": {"from": "x"}}]}}, "from is not understood"),
        ({"ours": {"cleanse": [{"padLeft": {"length": 0}}]}}, "from 1 to 1000"),
        ({"ours": {"cleanse": [{"padLeft": {"length": 5, "with": "ab"}}]}}, "with must be one character"),
        ({"physicalType": "int", "ours": {"cleanse": [{"padLeft": {"length": 5}}]}}, "padLeft needs a string"),
        ({"physicalType": "decimal(9,2)", "ours": {"cleanse": ["dropZeroFraction"]}}, "room for the fraction"),
        ({"physicalType": "int", "ours": {"cleanse": ["groupPoint", "dropZeroFraction"]}}, "write decimalComma behind"),
        ({"physicalType": "int", "ours": {"cleanse": ["trailingMinus", "parentheses"]}}, "in this order"),
        ({"ours": {"trueTokens": ["ja"], "falseTokens": ["nein"]}}, "trueTokens needs a boolean, not string"),
        ({"physicalType": "boolean", "ours": {"trueTokens": ["ja"]}}, "written together"),
        ({"physicalType": "boolean", "ours": {"trueTokens": ["a"], "falseTokens": ["A"]}}, "'a' is among"),
        ({"physicalType": "boolean", "ours": {"trueTokens": ["ja "], "falseTokens": ["n"]}}, "never be a cell"),
        ({"ours": {"nullTokens": ["", None]}}, "list of texts"),
        ({"ours": {"optional": "yes"}}, "true or false"),
        ({"ours": {"sequenceBy": ["c"]}}, "sequenceBy is not understood"),
        ({"enum": []}, "no value at all"),
        ({"enum": [{"value": None}]}, "not nothing"),
        ({"enum": ["a"]}, "must be a mapping"),
        (
            {"quality": [{"type": "library", "metric": "nullValues", "mustBe": 0}]},
            "only the library metric invalidValues",
        ),
        ({"quality": [{"metric": "invalidValues", "arguments": {"validValues": ["a"]}}]}, "mustBe: 0"),
        ({"quality": [{"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": []}}]}, "not be empty"),
        (
            {"quality": [{"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [None]}}]},
            "list of texts",
        ),
        ({"transformLogic": "a", "required": True}, "carries no required"),
        ({"transformLogic": "a", "ours": {"sourceName": "x"}}, "carries no customProperties"),
    ],
)
def test_what_does_not_fit_is_named(fields: dict[str, Any], word: str) -> None:
    """With the property's name before it."""
    _, problems = _parse(**fields)

    assert any(word in problem and problem.startswith("property c") for problem in problems), problems


@pytest.mark.parametrize(
    ("pattern", "max_length"), [("[a-z]{2,9}|x?", None), ("[a-z]{1000}", None), ("[a-z]+", 1000), ("[a-z]{2}", 2)]
)
def test_a_pattern_has_a_greatest_length_by_itself_or_by_maxlength(pattern: str, max_length: int | None) -> None:
    """A cell is as long as its producer likes; what is held against a pattern is not."""
    column, problems = _parse(logicalTypeOptions={"pattern": pattern, "maxLength": max_length})

    assert problems == []
    assert isinstance(column, Column)
    assert column.max_length == max_length


def test_everything_that_is_wrong_with_a_column_is_named_at_once() -> None:
    """One look at the list, one repair."""
    _, problems = _parse(
        physicalType="json", required=1, enum=[], ours={"cleanse": ["x"]}, logicalTypeOptions={"maxLength": "a", "x": 1}
    )

    assert len(problems) == 6


def test_valid_values_say_what_an_enum_says() -> None:
    """Both spellings of the standard, with each value as a cell would write it."""
    quality = [{"type": "library", "metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [3, True]}}]

    column, problems = _parse(enum=[{"value": "yes"}, {"value": 2}], quality=quality)

    assert problems == []
    assert isinstance(column, Column)
    assert column.enum == ("yes", "2", "3", "true")


def test_a_derived_column_keeps_its_expression() -> None:
    """And whether it is personal."""
    column, problems = _parse(transformLogic="year(d)", physicalType="int", classification="confidential")

    assert problems == []
    assert column == DerivedColumn("c", column.type, "year(d)", "confidential")

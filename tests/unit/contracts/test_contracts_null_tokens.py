"""A null token that no cell can be is refused: its NULLs would load as values."""

from typing import Any

import pytest

from contracts.checking.null_tokens import null_token_problems
from contracts.parsing.parse import parse_contract


def _problems(csv: dict[str, Any], *columns: dict[str, Any]) -> list[tuple[str, str]]:
    properties = [
        {
            "name": f"c{at}",
            "physicalType": column.get("physicalType", "string"),
            "customProperties": [
                {"property": name, "value": value} for name, value in column.items() if name != "physicalType"
            ],
        }
        for at, column in enumerate(columns)
    ]
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": properties}],
        "customProperties": [{"property": "filePattern", "value": "x"}, {"property": "csv", "value": csv}],
    }
    return list(null_token_problems(parse_contract(document, "things")))


@pytest.mark.parametrize(
    ("column", "token", "why"),
    [
        ({"cleanse": ["trim"]}, " -", "trim leaves no blank at its ends"),
        ({"cleanse": ["upper"]}, "n/a", "upper leaves no such letters"),
        ({"cleanse": ["lower", "upper"]}, "na", "upper leaves no such letters"),
        ({"cleanse": ["lower"]}, "NULL", "lower leaves no such letters"),
        ({"physicalType": "double", "cleanse": ["decimalComma"]}, "-,-", "decimalComma leaves no comma"),
        ({}, "€", "iso-8859-1 cannot write it"),
    ],
)
def test_a_token_that_the_cleansing_leaves_to_no_cell_is_refused(column: dict[str, Any], token: str, why: str) -> None:
    """Of a column by itself; of the feed where it can be none of any column."""
    sentence = f"nullTokens {token!r} can never be a cell"
    latin = {"encoding": "iso-8859-1"}

    own = _problems(latin, {**column, "nullTokens": ["", token]})
    shared = _problems({**latin, "nullTokens": ["", token]}, column, column)

    assert own == [("property c0", f"{sentence}: {why}")]
    assert shared == [("csv", f"{sentence} of any column: {why}")]


@pytest.mark.parametrize(
    ("column", "token"),
    [
        ({}, " - "),
        ({"cleanse": ["trim"]}, "n/a"),
        ({"cleanse": ["upper"]}, "N/A"),
        ({"cleanse": ["upper", "lower"]}, "n/a"),
        ({"physicalType": "double", "cleanse": ["decimalComma"]}, "."),
        ({}, r"\N"),
    ],
)
def test_a_token_that_a_cell_can_be_is_good(column: dict[str, Any], token: str) -> None:
    """It is compared behind the cleansing, and with blanks where nothing trims."""
    assert _problems({"escape": "\\"}, {**column, "nullTokens": [token]}) == []


def test_a_token_that_is_a_number_in_groups_is_refused() -> None:
    """It is one without them when it is compared; any other token is compared as it stands."""
    assert _problems({}, {"physicalType": "int", "cleanse": ["groupBlank"], "nullTokens": ["9 999", "n a", "-"]}) == [
        ("property c0", "nullTokens '9 999' can never be a cell: groupBlank leaves no digits in groups")
    ]


def test_a_token_of_the_feed_may_be_a_cell_of_one_column_alone() -> None:
    """The others have no such NULL, which is no mistake."""
    assert _problems({"nullTokens": ["null"]}, {"cleanse": ["upper"]}, {}) == []
    assert _problems({"nullTokens": ["null"]}, {"nullTokens": ["-"]}) == []

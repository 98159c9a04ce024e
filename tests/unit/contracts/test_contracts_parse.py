"""The contract's own properties: what is in effect is understood, what is not understood is refused."""

from typing import Any

import pytest

from contracts.contract import Contract, ContractError, Lookup, Summary
from contracts.parsing.parse import parse_contract


def _document(table: dict[str, Any] | None = None, root: dict[str, Any] | None = None, **ours: Any) -> dict[str, Any]:
    properties = [
        {"name": "id", "physicalType": "bigint", "primaryKey": True},
        {"name": "day", "physicalType": "date"},
        {"name": "note", "physicalType": "string"},
        {"name": "year", "physicalType": "int", "transformLogic": "year(day)"},
        {"name": "gone", "physicalType": "boolean"},
    ]
    custom = {"filePattern": "things/*.csv", "sequenceBy": ["day"], **ours}
    return {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": properties, **(table or {})}],
        "customProperties": [{"property": name, "value": value} for name, value in custom.items() if value is not None],
        **(root or {}),
    }


def _parse(**changes: Any) -> Contract:
    return parse_contract(_document(**changes), "things.odcs.yaml")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"root": {"kindd": "x"}}, "kindd is not understood"),
        *(
            ({"root": {"status": status}}, "does not end the feed: write retired")
            for status in ("Retired", "RETIRED", "retired ")
        ),
        (
            {"table": {"customProperties": [{"property": "filePattern", "value": "x"}]}},
            "customProperties is not understood",
        ),
        ({"table": {"physicalName": "other"}}, "physicalName differs"),
        ({"table": {"quality": [{"type": "sql", "query": "x"}]}}, "engine: row"),
        (
            {
                "table": {
                    "quality": [{"type": "custom", "engine": "row", "id": "a", "implementation": "b", "mustBe": 1}]
                }
            },
            "mustBe",
        ),
        ({"table": {"quality": [{"type": "custom", "engine": "row", "implementation": "b"}]}}, "id must be a text"),
        (
            {
                "table": {
                    "quality": [
                        {"type": "custom", "engine": "row", "id": "a", "implementation": "b", "severity": "info"}
                    ]
                }
            },
            "severity must be one of error, warning",
        ),
        ({"filePattern": None}, "filePattern must be a text"),
        ({"filePattern": "/things/*"}, "begin or end with /"),
        ({"filePattern": "a//b"}, "begin or end with /"),
        ({"filePattern": "things/"}, "begin or end with /"),
        ({"filePattern": "a**/b"}, "whole segments"),
        ({"filePattern": "things/*.tmp"}, "placeholders"),
        ({"filePattern": "things/*.filepart"}, "placeholders"),
        ({"filePattern": "**/_temporary/*.csv"}, "placeholders"),
        ({"filePattern": "x" * 257}, "257 characters; 256 are the most"),
        *(
            ({"filePattern": pattern}, f"{regular} looks like a regular expression")
            for pattern, regular in {
                "^daily/.*": "^",
                "daily/orders.csv$": "$",
                r"daily/orders.*\.csv": "\\",
                "daily/.*csv": "/.*",
                ".*.csv": ".*",
                "daily/[0-9]*.csv": "[",
                "daily/{a,b}.csv": "{",
                "daily/(a|b).csv": "|",
                "daily/.+": ".+",
                "daily/(_v)?.csv": ")?",
            }.items()
        ),
        ({"filePattern": "Gro\u0308\u00dfe.csv"}, "composed form"),
        ({"table": {"properties": [{"name": "day", "physicalType": "date"}]}}, "there is no key: mark it"),
        ({"clusterBy": ["id", "day", "id"]}, "clusterBy: id stands twice"),
        ({"sequenceBy": ["day", "day"]}, "sequenceBy: day stands twice"),
        ({"sequenceBy": ["day"] * 9}, "sequenceBy: 9 columns; 8 are the most"),
        (
            {
                "table": {
                    "properties": [{"name": f"k{n}", "physicalType": "int", "primaryKey": True} for n in range(31)]
                }
            },
            "primaryKey: 31 columns; 30 are the most",
        ),
        ({"sequenceBy": ["year"]}, "sequenceBy: year is no column that is read"),
        ({"sequenceBy": "day"}, "list of texts"),
        ({"clusterBy": ["nothing"]}, "clusterBy: nothing is no column"),
        ({"clusterBy": ["gone"]}, "gone is a boolean"),
        ({"clusterBy": ["id", "day", "note", "year", "id"]}, "names 5 columns"),
        ({"maxFuture": "2d", "sequenceBy": ["note"]}, "maxFuture needs"),
        ({"maxFuture": "2 years"}, "2 years"),
        ({"maxFuture": "99999999999999d"}, "a hundred years at most"),
        ({"maxFuture": "36601d"}, "a hundred years at most"),
        ({"maxBadRows": {"share": "NaN"}}, "must be a number"),
        ({"maxBadRows": {"share": 1.5}}, "between 0 and 1"),
        ({"maxBadRows": {"rows": 3}}, "rows is not understood"),
        ({"maxBadRows": 3}, "must be a mapping"),
        ({"unknownColumns": ["rescue"]}, "one of rescue, reject"),
        ({"retention": {"stageDays": 0}}, "stageDays must be at least 1"),
        ({"retention": {"archiveDays": 6}}, "archiveDays must be at least 7"),
        ({"retention": {"rejectedDays": "90d"}}, "rejectedDays must be a whole number"),
        ({"retention": {"ledgerDays": 90}}, "ledgerDays is not understood"),
        ({"resent": "ignore"}, "resent must be one of skip, load"),
        ({"csv": {"timestampFormats": ["yyy"]}}, "yyy is none of"),
        ({"csv": {"dateFormats": ["yyyy-MM-dd HH"]}}, "a date has no HH"),
        ({"csv": {"dateFormats": ["dd.MM.yy"]}}, "write csv pivotYear"),
        ({"csv": {"pivotYear": 0}}, "first of the hundred years"),
        ({"csv": {"locale": "xx"}}, "locale must be one of en, de"),
        ({"csv": {"timestampFormats": ["excelDays"]}}, "is of dates"),
        ({"csv": {"timeZone": "Mars"}}, "no IANA name"),
        ({"csv": {"timeZone": "posix/Europe/Berlin"}}, "no place"),
        ({"csv": {"timeZone": "localtime"}}, "no place"),
        ({"csv": {"skipRows": 3}}, "skipRows is not understood"),
        ({"lookups": [{"table": "t", "on": {"year": "id"}}]}, "lookups on: year"),
        ({"lookups": [{"table": "t", "on": {}}]}, "on must map"),
        ({"lookups": [{"table": "t", "on": {"id": "id"}, "kind": "inner"}]}, "kind is not understood"),
        ({"summaries": [{"name": "s", "query": "q", "schedule": "x"}]}, "schedule is not understood"),
        (
            {"deleteWhen": "true", "table": {"properties": [{"name": "day", "physicalType": "date"}]}},
            "needs a primary key",
        ),
    ],
)
def test_what_is_not_understood_is_refused(changes: dict[str, Any], word: str) -> None:
    """A field that nobody heeds would be believed to be in effect."""
    with pytest.raises(ContractError) as caught:
        _parse(**changes)

    assert any(word in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize("pattern", ["daily/orders.*", "orders (1).csv", "a+b/*.csv", "**/x?.csv", "d.a.y/*.gz"])
def test_a_pattern_with_usual_characters_is_none_of_a_regular_expression(pattern: str) -> None:
    """Names hold dots, brackets and plus signs."""
    assert _parse(filePattern=pattern).file_pattern == pattern


@pytest.mark.parametrize(("status", "is_so"), [("retired", True), ("Active", False), ("deprecated", False)])
def test_only_the_status_retired_ends_a_feed(status: str, is_so: bool) -> None:
    """Any other is documentation, however it is written."""
    assert _parse(root={"status": status}).is_retired is is_so


def test_a_problem_is_named_once() -> None:
    """However often the document is looked through for it."""
    with pytest.raises(ContractError) as caught:
        _parse(table={"properties": "none"})

    assert len(set(caught.value.problems)) == len(caught.value.problems)


def test_the_key_is_in_the_order_of_its_positions() -> None:
    """Where they are given; else in the order of the columns."""
    columns = [
        {"name": "a", "physicalType": "int", "primaryKey": True, "primaryKeyPosition": 2},
        {"name": "b", "physicalType": "int", "primaryKey": True, "primaryKeyPosition": 1},
    ]

    contract = _parse(table={"properties": columns}, sequenceBy=None)

    assert contract.key == ("b", "a")


def test_everything_of_a_contract_becomes_a_value() -> None:
    """No dict is left behind the edge."""
    contract = _parse(
        csv={"delimiter": ";", "encoding": "windows-1252", "timestampFormats": ["epochMillis"], "timeZone": "+01:00"},
        lookups=[{"table": "others", "on": {"note": "id"}}],
        summaries=[{"name": "per_day", "query": "SELECT day FROM things GROUP BY day"}],
        maxBadRows={"share": "0.5"},
        maxFileSize="10 MB",
    )

    assert (contract.csv.delimiter, contract.csv.encoding, contract.csv.time_zone) == (";", "windows-1252", "+01:00")
    assert contract.lookups == (Lookup("others", (("note", "id"),)),)
    assert contract.summaries == (Summary("per_day", "SELECT day FROM things GROUP BY day"),)
    assert (contract.max_file_size, contract.max_bad_rows.is_exceeded(5, 10)) == (10_000_000, False)
    assert contract.max_bad_rows.is_exceeded(6, 10)
    assert hash(contract) == hash(contract)

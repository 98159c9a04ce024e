"""Texts that break software, wherever a contract or a file's head may hold one: a verdict each, and nothing else."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from contracts.contract import Contract, ContractError
from contracts.expressions.parsed import DIALECT, ExpressionError
from contracts.expressions.portable import own_columns, portable_expression
from contracts.files.header import Header, check_head
from contracts.files.reasons import FileRejected
from contracts.parsing.parse import parse_contract

BLNS = Path(__file__).parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"
PLACES = (
    *("name", "version", "table", "column", "rule", "predicate", "filePattern", "sequenceBy", "deleteWhen", "timeZone"),
    *("sourceName", "default", "nullTokens", "pattern", "enum", "format", "classification", "delimiter", "unit", "old"),
    *("trueTokens", "maxFileSize", "maxFuture", "clusterBy", "summary", "query", "description", "resent", "locale"),
)


def strings() -> list[str]:
    if not BLNS.is_file():
        pytest.skip("the big list of naughty strings is not at hand")
    found: list[str] = json.loads(BLNS.read_text(encoding="utf-8"))
    return found


def document(place: str = "", text: str = "") -> dict[str, Any]:
    """A good contract, but for the text in its place."""

    def at(here: str, usual: Any) -> Any:
        return text if here == place else usual

    note = {
        "name": at("column", "note"),
        "physicalType": "string",
        "description": at("description", "what it is"),
        "classification": at("classification", "public"),
        "logicalTypeOptions": {"pattern": at("pattern", "[a-z]*"), "maxLength": 99} if place == "pattern" else {},
        "enum": [{"value": text}] if place == "enum" else None,
        "customProperties": [
            {"property": "sourceName", "value": at("sourceName", "Note")},
            {"property": "nullTokens", "value": [at("nullTokens", "")]},
            {"property": "cleanse", "value": [{"replace": {"old": at("old", "a"), "new": "b"}}]},
            *([{"property": "default", "value": text}] if place == "default" else []),
        ],
    }
    columns = [
        {"name": "id", "physicalType": "bigint", "primaryKey": True},
        note,
        {"name": "day", "physicalType": "date", "logicalTypeOptions": {"format": at("format", "dd.MM.yyyy")}},
        {"name": "done", "physicalType": "boolean", "customProperties": _words(text) if place == "trueTokens" else []},
        {"name": "price", "physicalType": "int", "customProperties": _cleanse(text) if place == "unit" else []},
    ]
    rule = {"id": at("rule", "r"), "type": "custom", "engine": "row", "implementation": at("predicate", "id > 0")}
    ours = {
        "filePattern": at("filePattern", "x/*.csv"),
        "sequenceBy": [at("sequenceBy", "day")],
        "deleteWhen": at("deleteWhen", "done"),
        "maxFileSize": at("maxFileSize", "1GiB"),
        "maxFuture": at("maxFuture", "2d"),
        "clusterBy": [at("clusterBy", "id")],
        "resent": at("resent", "load"),
        "csv": {"delimiter": at("delimiter", ","), "timeZone": at("timeZone", "UTC"), "locale": at("locale", "en")},
        "summaries": [{"name": at("summary", "s"), "query": at("query", "select count(*) as n from things")}],
    }
    return {
        "apiVersion": "v3.2.0",
        "name": at("name", "things"),
        "version": at("version", "1.0.0"),
        "schema": [{"name": at("table", "things"), "properties": columns, "quality": [rule]}],
        "customProperties": [{"property": name, "value": value} for name, value in ours.items()],
    }


def _words(text: str) -> list[Mapping[str, Any]]:
    return [{"property": "trueTokens", "value": [text]}, {"property": "falseTokens", "value": ["no"]}]


def _cleanse(text: str) -> list[Mapping[str, Any]]:
    return [{"property": "cleanse", "value": [{"unit": [text]}]}]


def parsed(place: str, text: str) -> Contract | ContractError:
    try:
        return parse_contract(document(place, text), "things")
    except ContractError as error:
        return error


def test_the_contract_into_which_they_are_put_is_good() -> None:
    """Else every verdict would be the same."""
    assert parse_contract(document(), "things").feed == "things"


@pytest.mark.parametrize("place", PLACES)
def test_any_text_in_a_contract_is_taken_or_refused_in_lines_that_can_be_shown(place: str) -> None:
    """No traceback, no control character, no line that the text broke; what is taken stands as it was written."""
    verdicts = {text: parsed(place, text) for text in strings()}

    refused = [verdict for verdict in verdicts.values() if isinstance(verdict, ContractError)]
    assert [line for one in refused for line in str(one).split("\n") if not line.isprintable()] == []
    assert [str(one) for one in refused if len(str(one).split("\n")) > len(one.problems)] == []
    taken = {text: one for text, one in verdicts.items() if isinstance(one, Contract)}
    assert taken.keys() >= {text for text in verdicts if place == "sourceName" and text.strip()}
    assert all(_holds(one, text) for text, one in taken.items() if place in ("sourceName", "default", "enum"))


def _holds(contract: Contract, text: str) -> bool:
    column = contract.file_columns[1]
    return text in (column.source_name, column.default, *column.enum)


def literals(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Each within quotes that do not stand in it: with those it would be another expression, as its author wrote it."""
    for text in texts:
        for quote in ("'", '"'):
            if quote not in text:
                yield text, f"note = {quote}{text}{quote}"


def written(said: str, names: Mapping[str, str]) -> str | ExpressionError:
    try:
        return portable_expression(said, names)
    except ExpressionError as error:
        return error


def test_a_text_in_an_expression_stays_one_text_or_the_expression_is_refused() -> None:
    """What an engine is given is one comparison of one column with that text, whatever stands in it."""
    names = own_columns(parse_contract(document(), "things"))
    taken = 0
    for text, said in literals(strings()):
        sql = written(said, names)
        if isinstance(sql, ExpressionError):
            assert str(sql).isprintable(), sql
            continue
        [tree] = sqlglot.parse(sql, read=DIALECT)
        assert tree is not None
        [literal] = tree.find_all(exp.Literal)
        assert [type(node) for node in tree.walk()] == [exp.Paren, exp.EQ, exp.Column, exp.Literal, exp.Identifier]
        assert (literal.is_string, literal.this) == (True, text)
        assert tree.sql(dialect=DIALECT, identify=True) == sql
        taken += 1
    assert taken > len(strings())


def test_any_heading_is_known_unknown_or_refused() -> None:
    """By a reason and in a line that can be shown; a declared one is found."""
    for text in strings():
        contract = parsed("sourceName", text)
        declares = isinstance(contract, Contract)
        header = _checked(text, contract if isinstance(contract, Contract) else _plain())
        if isinstance(header, FileRejected):
            assert header.detail.isprintable(), header.detail
            assert not text.strip() or not declares, text
        else:
            assert header.names[1] == text
            assert header.unknown == (() if declares else (text,))


def _checked(heading: str, contract: Contract) -> Header | FileRejected:
    head = io.StringIO()
    csv.writer(head, quoting=csv.QUOTE_ALL).writerow(["id", heading, "day", "done", "price"])
    try:
        return check_head(head.getvalue().encode(), contract, whole=True)
    except FileRejected as fault:
        return fault


def _plain() -> Contract:
    return parse_contract(document("sourceName", "another"), "things")

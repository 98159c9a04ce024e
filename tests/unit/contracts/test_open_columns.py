"""Which columns of a target may be shown."""

from typing import Any

from contracts.contract import Contract
from contracts.expressions.open_columns import open_columns
from contracts.parsing.parse import parse_contract

SECRET = {"physicalType": "string", "classification": "confidential"}


def contract(feed: str, properties: dict[str, dict[str, Any]], lookups: list[dict[str, Any]]) -> Contract:
    key = {"name": "id", "physicalType": "bigint", "primaryKey": True}
    document = {
        "apiVersion": "v3.2.0",
        "name": feed,
        "version": "1.0.0",
        "schema": [{"name": feed, "properties": [key, *({"name": name, **of} for name, of in properties.items())]}],
        "customProperties": [
            {"property": "filePattern", "value": f"{feed}/**"},
            *({"property": "lookups", "value": lookups} for _ in lookups[:1]),
        ],
    }
    return parse_contract(document, feed)


def derived(expression: str, **more: str) -> dict[str, str]:
    return {"physicalType": "string", "transformLogic": expression, **more}


def test_what_is_classified_and_what_is_made_of_it_stays_hidden() -> None:
    """By its own classification, or by a column of the row or of a look-up that goes into it."""
    people = contract("people", {"name": SECRET, "town": {"physicalType": "string"}, "initial": derived("name")}, [])
    lookup = {"table": "people", "on": {"id": "id"}}
    orders = contract(
        "orders",
        {
            "note": SECRET,
            "status": {"physicalType": "string"},
            "shouted": derived("upper(note)"),
            "loud": derived("upper(status)"),
            "said": derived("status", classification="public"),
            "who": derived("concat(status, people.name)"),
            "where_from": derived("coalesce(people.town, 'unknown')"),
            "first": derived("people.initial"),
        },
        [lookup],
    )

    shown = open_columns(orders, {"people": people, "orders": orders})

    assert shown == ("id", "status", "loud", "where_from")

"""The feeds of the histories: one with a key, an order and deletes, and one that only grows, with each file once."""

from functools import cache
from typing import Any

from contracts.contract import Contract
from contracts.parsing.parse import parse_contract
from function.config import Feeds

STOCK, PRICES = "stock", "prices"
STRICT, REORDERED, WIDENED = 2, 3, 4
JOBS = ((STOCK, 1), (PRICES, 2))


@cache
def contracts(version: int) -> tuple[Contract, ...]:
    """All contracts; the second version of stock adds the column `note`, which files have had all along, and rejects a
    file with a bad row, which the others do not; the third takes the row with the greatest quantity for the newest; the
    fourth has greater quantities, and expects prices every day.
    """
    return parse_contract(_stock(version), "stock"), parse_contract(_prices(version), "prices")


def newest_by(version: int) -> str:
    """The column that says which row of stock is the newest."""
    return "quantity" if version == REORDERED else "counted_at"


def feeds(version: int) -> Feeds:
    return Feeds(contracts(version), JOBS)


def _stock(version: int) -> dict[str, Any]:
    note = {"name": "note", "physicalType": "string", "customProperties": [{"property": "optional", "value": True}]}
    return _document(
        STOCK,
        f"{version}.0.0",
        [
            {"name": "sku", "physicalType": "string", "primaryKey": True},
            {"name": "quantity", "physicalType": "int" if version < WIDENED else "bigint", "required": True},
            {"name": "counted_at", "physicalType": "timestamp", "required": True},
            {
                "name": "given_up",
                "physicalType": "boolean",
                "customProperties": [{"property": "default", "value": "false"}],
            },
            *([note] if version > 1 else []),
        ],
        {
            "sequenceBy": [newest_by(version)],
            "deleteWhen": "given_up",
            "maxBadRows": {"count": 0} if version == STRICT else {"share": "0.5"},
        },
    )


def _prices(version: int) -> dict[str, Any]:
    columns = [{"name": name, "physicalType": "string", "required": True} for name in ("sku", "price")]
    document = _document(PRICES, "1.0.0", columns, {"unknownColumns": "reject", "maxBadRows": {"count": 1}})
    expected = {"property": "frequency", "value": 1, "unit": "d"}
    return {**document, **({"slaProperties": [expected]} if version >= WIDENED else {})}


def _document(feed: str, version: str, columns: list[dict[str, Any]], ours: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v3.2.0",
        "name": feed,
        "version": version,
        "schema": [{"name": feed, "properties": columns}],
        "customProperties": [
            {"property": name, "value": value} for name, value in {"filePattern": f"{feed}/**", **ours}.items()
        ],
    }

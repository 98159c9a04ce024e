"""What only shows when all contracts are seen together: names that collide, and look-ups."""

from dataclasses import replace

import pytest

from contracts.checking.between import problems_between
from contracts.contract import Contract, DerivedColumn, Lookup, Summary
from contracts.parsing.parse import parse_contract
from contracts.types import ColumnType


def _feed(name: str, key: str = "bigint") -> Contract:
    document = {
        "apiVersion": "v3.2.0",
        "name": name,
        "version": "1.0.0",
        "schema": [
            {
                "name": name,
                "properties": [
                    {"name": "id", "physicalType": key, "primaryKey": True},
                    {"name": "other", "physicalType": "int"},
                    {"name": "text", "physicalType": "string"},
                ],
            }
        ],
        "customProperties": [{"property": "filePattern", "value": f"{name}/*"}],
    }
    return parse_contract(document, name)


ORDERS, CUSTOMERS = _feed("orders"), _feed("customers")


def test_feeds_that_leave_each_other_alone_have_no_problems() -> None:
    """Also with a look-up on the whole key of the other; integers of any size compare."""
    orders = replace(ORDERS, lookups=(Lookup("customers", (("other", "id"),)),))

    assert list(problems_between((orders, CUSTOMERS))) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        (replace(ORDERS, feed="customers"), "another contract is called customers"),
        (replace(ORDERS, table="customers"), "the name customers is given to two"),
        (replace(ORDERS, table="customers_stage"), "the name customers_stage is given to two"),
        (replace(ORDERS, table="customers_rejects"), "customers_rejects"),
        (replace(ORDERS, table="customers_tombstones"), "customers_tombstones"),
        (replace(ORDERS, table="customers_published"), "the name customers_published is given to two"),
        (replace(ORDERS, table="file_ledger"), "belongs to the ledger"),
        (replace(ORDERS, summaries=(Summary("customers", "q"),)), "the name customers is given to two"),
        (replace(ORDERS, summaries=(Summary("orders_stage", "q"),)), "the name orders_stage is given to two"),
        (replace(ORDERS, lookups=(Lookup("shops", (("other", "id"),)),)), "no feed's target"),
        (replace(ORDERS, lookups=(Lookup("orders", (("other", "id"),)),)), "the feed's own target"),
        (replace(ORDERS, lookups=(Lookup("customers", (("other", "text"),)),)), "whole key once (id)"),
        (replace(ORDERS, lookups=(Lookup("customers", (("id", "id"), ("other", "id"))),)), "whole key once"),
        (replace(ORDERS, lookups=(Lookup("customers", (("text", "id"),)),)), "text (string) with id (bigint)"),
        (replace(ORDERS, lookups=(Lookup("customers", (("id", "id"),)),) * 2), "customers twice"),
    ],
)
def test_what_collides_is_told_of_the_contract(changed: Contract, word: str) -> None:
    """Two feeds would write one table, or a look-up lose and double rows."""
    problems = list(problems_between((changed, CUSTOMERS)))

    assert any(contract is changed and word in problem for contract, problem in problems), problems


def test_a_derived_column_can_be_lent_but_is_no_key() -> None:
    """A key is read from the file."""
    lending = replace(CUSTOMERS, columns=(*CUSTOMERS.columns, DerivedColumn("d", ColumnType("int"), "1", None)))
    orders = replace(ORDERS, lookups=(Lookup("customers", (("other", "d"),)),))

    assert [problem for _, problem in problems_between((orders, lending))] == [
        "the lookup of customers must use its whole key once (id)"
    ]

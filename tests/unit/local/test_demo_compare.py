"""The demo's check finds what differs."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import samples
from local.demo.compare import as_text, differences, expected_rows, rejects_as_text

ORDERS = [{"order_id": "1", "amount": "2.50"}, {"order_id": "2", "amount": ""}]


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        (ORDERS, []),
        (list(reversed(ORDERS)), []),
        (ORDERS[:1], ["orders: row 2 is missing"]),
        ([*ORDERS, {"order_id": "3", "amount": "1.00"}], ["orders: row 3 should not be there"]),
        ([ORDERS[0], {"order_id": "2", "amount": "0.00"}], ["orders: row 2 differs in amount"]),
        ([*ORDERS, ORDERS[0]], ["orders: 3 rows have 2 keys"]),
    ],
)
def test_each_difference_between_two_tables_is_named(found: list[dict[str, str]], sentences: list[str]) -> None:
    """A missing row, one too many, another value, a key that stands twice: each fails the demo."""
    told = differences("orders", ("order_id",), ORDERS, found)

    assert told == sentences


def test_a_row_of_a_table_is_written_as_the_expected_tables_are() -> None:
    """NULL is empty, times are UTC to the second, decimals keep their scale."""
    at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    row = {"at": at, "amount": Decimal("2.50"), "deleted": False, "email": None, "_row": 7}

    [text] = as_text([row], ("at", "amount", "deleted", "email"))

    assert text == {"at": "2026-03-02 09:05:00", "amount": "2.50", "deleted": "false", "email": ""}


def test_quarantined_rows_are_compared_by_key_and_reasons() -> None:
    """The reason of a cell names its column, that of a row does not."""
    errors = [{"rule": "type", "column": "amount"}, {"rule": "paid_after_ordered", "column": None}]

    [text] = rejects_as_text([{"_raw": '{"order_id": "5"}', "_errors": errors}])

    assert text == {"order_id": "5", "errors": "type:amount paid_after_ordered"}


def test_every_expected_table_has_rows() -> None:
    """An empty table would be equal to an empty one."""
    folder = Path(samples.__file__).parent / "expected"

    counts = {path.stem: len(expected_rows(path)) for path in folder.glob("*.csv")}

    assert counts == {"customers": 140, "order_tracking": 90, "orders": 381, "orders_rejects": 4}

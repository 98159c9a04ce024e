"""Which feed a name belongs to: one, or the file is rejected with a reason that says what to do."""

from dataclasses import replace

import pytest

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.loader import load_contracts
from contracts.names.routing import matches, route

CONTRACT = load_contracts()[0]


def _contract(feed: str, pattern: str) -> Contract:
    return replace(CONTRACT, feed=feed, file_pattern=pattern)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (
            "daily/orders*.csv",
            ["daily/orders.csv", "daily/orders_1.csv", "daily/orders\n.csv"],
            ["daily/order_tracking.csv", "daily/x/orders.csv", "orders.csv", "daily/orders.csv.gz", "Daily/orders.csv"],
        ),
        (
            "orders?.csv",
            ["orders1.csv", "ordersü.csv", "orders\U0001f600.csv"],
            ["orders.csv", "orders12.csv", "orders/.csv"],
        ),
        (
            "**/orders.csv",
            ["orders.csv", "a/orders.csv", "a/b//orders.csv", "/orders.csv"],
            ["xorders.csv", "a/xorders.csv"],
        ),
        ("a/**", ["a/", "a/b", "a/b/c", "a/\n"], ["a", "b/a/", "aa/"]),
        ("a/**/b/*.csv", ["a/b/1.csv", "a/x/y/b/.csv"], ["a/b/c/1.csv", "ab/1.csv", "a/xb/1.csv"]),
        ("**", ["", "a", "a/b", "/"], []),
        ("a.b+[c](d)$^|\\", ["a.b+[c](d)$^|\\"], ["axb+[c](d)$^|\\", "a.bb[c](d)$^|\\"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
    ],
)
def test_a_pattern_claims_whole_names(pattern: str, matching: list[str], other: list[str]) -> None:
    """`?` one character, `*` any within a segment, `**` any number of segments; everything else is itself."""
    assert [name for name in matching if not matches(pattern, name)] == []
    assert [name for name in other if matches(pattern, name)] == []


def test_the_one_feed_that_claims_a_name_gets_it() -> None:
    """Patterns of other feeds do not matter."""
    orders, tracking = _contract("orders", "daily/orders*.csv"), _contract("tracking", "daily/tracking*.csv")

    assert route("daily/orders_1.csv", [tracking, orders]) is orders


def test_a_name_of_no_feed_is_unrouted() -> None:
    """And the sender learns what to do."""
    with pytest.raises(FileRejected) as caught:
        route("stock.csv", [_contract("orders", "daily/*")])

    assert caught.value.reason is Reason.UNROUTED


def test_a_name_of_two_feeds_is_ambiguous_and_names_them() -> None:
    """Nothing is decided by the order of the contracts."""
    with pytest.raises(FileRejected, match="a, b") as caught:
        route("x.csv", [_contract("b", "*"), _contract("a", "*.csv")])

    assert caught.value.reason is Reason.AMBIGUOUS


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("daily/orders_2026-03-02.csv", "orders"),
        ("daily/order_tracking_2026-03-03.csv", "order_tracking"),
        ("daily/customers_2026-03-02.csv", "customers"),
    ],
)
def test_the_shipped_feeds_claim_their_samples(name: str, feed: str) -> None:
    """No two of them the same name."""
    assert route(name, load_contracts()).feed == feed

"""Which feed a name belongs to: one, or the file is rejected with a reason that says what to do."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.loader import load_contracts
from contracts.names.routing import fits, matches, nearest, route

CONTRACT = load_contracts()[0]


_SEGMENTS = st.one_of(st.just("**"), st.text("aB?*.", max_size=6))
_NAMES = st.lists(st.text("aB.?*\n\U0001f600", max_size=5), min_size=1, max_size=5).map("/".join)


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


def _as_a_regular_expression(file_pattern: str) -> str:
    """What the wildcards stand for, said in another language: right, but slow on names that are made for it."""
    *before, last = file_pattern.split("/")
    wildcards = {"*": "[^/]*", "?": "[^/]"}
    body = [
        "(?:[^/]*/)*" if piece == "**" else "".join(wildcards.get(c, re.escape(c)) for c in piece) + "/"
        for piece in before
    ]
    return "".join(body) + (".*" if last == "**" else "".join(wildcards.get(c, re.escape(c)) for c in last))


@given(st.lists(_SEGMENTS, min_size=1, max_size=5).map("/".join), _NAMES)
def test_wildcards_mean_what_a_regular_expression_would(file_pattern: str, name: str) -> None:
    """For every short pattern and name."""
    expected = re.fullmatch(_as_a_regular_expression(file_pattern), name, re.DOTALL) is not None

    assert matches(file_pattern, name) == expected


@pytest.mark.parametrize(
    ("pattern", "items"),
    [
        ("*a" * 511 + "*b", "a" * 1024),
        ("*" + "a" * 511 + "b", "a" * 1024),
        ("*?" * 512 + "b", "a" * 1024),
        (["**", "a"] * 300 + ["b"], ["a"] * 1024),
    ],
)
def test_the_steps_of_a_match_are_the_product_of_both_lengths_at_most(
    pattern: str | list[str], items: str | list[str]
) -> None:
    """However the wildcards could share the name: a regular expression would not come to an end."""
    steps = 0

    def is_item(piece: str, item: str) -> bool:
        nonlocal steps
        steps += 1
        return piece in ("?", item)

    found = fits(pattern, items, "*" if isinstance(pattern, str) else "**", is_item)

    assert found is False
    assert steps <= len(pattern) * len(items)


def test_the_longest_name_is_routed_whatever_wildcards_it_meets() -> None:
    """Nobody's files wait for it."""
    feeds = [_contract("stars", "*a" * 511 + "*b"), _contract("folders", "**/a/" * 200 + "b"), _contract("all", "**")]

    assert route("a" * 1024, feeds).feed == "all"
    assert route("a/" * 512, feeds).feed == "all"


@pytest.mark.parametrize("name", ["a" * 1025, "ü" * 513, "\ud800" * 342], ids=["ascii", "umlauts", "surrogates"])
def test_a_name_longer_than_any_objects_is_rejected_before_it_is_matched(name: str) -> None:
    """Google has none; in bytes."""
    with pytest.raises(FileRejected) as caught:
        route(name, [_contract("all", "**")])

    assert caught.value.reason is Reason.NAME_TOO_LONG


def test_the_one_feed_that_claims_a_name_gets_it() -> None:
    """Patterns of other feeds do not matter."""
    orders, tracking = _contract("orders", "daily/orders*.csv"), _contract("tracking", "daily/tracking*.csv")

    assert route("daily/orders_1.csv", [tracking, orders]) is orders


def test_a_name_of_no_feed_is_unrouted() -> None:
    """And the sender learns what to do."""
    with pytest.raises(FileRejected) as caught:
        route("stock.csv", [_contract("orders", "daily/*")])

    assert caught.value.reason is Reason.UNROUTED


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("dayly/orders_2026-03-02.csv", "daily/orders*.csv"),
        ("daily/Order_Tracking_1.csv", "daily/order_tracking*.csv"),
        ("orders_1.csv", "daily/orders*.csv"),
        ("daily/orders_1.csv.gz", "daily/orders*.csv"),
        ("holiday.jpg", None),
        ("", None),
        ("daily/orders_" + "1" * 200 + ".txt", None),
    ],
)
def test_a_name_of_no_feed_is_told_with_the_nearest_pattern(name: str, pattern: str | None) -> None:
    """The largest part of a pattern's own characters; far or very long names are like none."""
    feeds = [
        _contract("all", "x/**"),
        _contract("orders", "daily/orders*.csv"),
        _contract("tracking", "daily/order_tracking*.csv"),
    ]
    with pytest.raises(FileRejected) as caught:
        route(name, feeds)

    near = nearest(name, feeds)

    assert (near.file_pattern if near else None) == pattern
    assert ("the nearest is" in caught.value.detail) == (pattern is not None)
    assert (pattern or "rename it") in caught.value.detail


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

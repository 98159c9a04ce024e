"""Whether two patterns claim a name in common: found if there is one, with a name that both match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.checking.overlap import common_name
from contracts.names.routing import matches

_SEGMENTS = st.one_of(st.just("**"), st.text("ab?*", min_size=1, max_size=4))
_PATTERNS = st.lists(_SEGMENTS, min_size=1, max_size=4).map("/".join)
_NAMES = st.lists(st.text("ab", max_size=4), min_size=1, max_size=4).map("/".join).filter(bool)


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("daily/order*.csv", "daily/order_tracking*.csv", "daily/order_tracking.csv"),
        ("*a*b*c*", "*c*b*a*", "abcba"),
        ("a?", "?b", "ab"),
        ("**/2026/*", "eu/**/x.csv", "eu/2026/x.csv"),
        ("**", "**", "x"),
        ("*", "*", "x"),
        ("a/**", "**/b", "a/b"),
        ("a/**/b", "a/b", "a/b"),
        ("same.csv", "same.csv", "same.csv"),
    ],
)
def test_a_name_that_both_claim_is_the_example(one: str, other: str, name: str) -> None:
    """A shortest one, in either order."""
    assert {len(name)} == {len(str(common_name(one, other))), len(str(common_name(other, one)))}
    assert common_name(one, other) == name or len(set(name)) > 2
    assert matches(one, str(common_name(one, other)))
    assert matches(other, str(common_name(one, other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("daily/orders*.csv", "daily/customers*.csv"),
        ("*.csv", "*.csv.gz"),
        ("*", "*/*"),
        ("a/*", "a/**/b/*"),
        ("a?", "a"),
        ("A*", "a*"),
        ("**/x", "**/y"),
        ("**/a?", "**/a"),
    ],
)
def test_patterns_without_a_name_in_common_do_not_overlap(one: str, other: str) -> None:
    """However alike they look."""
    assert common_name(one, other) is None
    assert common_name(other, one) is None


@given(_PATTERNS, _PATTERNS, _NAMES)
def test_no_name_is_claimed_twice_unless_an_overlap_was_found(one: str, other: str, name: str) -> None:
    """And what is found is claimed by both."""
    found = common_name(one, other)

    assert found is not None or not (matches(one, name) and matches(other, name))
    assert found is None or (matches(one, found) and matches(other, found))

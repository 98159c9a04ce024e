"""Which bytes a Range header means."""

import pytest

from local.storage.errors import RangeNotSatisfiableError
from local.storage.ranges import byte_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", range(5)),
        ("bytes=2-", range(2, 10)),
        ("bytes=9-9", range(9, 10)),
        ("bytes=5-99", range(5, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-10", range(10)),
        ("bytes=-11", range(10)),
        (f"bytes=-{2**70}", range(10)),
    ],
)
def test_a_range_ends_where_the_object_ends(header: str, expected: range) -> None:
    """Whoever asks for more than there is gets what there is, from either end."""
    assert byte_range(header, 10) == expected


@pytest.mark.parametrize("header", [None, "", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b"])
def test_what_is_no_single_range_is_ignored(header: str | None) -> None:
    """The answer is then the whole object, as if nothing had been asked."""
    assert byte_range(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=0-5", 0), ("bytes=-5", 0)],
)
def test_a_range_without_a_byte_is_refused(header: str, size: int) -> None:
    """An empty object has none at all, and the last nothing of an object is none either."""
    with pytest.raises(RangeNotSatisfiableError):
        byte_range(header, size)

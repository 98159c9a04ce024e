"""In how many slices a batch is asked of, and which keys each has."""

import pytest

from pipeline_jobs.engines.rewriting.ranges import Layout, ranges_for
from pipeline_jobs.engines.rewriting.slices import WHOLE, Slice, in_hashes, in_ranges, slices_for


def test_what_is_little_more_than_a_slice_is_left_one_without_ranges() -> None:
    """To read the batch twice costs more than to hold it."""
    assert Layout().slices_of(4, ("bigint",), 2) == (WHOLE,)
    assert len(Layout().slices_of(5, ("bigint",), 2)) == 3
    assert Layout().slices_of(5, ("bigint",), None) == (WHOLE,)


@pytest.mark.parametrize(
    ("rows", "most", "expected"), [(0, 3, 1), (3, 3, 1), (4, 3, 2), (6, 3, 2), (7, 3, 3), (7, None, 1)]
)
def test_no_slice_has_more_rows_than_are_held(rows: int, most: int | None, expected: int) -> None:
    """An engine without a limit has one slice."""
    assert slices_for(rows, most) == expected


def test_ranges_meet_at_their_borders() -> None:
    """And have no outer ends."""
    assert in_ranges((3, 7)) == (Slice(None, 3), Slice(3, 7), Slice(7, None))
    assert in_ranges(()) == in_hashes(1) == (WHOLE,)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(None, None, True), (5, 9, True), (1, 4, True), (4, 5, True), (None, 3, False), (7, None, False), (8, 9, False)],
)
def test_a_part_is_met_by_the_slices_that_share_keys_with_it(
    low: int | None, high: int | None, *, expected: bool
) -> None:
    """Not by one that begins where it ends; and by all that are of another column or of hashes."""
    assert Slice(3, 7).meets(low, high) is expected
    assert Slice(3, 7, column=1).meets(low, high)
    assert all(of.meets(low, high) for of in in_hashes(2))


@pytest.mark.parametrize(
    ("rows", "slices", "ranges"),
    [
        (40_000, 1, 1),
        (1_500_000, 1, 8),
        (15_000_000, 8, 64),
        (4_000_000, 2, 16),
        (2_200_000, 3, 9),
    ],
    ids=["few rows", "a usual file", "a large one", "one of two slices", "slices of as many ranges each"],
)
def test_ranges_grow_in_number_and_not_in_rows(rows: int, slices: int, ranges: int) -> None:
    """What a later batch of neighbouring keys has written anew does not grow with the first load."""
    assert ranges_for(rows, slices) == ranges

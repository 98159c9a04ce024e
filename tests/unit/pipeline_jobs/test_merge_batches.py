"""What is merged at a time: files and rows up to a number, whatever waits."""

from datetime import UTC, datetime

import pytest

from pipeline_jobs.merging.batches import batches
from pipeline_jobs.state.history import Entry, State


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([1], [[1]]),
        ([4, 6], [[4, 6]]),
        ([4, 6, 1], [[4, 6], [1]]),
        ([1, 99, 1, 2], [[1], [99], [1, 2]]),
        ([0, 0, 0, 0, 0], [[0, 0, 0], [0, 0]]),
        ([9, 0, 0, 2, 8], [[9, 0, 0], [2, 8]]),
    ],
)
def test_every_file_is_in_one_batch_of_at_most_so_many_files_and_rows(
    rows: list[int], expected: list[list[int]]
) -> None:
    """In their order; a file that is greater than a batch may be is one by itself."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    staged = [Entry(at, number, "things", State.STAGED, "1", rows_good=good) for number, good in enumerate(rows)]

    found = list(batches(staged, most_files=3, most_rows=10))

    assert [[entry.rows_good for entry in batch] for batch in found] == expected
    assert [entry for batch in found for entry in batch] == staged

"""How much is merged at a time."""

from collections.abc import Iterator, Sequence

from pipeline_jobs.state.history import Entry

_FILES = 1000
_ROWS = 4_000_000
"""Files and good rows that are merged at a time, but for a file with more: what a statement holds of each, and what an
engine holds of their keys, does not grow with what waits."""


def batches(staged: Sequence[Entry], most_files: int = _FILES, most_rows: int = _ROWS) -> Iterator[Sequence[Entry]]:
    """In their order, each of `staged` once; a file with more rows than that is alone."""
    batch: list[Entry] = []
    rows = 0
    for entry in staged:
        rows += entry.rows_good or 0
        if batch and (len(batch) == most_files or rows > most_rows):
            yield batch
            batch, rows = [], entry.rows_good or 0
        batch.append(entry)
    if batch:
        yield batch

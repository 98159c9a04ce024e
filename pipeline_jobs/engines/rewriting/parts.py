"""Which files of a table a batch touches, and in which parts they can be written anew, each for itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from pipeline_jobs.engines.engine import KeyRange
from pipeline_jobs.engines.rewriting.ranges import EXACT

PART_ROWS = 250_000
"""A part has so many rows at least: each costs three queries, and its files are what the next batch must write anew.
Files of two parts stay apart, of one they do not.
"""
_MOST_PARTS = 8
"""Of a batch that meets more than so many times PART_ROWS: then questions cost more than files that stay apart."""
_MOST_ROWS = 2_000_000
"""Of such a part, about: its rows are joined with the batch's."""

Holding = Callable[[Sequence[tuple[Any, Any]]], Sequence[bool]]
"""Whether a key of the batch lies within each of these ends."""


@dataclass(frozen=True, slots=True)
class TouchedFile:
    """A file by its path below the table's folder; `low` and `high` of its key are None where the log does not say."""

    path: str
    size: int
    rows: int
    low: Any
    high: Any


@dataclass(frozen=True, slots=True)
class Part:
    """Files with all rows of the table from the key `low` to below `high` that a row of the batch may meet; None is
    without an end.
    """

    files: tuple[TouchedFile, ...]
    low: Any = None
    high: Any = None

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def is_rewritable(table: DeltaTable) -> bool:
    """Whether its files are its rows, and the log says how many: no deletion vectors, renamed columns, partitions."""
    is_plain = table.protocol().min_reader_version == 1 and not table.metadata().partition_columns
    return is_plain and pa.table(table.get_add_actions())["num_records"].null_count == 0


def rows_of(table: DeltaTable) -> int:
    """Of a table that is rewritable, by its log: a question to an engine would look at no more."""
    return sum(int(rows or 0) for rows in pa.table(table.get_add_actions())["num_records"].to_pylist())


def touched_parts(table: DeltaTable, keys: KeyRange, holding: Holding, rows: int = PART_ROWS) -> list[Part]:
    """Every file that may hold a key of the batch is in one part; at least one part, perhaps without a file.

    Together the parts take any key of the batch. No key of one part's files lies in another part.
    """
    exact = EXACT.get(keys.sql_type)
    files = [file for file in _files(table, keys.column) if file.rows]
    if exact is None or any(file.low is None or file.high is None for file in files):
        return [Part(tuple(files))]
    low, high = exact(keys.low), exact(keys.high)
    touched = sorted((file for file in files if file.low <= high and file.high >= low), key=lambda file: file.low)
    groups = _held(list(_apart(touched)), holding)
    met = sum(file.rows for group in groups for file in group)
    parts = list(_joined(groups, max(rows, min(met // _MOST_PARTS, _MOST_ROWS))))
    borders = [None, *(part[0].low for part in parts[1:]), None]
    return [Part(tuple(part), *borders[at : at + 2]) for at, part in enumerate(parts)] or [Part(())]


def _apart(files: Iterable[TouchedFile]) -> Iterable[list[TouchedFile]]:
    """In the order of `low`; a new group begins where no file before reaches."""
    group: list[TouchedFile] = []
    for file in files:
        if group and file.low > max(one.high for one in group):
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _held(groups: list[list[TouchedFile]], holding: Holding) -> list[list[TouchedFile]]:
    """Those in whose range a key of the batch lies: one old key must not touch all that came since."""
    if len(groups) < 2:
        return groups
    held = holding([(group[0].low, max(one.high for one in group)) for group in groups])
    return [group for group, is_held in zip(groups, held, strict=True) if is_held]


def _joined(groups: Iterable[list[TouchedFile]], rows: int) -> Iterable[list[TouchedFile]]:
    part: list[TouchedFile] = []
    for group in groups:
        if sum(file.rows for file in part) >= rows:
            yield part
            part = []
        part = [*part, *group]
    if part:
        yield part


def _files(table: DeltaTable, column: str) -> list[TouchedFile]:
    of_log = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    return [
        TouchedFile(of["path"], of["size_bytes"], of["num_records"], of.get(f"min.{column}"), of.get(f"max.{column}"))
        for of in of_log
    ]

"""What every format's reader gives: numbered records of text cells, some at a time."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline_jobs.reading.block import Block
from pipeline_jobs.reading.records import MOST_RECORD_BYTES

BLOCK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """As many `records` were read, the blank ones among them, which `kept` has no more.

    The columns of `kept.cells` are called as the file has them; `unknown` are those that the contract does not declare
    as one JSON object a row, None where they are columns like the others.
    """

    records: int
    kept: Block
    unknown: pa.Array[Any] | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bytes are read at once, and how many a record may have."""

    block: int = BLOCK_BYTES
    record: int = MOST_RECORD_BYTES


def block_of(names: list[str], rows: list[tuple[str | None, ...]], numbers: list[int], ragged: dict[int, str]) -> Block:
    """From rows of cells, each as long as there are names; raises UnicodeEncodeError for half a character."""
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(names))]
    schema = pa.schema([pa.field(name, pa.string()) for name in names])
    return Block(pa.RecordBatch.from_arrays(columns, schema=schema), pa.array(numbers, pa.int64()), ragged)

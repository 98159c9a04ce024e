"""Batches of rows as Parquet files of a bounded size, and the ends of their keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline_jobs.engines.versions.version import GONE
from pipeline_jobs.publishing.statements import Ends

_ROWS = 4_000_000
"""Rows of a file at most, but for what is over of its last batch: what a disk holds does not grow with the table."""
_RANGED = {"INTEGER": "INT64", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "STRING": "STRING"}
"""Types of columns by whose ends BigQuery can leave blocks unread, as parameters name them."""


@dataclass(slots=True)
class Parts:
    """`schema` is what each file has; `key` is the first column of the key, and `kind` its type in BigQuery.

    `rows` and `ends` are of what has been written so far.
    """

    schema: pa.Schema
    folder: Path
    key: str
    kind: str
    most: int = _ROWS
    rows: int = 0
    low: Any = None
    high: Any = None

    def written(self, batches: Iterator[pa.RecordBatch]) -> Iterator[Path]:
        """Each file once it is whole; it is gone when the next is asked for."""
        left = (self._seen(batch) for batch in batches if batch.num_rows)
        for number, first in enumerate(left):
            path = self.folder / f"{number}.parquet"
            with pq.ParquetWriter(path, self.schema) as file:
                file.write_batch(first)
                count = first.num_rows
                while count < self.most and (batch := next(left, None)) is not None:
                    file.write_batch(batch)
                    count += batch.num_rows
            yield path
            path.unlink()

    @property
    def ends(self) -> Ends | None:
        """None where nothing came, or no block is left unread for this type."""
        if self.kind not in _RANGED or self.low is None:
            return None
        return Ends(_RANGED[self.kind], _text(self.low), _text(self.high))

    def _seen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        conformed = pa.record_batch([self._column(batch, field) for field in self.schema], schema=self.schema)
        self.rows += conformed.num_rows
        if self.kind in _RANGED:
            keys = conformed.column(self.key)
            low, high = pc.min(keys).as_py(), pc.max(keys).as_py()
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)
        return conformed

    def _column(self, batch: pa.RecordBatch, field: "pa.Field[Any]") -> "pa.Array[Any]":
        if field.name in batch.schema.names:
            there: pa.Array[Any] = batch.column(field.name).cast(field.type)
            return there
        # Rows as they are say nothing of being gone, and what is gone says no more than its key.
        value = False if field.name == GONE else None
        absent: pa.Array[Any] = pa.repeat(pa.scalar(value, field.type), batch.num_rows)
        return absent


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)

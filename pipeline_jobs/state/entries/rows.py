"""The rows of the file ledger, as the engine has them and as the job does."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegerType, LongType, StringType, StructField, StructType, TimestampType

from pipeline_jobs.state.history import Entry, State

TICK = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TYPES: dict[str, tuple[DataType, pa.DataType]] = {
    "at": (TimestampType(), pa.timestamp("us", tz="UTC")),
    "seq": (IntegerType(), pa.int32()),
    **dict.fromkeys(("generation", "attempt"), (LongType(), pa.int64())),
    **dict.fromkeys(("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned"), (LongType(), pa.int64())),
}
_TEXT: tuple[DataType, pa.DataType] = (StringType(), pa.string())
_ARROW = pa.schema([pa.field(field.name, _TYPES.get(field.name, _TEXT)[1]) for field in fields(Entry)])


def ledger_schema() -> StructType:
    return StructType([StructField(field.name, _TYPES.get(field.name, _TEXT)[0]) for field in fields(Entry)])


def entries_of(rows: DataFrame) -> list[Entry]:
    # As microseconds: a driver would turn timestamps into its own local time.
    names = [field.name for field in fields(Entry)]
    collected = rows.select(F.unix_micros("at").alias("at"), *names[1:]).collect()
    return [_entry(row.asDict()) for row in collected]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "at": moment(row["at"]), "state": State(row["state"])})


def moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * TICK


def micros(at: datetime) -> int:
    """Since 1970."""
    return (at - EPOCH) // TICK


def is_since(at: datetime) -> Column:
    """Whether an entry is of then or later, so that an engine leaves out the files of older ones."""
    return F.col("at") >= F.timestamp_micros(F.lit(micros(at)))


def to_records(entries: Sequence[Entry]) -> pa.Table:
    columns = {field.name: [getattr(entry, field.name) for entry in entries] for field in fields(Entry)}
    return pa.table(columns, schema=_ARROW)

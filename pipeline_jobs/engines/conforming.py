"""Rows as the table that takes them has them, and records as the engine has them."""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType


def conformed(rows: DataFrame, columns: Sequence[str], schema: StructType) -> DataFrame:
    """The table's columns in its order and types: a column of another type would be written as NULL by some engine.

    One that the contract dropped is one of the table's still, and NULL. `columns` are those of the rows; where none are
    said, the engine is asked.
    """
    there = set(columns or rows.columns)
    values = ((F.col(field.name) if field.name in there else F.lit(None), field) for field in schema.fields)
    return rows.select(*(value.cast(field.dataType).alias(field.name) for value, field in values))


def framed(session: SparkSession, records: pa.Table) -> DataFrame:
    """Also of a table without rows, whose schema pyspark would not look at by itself."""
    return session.createDataFrame(records, from_arrow_schema(records.schema))

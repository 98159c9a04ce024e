"""Rows as the table that takes them has them, and records as the engine has them."""

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType


def conformed(rows: DataFrame, schema: StructType) -> DataFrame:
    """The table's columns in its order and types: a column of another type would be written as NULL by some engine.

    One that the contract dropped is one of the table's still, and NULL.
    """
    there = set(rows.columns)
    columns = ((F.col(field.name) if field.name in there else F.lit(None), field) for field in schema.fields)
    return rows.select(*(column.cast(field.dataType).alias(field.name) for column, field in columns))


def framed(session: SparkSession, records: pa.Table) -> DataFrame:
    """Also of a table without rows, whose schema pyspark would not look at by itself."""
    return session.createDataFrame(records, from_arrow_schema(records.schema))

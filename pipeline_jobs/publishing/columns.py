"""Columns of Spark as BigQuery and its files have them: one place knows what each type is there."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql.types import ArrayType, DataType, DecimalType, StructType

_TYPES = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "INTEGER"),
    "double": "FLOAT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    # A moment, as Spark's is: DATETIME would be the time on some wall.
    "timestamp": "TIMESTAMP",
    "string": "STRING",
}
_IN_FILES: dict[str, pa.DataType] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), pa.int64()),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "string": pa.string(),
}
_NUMERIC_SCALE, _NUMERIC_DIGITS = 9, 29
"""What a NUMERIC holds behind and before its point:
https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types"""


def fields(schema: StructType) -> Iterator[dict[str, Any]]:
    """Each column as a BigQuery schema has it: `name`, `type`, `mode` and, of a RECORD, `fields`."""
    for field in schema.fields:
        yield {"name": field.name, **_kind(field.dataType)}


def in_files(schema: StructType) -> pa.Schema:
    """The columns of a target as a Parquet file has them, from which BigQuery reads the types of `fields`.

    https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#type_conversions
    """
    return pa.schema([(field.name, _in_file(field.dataType)) for field in schema.fields])


def _in_file(of: DataType) -> pa.DataType:
    return pa.decimal128(of.precision, of.scale) if isinstance(of, DecimalType) else _IN_FILES[of.simpleString()]


def _kind(of: DataType) -> dict[str, Any]:
    if isinstance(of, ArrayType):
        return {**_kind(of.elementType), "mode": "REPEATED"}
    if isinstance(of, StructType):
        return {"type": "RECORD", "mode": "NULLABLE", "fields": list(fields(of))}
    if isinstance(of, DecimalType):
        is_numeric = of.scale <= _NUMERIC_SCALE and of.precision - of.scale <= _NUMERIC_DIGITS
        return {"type": "NUMERIC" if is_numeric else "BIGNUMERIC", "mode": "NULLABLE"}
    return {"type": _TYPES[of.simpleString()], "mode": "NULLABLE"}

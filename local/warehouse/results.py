"""Answers in the format JSON_ARRAY: every value a text or null, and what each column is."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

_NAMES = (
    (pa.types.is_null, "NULL", "VOID"),
    (pa.types.is_boolean, "BOOLEAN", "BOOLEAN"),
    (pa.types.is_int8, "BYTE", "TINYINT"),
    (pa.types.is_int16, "SHORT", "SMALLINT"),
    (pa.types.is_int32, "INT", "INT"),
    (pa.types.is_integer, "LONG", "BIGINT"),
    (pa.types.is_float32, "FLOAT", "FLOAT"),
    (pa.types.is_floating, "DOUBLE", "DOUBLE"),
    (pa.types.is_date, "DATE", "DATE"),
    (pa.types.is_timestamp, "TIMESTAMP", "TIMESTAMP"),
    (pa.types.is_struct, "STRUCT", "STRUCT"),
    (pa.types.is_map, "MAP", "MAP"),
    (pa.types.is_list, "ARRAY", "ARRAY"),
    (pa.types.is_binary, "BINARY", "BINARY"),
)


def columns_of(schema: pa.Schema) -> list[dict[str, Any]]:
    """As `manifest.schema.columns`."""
    return [{"name": field.name, "position": at, **_type(field.type)} for at, field in enumerate(schema)]


def rows_of(table: pa.Table) -> list[list[str | None]]:
    """As `result.data_array`."""
    columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _type(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_decimal(kind):
        text = f"DECIMAL({kind.precision},{kind.scale})"
        return {"type_name": "DECIMAL", "type_text": text, "type_precision": kind.precision, "type_scale": kind.scale}
    for is_kind, name, text in _NAMES:
        if is_kind(kind):
            return {"type_name": name, "type_text": text}
    return {"type_name": "STRING", "type_text": "STRING"}


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case datetime() | date() | Decimal():
            return _plain(value)
        case dict() | list():
            return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
        case bytes():
            return value.hex()
    return str(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(value)

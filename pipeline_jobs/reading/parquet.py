"""Parquet as records: types that are given are held against the contract's, then every value becomes its text."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BufferedReader
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contracts.contract import Column, Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.notation.formats import EPOCHS
from pipeline_jobs.reading.block import Block, filled_rows
from pipeline_jobs.reading.piece import Piece, Sizes
from pipeline_jobs.reading.request import CellsFile
from pipeline_jobs.reading.unpacking import Watched

_ROWS_AT_ONCE = 8192
_MOST_FOOTER_PART = 16 * 1024 * 1024
_Type = pa.DataType


def checked_columns(raw: BufferedReader, contract: Contract) -> list[str]:
    """The names of its columns; raises FileRejected (format) where one has a type that its column cannot take."""
    with _damage_told(raw) as under:
        schema = _opened(under).schema_arrow
    declared = {column.source_name: column for column in contract.file_columns}
    wrong = [
        f"{column.source_name} is {field.type}, the contract says {column.type.sql}"
        for field in schema
        if (column := declared.get(field.name)) is not None and not _fits(field.type, column)
    ]
    if wrong:
        raise FileRejected(Reason.FORMAT, "; ".join(wrong))
    return list(schema.names)


def _fits(kind: _Type, column: Column) -> bool:
    """Texts are judged as those of a CSV are; a type that could lose something on the way is refused."""
    kind = kind.value_type if isinstance(kind, pa.DictionaryType) else kind
    if _is_text(kind) or pa.types.is_null(kind):
        return True
    is_integer, is_decimal = pa.types.is_integer(kind), pa.types.is_decimal(kind)
    of = column.type
    if of.is_integer:
        return is_integer
    fitting = {
        "decimal": is_integer or is_decimal,
        "double": is_integer or is_decimal or pa.types.is_floating(kind),
        "boolean": pa.types.is_boolean(kind),
        "date": pa.types.is_date(kind),
        "timestamp": pa.types.is_timestamp(kind) or (is_integer and column.format in EPOCHS),
    }
    return fitting.get(of.name, False)


def _is_text(kind: _Type) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def parquet_pieces(raw: BufferedReader, file: CellsFile, sizes: Sizes) -> Iterator[Piece]:
    """Raises FileRejected: format, too_large, record_too_long."""
    with _damage_told(raw) as under:
        # Read as numbers of texts: one long text may stand in every row of a small file.
        texts = [field.name for field in _opened(under).schema_arrow if _is_text(field.type)]
        opened = _opened(under, texts)
        moments = _moments(opened)
        if tuple(opened.schema_arrow.names) != file.header:
            raise FileRejected(Reason.FORMAT, "the columns are others than when the file was checked")
        number = total = 0
        for batch in opened.iter_batches(_ROWS_AT_ONCE, use_threads=False):
            for rows in _slices(batch, number, sizes):
                total += _size(rows) + len(rows) * len(file.header)
                if total > file.most_bytes:
                    detail = f"the file unpacks to more than {file.most_bytes} bytes; split it"
                    raise FileRejected(Reason.TOO_LARGE, detail)
                cells = _as_texts(rows, moments)
                kept = filled_rows(cells)
                numbers = pa.array(range(1, len(rows) + 1), pa.int64())
                yield Piece(len(rows), Block(cells.filter(kept), numbers.filter(kept), {}))
                number += len(rows)


def _opened(under: Watched, texts: list[str] | None = None) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.PythonFile(under, "r"),
        read_dictionary=texts,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit="us",  # in nanoseconds, far moments become others
        thrift_string_size_limit=_MOST_FOOTER_PART,
        thrift_container_size_limit=_MOST_FOOTER_PART,
    )


def _moments(opened: pq.ParquetFile) -> frozenset[str]:
    """The columns of INT96, in which Spark writes moments as a rule: in UTC, though the type does not say so."""
    leaves = (opened.schema.column(at) for at in range(len(opened.schema)))
    return frozenset(leaf.path for leaf in leaves if leaf.physical_type == "INT96")


@contextmanager
def _damage_told(raw: BufferedReader) -> Iterator[Watched]:
    """The file for Arrow, and its errors as FileRejected (format), unless the file itself cannot be read."""
    under = Watched(raw)
    try:
        yield under
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        if under.has_failed:
            raise
        raise FileRejected(Reason.FORMAT, "the Parquet data is damaged; write the file again") from error


def _slices(batch: pa.RecordBatch, before: int, sizes: Sizes) -> Iterator[pa.RecordBatch]:
    """Of about `sizes.block` bytes of text each; raises FileRejected (record_too_long)."""
    lengths = _lengths(batch)
    longest = pc.max(lengths).as_py() or 0
    if longest > sizes.record:
        at = pc.index(lengths, longest).as_py()
        raise FileRejected(Reason.RECORD_TOO_LONG, f"record {before + at + 1} has more than {sizes.record} bytes")
    step = max(1, sizes.block // max(1, longest))
    for start in range(0, len(batch), step):
        yield batch.slice(start, step)


def _size(batch: pa.RecordBatch) -> int:
    return int(pc.sum(_lengths(batch)).as_py() or 0)


def _lengths(batch: pa.RecordBatch) -> pa.Array[Any]:
    """The bytes of each row's texts."""
    lengths: pa.Array[Any] = pa.repeat(pa.scalar(0, pa.int64()), len(batch))
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray) and _is_text(column.type.value_type):
            each = pc.binary_length(cast("pa.StringArray", column.dictionary)).cast(pa.int64()).take(column.indices)
            lengths = pc.add(lengths, cast("pa.Int64Array", pc.fill_null(each, pa.scalar(0))))
    return lengths


def _as_texts(batch: pa.RecordBatch, moments: frozenset[str]) -> pa.RecordBatch:
    names = batch.schema.names
    values = (
        column.cast(pa.timestamp("us", "UTC")) if name in moments else column
        for name, column in zip(names, batch.columns, strict=True)
    )
    columns = [_texts(column) for column in values]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema([(name, pa.string()) for name in names]))


def _texts(column: pa.Array[Any]) -> pa.Array[Any]:
    """Each value as the contract language writes it; what it has no word for, as JSON."""
    kind = column.type
    if isinstance(kind, pa.DictionaryType):
        return _texts(cast("pa.DictionaryArray[Any, Any]", column).dictionary_decode())
    if pa.types.is_decimal(kind):
        return _each(column, _plain)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.string())
    is_plain = pa.types.is_primitive(kind) or pa.types.is_boolean(kind) or _is_text(kind) or pa.types.is_null(kind)
    if is_plain and not pa.types.is_duration(kind):
        texts = column.cast(pa.string())
        texts.validate(full=True)  # Parquet's texts may be no UTF-8, of which engines die
        return texts
    return _each(column, lambda value: json.dumps(value, ensure_ascii=False, default=_other))


def _each(column: pa.Array[Any], write: Callable[[Any], str]) -> pa.Array[Any]:
    return pa.array([None if value is None else write(value) for value in column.to_pylist()], pa.string())


def _other(value: object) -> str:
    """Of what JSON has no form for."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _plain(number: Decimal) -> str:
    """Without an exponent, in which Arrow writes small ones, and without zeros at its end."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown

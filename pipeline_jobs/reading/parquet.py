"""Parquet as records: types that are given are held against the contract's, then every value becomes its text."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import inspect
import json
from collections.abc import Callable, Iterable, Iterator
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
_LONGEST_DECIMAL = 32
"""In bytes, with 76 digits; a UUID has 16."""
_WIDEST = 64 * 1024
"""Of all values of a fixed size in a row, without lists; hashes and keys have some dozen bytes each."""
_MOST_FOOTER_PART = 16 * 1024 * 1024
_EXTENSIONS = "arrow_extensions_enabled"
_WITHOUT_EXTENSIONS: dict[str, Any] = (
    {_EXTENSIONS: False} if _EXTENSIONS in inspect.signature(pq.ParquetFile).parameters else {}
)
"""JSON is a text: as a type of its own, which Arrow has made of it since its version 21, it is not read by numbers."""
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
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def parquet_pieces(raw: BufferedReader, file: CellsFile, sizes: Sizes) -> Iterator[Piece]:
    """Raises FileRejected: format, too_large, record_too_long."""
    with _damage_told(raw) as under:
        # Read as numbers of values: one long text may stand in every row of a small file, and in every list of a row.
        leaves = _leaves(_opened(under))
        opened = _opened(under, leaves)
        moments = _moments(opened)
        if tuple(opened.schema_arrow.names) != file.header:
            raise FileRejected(Reason.FORMAT, "the columns are others than when the file was checked")
        number = total = 0
        for batch in opened.iter_batches(_rows_at_once(leaves, sizes), use_threads=False):
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


def _opened(under: Watched, by_number: Iterable[pq.ColumnSchema] = ()) -> pq.ParquetFile:
    """Those of these columns that hold texts or binary values are read by numbers."""
    return pq.ParquetFile(
        pa.PythonFile(under, "r"),
        read_dictionary=[leaf.path for leaf in by_number if leaf.physical_type == "BYTE_ARRAY"],
        **_WITHOUT_EXTENSIONS,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit="us",  # in nanoseconds, far moments become others
        thrift_string_size_limit=_MOST_FOOTER_PART,
        thrift_container_size_limit=_MOST_FOOTER_PART,
    )


def _moments(opened: pq.ParquetFile) -> frozenset[str]:
    """The columns of INT96, in which Spark writes moments as a rule: in UTC, though the type does not say so."""
    return frozenset(leaf.path for leaf in _leaves(opened) if leaf.physical_type == "INT96")


def _leaves(opened: pq.ParquetFile) -> list[pq.ColumnSchema]:
    """What holds values: the columns, and of nested ones what stands within them."""
    return [opened.schema.column(at) for at in range(len(opened.schema))]


def _rows_at_once(leaves: list[pq.ColumnSchema], sizes: Sizes) -> int:
    """Values of a fixed size are not read by their numbers: of wide ones no more rows than make a block.

    Arrow makes room for a thousand at once all the same. Raises FileRejected (format) where that is too much.
    """
    widths = [leaf.length or 0 for leaf in leaves]
    wide = sum(width for width in widths if width > _LONGEST_DECIMAL)
    if wide > _WIDEST:
        detail = f"its binary values of a fixed size have more than {_WIDEST} bytes in a row; write them as binary"
        raise FileRejected(Reason.FORMAT, detail)
    return max(1, min(_ROWS_AT_ONCE, sizes.block // max(1, wide)))


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
    """The bytes of each row's texts and binary values."""
    return _added(len(batch), map(_bytes_of, batch.columns))


def _added(rows: int, each: Iterable[pa.Array[Any]]) -> pa.Array[Any]:
    added: pa.Array[Any] = pa.repeat(pa.scalar(0, pa.int64()), rows)
    for lengths in each:
        added = pc.add(added, cast("pa.Int64Array", lengths))
    return added


def _bytes_of(column: pa.Array[Any]) -> pa.Array[Any]:
    """Of each value, with all that is nested in it; numbers count nothing."""
    kind, of = column.type, cast("Any", column)
    if isinstance(column, pa.ExtensionArray):
        return _bytes_of(of.storage)
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(of.dictionary).cast(pa.int64()).take(of.indices)
        return cast("pa.Array[Any]", pc.fill_null(lengths, pa.scalar(0, pa.int64())))
    if pa.types.is_struct(kind):
        return _added(len(column), map(_bytes_of, of.flatten()))
    if pa.types.is_nested(kind):
        return _bytes_of_lists(of)
    width = kind.byte_width if pa.types.is_fixed_size_binary(kind) else 0
    return pc.multiply(cast("pa.Int64Array", column.is_valid().cast(pa.int64())), pa.scalar(width, pa.int64()))


def _bytes_of_lists(column: Any) -> pa.Array[Any]:  # any of five kinds of lists, and maps
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        column = column.cast(pa.large_list(kind.value_type))
    is_map, is_view = pa.types.is_map(kind), pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind)
    within = (column.keys, column.items) if is_map else (column.values,)
    lengths = _added(len(within[0]), map(_bytes_of, within))
    before: pa.Array[Any] = pa.array([0], pa.int64())
    sums: Any = pa.concat_arrays([before, cast("Any", pc.cumulative_sum(cast("Any", lengths)))])
    begins = column.offsets.slice(0, len(column))
    ends = pc.add(column.offsets, column.sizes) if is_view else column.offsets.slice(1)
    return cast("pa.Array[Any]", pc.subtract(sums.take(ends), sums.take(begins)))


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
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return _texts(column.cast(pa.float64()))  # the text of a narrower number is that of one near it
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

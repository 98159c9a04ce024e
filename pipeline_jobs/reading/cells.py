"""The one reader of CSV: a file's records as text cells, numbered and counted, in one streaming pass."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast

import pyarrow as pa
from pyarrow import csv

from contracts.files.reasons import FileRejected
from contracts.files.regular import open_regular
from pipeline_jobs.reading.checked_text import PIECE_BYTES, CheckedText
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

BLOCK_BYTES = 4 * 1024 * 1024

# Arrow reads ahead in a thread of its own. A reader that is dropped while that thread is at work may be taken apart
# in it, and then waits for itself: the thread is lost, and with the last of them every reader stands still
# (https://github.com/apache/arrow/pull/9941). So the last readers are kept until their threads are through.
_SPENT: deque[csv.CSVStreamingReader] = deque(maxlen=8)


def read_cells(file: CellsFile, request: CellsRequest, block_bytes: int = BLOCK_BYTES) -> Iterator[pa.RecordBatch]:
    """Batches of `request.schema`; the file's Control stands from the beginning, and says the truth at the end.

    A fault of the file ends the batches and stands in the Control. OSError (the file cannot be opened or read,
    the Control not be written) is raised: it says nothing about the file.
    """
    count = _Count()
    Control(0, failure="the reader did not come to the end").write(file.control)
    try:
        with open_regular(Path(file.path)) as raw:
            yield from _batches(raw, file, request, count, block_bytes)
        control = Control(count.records)
    except FileRejected as error:
        control = Control(count.records, reason=error.reason, detail=error.detail)
    except pa.ArrowInvalid as error:
        # Of Arrow's message only the kind is kept: it may quote a row.
        control = Control(count.records, failure=f"{type(error).__name__} behind record {count.records}")
    except OSError as error:
        Control(count.records, unavailable=type(error).__name__).write(file.control)
        raise
    control.write(file.control)


@dataclass(slots=True)
class _Count:
    """Records numbered so far, and the ragged records that no batch has taken along yet: (number, text)."""

    records: int = 0
    ragged: list[tuple[int, str]] = field(default_factory=list)

    def number(self, good: int) -> tuple[pa.Array[Any], list[tuple[int, str]]]:
        """The numbers of the next `good` records, and the ragged ones that stand among them."""
        if not self.ragged:
            first = self.records + 1
            self.records += good
            return pa.array(range(first, first + good), pa.int64()), []
        taken: list[int] = []
        skipped: list[int] = []
        number = self.records
        ragged = dict(self.ragged)
        while len(taken) < good:
            number += 1
            (skipped if number in ragged else taken).append(number)
        while number + 1 in ragged:
            number += 1
            skipped.append(number)
        self.records = number
        self.ragged = [(at, text) for at, text in self.ragged if at > number]
        return pa.array(taken, pa.int64()), [(at, ragged[at]) for at in skipped]


def _batches(
    raw: io.BufferedReader, file: CellsFile, request: CellsRequest, count: _Count, block_bytes: int
) -> Iterator[pa.RecordBatch]:
    def keep(row: csv.InvalidRow) -> Literal["skip", "error"]:
        # The header is record 1 of Arrow's count; empty lines are none. Without threads it always counts.
        count.ragged.append(((row.number or 0) - 1, row.text))
        return "skip"

    dialect = request.dialect
    escape = None if dialect.escape == dialect.quote else dialect.escape
    reader = csv.open_csv(
        cast("IO[bytes]", CheckedText(raw, dialect, file.most_bytes, min(block_bytes, PIECE_BYTES))),
        # The header is read as a record, and dropped below: a first block without any good record would have Arrow
        # go on to the next one, and with it every ragged record of the file into memory.
        read_options=csv.ReadOptions(use_threads=False, block_size=block_bytes, column_names=list(file.header)),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote,
            double_quote=escape is None,
            escape_char=escape or False,
            newlines_in_values=True,
            invalid_row_handler=keep,
        ),
        convert_options=csv.ConvertOptions(
            check_utf8=False, strings_can_be_null=False, column_types=dict.fromkeys(file.header, pa.string())
        ),
    )
    _SPENT.append(reader)
    is_first = True
    for batch in reader:
        cells = _without_header(batch, file) if is_first else batch
        is_first = False
        numbers, ragged = count.number(len(cells))
        yield _good(cells, numbers, file, request)
        if ragged:
            yield _ragged(ragged, file, request)
    _, ragged = count.number(0)
    if ragged:
        yield _ragged(ragged, file, request)


def _without_header(batch: pa.RecordBatch, file: CellsFile) -> pa.RecordBatch:
    if tuple(column[0].as_py() for column in batch.columns) != file.header:
        raise pa.ArrowInvalid("the header is another than when the file was checked")
    return batch.slice(1)


def _good(cells: pa.RecordBatch, numbers: pa.Array[Any], file: CellsFile, request: CellsRequest) -> pa.RecordBatch:
    rows = len(cells)
    absent = pa.nulls(rows, pa.string())
    names = set(cells.schema.names)
    columns = [cells.column(source) if source in names else absent for _, source in request.columns]
    return _batch(file, request, numbers, pa.array([False] * rows), _unknown(cells, request), columns)


def _unknown(cells: pa.RecordBatch, request: CellsRequest) -> pa.Array[Any]:
    """The columns that the contract does not declare, as one JSON object a row."""
    declared = {source for _, source in request.columns}
    unknown = [name for name in cells.schema.names if name not in declared]
    if not unknown:
        return pa.nulls(len(cells), pa.string())
    rows = zip(*(cells.column(name).to_pylist() for name in unknown), strict=True)
    return pa.array([json.dumps(dict(zip(unknown, row, strict=True)), ensure_ascii=False) for row in rows], pa.string())


def _ragged(records: list[tuple[int, str]], file: CellsFile, request: CellsRequest) -> pa.RecordBatch:
    rows = len(records)
    absent = pa.nulls(rows, pa.string())
    numbers = pa.array([number for number, _ in records], pa.int64())
    texts = pa.array([text for _, text in records], pa.string())
    return _batch(file, request, numbers, pa.array([True] * rows), texts, [absent] * len(request.columns))


def _batch(
    file: CellsFile,
    request: CellsRequest,
    numbers: pa.Array[Any],
    ragged: pa.Array[Any],
    raw: pa.Array[Any],
    columns: list[pa.Array[Any]],
) -> pa.RecordBatch:
    rows = len(numbers)
    technical: list[pa.Array[Any]] = [
        pa.repeat(pa.scalar(file.generation, pa.int64()), rows),
        pa.repeat(pa.scalar(file.attempt, pa.int64()), rows),
        pa.repeat(pa.scalar(file.finalized_at, pa.int64()), rows),
        pa.repeat(pa.scalar(file.identity, pa.string()), rows),
        numbers,
        ragged,
        raw,
    ]
    return pa.RecordBatch.from_arrays([*technical, *columns], schema=request.schema)

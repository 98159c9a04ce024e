"""The one reader of files: a file's records as text cells, numbered and counted, in one streaming pass."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contracts.files.reasons import FileRejected, Reason
from contracts.files.regular import open_regular
from pipeline_jobs.reading.excel.pieces import excel_pieces
from pipeline_jobs.reading.parquet import parquet_pieces
from pipeline_jobs.reading.piece import BLOCK_BYTES, Piece, Sizes
from pipeline_jobs.reading.records import MOST_RECORD_BYTES, RecordAtFault
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control
from pipeline_jobs.reading.texts import text_pieces


def read_cells(
    file: CellsFile,
    request: CellsRequest,
    block_bytes: int = BLOCK_BYTES,
    most_record_bytes: int = MOST_RECORD_BYTES,
) -> Iterator[pa.RecordBatch]:
    """Batches of `request.schema`; the file's Control stands from the beginning, and says the truth at the end.

    A fault of the file ends the batches and stands in the Control. OSError (the file cannot be opened or read,
    the Control not be written) is raised: it says nothing about the file.
    """
    count = _Count()
    Control(0, failure="the reader did not come to the end").write(file.control)
    try:
        with open_regular(Path(file.path)) as raw:
            for piece in _pieces(raw, file, request, Sizes(block_bytes, most_record_bytes)):
                yield from _batches(piece, count, file, request)
        control = Control(count.records, count.blank)
    except FileRejected as error:
        control = Control(count.records, count.blank, reason=error.reason, detail=error.detail)
    except RecordAtFault as fault:
        detail = _told(fault.reason, count.records + 1, most_record_bytes)
        control = Control(count.records, count.blank, reason=fault.reason, detail=detail)
    except pa.ArrowInvalid as error:
        # Of Arrow's message only the kind is kept: it may quote a row.
        control = Control(count.records, count.blank, failure=f"{type(error).__name__} behind record {count.records}")
    except OSError as error:
        Control(count.records, count.blank, unavailable=type(error).__name__).write(file.control)
        raise
    control.write(file.control)


def _pieces(raw: io.BufferedReader, file: CellsFile, request: CellsRequest, sizes: Sizes) -> Iterator[Piece]:
    """By the feed's format; raises FileRejected, RecordAtFault."""
    if request.layout.format == "excel":
        return excel_pieces(raw, file, request, sizes)
    if request.layout.format == "parquet":
        return parquet_pieces(raw, file, sizes)
    return text_pieces(raw, file, request, sizes)


@dataclass(slots=True)
class _Count:
    """Records numbered so far, the blank ones among them."""

    records: int = 0
    blank: int = 0

    def add(self, piece: Piece) -> None:
        self.records += piece.records
        self.blank += piece.records - piece.kept.records


def _told(reason: Reason, number: int, most_bytes: int) -> str:
    if reason is Reason.UNCLOSED_QUOTE:
        return f"the quote that opens in record {number} is never closed; the lines behind it run together"
    return f"record {number} has more than {most_bytes} bytes: does a quote or a line end lack? Split what is so long"


def _batches(piece: Piece, count: _Count, file: CellsFile, request: CellsRequest) -> Iterator[pa.RecordBatch]:
    """Counted before the next piece is asked for."""
    before, kept = count.records, piece.kept
    count.add(piece)
    unknown = _unknown(kept.cells, request) if piece.unknown is None else piece.unknown
    yield _good(kept.cells, pc.add(kept.numbers, before), unknown, file, request)
    if kept.ragged:
        yield _ragged([(before + number, text) for number, text in kept.ragged.items()], file, request)


def _good(
    cells: pa.RecordBatch, numbers: pa.Array[Any], unknown: pa.Array[Any], file: CellsFile, request: CellsRequest
) -> pa.RecordBatch:
    rows = len(cells)
    absent = pa.nulls(rows, pa.string())
    names = set(cells.schema.names)
    columns = [cells.column(source) if source in names else absent for _, source in request.columns]
    return _batch(file, request, numbers, pa.array([False] * rows), unknown, columns)


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

"""The one reader of CSV: a file's records as text cells, numbered and counted, in one streaming pass."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contracts.files.quoting import Quoting
from contracts.files.reasons import FileRejected, Reason
from contracts.files.regular import open_regular
from pipeline_jobs.reading.block import Block, BlockParser
from pipeline_jobs.reading.checked_text import CheckedText
from pipeline_jobs.reading.records import MOST_RECORD_BYTES, RecordAtFault, Records
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

BLOCK_BYTES = 4 * 1024 * 1024
_MOST_UTF8_BYTES = 3
"""That a byte of a file may become."""


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
            text = CheckedText(raw, request.dialect, file.most_bytes)
            records = Records(Quoting.of(request.dialect), most_record_bytes)
            yield from _batches(_blocks(text, records, count, block_bytes), file, request, count)
        control = Control(count.records, count.blank)
    except FileRejected as error:
        control = Control(count.records, count.blank, reason=error.reason, detail=error.detail)
    except pa.ArrowInvalid as error:
        # Of Arrow's message only the kind is kept: it may quote a row.
        control = Control(count.records, count.blank, failure=f"{type(error).__name__} behind record {count.records}")
    except OSError as error:
        Control(count.records, count.blank, unavailable=type(error).__name__).write(file.control)
        raise
    control.write(file.control)


@dataclass(slots=True)
class _Count:
    """Records numbered so far, the blank ones among them."""

    records: int = 0
    blank: int = 0

    def add(self, records: int, blank: int) -> None:
        self.records += records
        self.blank += blank


def _blocks(text: CheckedText, records: Records, count: _Count, block_bytes: int) -> Iterator[bytes]:
    """Each is counted before the next one is asked for; raises FileRejected, with the number of the record at fault."""
    most = max(1, records.most_bytes // _MOST_UTF8_BYTES)
    try:
        while piece := text.read(min(max(block_bytes, records.held_bytes), most)):
            yield from records.feed(piece)
        yield from records.close()
    except RecordAtFault as fault:
        raise FileRejected(fault.reason, _told(fault.reason, count.records + 1, records.most_bytes)) from fault
    if records.is_ended_by_mark:
        count.add(1, blank=1)


def _told(reason: Reason, number: int, most_bytes: int) -> str:
    if reason is Reason.UNCLOSED_QUOTE:
        return f"the quote that opens in record {number} is never closed; the lines behind it run together"
    return f"record {number} has more than {most_bytes} bytes: does a quote or a line end lack? Split what is so long"


def _batches(
    blocks: Iterator[bytes], file: CellsFile, request: CellsRequest, count: _Count
) -> Iterator[pa.RecordBatch]:
    parser = BlockParser(file.header, request.dialect)
    is_before_header = True
    for text in blocks:
        read = parser.parse(text)
        if is_before_header and read.records:
            read, is_before_header = _behind_header(read, file), False
        kept = parser.without_blank(read)
        before = count.records
        count.add(read.records, blank=read.records - kept.records)
        yield _good(kept.cells, pc.add(kept.numbers, before), file, request)
        if kept.ragged:
            yield _ragged([(before + number, text) for number, text in kept.ragged.items()], file, request)


def _behind_header(block: Block, file: CellsFile) -> Block:
    if 1 in block.ragged or tuple(column[0].as_py() for column in block.cells.columns) != file.header:
        raise pa.ArrowInvalid("the header is another than when the file was checked")
    return block.behind_first()


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

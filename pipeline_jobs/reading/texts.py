"""The formats that are texts of lines: CSV, JSON Lines, fixed width."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from contracts.files.json_records import parse_record
from contracts.files.quoting import Quoting
from contracts.notation.cleansing import BLANKS
from pipeline_jobs.reading.block import Block, BlockParser
from pipeline_jobs.reading.checked_text import CheckedText
from pipeline_jobs.reading.piece import Piece, Sizes, block_of
from pipeline_jobs.reading.records import Records
from pipeline_jobs.reading.request import CellsFile, CellsRequest

_MOST_UTF8_BYTES = 3
"""That a byte of a file may become."""
_LINES = Quoting(delimiter=b"\xff", quote=b"\xff", escape=None)
"""Of lines that end at a line end wherever it stands: no byte of UTF-8 is one of these marks."""
_LINE_ENDS = re.compile(rb"[\r\n]+")

Parser = Callable[[bytes], Piece]


def text_pieces(raw: io.BufferedReader, file: CellsFile, request: CellsRequest, sizes: Sizes) -> Iterator[Piece]:
    """Raises FileRejected, and RecordAtFault of the record behind all that were given."""
    parse, quoting = _parser(file, request)
    text = CheckedText(raw, request.dialect, file.most_bytes)
    records = Records(quoting, sizes.record)
    most = max(1, sizes.record // _MOST_UTF8_BYTES)
    while piece := text.read(min(max(sizes.block, records.held_bytes), most)):
        yield from map(parse, records.feed(piece))
    yield from map(parse, records.close())
    if records.is_ended_by_mark:
        yield Piece(1, block_of(list(file.header), [], [], {}))


def _parser(file: CellsFile, request: CellsRequest) -> tuple[Parser, Quoting]:
    if request.layout.format == "jsonLines":
        return JsonParser(request), _LINES
    if request.layout.format == "fixedWidth":
        return FixedWidthParser(request), _LINES
    return CsvParser(file, request), Quoting.of(request.dialect)


class CsvParser:
    """Its first record is the header, and none of the others."""

    def __init__(self, file: CellsFile, request: CellsRequest) -> None:
        self._header = file.header
        self._parser = BlockParser(file.header, request.dialect)
        self._is_before_header = True

    def __call__(self, text: bytes) -> Piece:
        read = self._parser.parse(text)
        if self._is_before_header and read.records:
            read, self._is_before_header = self._behind_header(read), False
        kept = self._parser.without_blank(read)
        return Piece(read.records, kept)

    def _behind_header(self, block: Block) -> Block:
        if 1 in block.ragged or tuple(column[0].as_py() for column in block.cells.columns) != self._header:
            raise pa.ArrowInvalid("the header is another than when the file was checked")
        return block.behind_first()


class JsonParser:
    """A line is a record; one that is no object, or lacks a column that is not optional, has no cells at all."""

    def __init__(self, request: CellsRequest) -> None:
        self._names = [source for _, source in request.columns]
        self._needed = {*self._names} - {*request.layout.optional}
        self._rejects_unknown = request.layout.rejects_unknown

    def __call__(self, text: bytes) -> Piece:
        lines = _lines(text)
        rows: list[tuple[str | None, ...]] = []
        unknown: list[str | None] = []
        numbers: list[int] = []
        ragged: dict[int, str] = {}
        for number, line in enumerate(lines, start=1):
            try:
                cells = parse_record(line) if line.strip(BLANKS) else {}
            except ValueError:
                ragged[number] = line
                continue
            if not line.strip(BLANKS) or (self._needed <= cells.keys() and _has_nothing(cells)):
                continue
            row = tuple(cells.pop(name, None) for name in self._names) if self._needed <= cells.keys() else None
            if row is None or (cells and self._rejects_unknown):
                ragged[number] = line
                continue
            rows.append(row)
            unknown.append(json.dumps(cells, ensure_ascii=False) if cells else None)
            numbers.append(number)
        return Piece(len(lines), block_of(self._names, rows, numbers, ragged), pa.array(unknown, pa.string()))


def _has_nothing(cells: Mapping[str, str | None]) -> bool:
    return not any(cell and cell.strip(BLANKS) for cell in cells.values())


class FixedWidthParser:
    """A cell is what stands at its column's position, without the spaces that fill it up behind."""

    def __init__(self, request: CellsRequest) -> None:
        self._names = [source for _, source in request.columns]
        self._positions = request.layout.positions
        self._width = max(last for _, last in self._positions)

    def __call__(self, text: bytes) -> Piece:
        lines = pa.array(_lines(text), pa.string())
        numbers = pa.array(range(1, len(lines) + 1), pa.int64())
        is_filled = pc.invert(_is_blank(lines))
        is_wide = pc.greater_equal(pc.utf8_length(lines), pa.scalar(self._width))
        has_room = pc.and_(is_wide, _is_blank(pc.utf8_slice_codeunits(lines, self._width)))
        good, odd = pc.and_(is_filled, has_room), pc.and_(is_filled, pc.invert(has_room))
        pairs = zip(numbers.filter(odd).to_pylist(), lines.filter(odd).to_pylist(), strict=True)
        ragged = cast("dict[int, str]", dict(pairs))
        lines_kept = lines.filter(good)
        columns = [self._cells(lines_kept, first, last) for first, last in self._positions]
        schema = pa.schema([pa.field(name, pa.string()) for name in self._names])
        cells = pa.RecordBatch.from_arrays(columns, schema=schema)
        return Piece(len(lines), Block(cells, numbers.filter(good), ragged))

    def _cells(self, lines: pa.StringArray, first: int, last: int) -> pa.StringArray:
        return pc.ascii_rtrim(pc.utf8_slice_codeunits(lines, first - 1, last), characters=" ")


def _is_blank(texts: pa.StringArray) -> pa.BooleanArray:
    return pc.equal(pc.ascii_trim(texts, characters=BLANKS), pa.scalar(""))


def _lines(text: bytes) -> list[str]:
    """Those with a character at least; one without is no record."""
    return [line.decode() for line in _LINE_ENDS.split(text) if line]

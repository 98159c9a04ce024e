"""A block of whole records through pyarrow.csv: the cells of those that have as many as the header, the others' text.

A block is parsed at once: what Arrow reads piece by piece fails or not by where a record stands in its pieces
(https://arrow.apache.org/docs/cpp/csv.html), and is read ahead by a thread that outlives its reader.
"""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import IO, Any, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from contracts.contract import CsvDialect
from contracts.files.quoting import Quoting
from contracts.notation.cleansing import BLANKS


@dataclass(frozen=True, slots=True)
class Block:
    """Records of one block, by their numbers in it, from 1: `cells` has a row for each of `numbers`, `ragged` the
    records of another length, with their text.
    """

    cells: pa.RecordBatch
    numbers: pa.Array[Any]
    ragged: dict[int, str]

    @property
    def records(self) -> int:
        return len(self.numbers) + len(self.ragged)

    def behind_first(self) -> Block:
        """Without the first record, which is not ragged."""
        numbers = pc.subtract(self.numbers.slice(1), 1)
        return Block(self.cells.slice(1), numbers, {number - 1: text for number, text in self.ragged.items()})


class BlockParser:
    """Of one file, whose header has these names."""

    def __init__(self, header: tuple[str, ...], dialect: CsvDialect) -> None:
        self._header = list(header)
        self._delimiter = dialect.delimiter
        self._quote = dialect.quote
        self._quoting = Quoting.of(dialect)
        self._schema = pa.schema([pa.field(name, pa.string()) for name in header])
        self._convert = csv.ConvertOptions(
            check_utf8=False, strings_can_be_null=False, column_types=dict.fromkeys(header, pa.string())
        )
        self._record = re.compile(self._quoting.record)
        self._blank = _blank_record(dialect)

    def parse(self, text: bytes) -> Block:
        """Each record of the text ends in it; lines without any character are none."""
        ragged: dict[int, str] = {}

        def keep(row: csv.InvalidRow) -> Literal["skip", "error"]:
            ragged[row.number or 0] = row.text  # it is numbered wherever one thread reads
            return "skip"

        doubled = self._quoting.doubled(text)
        if doubled.startswith(BOM_UTF8):
            # Arrow would take it for a file's mark and drop it; an empty line is no record.
            doubled = b"\n" + doubled
        table = csv.read_csv(
            cast("IO[bytes]", pa.BufferReader(doubled)),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(doubled) + 1, column_names=self._header),
            parse_options=csv.ParseOptions(
                delimiter=self._delimiter, quote_char=self._quote, newlines_in_values=True, invalid_row_handler=keep
            ),
            convert_options=self._convert,
        )
        if ragged and doubled is not text:
            ragged = self._as_they_stand(text, ragged)
        numbers = _numbers(table.num_rows + len(ragged))
        if ragged:
            numbers = numbers.filter(pc.invert(pc.is_in(numbers, pa.array(ragged, pa.int64()))))
        return Block(_one_batch(table, self._schema), numbers, ragged)

    def _as_they_stand(self, text: bytes, ragged: dict[int, str]) -> dict[int, str]:
        lines = (record.strip(b"\r\n") for record in self._record.findall(text))
        records = enumerate(filter(None, lines), start=1)
        return {number: record.decode() for number, record in records if number in ragged}

    def without_blank(self, block: Block) -> Block:
        """Less the records of which every cell is empty or blank, whatever their length."""
        ragged = {number: text for number, text in block.ragged.items() if not self._blank.fullmatch(text)}
        kept = filled_rows(block.cells)
        return Block(block.cells.filter(kept), block.numbers.filter(kept), ragged)


def _one_batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema)


def _numbers(count: int) -> pa.Array[Any]:
    """1, 2, …"""
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count))


def filled_rows(cells: pa.RecordBatch) -> pa.BooleanArray:
    """Which rows have a cell that is neither empty nor blank nor NULL."""
    blank = _blank_rows(cells)
    if not len(blank):
        return pa.repeat(pa.scalar(value=True), len(cells))
    return pc.invert(pc.is_in(pc.subtract(_numbers(len(cells)), 1), blank))


def _blank_rows(cells: pa.RecordBatch) -> pa.Array[Any]:
    """Of which rows, from 0, every cell is blank; each column is looked at for those alone that may still be."""
    rows = pc.indices_nonzero(_is_blank(cells.column(0)))
    for column in cells.columns[1:]:
        if not len(rows):
            break
        rows = rows.filter(_is_blank(column.take(rows)))
    return rows.cast(pa.int64())


def _is_blank(cells: pa.Array[Any]) -> pa.BooleanArray:
    texts = cast("pa.StringArray", pc.fill_null(cast("pa.StringArray", cells), pa.scalar("")))
    return pc.equal(pc.ascii_trim(texts, characters=BLANKS), pa.scalar(""))


def _blank_record(dialect: CsvDialect) -> re.Pattern[str]:
    """A record of cells that hold blanks alone, quoted or not."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    outside = f"[{re.escape(BLANKS.replace(dialect.delimiter, ''))}]*+"
    cell = rf"(?:{quote}[{re.escape(BLANKS)}]*+{quote}{outside}|{outside})"
    return re.compile(rf"{cell}(?:{delimiter}{cell})*+")

"""On which line of its file a record begins: what the job numbers are records, what an editor shows are lines."""

import csv
import gzip
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from contracts.contract import Contract, CsvDialect
from contracts.files.packing import is_packed
from contracts.files.quoting import Quoting
from contracts.files.text import is_gzip
from ingest.trying.bad_row import BadRow
from pipeline_jobs.reading.records import RecordAtFault, Records

_MAGIC_BYTES = 4
_LONGEST_CELL = 64 * 1024 * 1024
_PIECE = 1024 * 1024


def lines_of(file: Path, contract: Contract, rows: Sequence[BadRow]) -> dict[int, int]:
    """By number of the record, from 1; only of records that are found there as the job has read them.

    None where no editor shows lines: of packed files but gzip, workbooks and Parquet.
    """
    if contract.file_format in ("jsonLines", "fixedWidth"):
        return _lines_of_lines(file, contract.csv, {row.row for row in rows})
    if contract.file_format != "csv":
        return {}
    return _lines_of_csv(file, contract.csv, rows)


def _lines_of_lines(file: Path, dialect: CsvDialect, wanted: Collection[int]) -> dict[int, int]:
    """A record is a line there; one without a character is none."""
    with _text(file, dialect) as text:
        filled = (line for line, record in enumerate(text, start=1) if record.rstrip("\r\n"))
        numbered = enumerate(islice(filled, max(wanted, default=0)), start=1)
        return {number: line for number, line in numbered if number in wanted}


def _lines_of_csv(file: Path, dialect: CsvDialect, rows: Sequence[BadRow]) -> dict[int, int]:
    wanted = {row.row: row for row in rows}
    found: dict[int, int] = {}
    csv.field_size_limit(_LONGEST_CELL)
    with _text(file, dialect) as text:
        for number, line, header, record in _records(text, dialect):
            if number in wanted and _is_same(record, header, wanted[number]):
                found[number] = line
            if number >= max(wanted, default=0):
                break
    return found


def _records(text: TextIO, dialect: CsvDialect) -> Iterator[tuple[int, int, list[str], list[str]]]:
    """Each record with its number, the line that it begins on, and the header."""
    reader = csv.reader(_doubled(text, Quoting.of(dialect)), delimiter=dialect.delimiter, quotechar=dialect.quote)
    header: list[str] = []
    number = line = 0
    for record in reader:
        if record and header:
            number += 1
            yield number, line + 1, header, record
        header = header or record
        line = reader.line_num


def _doubled(text: TextIO, quoting: Quoting) -> Iterator[str]:
    """The lines with each escaped quote doubled, as csv has them; none behind the first record that cannot be read."""
    records = Records(quoting)
    with suppress(RecordAtFault):
        while piece := text.read(_PIECE):
            if piece.endswith("\r"):
                piece += text.read(1)  # its line feed, or a line more
            yield from _lines(quoting, records.feed(piece.encode()))
        yield from _lines(quoting, records.close())


def _lines(quoting: Quoting, blocks: Iterable[bytes]) -> Iterator[str]:
    for block in blocks:
        yield from io.StringIO(quoting.doubled(block).decode(), newline="")


@contextmanager
def _text(file: Path, dialect: CsvDialect) -> Iterator[TextIO]:
    """Nothing of a file that is packed as no editor opens it."""
    encoding = {"utf-8": "utf-8-sig"}.get(dialect.encoding, dialect.encoding)
    with file.open("rb") as opened:
        magic = opened.peek(_MAGIC_BYTES)
        raw: BinaryIO = opened
        if is_gzip(magic):
            raw = cast("BinaryIO", gzip.GzipFile(fileobj=opened))
        elif is_packed(magic):
            raw = io.BytesIO()
        with io.TextIOWrapper(raw, encoding, errors="replace", newline="") as text:
            yield text


def cells(row: BadRow) -> Mapping[str, str | None]:
    """The record's cells by heading; none of a ragged one, whose original is a text."""
    try:
        read = json.loads(row.raw)
    except ValueError:
        return {}
    return read if isinstance(read, dict) and row.errors[0][0] != "ragged" else {}


def _is_same(record: Sequence[str], header: Sequence[str], row: BadRow) -> bool:
    if row.errors[0][0] == "ragged":
        return len(record) != len(header)
    of_file = dict(zip(header, record, strict=False))
    return all(of_file.get(name) == cell for name, cell in cells(row).items() if cell is not None)

"""On which line of its file a record begins: what the job numbers are records, what an editor shows are lines."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from contracts.contract import CsvDialect
from contracts.files.text import GZIP_MAGIC, is_gzip
from ingest.trying.bad_row import BadRow

_LONGEST_CELL = 64 * 1024 * 1024


def lines_of(file: Path, dialect: CsvDialect, rows: Sequence[BadRow]) -> dict[int, int]:
    """By number of the record, from 1; only of records that are found there as the job has read them."""
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
    escape = None if dialect.escape == dialect.quote else dialect.escape
    reader = csv.reader(
        text, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=escape, doublequote=escape is None
    )
    header: list[str] = []
    number = line = 0
    for record in reader:
        if record and header:
            number += 1
            yield number, line + 1, header, record
        header = header or record
        line = reader.line_num


@contextmanager
def _text(file: Path, dialect: CsvDialect) -> Iterator[TextIO]:
    encoding = {"utf-8": "utf-8-sig"}.get(dialect.encoding, dialect.encoding)
    with file.open("rb") as opened:
        raw = gzip.GzipFile(fileobj=opened) if is_gzip(opened.peek(len(GZIP_MAGIC))) else opened
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

"""How the feed's files are written: `fileFormat`, `csv`, the positions of columns of fixed width."""

import re
from itertools import pairwise
from typing import get_args

from contracts.contract import Contract, CsvDialect, FileFormat
from contracts.notation.formats import check_time_zone, parse_date_format, parse_timestamp_format
from contracts.notation.months import MONTHS
from contracts.parsing.fields import Fields
from contracts.vocabulary import CSV

ENCODINGS = ("utf-8", "utf-16", "iso-8859-1", "windows-1252")
FILE_FORMATS: tuple[str, ...] = get_args(FileFormat)
MOST_WORKBOOK_BYTES = 100_000_000
"""A workbook's texts stand in memory while its sheet is read."""
_PIVOTS = range(1000, 9901)
_POSITION = re.compile(r"([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?")
_OF_CSV = ("delimiter", "quote", "escape")
_WITHOUT_EFFECT = {
    "jsonLines": _OF_CSV,
    "fixedWidth": _OF_CSV,
    "excel": (*_OF_CSV, "encoding"),
    "parquet": (*_OF_CSV, "encoding"),
}
"""Fields of `csv` by format; the others say what cells mean, in every format."""
_HAS_NUMBERS = ("jsonLines", "excel", "parquet")
"""Formats in which a number is one, and its point the decimal point, whatever a text beside it looks like."""


def parse_dialect(part: Fields) -> CsvDialect:
    """What is wrong is added to the problems of `part`."""
    part.only(CSV)
    dialect = CsvDialect(
        encoding=part.choice("encoding", ENCODINGS, "utf-8"),
        delimiter=part.text("delimiter", ","),
        quote=part.text("quote", '"'),
        escape=part.optional_text("escape"),
        null_tokens=part.texts("nullTokens", ("",)),
        date_formats=part.texts("dateFormats"),
        timestamp_formats=part.texts("timestampFormats"),
        time_zone=part.text("timeZone", "UTC"),
        locale=part.choice("locale", tuple(MONTHS), "en"),
        pivot_year=part.count("pivotYear"),
    )
    _check_marks(dialect, part)
    for text in dialect.date_formats:
        part.check(text, parse_date_format)
    for text in dialect.timestamp_formats:
        part.check(text, parse_timestamp_format)
    part.check(dialect.time_zone, check_time_zone)
    if dialect.pivot_year is not None and dialect.pivot_year not in _PIVOTS:
        part.wrong(
            f"pivotYear {dialect.pivot_year}: write the first of the hundred years that two digits may mean, as 1970"
        )
    return dialect


def _check_marks(dialect: CsvDialect, part: Fields) -> None:
    marks = {"delimiter": dialect.delimiter, "quote": dialect.quote}
    if dialect.escape is not None and dialect.escape != dialect.quote:
        marks["escape"] = dialect.escape
    for name, mark in marks.items():
        if len(mark) != 1 or not mark.isascii() or mark in "\r\n\0":
            instead = '; write "\\t"' if mark.casefold() in ("tab", "\\t") else ""
            part.wrong(f"{name} must be one ASCII character, and no line end; it is {mark!r}{instead}")
    if len(set(marks.values())) != len(marks):
        part.wrong("delimiter, quote and escape must differ")


def parse_position(text: str) -> tuple[int, int]:
    """Raises ValueError with a sentence."""
    match = _POSITION.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
    if last < first:
        raise ValueError(f'position {text!r}: write the first and the last character of the column, from 1, as "1-8"')
    return first, last


def check_file_format(contract: Contract, ours: Fields) -> None:
    """Adds to the problems what the feed's format needs, and what would have no effect in it."""
    of = contract.file_format
    for name in _WITHOUT_EFFECT.get(of, ()):
        if ours.part("csv").has(name):
            ours.wrong(f"csv {name} has no effect with fileFormat: {of}; leave it out")
    limit = contract.max_file_size
    if of == "excel" and (limit is None or limit > MOST_WORKBOOK_BYTES):
        ours.wrong("fileFormat: excel needs a maxFileSize, of 100 MB at most: texts of a workbook are held in memory")
    if of == "fixedWidth":
        _check_positions(contract, ours)
        return
    for column in contract.file_columns:
        if of in _HAS_NUMBERS and any(step.name == "groupPoint" for step in column.cleanse):
            ours.wrong(
                f"property {column.name}: cleanse groupPoint would make 1234 of the number 1.234 with fileFormat: "
                f"{of}, where a number's point is its decimal point; leave it out and have numbers sent as such, or "
                "send texts as 1.234,50 in CSV"
            )
        if column.position is not None:
            ours.wrong(f"property {column.name}: position has an effect only with fileFormat: fixedWidth")


def _check_positions(contract: Contract, ours: Fields) -> None:
    if ours.has("unknownColumns"):
        ours.wrong("unknownColumns has no effect with fileFormat: fixedWidth; what no position names is not read")
    for column in contract.file_columns:
        if column.position is None:
            ours.wrong(f'property {column.name}: fileFormat: fixedWidth needs its position, as "1-8"')
        if column.optional:
            ours.wrong(f"property {column.name}: a line of fixed width has all columns, none is optional")
    placed = sorted((column.position, column.name) for column in contract.file_columns if column.position is not None)
    for (before, one), (after, other) in pairwise(placed):
        if after[0] <= before[1]:
            ours.wrong(f"the positions of {one} and {other} overlap")

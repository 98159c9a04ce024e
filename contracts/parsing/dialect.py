"""The `csv` of a contract: how the feed's files are written."""

from contracts.contract import CsvDialect
from contracts.notation.formats import check_time_zone, parse_date_format, parse_timestamp_format
from contracts.notation.months import MONTHS
from contracts.parsing.fields import Fields
from contracts.vocabulary import CSV

ENCODINGS = ("utf-8", "utf-16", "iso-8859-1", "windows-1252")
_PIVOTS = range(1000, 9901)


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

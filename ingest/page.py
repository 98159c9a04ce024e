"""A contract as a page for people: table, rules, limits, an example file; all in one file, nothing from elsewhere."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape

from contracts.checking.samples import SAMPLE, written
from contracts.contract import Column, Contract, DerivedColumn
from contracts.notation.grouping import GROUPINGS
from contracts.notation.moments import formats_of
from contracts.printable import printable

_TYPICAL_DIGITS = 4
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid #ddd}pre{background:#f5f5f5;padding:1rem;overflow:auto}code{font-size:.95em}"
    "@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre{background:#262626}"
    "th,td{border-color:#444}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ISO = {"date": "yyyy-MM-dd", "timestamp": "yyyy-MM-dd HH:mm:ss"}


def page(contracts: Iterable[Contract]) -> str:
    """HTML; whatever stands in a contract is text there."""
    body = "".join(part for contract in contracts for part in _of_one(contract))
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width"><title>Feeds</title>'
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head><body>\n{body}</body></html>\n'


def _of_one(of: Contract) -> Iterator[str]:
    yield f"<h1>{_text(of.feed)} {_text(of.version)}</h1>\n"
    yield f"<p>Files <code>{_text(of.file_pattern)}</code> become rows of <code>{_text(of.table)}</code>.</p>\n"
    yield "<h2>Columns</h2>\n"
    yield _table(("column", "in the file", "type", "what a good cell is"), map(column_words, of.columns))
    if of.rules:
        yield "<h2>Rules of a row</h2>\n"
        otherwise = {True: "loaded and told", False: "bad"}
        rules = [(rule.id, rule.predicate, otherwise[rule.is_warning]) for rule in of.rules]
        yield _table(("rule", "holds", "else the row is"), rules)
    yield "<h2>Limits and order</h2>\n"
    yield _table(("what", "value"), limits(of))
    written_as = "" if of.file_format == "csv" else ", as CSV would have it"
    yield f"<h2>An example file{written_as}</h2>\n<pre>{escape(example(of))}</pre>\n"


def column_words(column: Column | DerivedColumn) -> Sequence[str]:
    """Its name, its name in the file, its type, and what a good cell is."""
    if isinstance(column, DerivedColumn):
        return column.name, "", column.type.sql, f"computed: {column.expression}"
    limits = {
        "format": column.format,
        "at least": column.minimum,
        "at most": column.maximum,
        "characters at least": column.min_length,
        "characters at most": column.max_length,
        "matches": column.pattern,
        "one of": ", ".join(column.enum) or None,
        "instead of NULL": column.default,
        "cleansed by": ", ".join(map(str, column.cleanse)) or None,
        "classified": column.classification,
    }
    told = ["required"] if column.required else []
    told += [f"{name} {value}" for name, value in limits.items() if value is not None]
    return column.name, column.source_name, column.type.sql, "; ".join(told)


def limits(of: Contract) -> list[tuple[str, str]]:
    """What is said of rows and files as a whole, with what it is."""
    share, count = of.max_bad_rows.share, of.max_bad_rows.count
    bad = [f"{share * 100:f} %"] if share is not None else []
    bad += [f"{count} rows"] if count is not None else []
    values = {
        "key": ", ".join(of.key) or "none: every row is kept",
        "newer is the greater": ", ".join(of.sequence) or "the later file",
        "a row deletes its key": of.delete_when,
        "bad rows of a file": " and ".join(bad) or None,
        "bytes of a file": of.max_file_size,
        "ahead of the upload": of.max_future,
        "undeclared columns": of.unknown_columns,
        "a file sent again": "is loaded again" if of.resent == "load" else "is not loaded again",
        "format": of.file_format,
        "encoding": of.csv.encoding if of.file_format not in ("excel", "parquet") else None,
        "times without a zone": of.csv.time_zone,
    }
    return [(name, str(value)) for name, value in values.items() if value is not None]


def example(of: Contract) -> str:
    """The header and one record, as the dialect writes them."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=of.csv.delimiter, quotechar=of.csv.quote, lineterminator="\n")
    writer.writerow(printable(column.source_name) for column in of.file_columns)
    writer.writerow(printable(_cell(column, of)) for column in of.file_columns)
    return lines.getvalue()


def _cell(column: Column, of: Contract) -> str:
    kind = column.type
    if column.enum:
        return column.enum[0]
    if kind.is_time:
        return written(next(iter(formats_of(column, of.csv)), _ISO[kind.name]), SAMPLE, of.csv.locale)
    if kind.is_number:
        return _as_written(_number(column), column)
    return column.true_tokens[0] if kind.name == "boolean" else "…"


def _number(column: Column) -> Decimal:
    """One that shows groups and point, where the column has room for it; else the least that is good."""
    kind, has_fraction = column.type, column.type.name == "double" or column.type.scale > 0
    typical = Decimal("1234.5") if has_fraction else Decimal(1234)
    least = column.minimum if isinstance(column.minimum, Decimal) else None
    most = column.maximum if isinstance(column.maximum, Decimal) else None
    is_good = (least is None or typical >= least) and (most is None or typical <= most)
    has_room = kind.integer_range[1] >= typical if kind.is_integer else kind.precision - kind.scale >= _TYPICAL_DIGITS
    if is_good and (has_room or kind.name == "double"):
        return typical
    lowest = Decimal(1) if least is None else least
    return lowest if most is None else min(lowest, most)


def _as_written(number: Decimal, column: Column) -> str:
    steps = {step.name for step in column.cleanse}
    separators = [grouping.separators[0] for name, grouping in GROUPINGS.items() if name in steps]
    whole, _, fraction = f"{number:,f}".partition(".")
    point = "," if "decimalComma" in steps else "."
    return whole.replace(",", next(iter(separators), "")) + (point + fraction if fraction else "")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


def _text(text: str) -> str:
    return escape(printable(text))

"""Tables and lines on a terminal, plain where the output is no terminal; text of others is never code for either."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from contracts.printable import printable, printable_lines

NULL = Text("NULL", style="dim")
_WIDE = 1000


def foreign(text: str) -> str:
    """Text of others, on one line of rich's markup: none of it is markup, and none reaches the terminal unseen."""
    return escape(printable(text))


def foreign_lines(text: str) -> str:
    """The same of a text of our own that has several lines, each of which may quote others."""
    return escape(printable_lines(text))


def cell(value: object) -> Text:
    """A value as people read it."""
    if value is None:
        return NULL
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None).isoformat(" ", "microseconds" if value.microsecond else "seconds")
        return Text(moment)
    if isinstance(value, bool):
        return Text(str(value).lower())
    if isinstance(value, list | dict):
        value = json.dumps(value, default=str, ensure_ascii=False)
    text = value if isinstance(value, str) else str(value)
    return Text(printable(text), justify="right" if isinstance(value, int | float | Decimal) else "left")


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table of values; right-aligned where they are numbers."""
    shown = Table(title=foreign(title) or None, title_justify="left", title_style="bold", header_style="bold")
    for name in header:
        shown.add_column(foreign(name), overflow="fold")
    for row in rows:
        shown.add_row(*(value if isinstance(value, Text) else cell(value) for value in row))
    return shown


def records(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """The same one value a line, for rows that are wider than the terminal."""
    shown = Table(box=None, show_header=False)
    for number, row in enumerate(rows, start=1):
        shown.add_row(Text(f"row {number}", style="bold"), "")
        for name, value in zip(header, row, strict=True):
            shown.add_row(Text(printable(name), style="dim"), Text(cell(value).plain))
    return shown


def fits(out: Console, shown: Table) -> bool:
    """Whether the table is no wider than the terminal, to whose width rich would cut the measure by itself."""
    return Measurement.get(out, out.options.update(width=_WIDE), shown).maximum <= out.width


def console() -> Console:
    """Standard output: as wide as the terminal, or as wide as it needs to be where there is none."""
    out = Console(highlight=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, emoji=False, width=_WIDE)

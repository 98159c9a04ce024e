"""What the commands print: text of others is never code for the terminal, and never markup."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from contracts.printable import printable

_WIDE = 1000


def console(*, stderr: bool = False) -> Console:
    """As wide as the terminal, or as wide as it needs to be where there is none."""
    out = Console(highlight=False, emoji=False, markup=False, stderr=stderr)
    return out if out.is_terminal else Console(highlight=False, emoji=False, markup=False, stderr=stderr, width=_WIDE)


def say(line: str, style: str = "") -> None:
    """One line on standard output, folded where the terminal ends."""
    console().print(Text(printable(line), style=style), soft_wrap=not console().is_terminal)


def note(line: str) -> None:
    """One line on standard error: about the answer, not of it."""
    console(stderr=True).print(Text(printable(line)), soft_wrap=True)


def note_lines(text: str) -> None:
    """As `note`, of a text whose line ends are its own, such as a report's."""
    for line in text.split("\n") if text else ():
        note(line)


def say_json(value: object) -> None:
    """The whole answer for a machine, on standard output."""
    text = json.dumps(value, default=_plain, ensure_ascii=True, indent=1)
    console().print(Text(text), soft_wrap=True)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Values of others under our own headings; numbers to the right."""
    shown = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in header:
        shown.add_column(Text(printable(name)), overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    return shown


def fitting(header: Sequence[str], rows: Sequence[Sequence[object]], out: Console) -> list[Table]:
    """One table; a value a line, a table a row, where the terminal is too narrow for it."""
    shown = table(header, rows)
    # Measured without the terminal's own width, to which rich would cut the answer.
    if Measurement.get(out, out.options.update(width=_WIDE), shown).maximum <= out.width:
        return [shown]
    return [table((f"row {number}", ""), zip(header, row, strict=True)) for number, row in enumerate(rows, start=1)]


def refuse_no_name(text: str) -> None:
    """Raises `wrong_use` for no name at all, as of a variable that is not set: every file would have it in its own."""
    if not text.strip():
        raise wrong_use("say which file: by its name, a part of it, its generation or its identity")


def wrong_use(sentence: str, *lines: str) -> typer.BadParameter:
    """To be raised: the command ends with 2 and the sentence, with the lines below it."""
    return typer.BadParameter("\n".join(printable(line) for line in (sentence, *lines)))


def write_new(path: Path, text: str, option: str) -> None:
    """A file that is not there yet; `option` is the one by which another can be named. Else the use was wrong."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise wrong_use(f"{path} is there already: take it away first, or name another {option}") from error
    except OSError as error:
        raise wrong_use(f"{path} cannot be written: {error.strerror}") from error


def _cell(value: object) -> Text:
    if value is None:
        return Text("NULL", style="dim")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Text(printable(str(value)), justify="right" if is_number else "left")


def _plain(value: Any) -> Any:  # whatever JSON can hold
    if isinstance(value, datetime):
        return value.isoformat()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)

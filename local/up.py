"""`python -m local up`: keeps a stack running until Ctrl-C."""

import hashlib
import shlex
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from contracts.printable import printable
from local.board import Board
from local.deployment import PUBLISHED
from local.errors import NoSuchFolder
from local.interrupts import until_interrupted
from local.renewal import Renewal
from local.sending.drop_folder import DropFolder
from local.sending.followed import Followed
from local.settings import ROOT, StackSettings
from local.show import console, foreign, foreign_lines
from local.stack import Stack
from local.supervisor import Death
from local.workspace.notices import Notice

_SAMPLE, _QUERY = "samples/customers_2026-03-02.csv", "select * from customers limit 5"
_LOOKS = 6
"""Half a second apart, that find a dropped file unchanged before it is uploaded."""


def up(settings: StackSettings, environment: Mapping[str, str], watched: Path | None, *, has_board: bool = True) -> int:
    """Runs a stack; 0 after Ctrl-C or SIGTERM, once everything that it started has ended.

    What is dropped into the folder `watched` is uploaded. Raises CannotStart, ContractError.
    """
    if watched is not None and not watched.is_dir():
        raise NoSuchFolder(watched)
    out = console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        on_notice, on_death = partial(show_notice, out), partial(show_death, out)
        with ExitStack() as running:
            stack = running.enter_context(Stack(settings, environment, on_notice=on_notice, on_death=on_death))
            looks: list[Callable[[], object]] = [Renewal(stack, partial(_show, out, "feeds")).look]
            _greet(out, stack, watched)
            if has_board:
                board = running.enter_context(Board(stack, environment, settings.board_port))
                board.wait()
                looks.append(board.look)
                out.print(f"  [bold]watch it       {board.url}[/]")
            if watched is not None:
                looks += _looks_at(watched, stack, partial(_show, out, "files"))
            until_interrupted(*looks)
    except KeyboardInterrupt:
        out.print("ended.")
    return 0


def _looks_at(folder: Path, stack: Stack, tell: Callable[[str], object]) -> list[Callable[[], object]]:
    """What uploads the folder's files and says of each what became of it."""
    followed = Followed(stack, tell)
    known = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    drops = DropFolder(folder, stack.settings.root / f"dropped-{known}.json", followed.send, _LOOKS)
    return [drops.look, followed.look]


def _show(out: Console, what: str, line: str) -> None:
    out.print(f"[bold]{what:<7}[/] {foreign(line)}", soft_wrap=True)


def show_notice(out: Console, notice: Notice) -> None:
    """What people would get, as they would see it."""
    to = ", ".join((*notice.addresses, *notice.webhooks))
    out.print(Text.assemble(("notice", "yellow"), f" to {printable(to)}: ", (printable(notice.subject), "bold")))
    out.print(foreign_lines(notice.text), style="dim")


def show_death(out: Console, death: Death) -> None:
    """One line, for somebody who wonders why a query or a run has just failed."""
    out.print(f"[red]died[/]   {foreign(str(death))}", soft_wrap=True)


def _greet(out: Console, stack: Stack, watched: Path | None) -> None:
    running, root = stack.running, _short(stack.settings.root)
    out.print(f"[bold]The stack runs on {foreign(root)}.[/] Ctrl-C ends it.")
    out.print(f"  upload to      gs://landing (STORAGE_EMULATOR_HOST={running.storage_url})")
    if watched is not None:
        out.print(f"  drop into      {foreign(_short(watched))} (a file is uploaded once it is complete)")
    out.print(f"  functions      {running.function_url} (events), {running.sweep_url} (sweep)")
    out.print(f"  Jobs API       {running.workspace_url}")
    out.print(f"  engine         {running.engine_url.partition('/;')[0]}")
    if running.bigquery_url:
        named = f"{PUBLISHED.project}.{PUBLISHED.dataset}"
        out.print(f"  BigQuery       {running.bigquery_url} ({named}; docs/warehouse.md says how to ask it)")
    feeds = f"{', '.join(running.jobs)} (contracts in {_short(stack.settings.feeds)} are taken as they change)"
    out.print(f"  feeds          {foreign(feeds)}")
    for what, command in commands_to_try(stack.settings.root):
        out.print(f"  {what:<14} {foreign(command)}")


def commands_to_try(root: Path) -> Iterator[tuple[str, str]]:
    """Each with its heading, to be pasted into another terminal in this folder; with any root but the usual one."""
    is_usual, named = root == ROOT.absolute(), shlex.quote(_short(root))
    at = "" if is_usual else f" --root {named}"
    for what, words in (("try", f"put {_SAMPLE}"), ("", f'sql "{_QUERY}"')):
        yield what, f"python -m local {words}{at}"
    yield "ask it", "ingest status" if is_usual else f"export INGEST_ROOT={named}; ingest status"


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

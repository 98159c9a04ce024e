"""`python -m local up`: keeps a stack running until Ctrl-C."""

import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from contracts.printable import printable
from local.interrupts import until_interrupted
from local.settings import StackSettings
from local.show import console, foreign, foreign_lines
from local.stack import Stack
from local.supervisor import Death
from local.workspace.notices import Notice


def up(settings: StackSettings, environment: Mapping[str, str]) -> int:
    """Runs a stack; 0 after Ctrl-C or SIGTERM, once everything that it started has ended."""
    out = console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        on_notice, on_death = partial(show_notice, out), partial(show_death, out)
        with Stack(settings, environment, on_notice=on_notice, on_death=on_death) as stack:
            _greet(out, stack)
            until_interrupted()
    except KeyboardInterrupt:
        out.print("ended.")
    return 0


def show_notice(out: Console, notice: Notice) -> None:
    """What people would get, as they would see it."""
    to = ", ".join((*notice.addresses, *notice.webhooks))
    out.print(Text.assemble(("notice", "yellow"), f" to {printable(to)}: ", (printable(notice.subject), "bold")))
    out.print(foreign_lines(notice.text), style="dim")


def show_death(out: Console, death: Death) -> None:
    """One line, for somebody who wonders why a query or a run has just failed."""
    out.print(f"[red]died[/]   {foreign(str(death))}", soft_wrap=True)


def _greet(out: Console, stack: Stack) -> None:
    running, root = stack.running, _short(stack.settings.root)
    out.print(f"[bold]The stack runs on {foreign(root)}.[/] Ctrl-C ends it.")
    out.print(f"  upload to      gs://landing (STORAGE_EMULATOR_HOST={running.storage_url})")
    out.print(f"  functions      {running.function_url} (events), {running.sweep_url} (sweep)")
    out.print(f"  Jobs API       {running.workspace_url}")
    out.print(f"  engine         {running.engine_url.partition('/;')[0]}")
    out.print(f"  feeds          {foreign(', '.join(running.jobs))}")
    out.print("  try            python -m local put samples/customers_2026-03-02.csv")
    out.print('                 python -m local sql "select * from customers limit 5"')


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

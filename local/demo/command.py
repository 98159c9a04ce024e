"""`python -m local demo`: acts out the story, shows what came of it, and checks every table."""

import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

import samples
from contracts.contract import Contract
from contracts.loader import load_contracts
from local.board import Board
from local.delivery import Retries
from local.demo.compare import as_text, differences, expected_rows, rejects_as_text
from local.demo.curtain import quarantined, show_files, show_notices, show_rejects, show_targets
from local.demo.quiet import wait_until_quiet
from local.demo.scene import Scene, surprises
from local.demo.story import STORY, disturbance
from local.errors import AlreadyRunning, NotQuiet, NotRunning
from local.interrupts import until_interrupted
from local.running import RunningStack
from local.sending.journey import follow
from local.sending.upload import connect, upload
from local.settings import LANDING, SCHEMA, StackSettings, Sweeping
from local.show import console, foreign
from local.stack import Disturbances, Stack
from local.tables import Tables

SAMPLES = Path(samples.__file__).parent
_QUIET_WITHIN = 90.0


def demo(root: Path, environment: Mapping[str, str]) -> int:
    """0 if every file and every table ended as the story says, 1 if not, each difference named."""
    _empty(root)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    show = Show(console(), time.monotonic())
    # The cloud's hour and day, shortened: a missed file is found after seconds.
    settings = StackSettings(root, sweeping=Sweeping(every=2.0, grace=4.0, retry=30.0), retries=Retries(shortest=0.5))
    try:
        wrong = _act_out(show, settings, environment)
    except NotQuiet as error:
        show.out.print(foreign(str(error)), style="red")
        show.out.print(f"The logs are in {foreign(str(settings.logs))}.")
        return 1
    except KeyboardInterrupt:
        show.out.print("interrupted")
        return 1
    return _verdict(show, root, wrong)


@dataclass(frozen=True, slots=True)
class Show:
    """The terminal, and when the demo began."""

    out: Console
    began: float

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """Says what goes on, then that it is done and how long the demo has taken so far."""
        with self.out.status(foreign(f"{title} ...")):
            yield
        self.out.print(f"[green]✓[/] {time.monotonic() - self.began:5.1f} s  {foreign(title)}")


def _act_out(show: Show, settings: StackSettings, environment: Mapping[str, str]) -> list[str]:
    """A sentence for each difference between what the story says and what came of it."""
    scene, contracts = Scene(), load_contracts(settings.feeds)
    stack = Stack(
        settings,
        environment,
        disturbances=Disturbances(plan=disturbance),
        on_notice=scene.notices.append,
        on_object=scene.see,
    )
    with ExitStack() as running:
        with show.act("the stack starts: storage, Jobs API, functions, engine"):
            running.enter_context(stack)
            board = running.enter_context(Board(stack, environment))
            board.wait()  # who is told an address opens it
        show.out.print(f"  [bold]watch it at {board.url}[/]")
        client = connect(stack.running.storage_url)
        for act in STORY:
            with show.act(act.title):
                with stack.delivery.held() if act.together else nullcontext():
                    for one in act.uploads:
                        scene.uploaded.append((one, upload(client, SAMPLES / one.sample, one.name, contracts)))
                wait_until_quiet(stack, client, _QUIET_WITHIN)
        at = stack.running
        with Tables(at.engine, at.engine_url, settings.warehouse / SCHEMA, lambda: contracts) as tables:
            wrong = _curtain(show.out, scene, settings.lake, tables, contracts)
        if show.out.is_terminal and not wrong:
            _stay(show.out, board)
        return wrong


def _stay(out: Console, board: Board) -> None:
    """Until Ctrl-C: somebody looks."""
    out.print("[green]Every file and every table is as it should be.[/]")
    out.print(f"See what became of each: [bold]{board.url}[/] - Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        until_interrupted()


def _curtain(out: Console, scene: Scene, lake: Path, tables: Tables, contracts: tuple[Contract, ...]) -> list[str]:
    """Shows what came of the story, and compares."""
    ledger = tables.ledger()
    journeys = [follow(file, LANDING, lake, ledger) for _, file in scene.uploaded]
    show_files(out, scene, journeys)
    show_targets(out, tables, contracts)
    show_rejects(out, tables, "orders_rejects")
    show_notices(out, scene.notices, journeys)
    wrong = surprises([one for one, _ in scene.uploaded], journeys)
    for contract in contracts:
        expected = expected_rows(SAMPLES / "expected" / f"{contract.table}.csv")
        found = as_text(tables.all_of(contract.table), expected[0])
        wrong += differences(contract.table, contract.key, expected, found)
    rejected = expected_rows(SAMPLES / "expected" / "orders_rejects.csv")
    found = rejects_as_text(quarantined(tables, "orders_rejects"))
    wrong += differences("orders_rejects", ("order_id",), rejected, found)
    return wrong


def _verdict(show: Show, root: Path, wrong: list[str]) -> int:
    if wrong:
        show.out.print(f"[red]Not as it should be, in {len(wrong)} points:[/]")
        for sentence in wrong:
            show.out.print(f"  {foreign(sentence)}")
        return 1
    seconds = time.monotonic() - show.began
    show.out.print(f"[green]Every file and every table is as samples/expected says, after {seconds:.0f} s.[/]")
    show.out.print(f"To look around: python -m local up --root {foreign(str(root))}, whose page shows it all")
    return 0


def _empty(root: Path) -> None:
    try:
        RunningStack.on(root)
    except NotRunning:
        shutil.rmtree(root, ignore_errors=True)
        return
    raise AlreadyRunning(root)

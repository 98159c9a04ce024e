"""What the demo shows at its end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from contracts.contract import Contract
from contracts.expressions.open_columns import open_columns
from contracts.printable import printable
from local.demo.scene import Scene
from local.demo.story import PREVIEWS
from local.sending.journey import Journey
from local.settings import LANDING
from local.show import foreign, foreign_lines, table
from local.tables import Tables
from local.workspace.notices import Notice

_MASK = Text("•••", style="dim")
_SHOWN = 5


def show_files(out: Console, scene: Scene, journeys: Sequence[Journey]) -> None:
    """The outcome of each upload; times are seconds after it."""
    rows = [
        (
            upload.sample,
            Text(journey.outcome, style="green" if journey.outcome == "merged" else "red"),
            *("" if count is None else count for count in (journey.rows_read, journey.rows_good, journey.rows_bad)),
            *(_after(journey, at) for at in (scene.admitted_at(journey.file), journey.staged_at, journey.ended_at)),
            f"{journey.reason} (by the {journey.by})" if journey.reason else "",
        )
        for (upload, _), journey in zip(scene.uploaded, journeys, strict=True)
    ]
    header = ("file", "outcome", "read", "good", "bad", "admitted s", "staged s", "ended s", "why")
    out.print(table("What became of each file", header, rows))
    for journey in journeys:
        if journey.detail:
            out.print(f"  {foreign(journey.file.name)}: {foreign(journey.detail)}", style="dim")


def _after(journey: Journey, at: datetime | None) -> str:
    return f"{(at - journey.file.finalized_at).total_seconds():.1f}" if at else ""


def show_targets(out: Console, tables: Tables, contracts: Sequence[Contract]) -> None:
    """The first rows of each target; what is personal is masked."""
    targets = {contract.table: contract for contract in contracts}
    for contract in contracts:
        every = sorted(tables.all_of(contract.table), key=lambda row: tuple(row[name] for name in contract.key))
        rows = masked(every[:_SHOWN], contract, targets)
        out.print(table(f"{contract.table}: {len(every)} rows, the first {len(rows)}", PREVIEWS[contract.feed], rows))


def masked(
    rows: Sequence[Mapping[str, Any]], contract: Contract, targets: Mapping[str, Contract]
) -> list[tuple[object, ...]]:
    """The cells of the feed's preview, with a mask for each that is classified or derived from what is."""
    shown = open_columns(contract, targets)
    return [tuple(row[name] if name in shown else _MASK for name in PREVIEWS[contract.feed]) for row in rows]


def show_rejects(out: Console, tables: Tables, view: str) -> None:
    """Quarantined rows with their reasons; their text may be personal and stays in the table."""
    rows = [
        (
            row["_file"].removeprefix(f"gs://{LANDING}/").partition("#")[0],
            row["_row"],
            ", ".join(_reason(error) for error in row["_errors"]),
        )
        for row in quarantined(tables, view)
    ]
    out.print(table(f"{view}: quarantined rows", ("file", "row", "why"), rows))


def quarantined(tables: Tables, view: str) -> list[dict[str, Any]]:
    """The bad rows of files that were loaded, in order; the view has those of rejected files, too."""
    rows = (row for row in tables.all_of(view) if row["_state"] == "staged")
    return sorted(rows, key=lambda row: (row["_file"], row["_row"]))


def _reason(error: dict[str, str | None]) -> str:
    return f"{error['rule']} of {error['column']}" if error["column"] else str(error["rule"])


def show_notices(out: Console, notices: Sequence[Notice], journeys: Sequence[Journey]) -> None:
    """The mail of failed runs as people would get it, and what the cloud's alerts would add to it."""
    out.print(f"Notices that people would get: {len(notices)} by mail", style="bold")
    for notice in notices:
        to = Text(printable(f"to {', '.join((*notice.addresses, *notice.webhooks))}: {notice.subject}"))
        out.print(Panel(foreign_lines(notice.text), title=to, title_align="left", expand=False))
    for journey in journeys:
        name = foreign(journey.file.name)
        if journey.by in ("function", "sweep"):
            out.print(f"  alert on the function's log: {name} was rejected: {journey.reason}")
        elif journey.outcome == "merged" and journey.rows_bad:
            out.print(f"  alert on the ledger: {journey.rows_bad} rows of {name} are in quarantine")

"""`ingest rebuild`: a feed's tables made again from its archive, compared, swapped in or dropped."""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import typer

from contracts.checking.between import LEDGER
from contracts.contract import Contract
from ingest.output import console, note, note_lines, say, say_json, table, wrong_use
from ingest.rebuilding.examples import Examples, examples
from ingest.targets.jobs import Run
from ingest.targets.options import on_target
from ingest.targets.progress import telling
from ingest.targets.target import Target
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.rebuilding.findings import Comparison

_LOADS = ("stage_load", "target_load")


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a run has left behind: `compared` is None where it came to none, or made none."""

    run: Run
    compared: Comparison | None
    is_done: bool
    why: str


@on_target
def rebuild(
    target: Target,
    feed: Annotated[str, typer.Argument(metavar="FEED", show_default=False, help="Whose tables.")],
    *,
    swap: Annotated[bool, typer.Option("--swap", help="Then make the feed's tables what the new ones are.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Only take the new tables away.")] = False,
    accept_rejected: Annotated[
        bool, typer.Option("--accept-rejected", help="Swap though the contract rejects files that were accepted.")
    ] = False,
    without_gone: Annotated[
        bool, typer.Option("--without-gone", help="Swap though files are in the lake no more.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Load every accepted file again, by the contract of today, into new tables, and compare them with the feed's.

    In the feed's job, after what waits; it can be broken off and said again. The feed's own tables change with --swap
    alone: so it shows what a contract does that is deployed, and does it. The new tables take as much room as the old
    ones until they are swapped or dropped; forgotten ones are dropped after a week.

    Ends with 0 if nothing differs, or all is swapped or dropped; with 1 if something differs, or the run failed.
    """
    operation = _operation(swap=swap, drop=drop, accept_rejected=accept_rejected, without_gone=without_gone)
    contract = target.contract(feed)
    run_id = target.jobs.run_now(feed, operation.text(), token=uuid4().hex)
    note(f"run {run_id} of the feed's job: {target.jobs.page_of(feed, run_id)}")
    ended = _ended(target, contract, operation.do, target.jobs.wait(run_id, told=telling()))
    shown = _examples(target, contract, ended) if operation.do is Do.REBUILD and ended.is_done else None
    is_equal = ended.compared.is_equal if ended.compared else None
    if as_json:
        of_run = {"run_id": run_id, "do": operation.do, "done": ended.is_done, "why": ended.why}
        say_json({**of_run, "equal": is_equal, "comparison": ended.compared, "examples": shown})
    else:
        _show(contract, operation.do, ended, shown)
    raise typer.Exit(0 if ended.is_done and (is_equal or operation.do is not Do.REBUILD) else 1)


def _operation(*, swap: bool, drop: bool, accept_rejected: bool, without_gone: bool) -> Operation:
    if drop and swap:
        raise wrong_use("--drop takes away what --swap would put in place: say one of them")
    if (accept_rejected or without_gone) and not swap:
        raise wrong_use("--accept-rejected and --without-gone say what a --swap may lose")
    do = Do.DROP if drop else Do.SWAP if swap else Do.REBUILD
    return Operation(do, accept_rejected=accept_rejected, without_gone=without_gone)


def _examples(target: Target, contract: Contract, ended: _Ended) -> Examples | None:
    return examples(target.tables, contract, ended.compared) if ended.compared else None


def _ended(target: Target, contract: Contract, do: Do, run: Run) -> _Ended:
    """By the two loads and by the tables: the report is red also where something else is to be told of the feed."""
    states = {task.key: task.state for task in run.tasks}
    has_loaded = all(states.get(key) in ("SUCCESS", "SUCCESS_WITH_FAILURES") for key in _LOADS)
    of_run = _entries(target, contract, run.run_id)
    compared = Comparison.from_json(of_run["compared"]) if "compared" in of_run else None
    is_there = target.tables.has(contract.rebuilt.table)
    is_done = (
        has_loaded
        and {
            Do.REBUILD: compared is not None and is_there,
            Do.SWAP: "swapped" in of_run and not is_there,
            Do.DROP: not is_there,
        }[do]
    )
    return _Ended(run, compared, is_done, target.jobs.why_failed(run))


def _entries(target: Target, contract: Contract, run_id: int) -> dict[str, str]:
    """What the ledger has of the run itself: the last word of each state, by the state."""
    found = target.tables.rows_if_there(
        f"SELECT state, detail FROM {target.tables.reference(LEDGER)} "  # noqa: S608  # a quoted reference
        "WHERE feed = :feed AND run_id = :run AND file IS NULL ORDER BY at, seq",
        feed=contract.feed,
        run=str(run_id),
    )
    return {row["state"]: row["detail"] or "" for row in found or []}  # a first run may fail before it makes the ledger


def _show(contract: Contract, do: Do, ended: _Ended, shown: Examples | None) -> None:
    for line in ended.compared.lines() if ended.compared else ():
        say(line)
    for what in ("different", "missing", "added"):
        rows = getattr(shown, what) if shown else []
        if rows:
            say(f"{what}, as:", "bold")
            console().print(table(tuple(rows[0]), [tuple(row.values()) for row in rows]))
    note_lines(ended.why)
    if not ended.is_done:
        half = ", or half swapped" if do is Do.SWAP else ""
        say(f"{contract.table} is as it was{half}: once that is put right, the same command goes on from there", "bold")
    elif do is Do.DROP:
        say(f"the new tables of {contract.feed} are dropped", "bold")
    elif do is Do.SWAP:
        say(f"{contract.table} is swapped", "bold")
    elif ended.compared is not None:
        same = "what it has gives the very same tables" if ended.compared.is_equal else "they differ"
        say(f"{contract.feed}: {same}", "bold")
        size = f"{ended.compared.new_bytes / 1_000_000:.1f} MB"
        say(f"the new tables take {size}: put them in place with --swap, or take them away with --drop")

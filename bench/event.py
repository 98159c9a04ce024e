"""`python -m bench.event`: how long a file takes from its upload to the target, and what that costs.

A local stack, warm; files of orders are uploaded one after the other, each once the run of the one before has ended.
Half of a file's orders came with the file before it.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copytree
from statistics import median
from tempfile import TemporaryDirectory

from bench.beside import write_feeds
from bench.cost import measured
from contracts.loader import PACKAGED, load_contracts
from contracts.names.paths import LakeFile
from local.sending.ledger import ledger_rows
from local.sending.upload import connect, upload
from local.settings import LANDING, StackSettings, Sweeping
from local.stack import Stack

_WARM_UP = 2
_PATIENCE = 60.0
_HEADER = "order_id,customer_id,status,ordered_at,updated_at,amount,currency,items,paid_at,deliver_to,deleted\n"
_STATES = ("attempted", "staged", "merged")


@dataclass(frozen=True, slots=True)
class Event:
    """`after` are seconds from the upload to the entry of each of `_STATES`; `cpu` are those of the whole stack, and of
    this bench, until the file's run has ended.
    """

    after: dict[str, float]
    cpu: float


def main() -> int:
    asked = _parser().parse_args()
    with TemporaryDirectory(prefix="bench-") as folder:
        feeds = Path(folder) / "feeds"
        write_feeds(feeds, asked.beside)
        copytree(PACKAGED, feeds, dirs_exist_ok=True)
        settings = StackSettings(Path(folder) / "stack", feeds=feeds, sweeping=Sweeping(every=36_000.0))
        with Stack(settings, os.environ) as stack:
            events = list(_events(Path(folder), settings, stack, asked.rows, _WARM_UP + asked.events))[_WARM_UP:]
    sys.stdout.write(f"{asked.events} files of {asked.rows} rows; seconds from the upload, median (worst):\n")
    for state in _STATES:
        seconds = [event.after[state] for event in events]
        sys.stdout.write(f"  {state:<10} {median(seconds):6.2f} ({max(seconds):.2f})\n")
    cpu = [event.cpu for event in events]
    sys.stdout.write(f"CPU seconds of the stack per file: {median(cpu):.2f} ({max(cpu):.2f})\n")
    return 0


def _events(folder: Path, settings: StackSettings, stack: Stack, rows: int, count: int) -> Iterator[Event]:
    client, contracts = connect(stack.running.storage_url), load_contracts()
    for number in range(count):
        path = folder / f"orders-{number}.csv"
        path.write_text("".join(orders(number, rows)), encoding="utf-8")
        with measured() as cost:
            file = upload(client, path, f"daily/{path.name}", contracts)
            stack.delivery.wait_until_idle(_PATIENCE)
            stack.workspace.wait_until_idle(_PATIENCE)
        after = {state: (at - file.finalized_at).total_seconds() for state, at in _entered(settings, file).items()}
        yield Event(after, cost.cpu)


def orders(number: int, rows: int) -> Iterator[str]:
    """The lines of a file of the feed orders, half of whose keys came with the file before it."""
    yield _HEADER
    for row in range(rows):
        key = number * rows // 2 + row + 1
        day = f"2026-01-{number % 28 + 1:02}"
        customer, times = f"C{key % 90_000 + 10_000}", f"2026-01-01 03:04:05,{day} 06:00:00"
        yield f"{key},{customer},paid,{times},{row}.25,EUR,3,,street {key},false\n"


def _entered(settings: StackSettings, file: LakeFile) -> dict[str, datetime]:
    """When the ledger had each state of the file."""
    entries = ledger_rows(settings.warehouse, [file.identity(LANDING)])
    entered = {entry["state"]: entry["at"] for entry in entries}
    if set(entered) != set(_STATES):
        raise RuntimeError(f"{file.name} was only {', '.join(entered)}: nothing was measured that counts")
    return entered


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.event", description=__doc__)
    parser.add_argument("--events", type=int, default=10, help="files that are measured, behind two that warm up")
    parser.add_argument("--rows", type=int, default=10_000, help="of each file")
    parser.add_argument("--beside", type=int, default=0, help="other feeds that the stack has, to which nothing comes")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.operating`: what the operators' commands cost beside a ledger of a year.

Two local stacks, whose ledgers hold ten times as many files as each other's, spread over a year; each command is a
process of its own, at one and then at the other, round after round.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from bench.cost import Cost, measured
from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.settings import LANDING, SCHEMA, StackSettings, Sweeping
from local.stack import Stack

_YEAR = timedelta(days=365)
_STEPS = (("attempted", timedelta(seconds=2)), ("staged", timedelta(seconds=3)), ("merged", timedelta(seconds=5)))
_PARTS = 60
"""Files of the table, as upkeep leaves a ledger that grew commit by commit."""


@dataclass(frozen=True, slots=True)
class Question:
    """A command, as a person gives it."""

    title: str
    arguments: tuple[str, ...]


def main() -> int:
    asked = _parser().parse_args()
    costs: dict[tuple[Question, int], list[Cost]] = {}
    sizes = (asked.files // 10, asked.files)
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stacks:
        now = datetime.now(UTC)
        feeds = [contract.feed for contract in load_contracts()]
        roots = {size: Path(folder) / str(size) for size in sizes}
        for size, root in roots.items():
            settings = StackSettings(root, sweeping=Sweeping(every=36_000.0))
            fill_ledger(settings.warehouse / SCHEMA / "file_ledger", size, now, feeds)
            stacks.enter_context(Stack(settings, os.environ))
        questions = _questions(now)
        for number in range(asked.rounds + 1):
            for question in questions:
                for size, root in roots.items():
                    cost = _asked(question, root)
                    if number:  # the first is to warm up
                        costs.setdefault((question, size), []).append(cost)
    text = "\n".join(_table(questions, sizes, costs, asked.rounds))
    sys.stdout.write(text)
    return 0


def _questions(now: datetime) -> list[Question]:
    recent, old = _name(now - timedelta(hours=3)), _name(now - timedelta(days=300))
    return [
        Question("`ingest --version` (nothing asked)", ("--version",)),
        Question("`ingest status`", ("status",)),
        Question("`ingest trace` of a file of today, a part of its name", ("trace", recent)),
        Question("`ingest trace` of files ten months old, a part of their names", ("trace", old)),
        Question("`ingest trace` of a file that never was", ("trace", "nowhere.csv")),
    ]


def _name(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H}"


def _asked(question: Question, root: Path) -> Cost:
    command = [sys.executable, "-m", "ingest", *question.arguments]
    environment = {**os.environ, "INGEST_ROOT": str(root)}
    with measured() as cost:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603  # our own
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(f"{question.title}: {done.stderr}")
    return cost


def fill_ledger(table: Path, files: int, now: datetime, feeds: Sequence[str]) -> None:
    """So many merged files, evenly over a year up to now, of all feeds in turn; sorted by time, in a few files."""
    for begin in range(0, files, -(-files // _PARTS)):
        numbers = range(begin, min(files, begin + -(-files // _PARTS)))
        entries = [entry for number in numbers for entry in _entries(place_of(number, files, now, feeds), number)]
        columns = {name: [entry[name] for entry in entries] for name in entries[0]}
        write_deltalake(str(table), pa.table(columns, schema=_SCHEMA), mode="append")
    DeltaTable(str(table)).create_checkpoint()


def place_of(number: int, files: int, now: datetime, feeds: Sequence[str]) -> LakeFile:
    """Where the file of that number stands in the lake, 0 being the oldest."""
    feed, uploaded = feeds[number % len(feeds)], now - _YEAR + number * (_YEAR / files)
    generation = int(uploaded.timestamp() * 1_000_000)
    return LakeFile(feed, uploaded, generation, f"daily/{feed}_{uploaded:%Y-%m-%dT%H-%M-%S}-{number}.csv")


def _entries(place: LakeFile, number: int) -> Iterator[Mapping[str, object]]:
    feed, uploaded, generation = place.feed, place.finalized_at, place.generation
    for seq, (state, after) in enumerate(_STEPS, start=1):
        counts = None if state == "attempted" else 1_000
        yield dict.fromkeys(_SCHEMA.names) | {
            "at": uploaded + after,
            "seq": seq,
            "feed": feed,
            "state": state,
            "run_id": str(generation),
            "file": place.identity(LANDING),
            "generation": generation,
            "path": place.path("source"),
            "rows_read": counts,
            "rows_good": counts,
            "rows_bad": counts and 0,
            "contract_version": "1.0.0",
            "attempt": number,
        }


_TEXTS = ("feed", "state", "run_id", "file", "path", "reason", "detail", "contract_version", "meaning")
_NUMBERS = ("generation", "rows_read", "rows_good", "rows_bad", "attempt", "rows_blank", "rows_warned")
_COLUMNS: dict[str, pa.DataType] = {
    "at": pa.timestamp("us", tz="UTC"),
    "seq": pa.int32(),
    **dict.fromkeys(_TEXTS, pa.string()),
    **dict.fromkeys(_NUMBERS, pa.int64()),
}
_SCHEMA = pa.schema(_COLUMNS)


def _table(
    questions: Sequence[Question],
    sizes: Sequence[int],
    costs: Mapping[tuple[Question, int], Sequence[Cost]],
    rounds: int,
) -> Iterator[str]:
    small, large = sizes
    yield f"Median of {rounds} rounds: CPU seconds of command, stack and engine together; in brackets seconds."
    yield ""
    yield f"| command, a whole process | {small:,} files in the ledger | {large:,} files |"
    yield "|---|---:|---:|"
    for question in questions:
        shown = (
            f"{median(cost.cpu for cost in costs[question, size]):.2f} "
            f"({median(cost.wall for cost in costs[question, size]):.2f})"
            for size in sizes
        )
        yield f"| {question.title} | {' | '.join(shown)} |"
    yield ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.operating", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="in the larger ledger (100,000)")
    parser.add_argument("--rounds", type=int, default=5)
    return parser


if __name__ == "__main__":
    sys.exit(main())

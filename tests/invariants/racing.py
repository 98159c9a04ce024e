"""Files for runs that race, what must come of them in plain Python, and the processes that make the runs."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.tables import Tables
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import Entry, History, State

FEEDS = Path(__file__).parent / "feeds"
LANDING = "landing"
_RACER = Path(__file__).parent / "racer.py"
_PROJECT = Path(__file__).parents[2]
_START = datetime(2026, 3, 2, tzinfo=UTC)
_KEYS = 12

Answer = dict[str, list[str]]
"""By task, what each of its tries raised; an empty text is success."""


class Racer:
    """One process that makes runs, one after another."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_RACER), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_PROJECT)},
            text=True,
        )

    def wait_until_ready(self) -> None:
        assert self._line() == "ready\n"

    def start(self, run_id: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{run_id}\n")
        self._process.stdin.flush()

    def answer(self) -> Answer:
        """Of the run that was started, once it has ended."""
        answer: Answer = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Course:
    """A lake and a warehouse that racers share; `rows` are those that count, each with its place in the order."""

    root: Path
    engine: str
    url: str
    chance: random.Random
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    files: dict[LakeFile, tuple[bytes, State]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in ("lake/source", "scratch", "warehouse/main"):
            (self.root / folder).mkdir(parents=True)

    @contextmanager
    def racers(self, count: int) -> Iterator[list[Racer]]:
        with ExitStack() as opened:
            racers = [Racer((self.engine, self.url, str(self.root), str(FEEDS))) for _ in range(count)]
            for racer in racers:
                opened.callback(racer.end)
            for racer in racers:
                racer.wait_until_ready()
            yield racers

    def drop_a_day(self) -> None:
        """Updates, deletes and older rows of few keys in files of four kinds; one has a bad row, one is rejected."""
        for bad in ([], [], ["never,many,2026-03-02T00:00:00Z,"], ["never,x,,"] * 20):
            self._drop([self._record() for _ in range(self.chance.randint(2, 5))], bad)

    def _record(self) -> tuple[str, int, datetime, bool]:
        moment = _START + timedelta(hours=self.chance.randrange(48))
        return f"k{self.chance.randrange(_KEYS)}", self.chance.randrange(100), moment, self.chance.random() < 0.3

    def _drop(self, records: Sequence[tuple[str, int, datetime, bool]], bad: Sequence[str]) -> None:
        number = len(self.files) + 1
        # Several files of one moment: the generation, then the name decides.
        file = LakeFile("stock", _START + timedelta(days=3, minutes=number // 3), 1_000_000 + number, f"{number}.csv")
        lines = [f"{sku},{count},{at:%Y-%m-%dT%H:%M:%SZ},{'yes' if gone else ''}" for sku, count, at, gone in records]
        content = "\n".join(["sku,quantity,counted_at,given_up", *lines, *bad, ""]).encode()
        is_rejected = len(bad) > 1
        for row, (sku, count, at, gone) in enumerate(records if not is_rejected else (), start=1):
            order = (at, file.finalized_at, file.generation, file.identity(LANDING), row)
            self.rows.setdefault(sku, []).append((order, count, gone))
        self.files[file] = content, State.REJECTED if is_rejected else State.MERGED
        path = self.root / "lake" / file.path("source")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def expected(self) -> list[tuple[str, int]]:
        """The target: of each key the greatest row, unless it says deleted."""
        newest = {sku: max(rows) for sku, rows in self.rows.items()}
        return sorted((sku, count) for sku, (_, count, gone) in newest.items() if not gone)

    def retract(self) -> Operation:
        """Of some file that is merged; from here on it is to be out."""
        merged = [file for file, (_, state) in self.files.items() if state is State.MERGED]
        file = self.chance.choice(merged)
        self.files[file] = self.files[file][0], State.RETRACTED
        identity = file.identity(LANDING)
        left = {sku: [row for row in rows if row[0][3] != identity] for sku, rows in self.rows.items()}
        self.rows = {sku: rows for sku, rows in left.items() if rows}
        return Operation(Do.RETRACT, (identity,))

    @property
    def newest_rejection(self) -> str:
        """The identity of the rejected file that was dropped last."""
        return [file.identity(LANDING) for file, (_, state) in self.files.items() if state is State.REJECTED][-1]

    def check(self) -> None:
        """Target, ledger and lake are as if each file had been loaded once, in order."""
        with Tables(self.engine, self.url, self.root / "warehouse" / "main", lambda: load_contracts(FEEDS)) as tables:
            target = tables.arrow("SELECT sku, quantity FROM stock").to_pylist()
            ledger = [Entry(**row | {"state": State(row["state"])}) for row in tables.ledger()]
        assert sorted((row["sku"], row["quantity"]) for row in target) == self.expected()
        of_file = {file: [e for e in ledger if e.file == file.identity(LANDING)] for file in self.files}
        states = {file: History.of(entries).state for file, entries in of_file.items()}
        assert {file: state and state.state for file, state in states.items()} == {
            file: state for file, (_, state) in self.files.items()
        }
        lake = self.root / "lake"
        standing = {p.relative_to(lake).as_posix(): p.read_bytes() for p in lake.rglob("*.csv") if p.is_file()}
        assert standing == {
            file.rejected_path() if state is State.REJECTED else file.path("archive"): content
            for file, (content, state) in self.files.items()
        }
        assert sorted(file.reason_path() for file, (_, state) in self.files.items() if state is State.REJECTED) == [
            path.relative_to(lake).as_posix() for path in sorted(lake.rglob("*.reason.json"))
        ]

"""Files for runs that race, what must come of them in plain Python, and the processes that make the runs."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.tables import Tables
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import Entry, History, State

from .racer import Answer, make_run, parameters

FEEDS = Path(__file__).parents[1] / "feeds"
LANDING = "landing"
_RACER = Path(__file__).parent / "racer.py"
_PROJECT = Path(__file__).parents[3]
_START = datetime(2026, 3, 2, tzinfo=UTC)
_KEYS = 12

CLEAN = ("CommitConflictError", "Failed to commit transaction", "DELTA_CONCURRENT")
"""How a run may say that another one was faster."""


class Racer(Protocol):
    """Makes runs, one after another."""

    def start(self, run_id: str) -> None: ...

    def answer(self) -> Answer:
        """Of the run that was started, once it has ended."""

    def end(self) -> None: ...


class ThreadRacer:
    """One thread of this process."""

    def __init__(self, engine: str, url: str, root: Path) -> None:
        self._where = engine, url, root
        self._contracts = load_contracts(FEEDS)
        self._thread = ThreadPoolExecutor(1)
        self._answer: Future[Answer] | None = None

    def start(self, run_id: str) -> None:
        self._answer = self._thread.submit(make_run, parameters(*self._where, run_id), self._contracts)

    def answer(self) -> Answer:
        assert self._answer is not None
        return self._answer.result()

    def end(self) -> None:
        self._thread.shutdown()


class ProcessRacer:
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
    def racers(self, count: int, *, in_threads: bool = False) -> Iterator[list[Racer]]:
        """Ready to start; each in a process of its own, or in threads of this one."""
        with ExitStack() as opened:
            racers: list[Racer] = []
            for _ in range(count):
                racers.append(self._thread() if in_threads else self._process())
                opened.callback(racers[-1].end)
            for racer in racers:
                if isinstance(racer, ProcessRacer):
                    racer.wait_until_ready()
            yield racers

    def _thread(self) -> Racer:
        return ThreadRacer(self.engine, self.url, self.root)

    def _process(self) -> Racer:
        return ProcessRacer((self.engine, self.url, str(self.root), str(FEEDS)))

    def drop_a_day(self) -> None:
        """Updates, deletes and older rows of few keys in files of four kinds; one has a bad row, one is rejected.

        Each file has a key of its own, too: of the others a newer row may hide that one is lost.
        """
        for bad in ([], [], ["never,many,2026-03-02T00:00:00Z,"], ["never,x,,"] * 20):
            own = (f"own{len(self.files) + 1}", len(self.files), _START, False)
            self._drop([*(self._record() for _ in range(self.chance.randint(2, 5))), own], bad)

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

    def round(self, racers: Sequence[Racer], name: str) -> None:
        """A day's files, and all racers started together; raises AssertionError where it did not end as it should."""
        self.drop_a_day()
        for at, racer in enumerate(racers):
            racer.start(f"{name}-{at}")
        answers = [racer.answer() for racer in racers]
        self.check()
        wrong = [one for answer in answers for one in unclean(answer)]
        assert wrong == [], wrong
        told = [answer["report"][0] for answer in answers]
        assert any(self.newest_rejection in text for text in told), told

    def lost(self) -> tuple[int, int]:
        """Of the rows that should stand, how many do not, or not once; and how many should stand."""
        with self._tables() as tables:
            standing = Counter(_standing(tables))
        expected = Counter(self.expected())
        return (expected - standing).total() + (standing - expected).total(), expected.total()

    def _tables(self) -> Tables:
        return Tables(self.engine, self.url, self.root / "warehouse" / "main", lambda: load_contracts(FEEDS))

    def check(self) -> None:
        """Target, ledger and lake are as if each file had been loaded once, in order."""
        with self._tables() as tables:
            target = _standing(tables)
            ledger = [Entry(**row | {"state": State(row["state"])}) for row in tables.ledger()]
        assert target == self.expected(), (target, self.expected())
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


def unclean(answer: Answer) -> list[str]:
    """What a run said that is neither success, nor in a first try another's commit, nor a word on what was rejected."""
    loads = (answer["stage_load"], answer["target_load"])
    failures = [text for first, *second in loads for text in (first, *second)[:-1]]
    told = [line for line in answer["report"][0].splitlines()[1:] if line.startswith("- ")]
    wrong = [
        *(text for text in failures if not any(word in text for word in CLEAN)),
        *(tries[-1] for tries in loads if tries[-1]),
        *(text for text in told if "was rejected: too_many_bad_rows" not in text),
    ]
    return [_whole(text) for text in wrong]


def _whole(said: str) -> str:
    """With what was withheld of it, which goes with the folder of the proof: no cell of these files is anybody's."""
    place = Path(said.rpartition(" is kept for operators in ")[2])
    return f"{said}\n{place.read_text('utf-8')}" if place.is_absolute() and place.is_file() else said


def _standing(tables: Tables) -> list[tuple[str, int]]:
    rows = tables.arrow("SELECT sku, quantity FROM stock").to_pylist()
    return sorted((row["sku"], row["quantity"]) for row in rows)

"""`python -m bench.untidied`: what a run costs beside a ledger of many small commits, by what it keeps of its past.

Driver and engine are one process, whose CPU seconds count. Runs of other feeds commit to the ledger as they do, four
times each, and each fourth joins the small files if they are many; nothing else is tidied. Then a feed loads some files
of a hundred rows, in three tasks each, in turn with one whose ledger has its own runs alone. One ledger keeps its past
as Delta does, and so all of it; the other as an upkeep leaves it, for hours, for which here stand the seconds of a
fortieth of its commits: what ten days of runs leave.
"""

import argparse
import logging
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from deltalake import DeltaTable
from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]  # it ships no types

from bench.runs import SMALL_FEED, parameters
from contracts.contract import Contract
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from local.settings import LANDING
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import open_run
from pipeline_jobs.state.entries.rows import to_records
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.steps import merge, report, stage

_TASKS = ("stage_load", "target_load", "report")
_STATES = (State.ATTEMPTED, State.STAGED, State.MERGED, State.REPORTED)
_OF_THE_PAST = ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration")
_JOINS = 4
_SHARE = 40
_HOURS = 6 * 3600


def main() -> int:
    asked = _parser().parse_args()
    logging.disable(logging.WARNING)
    os.environ.setdefault("RUST_LOG", "warn")
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    url, contract = f"sc://127.0.0.1:{server.listening_address[1]}", parse_contract(SMALL_FEED, "bench")
    sys.stdout.write("".join(_head(asked.rounds)))
    with TemporaryDirectory(prefix="bench-") as name:
        alone, *grown = (_Feed(Path(name) / folder, url, contract) for folder in ("alone", "all", "hours"))
        for feed in (alone, *grown):
            feed.load()
            feed.load()
        for runs in asked.runs:
            for feed, is_brief in zip(grown, (False, True), strict=True):
                seconds = feed.grow(runs, is_brief=is_brief)
                costs = [(feed.load(), alone.load()) for _ in range(asked.rounds)]
                sys.stdout.write(feed.line(seconds, costs))
                sys.stdout.flush()
    return 0


class _Feed:
    """One feed on a warehouse of its own, to whose ledger the runs of many others commit."""

    def __init__(self, folder: Path, url: str, contract: Contract) -> None:
        self._folder, self._url, self._contract = folder, url, contract
        self._table = folder / "warehouse" / "main" / TABLE
        self._numbers = count(1)
        self._runs, self._kept_for = 0, 0

    def load(self) -> float:
        """A file more; the CPU seconds of its three tasks."""
        number = next(self._numbers)
        file = LakeFile(self._contract.feed, datetime.now(UTC), number, f"feed_7/{number}.csv")
        path = self._folder / "lake" / file.path("source")
        path.parent.mkdir(parents=True)
        path.write_text("id,text\n" + "".join(f"{row},of file {number}\n" for row in range(100)), encoding="utf-8")
        before = _cpu()
        for task in _TASKS:
            with open_run(self._parameters(str(number)), (self._contract,)) as run:
                if task == "report":
                    report.report(run, dict.fromkeys(_TASKS[:2], "success"))
                else:
                    {"stage_load": stage.stage_load, "target_load": merge.target_load}[task](run)
        return _cpu() - before

    def grow(self, until: int, *, is_brief: bool) -> float:
        """Until so many runs of others have committed; the CPU seconds of one of them."""
        before, first, began = _cpu(), self._runs, time.monotonic()
        with open_run(self._parameters("others"), (self._contract,)) as run:
            while self._runs < until:
                self._runs += 1
                self._commit(run.engine)
                if is_brief and self._runs % 50 == 0:
                    # So that what is kept is a fortieth of what there will be.
                    passed = (time.monotonic() - began) / (self._runs - first) * until / _SHARE
                    self._keep(run.engine, max(1, round(passed)))
            if is_brief:
                self._keep(run.engine, _HOURS)  # what is left by now stays while it is measured
        return (_cpu() - before) / max(1, self._runs - first)

    def line(self, of_others: float, costs: Sequence[tuple[float, float]]) -> str:
        log = list((self._table / "_delta_log").iterdir())
        dead = len(list(self._table.glob("*.parquet"))) - len(DeltaTable(str(self._table)).file_uris())
        size = sum(file.stat().st_size for file in log) / 1e6
        of_run = median(of for of, _ in costs)
        ratio = median(of / alone for of, alone in costs)
        return (
            f"| {self._runs:,} | {self._folder.name} | {len(log):,} | {size:,.1f} | {dead:,} | "
            f"{of_others * 1000:.0f} | {of_run:.2f} | {ratio:.2f} |\n"
        )

    def _parameters(self, run_id: str) -> Parameters:
        return parameters(self._folder, self._contract.feed, self._url, run_id)

    def _commit(self, engine: Engine) -> None:
        for seq, state in enumerate(_STATES, start=1):
            engine.append_records(TABLE, to_records([_entry(self._runs, seq, state)]))
        if self._runs % _JOINS == 0 and engine.is_scattered(TABLE):
            engine.compact(TABLE)

    def _keep(self, engine: Engine, seconds: int) -> None:
        if abs(seconds - self._kept_for) > self._kept_for / 5:
            self._kept_for = seconds
            for name in _OF_THE_PAST:
                engine.set_property(TABLE, name, f"interval {seconds} seconds")


def _entry(number: int, seq: int, state: State) -> Entry:
    at = datetime.now(UTC)
    place = LakeFile(f"feed_{number % 300}", at, number, f"daily/{number}.csv")
    entry = Entry(at, seq, place.feed, state, str(number), contract_version="1.0.0")
    if state is State.REPORTED:
        return entry
    return replace(entry, file=place.identity(LANDING), generation=number, path=place.path("source"), attempt=number)


def _head(rounds: int) -> Iterator[str]:
    yield f"CPU seconds of a run with a file of 100 rows, warm, medians of {rounds}; of others, what the "
    yield "commits of a run cost, in milliseconds.\n\n"
    yield "| runs before | its past | files of the log | MB | dead files | others, ms | a run | / one alone |\n"
    yield f"|---:|---|{'---:|' * 6}\n"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.untidied", description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[300, 10_000], help="of others, in all")
    parser.add_argument("--rounds", type=int, default=7)
    return parser


if __name__ == "__main__":
    sys.exit(main())

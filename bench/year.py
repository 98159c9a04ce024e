"""`python -m bench.year`: what a run costs beside a ledger of a month, of a quarter, of half and of a whole year.

The entries of 300 feeds with 100 files a day each stand in the table as runs and upkeep leave them, the oldest first;
at its end are some that came by a commit each and were joined as reports join them. Beside it a feed loads files of a
hundred rows, in three tasks each, in turn with one whose ledger has nothing but its own. Driver and engine are one
process, a new one for each ledger, whose CPU seconds and memory count; shown are means, for each fourth report joins
small files. Then the feed's tables and the ledger are tidied once more, as each hundredth report does.
"""

import argparse
import logging
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]  # it ships no types

from bench.months import FILES_A_DAY, Uploads, put_together, write_months
from bench.runs import SMALL_FEED, parameters
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.steps import merge, report, stage
from pipeline_jobs.steps.upkeep import keep_up, tidy_tables

P = ParamSpec("P")
R = TypeVar("R")

_NOW = timedelta(hours=1)
"""Over which the entries come that have commits of their own."""
_JOINED_AFTER = 16
_TASKS = ("stage_load", "target_load", "report")


@dataclass(frozen=True, slots=True)
class Size:
    """Of a ledger: its entries, its files and bytes that count, all bytes of its folder, and those of its log."""

    entries: int
    files: int
    live: int
    whole: int
    commits: int
    log: int

    @classmethod
    def of(cls, ledger: Path) -> "Size":
        files = pa.table(DeltaTable(str(ledger)).get_add_actions())
        log = [path.stat().st_size for path in (ledger / "_delta_log").iterdir()]
        whole = sum(path.stat().st_size for path in ledger.glob("*.parquet"))
        entries, live = pc.sum(files["num_records"]).as_py(), pc.sum(files["size_bytes"]).as_py()
        return cls(entries, files.num_rows, live, whole, len(log), sum(log))


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run costs, in CPU seconds a task, beside a ledger of that size, and `alone`; what tidying costs then."""

    months: int
    size: Size
    cpu: Sequence[float]
    alone: Sequence[float]
    memory: int
    tidying: float

    @property
    def ratio(self) -> float:
        return sum(self.cpu) / sum(self.alone)


def main() -> int:
    asked = _parser().parse_args()
    os.environ.setdefault("RUST_LOG", "warn")
    found = []
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
        folder, until = Path(name), datetime.now(UTC) - _NOW
        sys.stderr.write(f"the entries of {max(asked.months)} months are written\n")
        _apart(write_months, folder / "months", until, max(asked.months), asked.feeds)
        for months in asked.months:
            place = folder / f"beside-{months}"
            commits = Uploads(until, _NOW, asked.commits // 4, asked.feeds)
            sys.stderr.write(f"{months} months: put together, with {asked.commits} commits\n")
            _apart(_grow, place, folder / "months", months, commits)
            sys.stderr.write(f"{months} months: {asked.rounds} runs\n")
            found.append(_apart(_measured, place, months, asked.rounds))
    sys.stdout.write("".join(_table(found, asked.feeds, asked.commits, asked.rounds)))
    return 0


def _apart(do: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """In a new process, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(do, *arguments, **named).result()


class _Feed:
    """One feed on a warehouse of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url, self._contract = folder, url, parse_contract(SMALL_FEED, "bench")
        self.ledger = folder / "warehouse" / "main" / LEDGER
        self._numbers = count(int(datetime.now(UTC).timestamp()))

    def load(self) -> list[float]:
        """A file more; the CPU seconds of each task."""
        number = next(self._numbers)
        file = LakeFile(self._contract.feed, datetime.now(UTC), number, f"feed_7/{number}.csv")
        path = self._folder / "lake" / file.path("source")
        path.parent.mkdir(parents=True)
        path.write_text("id,text\n" + "".join(f"{row},of file {number}\n" for row in range(100)), encoding="utf-8")
        return [self.spent(task, str(number)) for task in (stage.stage_load, merge.target_load, _report)]

    def spent(self, task: Callable[[Run], None], run_id: str) -> float:
        """CPU seconds of the process."""
        before = _cpu()
        with self.opened(run_id) as run:
            task(run)
        return _cpu() - before

    @contextmanager
    def opened(self, run_id: str) -> Iterator[Run]:
        with open_run(parameters(self._folder, self._contract.feed, self._url, run_id), (self._contract,)) as run:
            yield run


def _report(run: Run) -> None:
    report.report(run, dict.fromkeys(_TASKS[:2], "success"))


def _tidy(run: Run) -> None:
    # That the ledger was tidied a moment ago is forgotten: this is the next day's.
    (run.scratch.parent / LEDGER).unlink(missing_ok=True)
    tidy_tables(run)


def _grow(place: Path, written: Path, months: int, uploads: Uploads) -> None:
    """A ledger of so many months, tidied, and the commits behind it."""
    with _engine() as url:
        feed = _Feed(place / "year", url)
        with feed.opened("0"):
            put_together(written, months, feed.ledger)
        feed.load()
        feed.spent(_tidy, "1")
        with feed.opened("2") as run:
            for number, entry in enumerate(uploads.commits(), start=1):
                run.engine.append_records(LEDGER, entry)
                if number % _JOINED_AFTER == 0:
                    keep_up(run, 1)


def _measured(place: Path, months: int, rounds: int) -> Beside:
    with _engine() as url:
        one, alone = (_Feed(place / folder, url) for folder in ("year", "alone"))
        for feed in (one, alone):
            feed.load()  # to warm up
        costs = [(one.load(), alone.load()) for _ in range(rounds)]
        of_one, of_alone = ([fmean(of_task) for of_task in zip(*of, strict=True)] for of in zip(*costs, strict=True))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        size = Size.of(one.ledger)
        return Beside(months, size, of_one, of_alone, memory, one.spent(_tidy, "tidied"))


@contextmanager
def _engine() -> Iterator[str]:
    """In this process."""
    logging.disable(logging.WARNING)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"


def _table(found: Sequence[Beside], feeds: int, commits: int, rounds: int) -> Iterator[str]:
    yield f"{feeds} feeds with {FILES_A_DAY} files a day; the last {commits:,} entries by a commit each. CPU seconds\n"
    yield f"of a run with a file of 100 rows, warm, means of {rounds} runs; of tidying, those of one after them.\n\n"
    yield "| months | entries | files | MB | MB with dead files | files of the log | MB of the log "
    yield f"| {' | '.join(_TASKS)} | a run / one alone | peak, MB | tidying |\n|{'---:|' * (len(_TASKS) + 10)}\n"
    for of in found:
        size, tasks = of.size, " | ".join(f"{cpu:.2f}" for cpu in of.cpu)
        live, whole, log, memory = (f"{bytes_ / 1e6:,.0f}" for bytes_ in (size.live, size.whole, size.log, of.memory))
        yield f"| {of.months} | {size.entries:,} | {size.files} | {live} | {whole} | {size.commits:,} | {log} "
        yield f"| {tasks} | {of.ratio:.2f} | {memory} | {of.tidying:.2f} |\n"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__)
    parser.add_argument("--months", type=int, nargs="+", default=[1, 3, 6, 12], help="of the ledgers, each a line")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--commits", type=int, default=2000, help="at the end of each ledger, of one entry each")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--work", type=Path, help="where the tables are, for a while (a year takes a few GB)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

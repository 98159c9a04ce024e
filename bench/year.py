"""`python -m bench.year`: what a run costs beside a ledger of a month, and of a whole year of many feeds.

Driver and engine are one process, whose CPU seconds count. The entries of 300 feeds with 100 files a day each, as runs
and upkeep leave them, are written straight into the table, the newest month first. Beside each month more a feed loads
a few files of a hundred rows, in three tasks each, in turn with one whose ledger has nothing but its own: of all
tables, the ledger alone grows with the files of other feeds.
"""

import argparse
import json
import logging
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]  # it ships no types

from bench.runs import parameters
from contracts.contract import Contract
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.state.entries.rows import to_records
from pipeline_jobs.steps import merge, report, stage

_RESULT = Path(__file__).parent / "results" / "year.md"
_FEEDS, _FILES_A_DAY, _DAYS = 300, 100, 30
_MONTH = timedelta(days=_DAYS)
_STATES = ("attempted", "staged", "merged", "reported")
_AT_ONCE = 500_000
"""Entries of one file of the table: upkeep joins small ones up to about 32 MiB."""
_TASKS = ("stage_load", "target_load", "report")
_SCHEMA = to_records([]).schema
_CONTRACT = {
    "apiVersion": "v3.2.0",
    "name": "feed_7",
    "version": "1.0.0",
    "schema": [
        {
            "name": "feed_7",
            "properties": [
                {"name": "id", "physicalType": "bigint", "primaryKey": True, "primaryKeyPosition": 1},
                {"name": "text", "physicalType": "string"},
            ],
        }
    ],
    "customProperties": [{"property": "filePattern", "value": "feed_7/*.csv"}],
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run costs, in CPU seconds a task, beside a ledger of so many entries and bytes, and `alone`."""

    months: int
    entries: int
    files: int
    size: int
    cpu: Sequence[float]
    alone: Sequence[float]
    memory: int

    @property
    def ratio(self) -> float:
        return sum(self.cpu) / sum(self.alone)


def main() -> int:
    asked = _parser().parse_args()
    logging.disable(logging.WARNING)
    os.environ.setdefault("RUST_LOG", "warn")
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    lines = list(_head(asked.feeds))
    sys.stdout.write("".join(lines))
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
        url, contract = f"sc://127.0.0.1:{server.listening_address[1]}", parse_contract(_CONTRACT, "bench")
        one, alone = (_Feed(Path(name) / folder, url, contract) for folder in ("year", "alone"))
        for feed in (one, alone):
            feed.load()  # to warm up
        newest = datetime.now(UTC)
        for months in range(1, asked.months + 1):
            one.grow(newest - months * _MONTH, asked.feeds)
            costs = [(one.load(), alone.load()) for _ in range(asked.rounds)]
            of_one, of_alone = (
                [median(of_task) for of_task in zip(*of, strict=True)] for of in zip(*costs, strict=True)
            )
            lines.append(_line(one.beside(months, of_one, of_alone)))
            sys.stdout.write(lines[-1])
            sys.stdout.flush()
    if asked.keep:
        _RESULT.write_text("".join(lines), encoding="utf-8")
    return 0


class _Feed:
    """One feed on a warehouse of its own, whose ledger has the files of many others."""

    def __init__(self, folder: Path, url: str, contract: Contract) -> None:
        self._folder, self._url, self._contract = folder, url, contract
        self._ledger = folder / "warehouse" / "main" / "file_ledger"
        self._numbers = count(1)

    def load(self) -> list[float]:
        """A file more; the CPU seconds of each task."""
        number = next(self._numbers)
        file = LakeFile(self._contract.feed, datetime.now(UTC), number, f"feed_7/{number}.csv")
        path = self._folder / "lake" / file.path("source")
        path.parent.mkdir(parents=True)
        path.write_text("id,text\n" + "".join(f"{row},of file {number}\n" for row in range(100)), encoding="utf-8")
        return [self._spent(task, str(number)) for task in _TASKS]

    def grow(self, since: datetime, feeds: int) -> None:
        """The entries of a month, from then on."""
        for first in range(0, feeds * _FILES_A_DAY * _DAYS, _AT_ONCE // len(_STATES)):
            write_deltalake(str(self._ledger), _entries(since, first, feeds), mode="append")
        DeltaTable(str(self._ledger)).create_checkpoint()

    def beside(self, months: int, cpu: Sequence[float], alone: Sequence[float]) -> Beside:
        files = pa.table(DeltaTable(str(self._ledger)).get_add_actions())
        entries, size = pc.sum(files["num_records"]).as_py(), pc.sum(files["size_bytes"]).as_py()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return Beside(months, entries, files.num_rows, size, cpu, alone, memory)

    def _spent(self, task: str, run_id: str) -> float:
        before = _cpu()
        with open_run(parameters(self._folder, self._contract.feed, self._url, run_id), (self._contract,)) as run:
            _do(task, run)
        return _cpu() - before


def _do(task: str, run: Run) -> None:
    if task == "report":
        report.report(run, dict.fromkeys(_TASKS[:2], "success"))
    else:
        {"stage_load": stage.stage_load, "target_load": merge.target_load}[task](run)


def _entries(since: datetime, first: int, feeds: int) -> pa.Table:
    """Those of so many files, evenly over a month; the feeds in turn."""
    last = min(first + _AT_ONCE // len(_STATES), feeds * _FILES_A_DAY * _DAYS)
    every = _MONTH // timedelta(microseconds=1) / (feeds * _FILES_A_DAY * _DAYS)
    numbers = np.repeat(np.arange(first, last), len(_STATES))
    steps = np.tile(np.arange(len(_STATES)), last - first)
    uploaded = int(since.timestamp() * 1e6) + (numbers * every).astype("int64")
    at = pa.array(uploaded + 1_000_000 * (steps + 1), pa.timestamp("us", tz="UTC"))
    generation = pa.array(uploaded).cast(pa.string())
    is_report = pa.array(steps == len(_STATES) - 1)
    feed = _joined("feed_", pa.array(numbers % feeds).cast(pa.string()))
    name = _joined(feed, "/part-", pa.array(numbers).cast(pa.string()), ".csv")
    moment = pc.strftime(pa.array(uploaded, pa.timestamp("us")), format="%Y%m%dT%H%M%SZ")
    open_since = uploaded - timedelta(days=2) // timedelta(microseconds=1)
    detail = _joined('{"number": 1, "open_since": ', pa.array(open_since).cast(pa.string()), "}")
    assert json.loads(detail[0].as_py())["number"] == 1  # noqa: S101  # of the form that the product reads
    columns = {
        "at": at,
        "seq": pa.array(steps.astype("int32")),
        "feed": feed,
        "state": pa.array(np.array(_STATES)[steps]),
        "run_id": generation,
        "file": _unless(is_report, _joined("gs://landing/", name, "#", generation)),
        "generation": pa.array(uploaded),
        "path": _unless(is_report, _joined("source/", feed, "/@", moment, "-", generation, "/", name)),
        "detail": _unless(pc.invert(is_report), detail),
        "attempt": pa.array(numbers),
    }
    rows = len(numbers)
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in _SCHEMA], schema=_SCHEMA)


def _joined(*parts: Any) -> Any:  # arrays of strings, and single ones
    return pc.binary_join_element_wise(*parts, "")


def _unless(condition: Any, values: Any) -> Any:  # arrays
    return pc.if_else(condition, pa.scalar(None, values.type), values)


def _head(feeds: int) -> Iterator[str]:
    yield f"{feeds} feeds with {_FILES_A_DAY} files a day. CPU seconds of a run with a file of 100 rows, warm.\n\n"
    yield f"| months | entries | files of the ledger | MB | {' | '.join(_TASKS)} | a run / one alone | peak, MB |\n"
    yield f"|---:|---:|---:|---:|{'---:|' * (len(_TASKS) + 2)}\n"


def _line(of: Beside) -> str:
    tasks = " | ".join(f"{cpu:.2f}" for cpu in of.cpu)
    size, memory = (f"{amount / 1e6:,.0f}" for amount in (of.size, of.memory))
    return f"| {of.months} | {of.entries:,} | {of.files} | {size} | {tasks} | {of.ratio:.2f} | {memory} |\n"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--feeds", type=int, default=_FEEDS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="where the tables are, for a while (a year takes a few GB)")
    parser.add_argument("--keep", action="store_true", help="write bench/results/year.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`.venv-bench/bin/python -m bench.batches`: what the merge of a batch costs by the size of its target.

A batch of 150,000 orders, neighbours by their key or scattered over all keys, meets a target of 1.5 million and one of
ten times as many: by this project's target_load, by delta-rs' merge and by the MERGE of Sail, each with its own target.
A second target of this project's has gone through upkeep, which joins the files that a first load is written in. Rounds
are interleaved; each batch meets the targets as they were loaded, and after the last round all must have the same rows.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import polars as pl
from deltalake import DeltaTable

from bench.contenders import COLUMNS, KEY
from bench.contenders.by_hand import FILE, DeltaTables
from bench.contenders.ingest_contender import Ingest, orders_contract, sail_server
from bench.contenders.polars_contender import Polars
from bench.cost import Cost, measured
from bench.data import Orders
from bench.rows import digest, hold_equal
from local.environment import of_children
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.steps.upkeep import tidy_tables

_BATCH = 150_000
_SIZES = (1, 10)
_CLERK = "Clerk#000000000"
OURS, TIDIED, BY_HAND, PLAIN = "this project", "this project, tidied", "delta-rs", "Sail's MERGE"
_MERGED = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"

Costs = Mapping[str, Sequence[Cost]]
"""Of each way, those of each round."""


class Loaded:
    """The same orders in a target of each way, in `folder`: what each batch meets anew, as a copy."""

    def __init__(self, folder: Path, url: str, orders: Path) -> None:
        self._url, self._contract = url, orders_contract()
        self._tables = DeltaTables(folder)
        self._engine = SailEngine(url, folder)
        self._ours = Ingest(folder / "ours", url, self._contract)
        for load in (self._ours, Polars(self._tables)):
            load.stage(orders)
            load.target()
        self._tidied = self._ours.copied(folder / "tidied")
        with measured() as self.upkeep:
            self._tidied.do(tidy_tables)

    def close(self) -> None:
        self._engine.close()

    def merged(self, batch: Path, folder: Path, *, is_compared: bool) -> Mapping[str, Cost]:
        """Of each way, in a new folder of the same disk; raises DifferentRows."""
        tables = DeltaTables(folder / "tables", self._tables.files)
        for table in (self._tables.stage, self._tables.target):
            shutil.copytree(table, folder / "tables" / Path(table).name, copy_function=os.link)
        shutil.copytree(self._tables.target, folder / "plain", copy_function=os.link)
        ours, tidied, by_hand = (
            self._ours.copied(folder / "ours"),
            self._tidied.copied(folder / "tidied"),
            Polars(tables),
        )
        for who in (ours, tidied, by_hand):
            who.stage(batch)
        staged = pl.scan_delta(tables.stage).filter(pl.col(FILE) == tables.files).drop(FILE)
        staged.collect().write_delta(str(folder / "batch"))
        ways: Mapping[str, Callable[[], None]] = {
            OURS: ours.target,
            TIDIED: tidied.target,
            BY_HAND: by_hand.target,
            PLAIN: lambda: self._merge(folder / "plain", folder / "batch"),
        }
        costs = {}
        for way, merge in ways.items():
            with measured() as costs[way]:
                merge()
        if is_compared:  # one after the other: a large one fills the memory
            uris = {
                OURS: self._uri(ours),
                TIDIED: self._uri(tidied),
                BY_HAND: tables.target,
                PLAIN: str(folder / "plain"),
            }
            hold_equal(
                {who: digest(DeltaTable(uri).to_pyarrow_table(columns=list(COLUMNS))) for who, uri in uris.items()}
            )
        return costs

    def _uri(self, ours: Ingest) -> str:
        return ours.table(self._contract.table).table_uri

    def _merge(self, target: Path, batch: Path) -> None:
        tables = f"delta.`{target}` t USING delta.`{batch}` s"
        self._engine.session.sql(f"MERGE INTO {tables} ON t.{KEY} = s.{KEY} {_MERGED}").collect()


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one size of the target: what upkeep of it took, and the costs by the kind of batch."""

    rows: int
    upkeep: Cost
    costs: Mapping[str, Costs]


def _batches(orders: Orders, times: int, rows: int) -> Mapping[str, Path]:
    """Of keys that the target of so many times the orders has."""
    turns = orders.turns(times).with_columns(o_orderstatus=pl.lit("F"), o_clerk=pl.lit(_CLERK))
    batches = {
        "neighbours by their key": turns.slice(orders.count // 2, rows),
        "scattered over all keys": turns.gather_every(times * orders.count // rows),
    }
    files = {name: orders.folder / f"{name.split()[0]}.csv" for name in batches}
    for name, batch in batches.items():
        batch.collect().write_csv(files[name])
    return files


def _measured(loaded: Loaded, orders: Orders, times: int, asked: argparse.Namespace) -> Measured:
    costs: dict[str, dict[str, list[Cost]]] = {}
    batches = _batches(orders, times, int(_BATCH * asked.scale))
    for number in range(1, asked.rounds + 1):
        for name, path in batches.items():
            sys.stderr.write(f"target of {times * orders.count:,} rows, round {number} of {asked.rounds}: {name}\n")
            with TemporaryDirectory(dir=orders.folder) as folder:
                merged = loaded.merged(path, Path(folder), is_compared=number == asked.rounds)
            for way, cost in merged.items():
                costs.setdefault(name, {}).setdefault(way, []).append(cost)
    return Measured(times * orders.count, loaded.upkeep, costs)


def main() -> int:
    asked = _parser().parse_args()
    sizes = []
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name, sail_server() as url:
        drawn = Orders.drawn(Path(name) / "data", of_children(os.environ, Path(name)), asked.scale)
        for times in _SIZES:
            with TemporaryDirectory(dir=name) as folder:
                orders = replace(drawn, folder=Path(folder))
                with closing(Loaded(orders.folder, url, orders.file("orders.csv", times * orders.count))) as loaded:
                    sizes.append(_measured(loaded, orders, times, asked))
    sys.stdout.write("\n".join(_table(sizes, int(_BATCH * asked.scale), asked.rounds)))
    return 0


def _table(sizes: Sequence[Measured], batch: int, rounds: int) -> Iterator[str]:
    yield f"CPU seconds, in brackets seconds, to merge a batch of {batch:,} rows; medians of {rounds} interleaved"
    yield "rounds. All targets had the same rows."
    yield ""
    ways = list(next(iter(sizes[0].costs.values())))
    yield f"| target | batch | {' | '.join(ways)} |"
    yield f"|---|---|{'---:|' * len(ways)}"
    for of in sizes:
        for name, costs in of.costs.items():
            yield f"| {of.rows:,} rows | {name} | {' | '.join(_cell(costs[way]) for way in ways)} |"
    yield ""
    for of in sizes:
        yield f"Upkeep of the target of {of.rows:,} rows and its stage: {_cell([of.upkeep])}."
    yield ""


def _cell(costs: Sequence[Cost]) -> str:
    return f"{median(cost.cpu for cost in costs):.2f} ({median(cost.wall for cost in costs):.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.batches", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of target and batch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="a folder for data and tables (the system's for temporary files)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`.venv-bench/bin/python -m bench.batches`: what the merge of a batch costs by the size of its target, in CPU seconds.

A batch of 150,000 orders, neighbours by their key or scattered over all keys, meets a target of 1.5 million and one of
ten times as many: by this project's target_load, by delta-rs' merge and by the MERGE of Sail, each with its own target.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.contenders import KEY
from bench.contenders.by_hand import FILE, DeltaTables
from bench.contenders.ingest_contender import Ingest, orders_contract, sail_server
from bench.contenders.polars_contender import Polars
from bench.cost import measured
from bench.data import Orders
from local.environment import of_children
from pipeline_jobs.engines.sail import SailEngine

_BATCH = 150_000
_SIZES = (1, 10)
_CLERK = "Clerk#000000000"
_WAYS = ("this project", "delta-rs", "Sail's MERGE")
_MERGED = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"


class DifferentRows(Exception):
    """A fast wrong answer is no result."""


class Targets:
    """The same orders in a target of each way, in folders of `folder`."""

    def __init__(self, folder: Path, url: str, orders: Path) -> None:
        contract = orders_contract()
        self._folder, self._table = folder, contract.table
        self._ours = Ingest(folder / "ours", url, contract)
        self._tables = DeltaTables(folder)
        self._by_hand = Polars(self._tables)
        self._engine = SailEngine(url, folder)
        for load in (self._ours, self._by_hand):
            load.stage(orders)
            load.target()
        shutil.copytree(folder / "target", folder / "plain")

    def close(self) -> None:
        self._engine.close()

    def merged(self, batch: Path) -> list[float]:
        """CPU seconds of each way; raises DifferentRows."""
        self._ours.stage(batch)
        self._by_hand.stage(batch)
        staged = pl.scan_delta(self._tables.stage).filter(pl.col(FILE) == self._tables.files).drop(FILE)
        staged.collect().write_delta(str(self._folder / "batch"), mode="overwrite")
        costs = []
        for merge in (self._ours.target, self._by_hand.target, self._plain):
            with measured() as cost:
                merge()
            costs.append(cost.cpu)
        self._compare()
        return costs

    def _plain(self) -> None:
        target, batch = self._engine.reference("plain"), self._engine.reference("batch")
        statement = f"MERGE INTO {target} t USING {batch} s ON t.{KEY} = s.{KEY} {_MERGED}"  # references are quoted
        self._engine.session.sql(statement).collect()

    def _compare(self) -> None:
        """How many rows there are, and how many of them are a batch's."""
        tables = (self._ours.table(self._table).table_uri, self._tables.target, str(self._folder / "plain"))
        ours, *theirs = (_counted(table) for table in tables)
        if any(their != ours for their in theirs):
            raise DifferentRows(f"this project has {ours}, the others {theirs}")


def _counted(table: str) -> tuple[int, int]:
    of_batches = (pl.col("o_clerk") == _CLERK).sum()
    rows, changed = pl.scan_delta(table).select(pl.len(), of_batches).collect().row(0)
    return rows, changed


def _batches(orders: Orders, times: int) -> Mapping[str, Path]:
    """Of keys that the target of so many times the orders has."""
    rows = orders.turns(times).with_columns(o_orderstatus=pl.lit("F"), o_clerk=pl.lit(_CLERK))
    every = times * orders.count // _BATCH
    batches = {"neighbours": rows.slice(orders.count // 2, _BATCH), "scattered": rows.gather_every(every)}
    for name, batch in batches.items():
        batch.collect().write_csv(orders.folder / f"{name}.csv")
    return {name: orders.folder / f"{name}.csv" for name in batches}


def main() -> int:
    asked = _parser().parse_args()
    sys.stdout.write(f"| target | batch | {' | '.join(_WAYS)} |\n|---|---|{'---|' * len(_WAYS)}\n")
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name, sail_server() as url:
        drawn = Orders.drawn(Path(name) / "data", of_children(os.environ, Path(name)))
        for times in _SIZES:
            with TemporaryDirectory(dir=name) as folder:
                orders = replace(drawn, folder=Path(folder))
                targets = Targets(orders.folder, url, orders.file("orders.csv", times * orders.count))
                with closing(targets):
                    for batch, path in _batches(orders, times).items():
                        cells = " | ".join(f"{cost:.1f}" for cost in targets.merged(path))
                        sys.stdout.write(f"| {times * orders.count:,} rows | {batch} | {cells} |\n")
                        sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.batches", description=__doc__)
    parser.add_argument("--work", type=Path, help="a folder for data and tables (the system's for temporary files)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

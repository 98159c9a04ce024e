"""polars + deltalake, as the documents of both have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa

from bench.contenders import KEY, Begin
from bench.contenders.by_hand import FILE, DeltaTables

_SCHEMA = {
    KEY: pl.Int64,
    "o_custkey": pl.Int64,
    "o_orderstatus": pl.String,
    "o_totalprice": pl.Decimal(15, 2),
    "o_orderdate": pl.Date,
    "o_orderpriority": pl.String,
    "o_clerk": pl.String,
    "o_shippriority": pl.Int32,
    "o_comment": pl.String,
}


class Polars:
    def __init__(self, tables: DeltaTables) -> None:
        self._tables = tables

    def stage(self, file: Path) -> None:
        self._tables.files += 1
        rows = pl.read_csv(file, schema=_SCHEMA).with_columns(pl.lit(self._tables.files, pl.Int32).alias(FILE))
        self._tables.append(rows.to_arrow())

    def target(self) -> None:
        staged = pl.read_delta(self._tables.stage, pyarrow_options=None)
        newest = staged.filter(pl.col(FILE) == self._tables.files).drop(FILE).unique(KEY, keep="last")
        self._tables.merge(newest.to_arrow())

    def rows(self) -> pa.Table:
        return self._tables.rows()


@contextmanager
def opened() -> Iterator[Begin]:
    yield lambda folder: Polars(DeltaTables(folder))

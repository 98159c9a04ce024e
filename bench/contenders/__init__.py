"""Who is measured: each loads the same files into a table of its own.

A contender stages a CSV file (read, cast, append to a Delta table), then brings what was staged to its target (the row
of the newest file for each key). One that does both at once has no `stage`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

import pyarrow as pa

KEY = "o_orderkey"
COLUMNS: Mapping[str, pa.DataType] = {
    KEY: pa.int64(),
    "o_custkey": pa.int64(),
    "o_orderstatus": pa.string(),
    "o_totalprice": pa.decimal128(15, 2),
    "o_orderdate": pa.date32(),
    "o_orderpriority": pa.string(),
    "o_clerk": pa.string(),
    "o_shippriority": pa.int32(),
    "o_comment": pa.string(),
}

STEPS = ("stage", "first load", "stage of changes", "merge of changes")
"""What each is asked in turn."""
COLD = "cold"
"""All of it, by a process that has done nothing before."""


class Contender(Protocol):
    """At work on tables of its own, in one folder."""

    def stage(self, file: Path) -> None: ...

    def target(self) -> None:
        """Of what was staged last."""

    def rows(self) -> pa.Table | None:
        """The target with COLUMNS; None of one that has no target."""


Begin = Callable[[Path], Contender]
"""New tables in an empty folder."""
Opened = Callable[[], AbstractContextManager[Begin]]
"""What all tables of a process share, such as an engine, is open as long as the block."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What is compared: `stages` without the target, `merges` into one; both at once where a step cannot be told.

    `environment` is what its process has beside the others'.
    """

    what: str
    stages: bool = True
    merges: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


OURS = "ingest"
PEERS: Mapping[str, Peer] = {
    OURS: Peer("this project: checks, log of attempts, order guard, ledger, archive; on Sail"),
    "polars": Peer("polars + deltalake, by hand: read, cast, append, merge"),
    "duckdb": Peer("DuckDB + deltalake, by hand: read, cast, append, merge"),
    "dlt": Peer(
        "dlt, filesystem destination with Delta tables, merge by upsert",
        stages=False,
        environment={"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"},
    ),
    "parquet": Peer("CSV to Parquet by pyarrow, without checks or a target: the limit", merges=False),
}


def opened(name: str) -> Opened:
    """Each contender's module is imported by itself, so that none pays for another's libraries."""
    found: Opened = import_module(f"bench.contenders.{name}_contender").opened
    return found

"""An engine of the product, each call of which is an operation of a process."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, StructType

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.versions.version import Version, Versions
from pipeline_jobs.reading.request import CellsRequest
from pipeline_jobs.state.ledger import TABLE

from .operations import APPENDING, COMMITTING, Process

_NEW = "__rebuild"


@dataclass(frozen=True)
class _StepVersions:
    """As a run asks for them; who publishes is no part of the histories."""

    versions: Versions
    role: str
    process: Process

    def newest(self) -> Version:
        return self.process.look(f"{self.role}: newest version", self.versions.newest)

    def count(self, number: int) -> int:
        return self.process.look(f"{self.role}: count a version", lambda: self.versions.count(number))


class StepEngine:
    """Tables go by their role - ledger, stage, tombstones, target - so that an operation has one name in every feed."""

    def __init__(self, engine: Engine, process: Process) -> None:
        self._engine = engine
        self._process = process

    @property
    def most_rows(self) -> int | None:
        return self._engine.most_rows

    def cells(self, request: CellsRequest) -> DataFrame:
        return self._engine.cells(request)

    def reference(self, table: str) -> str:
        return self._engine.reference(table)

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str], *, is_merged_into: bool) -> None:
        def create() -> None:
            self._engine.create(table, schema, cluster_by, is_merged_into=is_merged_into)

        self._process.do(f"{_role(table)}: create", create)

    def exists(self, table: str) -> bool:
        return self._process.look(f"{_role(table)}: is it there", lambda: self._engine.exists(table))

    def replace(
        self,
        table: str,
        rows: DataFrame,
        cluster_by: Sequence[str],
        properties: Mapping[str, str],
        *,
        is_merged_into: bool,
    ) -> None:
        def replace() -> None:
            self._engine.replace(table, rows, cluster_by, properties, is_merged_into=is_merged_into)

        self._process.do(f"{_role(table)}: replace", replace, COMMITTING)

    def drop(self, table: str) -> None:
        self._process.do(f"{_role(table)}: drop", lambda: self._engine.drop(table))

    def evolve(self, table: str, schema: StructType) -> None:
        self._process.do(f"{_role(table)}: evolve", lambda: self._engine.evolve(table, schema))

    def widen(self, table: str, kinds: Mapping[str, DataType]) -> bool:
        return self._process.do(f"{_role(table)}: widen", lambda: self._engine.widen(table, kinds), COMMITTING)

    def properties(self, table: str) -> Mapping[str, str]:
        return self._process.look(f"{_role(table)}: read properties", lambda: self._engine.properties(table))

    def set_property(self, table: str, name: str, value: str) -> None:
        self._process.do(f"{_role(table)}: set property", lambda: self._engine.set_property(table, name, value))

    def read(self, table: str) -> DataFrame:
        return self._process.look(f"{_role(table)}: read", lambda: self._engine.read(table))

    def frame(self, records: pa.Table) -> DataFrame:
        return self._engine.frame(records)

    def no_rows(self, schema: StructType) -> DataFrame:
        return self._engine.no_rows(schema)

    def append_records(self, table: str, records: pa.Table) -> None:
        states = sorted({str(state) for state in records.column("state").to_pylist()})
        name = f"{_role(table)}: {' + '.join(states)}"
        self._process.do(name, lambda: self._engine.append_records(table, records))

    def append(self, table: str, rows: DataFrame, columns: Sequence[str] = ()) -> None:
        self._process.do(f"{_role(table)}: append", lambda: self._engine.append(table, rows, columns), APPENDING)

    def compute(self, rows: DataFrame) -> None:
        self._process.look("compute", lambda: self._engine.compute(rows))

    def kept(self, merge: Merge) -> AbstractContextManager[Merge]:
        return self._process.keep("keep the batch", self._engine.kept(merge))

    def set_aside(self, rows: DataFrame, folder: Path) -> DataFrame:
        return self._process.look("set aside", lambda: self._engine.set_aside(rows, folder))

    def merge(self, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        return self._process.do(f"{_role(merge.target)}: merge", lambda: self._engine.merge(merge, keys), COMMITTING)

    def versions(self, table: str) -> Versions:
        return cast(Versions, _StepVersions(self._engine.versions(table), _role(table), self._process))

    def discard(self, table: str, attempts: Sequence[int]) -> None:
        self._process.do(f"{_role(table)}: discard", lambda: self._engine.discard(table, attempts), COMMITTING)

    def publish_view(self, name: str, query: str) -> None:
        self._process.do("publish view", lambda: self._engine.publish_view(name, query))

    def size(self, table: str) -> int:
        return self._process.look(f"{_role(table)}: size", lambda: self._engine.size(table))

    def is_scattered(self, table: str) -> bool:
        # A history is short: none would see them joined.
        self._process.look(f"{_role(table)}: count files", lambda: self._engine.is_scattered(table))
        return True

    def compact(self, table: str) -> None:
        self._process.do(f"{_role(table)}: compact", lambda: self._engine.compact(table), COMMITTING)

    def maintain(self, table: str, *, is_read_by_version: bool = True, is_merged_into: bool = False) -> None:
        def maintain() -> None:
            self._engine.maintain(table, is_read_by_version=is_read_by_version, is_merged_into=is_merged_into)

        self._process.do(f"{_role(table)}: maintain", maintain)

    @property
    def leftovers(self) -> Path | None:
        return self._engine.leftovers

    def is_lost(self) -> bool:
        return self._process.lost_engine or self._process.look("is the engine lost", self._engine.is_lost)

    def close(self) -> None:
        """It is the history's, and other processes go on with it."""


def _role(table: str) -> str:
    """Of the tables of a rebuild, too: `new target`."""
    if _NEW in table:
        return f"new {_role(table.replace(_NEW, ''))}"
    if table in (TABLE, "stock_ledger", "prices_ledger"):
        return "ledger"
    role = table.rpartition("_")[2]
    return role if role in ("stage", "tombstones") else "target"

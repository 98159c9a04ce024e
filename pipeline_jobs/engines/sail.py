"""Sail: a Spark Connect server in one process, tables as Delta folders in a warehouse.

Where Sail differs in silence from Spark stays in this file: docs/engines.md has the list of what was found.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from pipeline_jobs.engines.conforming import conformed
from pipeline_jobs.engines.engine import Merge, MergeCounts, Slice
from pipeline_jobs.engines.literals import among
from pipeline_jobs.engines.merging import conserved, evaluated, key_range, merge_statement
from pipeline_jobs.engines.places import WarehouseFolder
from pipeline_jobs.engines.reading import ExecutorsReader, Reader
from pipeline_jobs.engines.sessions import connect
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.reading.request import CellsRequest

_SCRATCH = "_scratch"
_KEPT = timedelta(days=7)


class SailEngine:
    """`warehouse` is the folder of the tables; the server at `url` (`sc://host:port`) sees the same files."""

    def __init__(self, url: str, warehouse: Path, reader: Callable[[SparkSession], Reader] = ExecutorsReader) -> None:
        self.session = connect(url)
        self._place = WarehouseFolder(warehouse)
        self._reader = reader(self.session)

    def close(self) -> None:
        self.session.stop()

    def cells(self, request: CellsRequest) -> DataFrame:
        return self._reader(request)

    def reference(self, table: str) -> str:
        return self._place.reference(table)

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str]) -> None:
        del cluster_by  # Sail refuses to write tables with liquid clustering.
        if self._exists(table):
            return
        empty = self.session.createDataFrame([], schema)
        try:
            empty.write.format("delta").mode("ignore").save(self._place.path(table))
        except PySparkException:
            # Commit conflicts fail at once: the other session's table is as good as ours.
            if not self._exists(table):
                raise

    def evolve(self, table: str, schema: StructType) -> None:
        # A table changed by delta-rs names its array elements otherwise, which Sail then refuses to union.
        missing = set(schema.fieldNames()) - set(self.read(table).columns)
        if missing:
            empty = self.session.createDataFrame([], schema)
            empty.write.format("delta").mode("append").option("mergeSchema", "true").save(self._place.path(table))

    def read(self, table: str) -> DataFrame:
        return self.session.read.format("delta").load(self._place.path(table))

    def append_records(self, table: str, records: pa.Table) -> None:
        # Sail gives up at a commit conflict; delta-rs tries again, and several feeds share the ledger.
        write_deltalake(self._place.path(table), records, mode="append")

    def replace(self, table: str, rows: DataFrame, slices: Sequence[Slice]) -> None:
        # Not `replaceWhere`: it takes rows outside its predicate, and fails on arrays in an empty table.
        if self._has(table, slices):
            self.delete(table, slices)
        whole = conformed(rows, self.read(table).schema)
        whole.write.format("delta").mode("append").save(self._place.path(table))

    def compute(self, rows: DataFrame) -> None:
        evaluated(rows)

    def delete(self, table: str, slices: Sequence[Slice]) -> None:
        statement = f"DELETE FROM {self.reference(table)} WHERE {among(slices)}"  # noqa: S608  # quoted by `literals`
        self.session.sql(statement).collect()

    def merge(self, merge: Merge) -> MergeCounts:
        # MERGE evaluates its source several times: materialised first, it is the same each time, and twice as fast.
        with self._materialised(merge.source) as source:
            before, version = self.read(merge.target).count(), self._table(merge.target).version()
            rows = self.read(source)
            keys = key_range(rows, merge.key)
            if keys is None:
                return MergeCounts(before, before, inserted=0, deleted=0)
            statement = merge_statement(merge, self.reference(merge.target), self.reference(source), keys)
            self.session.sql(statement).collect()
            return self._checked(merge.target, before, version)

    def publish_view(self, name: str, query: str) -> None:
        self.session.sql(f"{self._place.view_head(name)} AS {query}").collect()

    def maintain(self, table: str) -> None:
        delta = self._table(table)
        delta.optimize.compact()
        delta.vacuum(retention_hours=int(_KEPT.total_seconds()) // 3600, dry_run=False)

    def _checked(self, target: str, before: int, version: int) -> MergeCounts:
        table = self._table(target)
        done: dict[str, Any] = {} if table.version() == version else table.history(1)[0]["operationMetrics"]
        counts = MergeCounts(
            before=before,
            after=self.read(target).count(),
            inserted=int(done.get("numTargetRowsInserted", 0)),
            deleted=int(done.get("numTargetRowsDeleted", 0)),
        )
        try:
            return conserved(target, counts)
        except ConservationError:
            table.restore(version)
            raise

    @contextmanager
    def _materialised(self, rows: DataFrame) -> Iterator[str]:
        table = f"{_SCRATCH}/{uuid4().hex}"
        try:
            rows.write.format("delta").save(self._place.path(table))
            yield table
        finally:
            rmtree(self._place.path(table), ignore_errors=True)

    def _has(self, table: str, slices: Sequence[Slice]) -> bool:
        generations, files = [one.generation for one in slices], [one.file for one in slices]
        found = self.read(table).filter(F.col("_generation").isin(generations) & F.col("_file").isin(files))
        return not found.limit(1).isEmpty()

    def _exists(self, table: str) -> bool:
        return DeltaTable.is_deltatable(self._place.path(table))

    def _table(self, table: str) -> DeltaTable:
        return DeltaTable(self._place.path(table))

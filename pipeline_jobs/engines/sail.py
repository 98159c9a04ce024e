"""Sail: a Spark Connect server in one process, tables as Delta folders in a warehouse.

Where Sail differs in silence from Spark stays in this file: docs/decisions has the list of what was found.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from pipeline_jobs.engines.datasource import REQUEST, CellsSource
from pipeline_jobs.engines.engine import Merge, MergeCounts, Slice
from pipeline_jobs.engines.literals import among, quoted
from pipeline_jobs.engines.merging import key_range, merge_statement
from pipeline_jobs.errors import ConservationError, EngineUnreachableError
from pipeline_jobs.request import CellsRequest

_CONFIGURATION = {"spark.sql.ansi.enabled": "false", "spark.sql.session.timeZone": "UTC"}
_SCRATCH = "_scratch"
_REACH_SECONDS = 10.0


class SailEngine:
    """`warehouse` is the folder of the tables; the server at `url` (`sc://host:port`) sees the same files."""

    def __init__(self, url: str, warehouse: Path) -> None:
        _reach(url)
        self.session: SparkSession = SparkSession.builder.remote(url).create()
        for name, value in _CONFIGURATION.items():
            self.session.conf.set(name, value)
        self.session.dataSource.register(CellsSource)
        self._warehouse = warehouse

    def close(self) -> None:
        self.session.stop()

    def cells(self, request: CellsRequest) -> DataFrame:
        return self.session.read.format(CellsSource.name()).option(REQUEST, request.to_json()).load()

    def exists(self, table: str) -> bool:
        return DeltaTable.is_deltatable(self._path(table))

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str]) -> None:
        del cluster_by  # Sail refuses to write tables with liquid clustering.
        if self.exists(table):
            return
        empty = self.session.createDataFrame([], schema)
        try:
            empty.write.format("delta").mode("ignore").save(self._path(table))
        except PySparkException:
            # Commit conflicts fail at once: the other session's table is as good as ours.
            if not self.exists(table):
                raise

    def evolve(self, table: str, schema: StructType) -> None:
        # A table changed by delta-rs names its array elements otherwise, which Sail then refuses to union.
        missing = set(schema.fieldNames()) - set(self.read(table).columns)
        if missing:
            empty = self.session.createDataFrame([], schema)
            empty.write.format("delta").mode("append").option("mergeSchema", "true").save(self._path(table))

    def read(self, table: str) -> DataFrame:
        return self.session.read.format("delta").load(self._path(table))

    def append_records(self, table: str, records: pa.Table) -> None:
        # Sail gives up at a commit conflict; delta-rs tries again, and several feeds share the ledger.
        write_deltalake(self._path(table), records, mode="append")

    def replace(self, table: str, rows: DataFrame, slices: Sequence[Slice]) -> None:
        # Not `replaceWhere`: it takes rows outside its predicate, and fails on arrays in an empty table.
        if self._has(table, slices):
            self.delete(table, slices)
        self._conformed(rows, table).write.format("delta").mode("append").save(self._path(table))

    def compute(self, rows: DataFrame) -> None:
        rows.agg(F.max(F.xxhash64(*(F.col(name).cast("string") for name in rows.columns)))).collect()

    def delete(self, table: str, slices: Sequence[Slice]) -> None:
        statement = f"DELETE FROM {self._reference(table)} WHERE {among(slices)}"  # noqa: S608  # quoted by `literals`
        self.session.sql(statement).collect()

    def merge(self, merge: Merge) -> MergeCounts:
        # MERGE evaluates its source several times: materialised first, it is the same each time, and twice as fast.
        with self._materialised(merge.source) as (source, path):
            before, version = self.read(merge.target).count(), self._table(merge.target).version()
            keys = key_range(source, merge.key)
            if keys is None:
                return MergeCounts(before, before, inserted=0, deleted=0)
            statement = merge_statement(merge, self._reference(merge.target), f"delta.{quoted(path)}", keys)
            self.session.sql(statement).collect()
            return self._checked(merge.target, before, version)

    def publish_view(self, name: str, rows: DataFrame) -> None:
        # The catalog is the session's own, in memory: the view is there for whoever works in this session.
        rows.createOrReplaceTempView(name)

    def _checked(self, target: str, before: int, version: int) -> MergeCounts:
        table = self._table(target)
        done: dict[str, Any] = {} if table.version() == version else table.history(1)[0]["operationMetrics"]
        counts = MergeCounts(
            before=before,
            after=self.read(target).count(),
            inserted=int(done.get("numTargetRowsInserted", 0)),
            deleted=int(done.get("numTargetRowsDeleted", 0)),
        )
        if counts.after != counts.before + counts.inserted - counts.deleted:
            table.restore(version)
            raise ConservationError(f"the merge into {target} gave {counts}; the table is back at version {version}")
        return counts

    @contextmanager
    def _materialised(self, rows: DataFrame) -> Iterator[tuple[DataFrame, str]]:
        path = self._path(f"{_SCRATCH}/{uuid4().hex}")
        try:
            rows.write.format("delta").save(path)
            yield self.session.read.format("delta").load(path), path
        finally:
            rmtree(path, ignore_errors=True)

    def _has(self, table: str, slices: Sequence[Slice]) -> bool:
        generations, files = [one.generation for one in slices], [one.file for one in slices]
        found = self.read(table).filter(F.col("_generation").isin(generations) & F.col("_file").isin(files))
        return not found.limit(1).isEmpty()

    def _conformed(self, rows: DataFrame, table: str) -> DataFrame:
        # A column of another type would be written as NULL; one that the contract dropped is one of the table's still.
        fields = self.read(table).schema.fields
        there = set(rows.columns)
        columns = (F.col(field.name) if field.name in there else F.lit(None) for field in fields)
        return rows.select(
            *(column.cast(field.dataType).alias(field.name) for column, field in zip(columns, fields, strict=True))
        )

    def _table(self, table: str) -> DeltaTable:
        return DeltaTable(self._path(table))

    def _reference(self, table: str) -> str:
        return f"delta.{quoted(self._path(table))}"

    def _path(self, table: str) -> str:
        return str(self._warehouse / table)


def _reach(url: str) -> None:
    """Raises EngineUnreachableError at once: the client itself would try for minutes."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), _REACH_SECONDS).close()
    except OSError as error:
        raise EngineUnreachableError(f"there is no engine at {url}: {error.strerror or error}") from error

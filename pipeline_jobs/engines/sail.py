"""Sail: a Spark Connect server in one process, tables as Delta folders in a warehouse.

Where Sail differs in silence from Spark stays in this file: docs/engines.md has the list of what was found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, StructType

from pipeline_jobs.engines.conforming import conformed, framed
from pipeline_jobs.engines.engine import KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.literals import quoted
from pipeline_jobs.engines.merging import commits, discard_statement, evaluated, merge_statement
from pipeline_jobs.engines.places import WarehouseFolder, remove, scratch
from pipeline_jobs.engines.reading import Reader, ServerReader
from pipeline_jobs.engines.rewriting.batch import written_down
from pipeline_jobs.engines.rewriting.exchange import checkpoint_if_due
from pipeline_jobs.engines.rewriting.parts import is_rewritable, rows_of
from pipeline_jobs.engines.rewriting.rewrite import Rewrite
from pipeline_jobs.engines.rewriting.tidying import are_scattered, join_small, tidy
from pipeline_jobs.engines.sessions import NO_CALL_SITES, connect, is_gone, told_of_others
from pipeline_jobs.engines.versions.of_sail import FolderVersions
from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.reading.request import CellsRequest

_SOURCE = "_merge_source"


class SailEngine:
    """`warehouse` is the folder of the tables; the server at `url` (`sc://host:port`) sees the same files."""

    most_rows: int | None = 2_000_000  # of orders, 0.4 GB while they are written in ranges, or joined

    def __init__(self, url: str, warehouse: Path, reader: Callable[[SparkSession], Reader] = ServerReader) -> None:
        self.session = connect(url, NO_CALL_SITES)
        self._place = WarehouseFolder(warehouse)
        self._reader = reader(self.session)
        self._kept_in = Path()

    def close(self) -> None:
        self.session.stop()

    def cells(self, request: CellsRequest) -> DataFrame:
        return self._reader(request)

    def reference(self, table: str) -> str:
        return self._place.reference(table)

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str], *, is_merged_into: bool) -> None:
        # Sail refuses to write tables with liquid clustering, and to commit a merge beside any other commit.
        del cluster_by, is_merged_into
        if self.exists(table):
            return
        try:
            self.no_rows(schema).write.format("delta").mode("ignore").save(self._place.path(table))
        except PySparkException:
            # Commit conflicts fail at once: the other session's table is as good as ours.
            if not self.exists(table):
                raise

    def exists(self, table: str) -> bool:
        return DeltaTable.is_deltatable(self._place.path(table))

    def replace(
        self,
        table: str,
        rows: DataFrame,
        cluster_by: Sequence[str],
        properties: Mapping[str, str],
        *,
        is_merged_into: bool,
    ) -> None:
        del cluster_by, is_merged_into
        with told_of_others():
            written = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
            written.save(self._place.path(table))
        for name, value in properties.items():  # each in a commit of its own: Sail writes none
            self.set_property(table, name, value)

    def drop(self, table: str) -> None:
        remove(self._place.folder, table)

    def evolve(self, table: str, schema: StructType) -> None:
        # By Sail: where delta-rs has changed a table, its arrays' elements have a name that Sail does not union.
        missing = set(schema.fieldNames()) - set(self.read(table).columns)
        if missing:
            written = self.no_rows(schema).write.format("delta").mode("append").option("mergeSchema", "true")
            with told_of_others():
                written.save(self._place.path(table))

    def widen(self, table: str, kinds: Mapping[str, DataType]) -> bool:  # noqa: ARG002  # the protocol's signature
        return False  # neither Sail nor delta-rs writes a table with the feature typeWidening

    def properties(self, table: str) -> Mapping[str, str]:
        return self._table(table).metadata().configuration if self.exists(table) else {}

    def set_property(self, table: str, name: str, value: str) -> None:
        try:
            self._table(table).alter.set_table_properties({name: value}, raise_if_not_exists=False)
        except CommitFailedError as error:
            raise CommitConflictError("another session changed a table at the same time") from error

    def read(self, table: str) -> DataFrame:
        return self.session.read.format("delta").load(self._place.path(table))

    def frame(self, records: pa.Table) -> DataFrame:
        return framed(self.session, records)

    def no_rows(self, schema: StructType) -> DataFrame:
        return self.session.createDataFrame([], schema)

    def append_records(self, table: str, records: pa.Table) -> None:
        # Sail gives up at a commit conflict; delta-rs tries again, and several feeds share the ledger.
        delta = self._table(table)
        write_deltalake(delta, records, mode="append")
        checkpoint_if_due(delta)

    def append(self, table: str, rows: DataFrame, columns: Sequence[str] = ()) -> None:
        with told_of_others():
            written = conformed(rows, columns, self.read(table).schema).write.format("delta")
            written.mode("append").save(self._place.path(table))

    def compute(self, rows: DataFrame) -> None:
        evaluated(rows)

    @contextmanager
    def kept(self, merge: Merge) -> Iterator[Merge]:
        # A merge evaluates its source several times: written down first, it is the same each time, and twice as fast.
        is_first = merge.keys is not None and not self._sizes(merge.target)  # else nobody asks
        with self._scratch() as folder:
            self._kept_in = folder
            yield written_down(self.session, merge, folder, self.most_rows, is_first=is_first)

    def set_aside(self, rows: DataFrame, folder: Path) -> DataFrame:
        # As a table: of no rows, Sail writes no file that would say their columns.
        rows.write.format("delta").save(str(folder))
        return self.session.read.format("delta").load(str(folder))

    def merge(self, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        table = self._table(merge.target)
        if is_rewritable(table):
            return self._rewritten(table, merge, keys)
        before = table.version()
        merge.source.createOrReplaceTempView(_SOURCE)
        there = self.read(merge.target).columns
        self._commit(merge_statement(merge, self.reference(merge.target), quoted(_SOURCE), keys, there))
        return self._merges(merge.target, before)

    def versions(self, table: str) -> FolderVersions:
        return FolderVersions(self._place.path(table))

    def discard(self, table: str, attempts: Sequence[int]) -> None:
        self._commit(discard_statement(self.reference(table), attempts))

    def publish_view(self, name: str, query: str) -> None:
        for statement in self._place.view_statements(name, query):
            self.session.sql(statement)

    def size(self, table: str) -> int:
        return sum(self._sizes(table))

    def is_scattered(self, table: str) -> bool:
        return are_scattered(self._sizes(table))

    def _sizes(self, table: str) -> list[int]:
        return [size or 0 for size in pa.table(self._table(table).get_add_actions())["size_bytes"].to_pylist()]

    def compact(self, table: str) -> None:
        join_small(self._table(table))

    def maintain(self, table: str, *, is_read_by_version: bool = True, is_merged_into: bool = False) -> None:
        tidy(self._table(table), is_read_by_version=is_read_by_version, is_merged_into=is_merged_into)

    @property
    def leftovers(self) -> Path:
        return scratch(self._place.folder)

    def is_lost(self) -> bool:
        return is_gone(self.session)

    def _rewritten(self, table: DeltaTable, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        # Sail plans MERGE as four full outer joins, and reads every file of the table for it.
        version, before = table.version(), rows_of(table)
        with self._scratch() as parts:
            rewrite = Rewrite(self.session, table, Path(self._place.path(merge.target)), self._kept_in, parts)
            inserted, deleted = rewrite.merge(merge, keys)
        if table.version() == version:
            return []
        made = version + 1
        # Another commit may have come behind it.
        after = rows_of(table) if table.version() == made else self.versions(merge.target).count(made)
        return [MergeCommit(made, before, after, inserted, deleted)]

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder in the warehouse, so that what is written there can be moved to a table."""
        folder = self.leftovers / uuid4().hex
        try:
            yield folder
        finally:
            rmtree(folder, ignore_errors=True)

    def _merges(self, table: str, since: int) -> list[MergeCommit]:
        delta = self._table(table)
        newer = delta.history(delta.version() - since) if delta.version() > since else []
        merges = ((of["version"], of["operationMetrics"]) for of in newer if of["operation"] == "MERGE")
        return commits(merges, self.versions(table).counts)

    def _commit(self, statement: str) -> None:
        with told_of_others():
            self.session.sql(statement)

    def _table(self, table: str) -> DeltaTable:
        return DeltaTable(self._place.path(table))

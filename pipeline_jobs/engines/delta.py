"""Apache Spark with Delta Lake: what Databricks and open-source Spark do alike, through Spark Connect."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import DataType, StructType

from pipeline_jobs.engines.conforming import conformed, framed
from pipeline_jobs.engines.engine import KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.literals import declared, having, quoted
from pipeline_jobs.engines.merging import commits, discard_statement, evaluated, merge_statement
from pipeline_jobs.engines.places import Place, remove, scratch, spare
from pipeline_jobs.engines.reading import Reader
from pipeline_jobs.engines.sessions import appears, is_gone
from pipeline_jobs.engines.versions.of_delta import DeltaVersions
from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.reading.request import CellsRequest

_SOURCE = "_merge_source"
_INDEXED = 32
"""Columns that Delta keeps statistics of, unless told otherwise; it clusters by no others."""
_SCATTERED = 64
"""To join files is a job of seconds, also of few."""
_ABSENT = ("TABLE_OR_VIEW_NOT_FOUND", "PATH_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST")
"""What is said where no table is: by a catalog, or of a folder that is not there or has none in it."""
_CONFLICTS = ("DELTA_CONCURRENT", "DELTA_METADATA_CHANGED", "DELTA_PROTOCOL_CHANGED")


class DeltaEngine:
    most_rows = None

    def __init__(self, session: SparkSession, place: Place, reader: Reader) -> None:
        self.session = session
        self._place = place
        self._reader = reader

    def cells(self, request: CellsRequest) -> DataFrame:
        return self._reader(request)

    def reference(self, table: str) -> str:
        return self._place.reference(table)

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str], *, is_merged_into: bool) -> None:
        # To find that it is there costs this statement a good deal more than a look.
        if self.exists(table):
            return
        columns = f"({declared(schema)}) {self._layout(table, schema, cluster_by, {}, is_merged_into=is_merged_into)}"
        try:
            self._do(f"CREATE TABLE IF NOT EXISTS {self.reference(table)} {columns}")
        except PySparkException:
            # Another session makes it between the look and the commit: as good as ours.
            if not appears(partial(self.exists, table)):
                raise
        else:
            # Of a folder the statement also takes for the table what another session has only begun to make there.
            if not appears(partial(self.exists, table)):
                raise CommitConflictError(
                    f"{self.reference(table)} is being made by another session, or was by one that died at it; if a "
                    "second try says so too, take the folder away, in which there is no commit"
                )

    def exists(self, table: str) -> bool:
        try:
            return bool(self.read(table).columns)
        except PySparkException as error:
            if not (error.getCondition() or "").startswith(_ABSENT):
                raise
            return False

    def replace(
        self,
        table: str,
        rows: DataFrame,
        cluster_by: Sequence[str],
        properties: Mapping[str, str],
        *,
        is_merged_into: bool,
    ) -> None:
        # History and rights stay. So would row filters and masks, on which other statements fail (docs/security.md).
        # https://docs.databricks.com/gcp/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using#parameters
        rows.createOrReplaceTempView(_SOURCE)
        layout = self._layout(table, rows.schema, cluster_by, properties, is_merged_into=is_merged_into)
        columns = ", ".join(map(quoted, rows.columns))
        query = f"SELECT {columns} FROM {quoted(_SOURCE)}"  # noqa: S608  # quoted names
        self._commit(f"CREATE OR REPLACE TABLE {self.reference(table)} {layout} AS {query}")

    def drop(self, table: str) -> None:
        if self._place.warehouse is None:
            self._do(f"DROP TABLE IF EXISTS {self.reference(table)}")
        else:
            remove(self._place.warehouse, table)

    def evolve(self, table: str, schema: StructType) -> None:
        present = set(self.read(table).columns)
        missing = StructType([field for field in schema.fields if field.name not in present])
        if missing.fields:
            self._commit(f"ALTER TABLE {self.reference(table)} ADD COLUMNS ({declared(missing)})")

    def widen(self, table: str, kinds: Mapping[str, DataType]) -> bool:
        # https://docs.databricks.com/gcp/en/delta/type-widening
        # Not where others read the files: their readers refuse the whole table then.
        if self._place.address(table) is not None:
            return False
        if set(kinds) & set(self._detail(table)["clusteringColumns"]):
            return False
        self.set_property(table, "delta.enableTypeWidening", "true")
        for name, kind in kinds.items():
            self._commit(f"ALTER TABLE {self.reference(table)} ALTER COLUMN {quoted(name)} TYPE {kind.simpleString()}")
        return True

    def properties(self, table: str) -> Mapping[str, str]:
        try:
            found = self.session.sql(f"SHOW TBLPROPERTIES {self.reference(table)}").collect()
        except PySparkException:
            if self.exists(table):
                raise
            return {}
        return {row["key"]: row["value"] for row in found}

    def set_property(self, table: str, name: str, value: str) -> None:
        self._commit(f"ALTER TABLE {self.reference(table)} SET{having({name: value})}")

    def read(self, table: str) -> DataFrame:
        return self.session.read.table(self.reference(table))

    def frame(self, records: pa.Table) -> DataFrame:
        return framed(self.session, records)

    def no_rows(self, schema: StructType) -> DataFrame:
        return self.session.createDataFrame([], schema)

    def append_records(self, table: str, records: pa.Table) -> None:
        self.frame(records).writeTo(self.reference(table)).append()

    def append(self, table: str, rows: DataFrame, columns: Sequence[str] = ()) -> None:
        conformed(rows, columns, self.read(table).schema).writeTo(self.reference(table)).append()

    def compute(self, rows: DataFrame) -> None:
        evaluated(rows)

    @contextmanager
    def kept(self, merge: Merge) -> Iterator[Merge]:
        # Delta materialises the source of a merge by itself, and serverless compute keeps nothing.
        yield merge

    def set_aside(self, rows: DataFrame, folder: Path) -> DataFrame:
        # As plain files: Databricks keeps no table in a volume.
        rows.write.parquet(str(folder))
        return self.session.read.schema(rows.schema).parquet(str(folder))

    def merge(self, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        versions = self.versions(merge.target)
        before, rows = versions.number(), lru_cache(versions.count)
        rows(before)  # while it is the newest: of an older one the log is read once more
        merge.source.createOrReplaceTempView(_SOURCE)
        there = self.read(merge.target).columns
        self._commit(merge_statement(merge, self.reference(merge.target), quoted(_SOURCE), keys, there))
        return commits(versions.merges(before), lambda earlier, later: (rows(earlier), rows(later)))

    def versions(self, table: str) -> DeltaVersions:
        of, sets = partial(self.properties, table), partial(self.set_property, table)
        return DeltaVersions(self.session, self.reference(table), of, sets)

    def discard(self, table: str, attempts: Sequence[int]) -> None:
        self._commit(discard_statement(self.reference(table), attempts))

    def publish_view(self, name: str, query: str) -> None:
        for statement in self._place.view_statements(name, query):
            self._do(statement)

    def size(self, table: str) -> int:
        return int(self._detail(table)["sizeInBytes"])

    def is_scattered(self, table: str) -> bool:
        detail = self._detail(table)
        return spare(detail["numFiles"], detail["sizeInBytes"]) >= _SCATTERED

    def compact(self, table: str) -> None:
        self._commit(f"OPTIMIZE {self.reference(table)}")

    def maintain(self, table: str, *, is_read_by_version: bool = True, is_merged_into: bool = False) -> None:
        # Delta's own times are a table's last resort (RESTORE), and its readers do not go through all that is kept.
        # What is merged into is clustered, and by merges written into files of a size that Delta chooses.
        del is_read_by_version, is_merged_into
        self.compact(table)
        self._do(f"VACUUM {self.reference(table)}")

    @property
    def leftovers(self) -> Path | None:
        return None if self._place.warehouse is None else scratch(self._place.warehouse)

    def is_lost(self) -> bool:
        return is_gone(self.session)

    def close(self) -> None:
        self.session.stop()

    def _layout(
        self,
        table: str,
        schema: StructType,
        cluster_by: Sequence[str],
        properties: Mapping[str, str],
        *,
        is_merged_into: bool,
    ) -> str:
        """What stands between a table's columns and its rows."""
        at = [schema.fieldNames().index(name) for name in cluster_by]
        clustering = f" CLUSTER BY ({', '.join(map(quoted, cluster_by))})" if cluster_by else ""
        indexed = max([_INDEXED, *(place + 1 for place in at)])
        of = {**properties, **({"delta.dataSkippingNumIndexedCols": str(indexed)} if indexed > _INDEXED else {})}
        if is_merged_into:
            # With the weaker default, two merges that insert one new key are not surely told apart:
            # https://docs.databricks.com/gcp/en/optimizations/isolation-level
            of["delta.isolationLevel"] = "Serializable"
        address = self._place.address(table)
        if address is None:
            return f"USING DELTA{clustering}{having(of)}"
        # Tables with liquid clustering get checkpoints of version 2, which readers elsewhere do not say that they know:
        # https://docs.databricks.com/gcp/en/delta/checkpoint-v2#automatic-enablement
        of["delta.checkpointPolicy"] = "classic"
        return f"USING DELTA{clustering} LOCATION '{address}'{having(of)}"

    def _detail(self, table: str) -> Row:
        [detail] = self.session.sql(f"DESCRIBE DETAIL {self.reference(table)}").collect()
        return detail

    def _commit(self, statement: str) -> None:
        try:
            self._do(statement)
        except PySparkException as error:
            # https://docs.delta.io/latest/concurrency-control.html#resolving-concurrent-modification-errors
            if (error.getCondition() or "").startswith(_CONFLICTS):
                raise CommitConflictError(
                    f"another session changed a table at the same time: {statement[:6]}"
                ) from error
            raise

    def _do(self, statement: str) -> None:
        # A command is run as soon as it is said; to collect its result would be one more request.
        self.session.sql(statement)

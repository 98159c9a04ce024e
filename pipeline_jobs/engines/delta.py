"""Apache Spark with Delta Lake: what Databricks and open-source Spark do alike, through Spark Connect."""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from pipeline_jobs.engines.conforming import conformed
from pipeline_jobs.engines.engine import Merge, MergeCounts, Slice
from pipeline_jobs.engines.literals import among, quoted
from pipeline_jobs.engines.merging import conserved, evaluated, key_range, merge_statement
from pipeline_jobs.engines.places import Place
from pipeline_jobs.engines.reading import Reader
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.reading.request import CellsRequest

_SOURCE = "_merge_source"
_INDEXED = 32
"""Columns that Delta keeps statistics of, unless told otherwise; it clusters by no others."""


class DeltaEngine:
    def __init__(self, session: SparkSession, place: Place, reader: Reader) -> None:
        self.session = session
        self._place = place
        self._reader = reader

    def cells(self, request: CellsRequest) -> DataFrame:
        return self._reader(request)

    def reference(self, table: str) -> str:
        return self._place.reference(table)

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str]) -> None:
        place = [schema.fieldNames().index(name) for name in cluster_by]
        clustering = f" CLUSTER BY ({', '.join(map(quoted, cluster_by))})" if cluster_by else ""
        indexed = max(_INDEXED, *(at + 1 for at in place)) if place else _INDEXED
        properties = f" TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '{indexed}')" if indexed > _INDEXED else ""
        columns = f"({_declared(schema)}) USING DELTA{clustering}{properties}"
        try:
            self._do(f"CREATE TABLE IF NOT EXISTS {self.reference(table)} {columns}")
        except PySparkException:
            # Another session made it between the look and the commit: as good as ours.
            if not self._is_readable(table):
                raise

    def evolve(self, table: str, schema: StructType) -> None:
        present = set(self.read(table).columns)
        missing = StructType([field for field in schema.fields if field.name not in present])
        if missing.fields:
            self._do(f"ALTER TABLE {self.reference(table)} ADD COLUMNS ({_declared(missing)})")

    def read(self, table: str) -> DataFrame:
        return self.session.read.table(self.reference(table))

    def append_records(self, table: str, records: pa.Table) -> None:
        self.session.createDataFrame(records).writeTo(self.reference(table)).append()

    def replace(self, table: str, rows: DataFrame, slices: Sequence[Slice]) -> None:
        there = self.read(table)
        writer = conformed(rows, there.schema).writeTo(self.reference(table))
        # To overwrite nothing costs several times what an append does.
        if there.filter(among(slices)).limit(1).isEmpty():
            writer.append()
        else:
            writer.overwrite(F.expr(among(slices)))

    def compute(self, rows: DataFrame) -> None:
        evaluated(rows)

    def delete(self, table: str, slices: Sequence[Slice]) -> None:
        self._do(f"DELETE FROM {self.reference(table)} WHERE {among(slices)}")  # noqa: S608  # quoted by `literals`

    def merge(self, merge: Merge) -> MergeCounts:
        before = self.read(merge.target).count()
        keys = key_range(merge.source, merge.key)
        if keys is None:
            return MergeCounts(before, before, inserted=0, deleted=0)
        merge.source.createOrReplaceTempView(_SOURCE)
        statement = merge_statement(merge, self.reference(merge.target), quoted(_SOURCE), keys)
        [done] = self.session.sql(statement).collect()
        counts = MergeCounts(
            before=before,
            after=self.read(merge.target).count(),
            inserted=done["num_inserted_rows"],
            deleted=done["num_deleted_rows"],
        )
        try:
            return conserved(merge.target, counts)
        except ConservationError:
            self._undo_merge(merge.target)
            raise

    def publish_view(self, name: str, query: str) -> None:
        self._do(f"{self._place.view_head(name)} AS {query}")

    def maintain(self, table: str) -> None:
        for statement in ("OPTIMIZE", "VACUUM"):
            self._do(f"{statement} {self.reference(table)}")

    def close(self) -> None:
        self.session.stop()

    def _undo_merge(self, table: str) -> None:
        """To the version before the newest merge: nobody else writes to a target."""
        history = self.session.sql(f"DESCRIBE HISTORY {self.reference(table)}")
        merged = history.filter(F.col("operation") == "MERGE").agg(F.max("version").alias("at")).first()
        if merged is not None and merged["at"] is not None:
            self._do(f"RESTORE TABLE {self.reference(table)} TO VERSION AS OF {int(merged['at']) - 1}")

    def _is_readable(self, table: str) -> bool:
        try:
            return bool(self.read(table).columns)
        except PySparkException:
            return False

    def _do(self, statement: str) -> None:
        self.session.sql(statement).collect()


def _declared(schema: StructType) -> str:
    return ", ".join(f"{quoted(field.name)} {field.dataType.simpleString()}" for field in schema.fields)

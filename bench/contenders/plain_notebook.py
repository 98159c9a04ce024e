"""The notebook that people write: Spark's reader with a schema, append, the newest row of each key, MERGE."""

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

from bench.contenders import COLUMNS, KEY
from bench.contenders.by_hand import FILE

_SCHEMA = (
    f"{KEY} BIGINT, o_custkey BIGINT, o_orderstatus STRING, o_totalprice DECIMAL(15,2), o_orderdate DATE, "
    "o_orderpriority STRING, o_clerk STRING, o_shippriority INT, o_comment STRING"
)
_NEWEST = "newest"


class PlainNotebook:
    def __init__(self, folder: Path, session: SparkSession) -> None:
        self._spark = session
        self._stage, self._target = str(folder / "stage"), str(folder / "target")
        self._files = 0

    def stage(self, file: Path) -> None:
        self._files += 1
        rows = self._spark.read.schema(_SCHEMA).option("header", "true").csv(str(file))
        stamped = rows.withColumn(FILE, F.lit(self._files)).withColumn("_loaded_at", F.current_timestamp())
        stamped.write.format("delta").mode("append").save(self._stage)

    def target(self) -> None:
        staged = self._spark.read.format("delta").load(self._stage).where(F.col(FILE) == self._files)
        newest_first = Window.partitionBy(KEY).orderBy(F.col("_loaded_at").desc())
        numbered = staged.withColumn("_number", F.row_number().over(newest_first))
        numbered.where("_number = 1").select(*COLUMNS).createOrReplaceTempView(_NEWEST)
        self._spark.sql(f"CREATE TABLE IF NOT EXISTS delta.`{self._target}` ({_SCHEMA}) USING DELTA")
        self._spark.sql(
            f"MERGE INTO delta.`{self._target}` AS t USING {_NEWEST} AS s ON t.{KEY} = s.{KEY} "
            "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
        )

    def rows(self) -> pa.Table:
        return DeltaTable(self._target).to_pyarrow_table(columns=list(COLUMNS))

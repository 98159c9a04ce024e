"""Versions by Spark with Delta Lake: time travel, and the change data feed.

https://docs.databricks.com/gcp/en/delta/delta-change-data-feed
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row, SparkSession, Window
from pyspark.sql import functions as F

from pipeline_jobs.engines.versions.version import GONE, Version

_FEED = "delta.enableChangeDataFeed"
_FEW = 10
"""Versions that may come behind one while a merge is made."""
# The feed was off, or columns are others since; the range is no range; a version, its changes or files were removed.
_UNTOLD = (
    "DELTA_CHANGE_DATA_FEED",
    "DELTA_CHANGE_DATA_FILE_NOT_FOUND",
    "DELTA_CHANGE_TABLE_FEED_DISABLED",
    "DELTA_INVALID_CDC_RANGE",
    "DELTA_MISSING_CHANGE_DATA",
    "DELTA_UNSUPPORTED_TIME_TRAVEL_BEYOND_DELETED_FILE_RETENTION_DURATION",
    "DELTA_VERSION_NOT_FOUND",
    "DELTA_VERSIONS_NOT_CONTIGUOUS",
    "FAILED_READ_FILE",
)


@dataclass(frozen=True, slots=True)
class DeltaVersions:
    """`reference` is the table as SQL names it, quoted; `set_property` and `properties` are the engine's for it."""

    session: SparkSession
    reference: str
    properties: Callable[[], Mapping[str, str]]
    set_property: Callable[[str, str], None]

    def keep_changes(self) -> None:
        if self.properties().get(_FEED) != "true":
            self.set_property(_FEED, "true")

    def newest(self) -> Version:
        [detail] = self.session.sql(f"DESCRIBE DETAIL {self.reference}").select("id").collect()
        return Version(str(detail["id"]), self.number())

    def number(self) -> int:
        """The newest's."""
        [newest] = self._history(1)
        return int(newest["version"])

    def merges(self, since: int) -> list[tuple[int, Mapping[str, str]]]:
        """The versions behind that one that a MERGE made, each with the numbers that it says of itself."""
        newest = self._history(_FEW)
        behind = newest if newest[-1]["version"] <= since + 1 else self._history()
        return [
            (row["version"], row["operationMetrics"])
            for row in behind
            if row["version"] > since and row["operation"] == "MERGE"
        ]

    def count(self, number: int) -> int:
        return self._at(number).count()

    def whole(self, number: int, folder: Path) -> Iterator[pa.RecordBatch]:
        self._at(number).write.parquet(str(folder))
        return _batches(folder)

    def changed(self, key: Sequence[str], since: int, until: int, folder: Path) -> Iterator[pa.RecordBatch] | None:
        reader = self.session.read.option("readChangeFeed", "true")
        ranged = reader.option("startingVersion", str(since + 1)).option("endingVersion", str(until))
        try:
            _last_of_each(ranged.table(self.reference), key).write.parquet(str(folder))
        except PySparkException as error:
            if (error.getCondition() or "").startswith(_UNTOLD):
                return None
            raise
        return _batches(folder)

    def _history(self, most: int | None = None) -> list[Row]:
        """Newest first. Without a limit the whole log is read, which goes back for weeks."""
        limit = "" if most is None else f" LIMIT {most}"
        return self.session.sql(f"DESCRIBE HISTORY {self.reference}{limit}").collect()

    def _at(self, number: int) -> DataFrame:
        return self.session.read.option("versionAsOf", str(number)).table(self.reference)


def _last_of_each(feed: DataFrame, key: Sequence[str]) -> DataFrame:
    """Of all that happened to a key, what it came to: one version may take its row away and put it there again."""
    goes = F.col("_change_type") == "delete"
    happened = feed.filter("_change_type <> 'update_preimage'").withColumn(GONE, goes)
    latest = Window.partitionBy(*key).orderBy(F.col("_commit_version").desc(), F.col(GONE).asc())
    ranked = happened.withColumn("_place", F.row_number().over(latest)).filter("_place = 1")
    return ranked.drop("_place", "_change_type", "_commit_version", "_commit_timestamp")


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    for path in sorted(folder.glob("*.parquet")):
        # Spark's own way to write a moment down reaches further than nanoseconds do.
        with pq.ParquetFile(path, coerce_int96_timestamp_unit="us") as file:
            yield from file.iter_batches()

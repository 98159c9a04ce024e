"""Open-source Apache Spark with Delta Lake: any Spark Connect server, or one of its own."""

from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.places import WarehouseFolder
from pipeline_jobs.engines.reading import Reader
from pipeline_jobs.engines.sessions import asked_for_seconds, configured, connect, is_silent

_OWN: dict[str, bool | float | int | str | None] = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.showConsoleProgress": "false",
    # Delta's own default, 50 tasks for each look at a table's state, is a cluster's.
    "spark.databricks.delta.snapshotPartitions": "2",
}


class OwnSparkEngine(DeltaEngine):
    """Of a server inside the process: none that was started anew could answer in its place."""

    def is_lost(self) -> bool:
        return is_silent(self.session)


def spark_engine(url: str, warehouse: Path, reader: Callable[[SparkSession], Reader]) -> DeltaEngine:
    """Tables are folders of the warehouse, which the server at `url` (`sc://host:port`) sees under the same name.

    Without a url the process starts a server inside itself, which takes Java and the Delta jars beside those of the
    package pyspark. Raises EngineUnreachableError.
    """
    engine, session = (DeltaEngine, connect(url)) if url else (OwnSparkEngine, _own_session())
    return engine(session, WarehouseFolder(warehouse), reader(session))


def _own_session() -> SparkSession:
    return asked_for_seconds(configured(SparkSession.builder.config(map=_OWN).remote("local[*]").getOrCreate()))

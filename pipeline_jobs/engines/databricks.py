"""Databricks, serverless or a cluster: the session that is there, tables of Unity Catalog by their three-part name."""

from collections.abc import Callable

from pyspark.sql import SparkSession

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.places import CatalogSchema
from pipeline_jobs.engines.reading import Reader
from pipeline_jobs.engines.sessions import configured, is_silent


class DatabricksEngine(DeltaEngine):
    """The session belongs to the task or the notebook, and lives on when the engine is closed."""

    def is_lost(self) -> bool:
        return is_silent(self.session)

    def close(self) -> None:
        pass


def databricks_engine(place: CatalogSchema, reader: Callable[[SparkSession], Reader]) -> DatabricksEngine:
    session = configured(SparkSession.builder.getOrCreate())
    return DatabricksEngine(session, place, reader(session))

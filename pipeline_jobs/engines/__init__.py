"""One narrow adapter per engine; nothing else knows an engine or Delta."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import WrongParametersError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from pipeline_jobs.engines.reading import Reader

ENGINES = ("databricks", "spark", "sail")
READERS = ("executors", "driver")


@dataclass(frozen=True, slots=True)
class Connection:
    """Which engine, where its tables are, and who reads the files.

    `catalog` is a warehouse folder but on Databricks; `url` is a Spark Connect server's (`sc://host:port`);
    `tables_location` is where Databricks keeps the tables as external ones (`CatalogSchema`), or empty; `reader` is one
    of READERS, or empty for the engine's own choice; `scratch` is a folder of the run's own that driver and executors
    share.
    """

    engine: str
    url: str
    catalog: str
    schema: str
    reader: str
    scratch: Path
    tables_location: str = ""


@contextmanager
def connected(to: Connection) -> Iterator[Engine]:
    """A session on the engine, closed with the block.

    Raises WrongParametersError for an engine or a reader not known, EngineUnreachableError.
    """
    for name, value, known in (("engine", to.engine, ENGINES), ("reader", to.reader, ("", *READERS))):
        if value not in known:
            raise WrongParametersError(f"{name} {value!r} is none of {', '.join(filter(None, known))}")
    if to.tables_location and to.engine != "databricks":
        raise WrongParametersError(f"tables_location is for the engine databricks: {to.engine} has a warehouse folder")
    engine = _opened(to)
    try:
        yield engine
    finally:
        engine.close()


def _opened(to: Connection) -> Engine:
    # Imported here: an engine's packages are there only where it runs.
    if to.engine == "databricks":
        from pipeline_jobs.engines.databricks import databricks_engine  # noqa: PLC0415  # see above
        from pipeline_jobs.engines.places import CatalogSchema  # noqa: PLC0415  # see above

        # Whether executors may open a volume depends on the workspace; the driver always may.
        return databricks_engine(CatalogSchema(to.catalog, to.schema, to.tables_location), _reader(to, "driver"))
    if to.engine == "spark":
        from pipeline_jobs.engines.spark import spark_engine  # noqa: PLC0415  # see above

        # The executors of a server that is started here run whatever Python its environment names.
        return spark_engine(to.url, Path(to.catalog) / to.schema, _reader(to, "executors" if to.url else "driver"))
    from pipeline_jobs.engines.sail import SailEngine  # noqa: PLC0415  # see above

    return SailEngine(to.url, Path(to.catalog) / to.schema, _reader(to, "executors"))


def _reader(to: Connection, own: str) -> "Callable[[SparkSession], Reader]":
    from pipeline_jobs.engines.reading import DriverReader, ExecutorsReader, ServerReader  # noqa: PLC0415  # see above

    if (to.reader or own) == "driver":
        return lambda session: DriverReader(session, to.scratch / "cells")
    return ServerReader if to.engine == "sail" else ExecutorsReader

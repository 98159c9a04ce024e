"""The engines that run on one machine, each a Spark Connect server in a process of its own."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import contracts
from local.errors import NoSpark
from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.reading import ExecutorsReader
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.engines.sessions import NO_CALL_SITES
from pipeline_jobs.engines.spark import spark_engine

PROJECT = Path(contracts.__file__).parent.parent
SPARK_ENVIRONMENT = ".venv-spark"


_TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"  # noqa: S105 - the name of a variable, of server and client alike

_SMALL_AND_QUICK = {
    # Room for compiled code: without the second compiler Java has 48 MB for it, and Spark fills them in minutes.
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
}
"""For small data and quick answers: one partition, and plans that are run rather than compiled."""


@dataclass(frozen=True, slots=True)
class EngineServer:
    """How a server is started on a port of this machine: its command, and what it adds to the environment.

    `token` is what it wants of its clients, empty where it cannot want any.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    url: str
    token: str = field(default="", repr=False)

    @property
    def url_with_token(self) -> str:
        """All that a client needs; not for a job, whose parameters are shown."""
        return f"{self.url}/;token={self.token}" if self.token else self.url

    @property
    def for_clients(self) -> Mapping[str, str]:
        """What the environment of a client adds to the url."""
        return {_TOKEN: self.token} if self.token else {}


def engine_server(engine: str, port: int, folder: Path) -> EngineServer:
    """The server of one of `local.settings.ENGINES`, with a folder for what it keeps itself; raises NoSpark."""
    return spark_server(port, folder, _SMALL_AND_QUICK) if engine == "spark" else _sail(port)


def connect(engine: str, url: str, warehouse: Path) -> SailEngine | DeltaEngine:
    """A session on a running server, over the tables of a folder."""
    return spark_engine(url, warehouse, ExecutorsReader) if engine == "spark" else SailEngine(url, warehouse)


def spark_python() -> Path:
    """The interpreter of the environment that has Spark; raises NoSpark."""
    _spark_home()
    return PROJECT / SPARK_ENVIRONMENT / "bin" / "python"


def _sail(port: int) -> EngineServer:
    command = (sys.executable, "-m", "pysail", "spark", "server", "--ip", "127.0.0.1", "--port", str(port))
    environment = {
        # The default ends a session after 15 minutes without a call.
        "SAIL_SPARK__SESSION_TIMEOUT_SECS": "86400",
        # Else each bit of memory is asked for in pages of 2 MB, and to clear them takes a third of what a load costs:
        # https://microsoft.github.io/mimalloc/environment.html
        "MIMALLOC_ALLOW_THP": "0",
    }
    return EngineServer(command, environment, f"sc://127.0.0.1:{port}")


def spark_server(port: int, folder: Path, tuning: Mapping[str, str]) -> EngineServer:
    """Apache Spark with Delta Lake on two cores, with a folder for what it keeps itself; raises NoSpark."""
    home = _spark_home()
    configuration = {
        **NO_CALL_SITES,
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.authenticate": "true",  # of the ports that Spark opens besides
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.log.level": "WARN",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "spark-warehouse"),
        "spark.local.dir": str(folder / "spark-scratch"),
        **tuning,
    }
    options = [word for name, value in configuration.items() for word in ("--conf", f"{name}={value}")]
    of_connect = ("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")
    command = (
        str(home / "bin" / "spark-submit"),
        "--master",
        "local[2]",
        "--driver-memory",
        "2g",
        *options,
        *of_connect,
    )
    token = secrets.token_urlsafe(32)
    environment = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    # By this name alone the client sends a token without TLS.
    return EngineServer(command, {**environment, _TOKEN: token}, f"sc://localhost:{port}", token)


def _spark_home() -> Path:
    """The package pyspark, with the Delta jars in it, as `make spark` leaves it; raises NoSpark."""
    found = sorted((PROJECT / SPARK_ENVIRONMENT).glob("lib/python3.*/site-packages/pyspark"))
    if not found or not list(found[-1].glob("jars/delta-spark_*.jar")):
        raise NoSpark
    return found[-1]

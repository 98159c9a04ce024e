"""How every session is set up, and how a server is found to be there."""

import socket
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from pipeline_jobs.errors import EngineUnreachableError

CONFIGURATION = {"spark.sql.ansi.enabled": "false", "spark.sql.session.timeZone": "UTC"}
"""Serverless compute refuses most others: https://docs.databricks.com/gcp/en/spark/conf"""

_REACH_SECONDS = 10.0


def configured(session: SparkSession) -> SparkSession:
    for name, value in CONFIGURATION.items():
        session.conf.set(name, value)
    return session


def connect(url: str) -> SparkSession:
    """A new session on the server at `sc://host:port`.

    Raises EngineUnreachableError at once where nothing listens: the client itself would try for minutes.
    """
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), _REACH_SECONDS).close()
    except OSError as error:
        raise EngineUnreachableError(f"there is no engine at {url}: {error.strerror or error}") from error
    return configured(SparkSession.builder.remote(url).create())

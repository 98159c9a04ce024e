"""How every session is set up, and how a server, or a table that another session makes, is found to be there."""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.utils import is_remote

from pipeline_jobs.errors import CommitConflictError, EngineUnreachableError

if TYPE_CHECKING:
    from pyspark.sql.connect.client.retries import RetryPolicy

CONFIGURATION = {"spark.sql.ansi.enabled": "false", "spark.sql.session.timeZone": "UTC"}
"""Serverless compute refuses most others: https://docs.databricks.com/gcp/en/spark/conf"""

NO_CALL_SITES = {"spark.python.sql.dataFrameDebugging.enabled": "false"}
"""For each column that is made, the client looks up the stack and for IPython: half of what a small load costs it.

Spark takes it at the start of the server alone.
"""

_REACH_SECONDS = 10.0
_MARK = "ingest.session"
"""A setting that is one session's alone: a server that was started anew answers, and knows nothing of it."""
_RETRIES = 6
_LONGEST_WAIT = 4_000
"""Milliseconds between two tries. By itself the client would try for more than ten minutes; these are about 12 s."""
_LOOKS = 5
_FIRST_LOOK = 20
"""Milliseconds, then twice as many each time: what a log lacks after 0.6 s is gone."""
_WAITS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between two looks for a table."""
_MISSING_COMMIT = "Missing commit file"
"""Sail's words before it reads or writes anything: it looks for a table's newest version, then for its newest
checkpoint, and lists the log from just before that. Where another session made one in between, it is newer than the
version, and of what leads up to the version most is not in the list. Else a file is gone from the log.
"""


def configured(session: SparkSession) -> SparkSession:
    for name, value in CONFIGURATION.items():
        session.conf.set(name, value)
    return session


def connect(url: str, configuration: Mapping[str, str] = MappingProxyType({})) -> SparkSession:
    """A new session on the server at `sc://host:port`; a `/;token=…` behind it stays out of every message.

    `configuration` is there before the session's first call.

    Raises EngineUnreachableError at once where nothing listens: the client itself would try for minutes.
    """
    is_here = _is_on_this_machine(url)
    settings: dict[str, bool | float | int | str | None] = {**CONFIGURATION, **configuration, _MARK: "true"}
    session = SparkSession.builder.remote(url).config(map=settings).create()
    session.client.set_retry_policies(_for_single_calls() if is_here else _for_seconds())
    if is_here:
        # To take a query up again that a network broke off costs two more calls for each, and a quarter of a run's CPU.
        session.client.disable_reattachable_execute()
    return session


def _for_seconds() -> list["RetryPolicy"]:
    """For a server somewhere, whose queries are taken up again where the network broke them off."""
    # Imported where it is needed: a cluster's own session has no client.
    from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415  # see above

    return [DefaultPolicy(max_retries=_RETRIES, max_backoff=_LONGEST_WAIT)]


def _for_single_calls() -> list["RetryPolicy"]:
    """For a server on this machine, whose queries are not taken up again."""
    from pyspark.sql.connect.client.retries import DefaultPolicy, RetryPolicy  # noqa: PLC0415  # as above

    class SingleCalls(DefaultPolicy):
        """Tries no query again: the error of a stream is the stream, and what it did is not known."""

        def can_retry(self, exception: BaseException) -> bool:
            return not isinstance(exception, Iterator) and super().can_retry(exception)

    class Unbegun(RetryPolicy):
        """Tries again what has read and written nothing beside another session's checkpoint."""

        def can_retry(self, exception: BaseException) -> bool:
            return _MISSING_COMMIT in str(exception)

    return [
        SingleCalls(max_retries=_RETRIES, max_backoff=_LONGEST_WAIT),
        Unbegun(_LOOKS, _FIRST_LOOK, _LONGEST_WAIT, backoff_multiplier=2.0),
    ]


def _is_on_this_machine(url: str) -> bool:
    """Of a server that listens; raises EngineUnreachableError."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 0), _REACH_SECONDS) as connection:
            return ipaddress.ip_address(connection.getpeername()[0]).is_loopback
    except OSError as error:
        at = f"sc://{address.netloc}"
        raise EngineUnreachableError(f"there is no engine at {at}: {error.strerror or error}") from error


def is_gone(session: SparkSession) -> bool:
    """Whether a session that `connect` made is not there any more, with its server or without it."""
    try:
        session.range(1).collect()
        return session.conf.get(_MARK, None) is None
    except PySparkException:
        return True


def appears(is_there: Callable[[], bool]) -> bool:
    """Whether a table is there, or is within seconds: another session may be about to make it, in one commit."""
    for seconds in _WAITS:
        if is_there():
            return True
        time.sleep(seconds)
    return is_there()


@contextmanager
def told_of_others() -> Iterator[None]:
    """Around a commit: raises CommitConflictError where Sail made none because of another's."""
    try:
        yield
    except PySparkException as error:
        # Sail has no class for either: https://github.com/lakehq/sail, the words are those of its commit.
        if "Failed to commit transaction" in str(error):
            raise CommitConflictError("another session changed a table at the same time") from error
        if _MISSING_COMMIT in str(error):
            raise CommitConflictError(
                "a commit was missing in the table's log, as where another session writes it at the same time; if a "
                "second try says so too, a file is gone from the table's folder _delta_log"
            ) from error
        raise


def asked_for_seconds(session: SparkSession) -> SparkSession:
    """The session, which waits no longer for a server than one that `connect` made; a cluster's own waits for none."""
    if is_remote():
        session.client.set_retry_policies(_for_seconds())
    return session


def is_silent(session: SparkSession) -> bool:
    """Whether a session that `connect` did not make answers no more. Asked for seconds only: the call before that
    failed has waited as long as that session's own client does, and what comes behind may do so again.
    """
    own = session.client.get_retry_policies() if is_remote() else []
    try:
        asked_for_seconds(session).sql("SELECT 1").collect()
    except PySparkException:
        return True
    finally:
        if is_remote():
            session.client.set_retry_policies(own)
    return False

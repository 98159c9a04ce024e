"""Who may ask an engine: where it can want a token of its clients it does, and the token is told to nobody else."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from grpc import RpcError, StatusCode  # type: ignore[import-untyped]  # it ships no types
from pyspark.sql.connect.client.core import DefaultChannelBuilder
from pyspark.sql.connect.proto.base_pb2 import ConfigRequest
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub

from local.engines import engine_server
from local.errors import NoSpark
from local.processes import free_ports
from pipeline_jobs.engines.sessions import connect
from pipeline_jobs.errors import EngineUnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

_PATIENCE = 120.0


@pytest.mark.parametrize("kind", ["spark"])
def test_spark_answers_who_has_its_token(start_engine: "Callable[[str], Server]", kind: str) -> None:
    """And nobody without one or with another."""
    url = start_engine(kind).url
    bare, _, token = url.partition("/;token=")

    statuses = [_status(one) for one in (bare, f"{bare}/;token={token[:-1]}", url)]

    assert statuses == [StatusCode.UNAUTHENTICATED, StatusCode.UNAUTHENTICATED, StatusCode.OK]


def _status(url: str) -> StatusCode:
    """Of one call, as the client makes its first; a session would call on until the end of this process."""
    get = ConfigRequest.Operation(get=ConfigRequest.Get(keys=["spark.sql.shuffle.partitions"]))
    with DefaultChannelBuilder(url).toChannel() as channel:
        stub = SparkConnectServiceStub(channel)  # type: ignore[no-untyped-call]  # as above
        try:
            stub.Config(ConfigRequest(session_id=str(uuid4()), operation=get), timeout=_PATIENCE)
        except RpcError as error:
            status: StatusCode = error.code()
            return status
    return StatusCode.OK


@pytest.mark.parametrize("kind", ["spark"])
def test_a_token_is_another_one_at_each_start_and_on_no_command_line(
    tmp_path: "Path", request: pytest.FixtureRequest, kind: str
) -> None:
    """Nor among a job's parameters, which its url is; a client has it from its environment."""
    try:
        first, second = (engine_server(kind, port, tmp_path) for port in (15002, 15003))
    except NoSpark:
        request.getfixturevalue("no_spark")
        raise

    assert first.token != second.token
    assert first.token not in " ".join((*first.command, first.url, repr(first)))
    assert set(first.for_clients.values()) == {first.token}


def test_a_missing_engine_is_told_without_the_token() -> None:
    """The line stands in the log of a task."""
    [port] = free_ports(0, 1)

    with pytest.raises(EngineUnreachableError, match=f"there is no engine at sc://localhost:{port}: ") as caught:
        connect(f"sc://localhost:{port}/;token=hush")

    assert "hush" not in str(caught.value)

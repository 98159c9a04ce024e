"""A session and its server: what the client does by itself when a query breaks off, and how a new server is known."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc  # type: ignore[import-untyped]  # it ships no types
import pytest
from pyspark.errors import PySparkException
from pyspark.sql.connect.proto import base_pb2, base_pb2_grpc

from pipeline_jobs.engines.sessions import connect, is_gone


@dataclass
class BrokenServer(base_pb2_grpc.SparkConnectServiceServicer):
    """It keeps the settings of its sessions, and breaks off every query; the first `unbegun` before it begins."""

    unbegun: int = 0
    asked: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def Config(self, request: base_pb2.ConfigRequest, context: grpc.ServicerContext) -> base_pb2.ConfigResponse:  # noqa: N802  # gRPC's names
        self.settings |= {pair.key: pair.value for pair in request.operation.set.pairs}
        asked = (*request.operation.get_with_default.pairs, *request.operation.get_option.keys)
        names = [name if isinstance(name, str) else name.key for name in asked]
        pairs = [base_pb2.KeyValue(key=name, value=self.settings.get(name)) for name in names]
        return base_pb2.ConfigResponse(session_id=request.session_id, pairs=pairs)

    def ExecutePlan(self, request: base_pb2.ExecutePlanRequest, context: grpc.ServicerContext) -> None:  # noqa: N802  # gRPC's names
        self.asked.append("ExecutePlan")
        if len(self.asked) <= self.unbegun:
            context.abort(grpc.StatusCode.INTERNAL, "Missing commit file: expected version 0, found 98")
        context.abort(grpc.StatusCode.UNAVAILABLE, "the connection was lost")

    def ReattachExecute(self, request: base_pb2.ReattachExecuteRequest, context: grpc.ServicerContext) -> None:  # noqa: N802  # gRPC's names
        self.asked.append("ReattachExecute")
        context.abort(grpc.StatusCode.UNAVAILABLE, "the connection was lost")


@pytest.fixture
def broken() -> Iterator[tuple[BrokenServer, str]]:
    """The server, and its address."""
    servicer, server = BrokenServer(), grpc.server(ThreadPoolExecutor(4))
    base_pb2_grpc.add_SparkConnectServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]  # generated
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"sc://127.0.0.1:{port}"
    server.stop(None).wait()


def test_a_query_that_breaks_off_on_this_machine_is_not_made_again(broken: tuple[BrokenServer, str]) -> None:
    """What it did nobody knows: a write that was made twice would have its rows twice."""
    server, url = broken
    session = connect(url)

    with pytest.raises(PySparkException):
        session.range(1).collect()

    assert server.asked == ["ExecutePlan"]
    assert is_gone(session)
    session.client.close()


def test_a_query_that_did_not_begin_beside_a_checkpoint_is_made_again(broken: tuple[BrokenServer, str]) -> None:
    server, url = broken
    server.unbegun = 3
    session = connect(url)

    with pytest.raises(PySparkException, match="the connection was lost"):
        session.range(1).collect()

    assert server.asked == ["ExecutePlan"] * 4
    session.client.close()

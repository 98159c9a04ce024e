"""What is asked of an engine's server, by the kinds of Spark Connect's protocol."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc  # type: ignore[import-untyped]  # it ships no types
import pytest
from pyspark.sql.connect.client.core import DefaultChannelBuilder


class Requests(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]  # grpc ships no types
    """Counted as sessions send them, over channels that are opened from now on."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def intercept_unary_unary(self, go_on: Callable[..., Any], call: Any, request: Any) -> Any:  # grpc ships no types
        return self._count(go_on, call, request)

    def intercept_unary_stream(self, go_on: Callable[..., Any], call: Any, request: Any) -> Any:  # as above
        return self._count(go_on, call, request)

    def _count(self, go_on: Callable[..., Any], call: Any, request: Any) -> Any:  # as above
        self.counted[call.method.rpartition("/")[2]] += 1
        return go_on(call, request)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    found, opened = Requests(), DefaultChannelBuilder.toChannel
    monkeypatch.setattr(
        DefaultChannelBuilder, "toChannel", lambda builder: grpc.intercept_channel(opened(builder), found)
    )
    return found

"""Trouble on the way to the workspace and back, for tests of what its clients do then."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Passage:
    """A request at one of the two points where a fault may strike."""

    when: Literal["before", "after"]
    method: str
    path: str


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the workspace's own; databricks-sdk waits `retry_after` seconds after a 429 or 503."""

    status: int
    code: str
    retry_after: int = 0
    message: str = "on purpose"


@dataclass(frozen=True)
class LostConnection:
    """The connection breaks without an answer."""


@dataclass(frozen=True)
class ForeignAnswer:
    """An answer that the workspace itself would not give: a proxy's page, another product's JSON."""

    status: int
    body: bytes
    content_type: str = "application/json"


Fault = Refusal | LostConnection | ForeignAnswer
Faults = Callable[[Passage], Fault | None]
"""Asked twice for each request that comes: what befalls it here? None lets it pass.

A fault *before* keeps the request from having any effect: Refusal(429, "REQUEST_LIMIT_EXCEEDED"), Refusal(503,
"TEMPORARILY_UNAVAILABLE"), LostConnection(). A fault *after* leaves the effect as it is, and only the answer is lost or
another one - what a client that posts again must survive. The callable may count and remember; calls come from many
threads.
"""


def no_faults(_: Passage) -> None:
    """Let everything pass."""


class FaultyWay:
    """A WSGI application that stands before another one and asks for faults."""

    def __init__(self, application: "WSGIApplication", faults: Faults) -> None:
        self._application = application
        self._faults = faults

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, or not."""
        fault = self._faults(Passage("before", environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if fault is not None:
            # The body is read all the same: bytes left unread would reset the connection.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return _strike(fault, start_response)
        return self._after(environ, start_response)

    def _after(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        kept: list[tuple[str, list[tuple[str, str]]]] = []

        def keep(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            kept.append((status, headers))
            return lambda _: None

        answer = list(self._application(environ, keep))
        fault = self._faults(Passage("after", environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if fault is not None:
            yield from _strike(fault, start_response)
            return
        start_response(*kept[-1])
        yield from answer


def _strike(fault: Fault, start_response: "StartResponse") -> Iterable[bytes]:
    if isinstance(fault, LostConnection):
        # werkzeug's server takes this for a client that went away, and closes the connection.
        raise ConnectionAbortedError
    if isinstance(fault, ForeignAnswer):
        told = [("Content-Type", fault.content_type), ("Content-Length", str(len(fault.body)))]
        start_response(f"{fault.status} Fault", told)
        return [fault.body]
    body = json.dumps({"error_code": fault.code, "message": f"{fault.code}, {fault.message}"}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{fault.status} Fault", [*headers, ("Retry-After", str(fault.retry_after))])
    return [body]

"""The pages on a port, until they are told to stop."""

import ipaddress
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import WSGIRequestHandler, make_server

from ingest.board.access import Access
from ingest.board.app import new_app
from ingest.board.watch import Watch
from ingest.targets.errors import TargetError
from ingest.targets.target import Target

_LOCAL_EVERY, _DEPLOYED_EVERY = 0.4, 5.0
"""Seconds between two looks: a stack's own servers answer at once, a workspace counts what it is asked."""
_FIRST_PAINT = 0.6


class _Quiet(WSGIRequestHandler):
    """No line for each request: their addresses have names of files in them."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Where:
    """The address that opens the first page; it has the token, where there is one."""

    address: str
    port: int


@contextmanager
def serving(
    target: Target,
    host: str,
    port: int,
    patience: float = _FIRST_PAINT,
    *,
    may_change: bool = False,
    may_upload: bool = False,
) -> Iterator[Where]:
    """In threads of its own; port 0 takes a free one. Raises TargetError where it cannot listen there.

    Pages that may change something have a token in the address wherever they listen: on this machine are others, too.

    A page waits for new answers no longer than `patience` seconds, and shows what there is.
    """
    listener = _listener(host, port)
    taken = int(listener.getsockname()[1])
    token = "" if _is_loopback(host) and not may_change else secrets.token_urlsafe(24)
    watch = Watch(target, _LOCAL_EVERY if target.name == "local" else _DEPLOYED_EVERY, patience)
    app = new_app(target, watch, Access(taken, token), may_change=may_change, may_upload=may_upload)
    server = make_server(host, taken, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
    threading.Thread(target=watch.look, name="board-first-look", daemon=True).start()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield Where(f"http://{_written(host)}:{taken}/{f'?token={token}' if token else ''}", taken)
    finally:
        server.shutdown()
        thread.join()
        listener.close()


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        raise TargetError(
            f"cannot listen on {host}, port {port}: {error}; name others with --host and --port"
        ) from error
    return listener


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host

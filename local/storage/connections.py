"""HTTP/1.1 connections that stay open between requests.

Werkzeug's own handler closes each connection, since it does not know where a request's body ends when the
application leaves some of it unread. This one reads the rest itself.
"""

import socket
from collections.abc import Iterable
from io import BufferedIOBase
from threading import Condition
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

_PIECE = 1 << 16
_GRACE_SECONDS = 5


class _Body:
    """The body of a request by its Content-Length; ClientDisconnected if it ends before."""

    def __init__(self, source: BufferedIOBase, length: int) -> None:
        self._source = source
        self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._source.read(wanted) if wanted else b""
        if len(data) < wanted:
            raise ClientDisconnected
        self._left -= len(data)
        return data


class KeepAliveHandler(WSGIRequestHandler):
    """Answers one request after the other of a connection, and logs none of them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second must not wait for an answer

    def run_wsgi(self) -> None:
        """Hand one request to the application and send what it answers."""
        environ = self.make_environ()
        body: _Body | DechunkedInput = _Body(self.rfile, int(environ.get("CONTENT_LENGTH") or 0))
        if isinstance(environ["wsgi.input"], DechunkedInput):
            body = environ["wsgi.input"]
        environ["wsgi.input"] = body
        environ["wsgi.input_terminated"] = True
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        answer: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            answer[:] = [status, headers]

        pieces = self.server.app(environ, start_response)
        try:
            self._send_head(*answer)
            self._send_body(pieces, *answer)
            while body.read(_PIECE):
                pass
        except ClientDisconnected:
            self.close_connection = True
        finally:
            getattr(pieces, "close", bool)()

    def _send_head(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self._is_chunked(status, headers):
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send_body(self, pieces: Iterable[bytes], status: str, headers: list[tuple[str, str]]) -> None:
        chunked = self._is_chunked(status, headers)
        for piece in pieces:
            if piece and chunked:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            elif piece:
                self.wfile.write(piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _is_chunked(self, status: str, headers: list[tuple[str, str]]) -> bool:
        has_length = any(name.lower() == "content-length" for name, _ in headers)
        return not has_length and self.command != "HEAD" and status[:3] not in {"204", "304"}

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as werkzeug names it
        """Requests are not logged: whoever wants to see them asks through the faults."""


class KeepAliveServer(ThreadedWSGIServer):
    """A thread per connection on an own socket; closing it lets each request that has begun come to its end."""

    def __init__(self, listening: socket.socket, app: WSGIApplication) -> None:
        self._connections: set[socket.socket] = set()
        self._changed = Condition()
        host, port = listening.getsockname()
        super().__init__(host, port, app, handler=KeepAliveHandler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in its own thread."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection whose thread is done."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def server_close(self) -> None:
        """Accept nothing more, and wait until the open connections have had their answers."""
        super().server_close()
        with self._changed:
            for connection in self._connections:
                _stop_reading(connection)
            self._changed.wait_for(lambda: not self._connections, timeout=_GRACE_SECONDS)


def _stop_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # the other end was faster

"""What BigQuery refuses for a moment is asked for again, by requests and by uploads; any other no is final."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline_jobs.errors import WarehouseRefusedError
from pipeline_jobs.publishing.upload import upload
from pipeline_jobs.publishing.wire import Wire

PASSING = ["rateLimitExceeded", "jobRateLimitExceeded", "backendError"]


@dataclass
class Refusing:
    """Refuses so many requests by 403 and this reason, those that begin an upload excepted."""

    reason: str
    left: int
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str) -> tuple[int, dict[str, object]]:
        self.asked.append(method)
        if self.left:
            self.left -= 1
            return 403, {"error": {"code": 403, "errors": [{"reason": self.reason}]}}
        return 200, {"is": "done"}


@contextmanager
def _serving(refusing: Refusing) -> Iterator[Wire]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            # A question how far the upload is.
            is_asked = self.headers.get("content-range", "").startswith("bytes */")
            self._send(*((308, {}) if is_asked else refusing.answer("PUT")))

        def do_GET(self) -> None:
            self._send(*refusing.answer("GET"))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._send(200, {}, {"location": f"{base}/session"})

        def _send(self, status: int, document: dict[str, object], headers: dict[str, str] | None = None) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the signature of http.server
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Wire(base, None, lambda _: None)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("reason", PASSING)
def test_what_passes_is_asked_for_again(tmp_path: Path, reason: str) -> None:
    """A limit of requests is told by the status of a missing right."""
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    refusing, refusing_too = Refusing(reason, 3), Refusing(reason, 3)

    with _serving(refusing) as wire:
        answer = wire.ask("GET", "/jobs/1")
    with _serving(refusing_too) as wire:
        uploaded = upload(wire, "/upload", {}, file)

    assert (answer.document, uploaded.document) == ({"is": "done"}, {"is": "done"})
    assert (refusing.asked, refusing_too.asked) == (["GET"] * 4, ["PUT"] * 4)


def test_a_missing_right_is_final(tmp_path: Path) -> None:
    """It is asked for once, and told by BigQuery's reason; so is a limit that does not pass, after five requests."""
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    for reason, times in {"accessDenied": 1, "rateLimitExceeded": 5}.items():
        refusing = Refusing(reason, 99)
        with _serving(refusing) as wire, pytest.raises(WarehouseRefusedError, match=reason) as refused:
            wire.ask("GET", "/jobs/1")
        assert (len(refusing.asked), refused.value.reason) == (times, reason)
    refusing = Refusing("accessDenied", 99)
    with _serving(refusing) as wire, pytest.raises(WarehouseRefusedError, match="accessDenied"):
        upload(wire, "/upload", {}, file)
    assert refusing.asked == ["PUT"]

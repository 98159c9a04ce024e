"""Google's metadata server as a function meets it: ID tokens for whatever audience it asks, over plain HTTP."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity"
_SIGNATURE = "signed-by-google"


@dataclass
class MetadataServer:
    """Says of whoever asks that it is `subject`; `audiences` are those that were asked for, in order.

    `status` is what it answers with; while `speaks` is cleared, it does not.
    """

    subject: str = "function-account"
    status: int = 200
    audiences: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    speaks: threading.Event = field(default_factory=threading.Event)
    host: str = ""

    def id_token(self, audience: str) -> str:
        """Three parts as of a JWT; the last one is no signature."""
        claims = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "sub": self.subject,
            "exp": int(time.time()) + 3600,
        }
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
        self.given.append(".".join((*parts, _SIGNATURE)))
        return self.given[-1]


@pytest.fixture
def metadata() -> Iterator[MetadataServer]:
    """A running one."""
    said = MetadataServer()
    said.speaks.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.speaks.wait(60)
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            known = parts.path == _PATH and self.headers["Metadata-Flavor"] == "Google"
            [audience] = query.get("audience", [""])
            said.audiences.append(audience)
            body = said.id_token(audience).encode()
            self.send_response(said.status if known else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        said.host = f"127.0.0.1:{server.server_port}"
        yield said
        said.speaks.set()
        server.shutdown()
        thread.join()

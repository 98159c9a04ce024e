"""`ingest sweep` in Google Cloud, by the scheduler's job; at a stack: test_ingest_undo.py."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from ingest.operating.sweep import job_name, run_job
from ingest.targets.errors import TargetError

NAME = "projects/shop/locations/europe-west3/jobs/ingest-prod-sweep"


@dataclass
class Scheduler:
    """Answers like Cloud Scheduler: knows one job, and takes one token."""

    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def _scheduler() -> Iterator[Scheduler]:
    scheduler = Scheduler()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            scheduler.requests.append((self.path, self.headers["authorization"]))
            is_known = self.path == f"/v1/{NAME}:run"
            body = {"name": NAME} if is_known else {"error": {"code": 404, "message": "Job not found."}}
            content = json.dumps(body).encode()
            self.send_response(200 if is_known else 404)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        scheduler.url = f"http://127.0.0.1:{server.server_port}"
        yield scheduler
        server.shutdown()
        thread.join()


def _session() -> AuthorizedSession:
    return AuthorizedSession(Credentials(token="of-an-operator"))  # type: ignore[no-untyped-call]  # google-auth leaves it bare


def test_the_job_of_the_scheduler_is_run_as_the_operator() -> None:
    """By its full name, which the deployment's is a part of."""
    with _scheduler() as scheduler:
        run_job(_session(), job_name("shop", "europe-west3", "ingest-prod"), scheduler.url)

    assert scheduler.requests == [(f"/v1/{NAME}:run", "Bearer of-an-operator")]


def test_what_the_scheduler_refuses_is_told_in_its_words() -> None:
    """A name is no more than a name, whatever it holds."""
    with _scheduler() as scheduler, pytest.raises(TargetError, match=r"answered 404 .*: Job not found"):
        run_job(_session(), job_name("shop", "europe-west3", "../ingest?x="), scheduler.url)

    [(path, _)] = scheduler.requests
    assert path == "/v1/projects/shop/locations/europe-west3/jobs/..%2Fingest%3Fx%3D-sweep:run"


def test_what_is_not_said_is_asked_for() -> None:
    """All of it at once."""
    with pytest.raises(TargetError) as caught:
        job_name("shop", "", "")

    assert "--region (INGEST_REGION), --deployment (INGEST_DEPLOYMENT)" in str(caught.value)

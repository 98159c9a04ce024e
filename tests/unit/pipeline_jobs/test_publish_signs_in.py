"""publish signs in by the credential that the deployment names; a server in BigQuery's place gets no token."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from pipeline_jobs.errors import WarehouseRefusedError, WarehouseUnreachableError, WrongParametersError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.publishing.credential import ServiceCredential, signed_in
from pipeline_jobs.publishing.wire import GOOGLE

PUBLISHED = {"publish_to": "shop-data.published", "publish_location": "europe-west3", "publish_credential": "c"}


def _parameters(**publish: str) -> Parameters:
    plain = {field.name: "x" for field in fields(Parameters) if field.name != "operation"}
    return Parameters(operation=None, **{**plain, **PUBLISHED, **publish})


def test_what_is_missing_is_named() -> None:
    """With the form that it must have: a deployment without the settings has not the task either."""
    with pytest.raises(WrongParametersError, match=r"PROJECT\.DATASET.*publish_to='shop-data'"):
        signed_in(_parameters(publish_to="shop-data"), None)
    with pytest.raises(WrongParametersError, match="missing: publish_location, publish_credential"):
        signed_in(_parameters(publish_location="", publish_credential=""), None)


def test_a_server_in_bigquery_s_place_gets_no_token() -> None:
    """It is asked over plain HTTP; Google over TLS, with a token each time."""
    there, google = signed_in(_parameters(), "127.0.0.1:9050"), signed_in(_parameters(), None)

    assert (there.wire.base, there.wire.token) == ("http://127.0.0.1:9050", None)
    assert (google.wire.base, google.wire.token is None) == (GOOGLE, False)
    assert (google.project, google.name, google.location) == ("shop-data", "published", "europe-west3")


@contextmanager
def _workspace(
    answer: dict[str, Any], asked: list[Any], refused: dict[str, str] | None = None, status: int = 403
) -> Iterator[Callable[[], WorkspaceClient]]:
    """A workspace that gives tokens, or refuses them, and notes what it was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, body, self.headers["authorization"]))
            if refused is not None:
                self._send(refused, status)
                return
            self._send(answer | {"gcp_oauth_token": answer["gcp_oauth_token"] and {"oauth_token": f"t{len(asked)}"}})

        def do_GET(self) -> None:
            self._send({})

        def _send(self, document: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the signature of http.server
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        host = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            config = Config(host=host, token="of-the-task", retry_timeout_seconds=1)
            yield lambda: WorkspaceClient(config=config)
        finally:
            server.shutdown()
            thread.join()


def test_a_token_is_asked_for_when_the_last_one_ends() -> None:
    """By the credential's name and for BigQuery alone; it shows in no text of the object."""
    asked: list[Any] = []
    now = [1_000.0]
    with _workspace({"expiration_time": 4_600_000, "gcp_oauth_token": {"x": 1}}, asked) as client:
        credential = ServiceCredential(client, "ingest-bigquery", lambda: now[0])

        tokens = [credential.token(), credential.token()]
        now[0] = 4_400.0
        tokens.append(credential.token())

    assert tokens == ["t1", "t1", "t2"]
    scope = {"scopes": ["https://www.googleapis.com/auth/bigquery"]}
    body = {"credential_name": "ingest-bigquery", "gcp_options": scope}
    assert asked[0] == ("/api/2.1/unity-catalog/temporary-service-credentials", body, "Bearer of-the-task")
    assert "t2" not in repr(credential)


def test_a_missing_right_on_the_credential_is_told() -> None:
    """With the credential's name and the right's, whatever the workspace says."""
    refused = {"error_code": "PERMISSION_DENIED", "message": "User does not have it"}
    with _workspace({}, [], refused) as client:
        credential = ServiceCredential(client, "ingest-bigquery", lambda: 1_000.0)

        with pytest.raises(WarehouseRefusedError, match=r"ingest-bigquery \(PermissionDenied\): .* ACCESS on it"):
            credential.token()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (500, "INTERNAL_ERROR", "InternalError"),
        (503, "TEMPORARILY_UNAVAILABLE", "TimeoutError"),
        (429, "RESOURCE_EXHAUSTED", "TimeoutError"),
    ],
)
def test_a_workspace_that_does_not_answer_for_now_is_no_missing_right(status: int, code: str, said: str) -> None:
    """Nobody looks for one: the next run publishes."""
    with _workspace({}, [], {"error_code": code, "message": "later"}, status) as client:
        credential = ServiceCredential(client, "ingest-bigquery", lambda: 1_000.0)

        with pytest.raises(WarehouseUnreachableError, match=rf"ingest-bigquery for now \({said}\)"):
            credential.token()


def test_a_credential_of_another_cloud_is_told() -> None:
    """It gives tokens, but none of Google's."""
    with _workspace({"expiration_time": 4_600_000, "gcp_oauth_token": None}, []) as client:
        credential = ServiceCredential(client, "of-aws", lambda: 1_000.0)

        with pytest.raises(WarehouseRefusedError, match="of-aws gives no token of Google's"):
            credential.token()

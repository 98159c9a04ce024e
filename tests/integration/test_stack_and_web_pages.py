"""No web page can drive the local stack: what a browser would send for one is refused by each of its servers."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from local.events import Event
from local.running import RunningStack
from local.settings import LANDING, StackSettings
from local.stack import Stack
from local.workspace.server import WorkspaceServer

FORM = "application/x-www-form-urlencoded"
UPLOAD = f"/upload/storage/v1/b/{LANDING}/o"

REQUESTS = [
    ("storage", "GET", "/storage/v1/b"),
    ("storage", "GET", f"/download/storage/v1/b/{LANDING}/o/page.html?alt=media"),
    ("storage", "HEAD", f"/storage/v1/b/{LANDING}/o/page.html?alt=media"),
    ("storage", "POST", "/storage/v1/b"),
    ("storage", "POST", f"{UPLOAD}?uploadType=media&name=from_a_page.csv"),
    ("storage", "POST", f"{UPLOAD}?uploadType=resumable&name=from_a_page.csv"),
    ("storage", "PUT", f"{UPLOAD}?upload_id=1"),
    ("storage", "DELETE", f"/storage/v1/b/{LANDING}/o/page.html"),
    ("storage", "OPTIONS", "/storage/v1/b"),
    ("storage", "POST", "/batch/storage/v1"),
    ("storage", "GET", "/nowhere"),
    ("workspace", "GET", "/.well-known/databricks-config"),
    ("workspace", "POST", "/oidc/v1/token"),
    ("workspace", "POST", "/api/2.2/jobs/create"),
    ("workspace", "GET", "/api/2.2/jobs/list"),
    ("workspace", "DELETE", "/api/2.2/jobs/list"),
    ("workspace", "OPTIONS", "/api/2.2/jobs/run-now"),
    ("workspace", "GET", "/nowhere"),
    ("function", "POST", "/"),
    ("function", "GET", "/"),
    ("function", "GET", "/robots.txt"),
    ("function", "OPTIONS", "/"),
    ("sweep", "POST", "/"),
    ("sweep", "POST", "/any/path"),
]
OF_A_PAGE = {
    "another host": {"Host": "page.example"},
    "another port": {"Host": "127.0.0.1:1"},
    "another origin": {"Origin": "https://page.example"},
    "no origin to tell": {"Origin": "null"},
    "an image": {"Sec-Fetch-Site": "cross-site"},
    "another port's page": {"Sec-Fetch-Site": "same-site"},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack with one object in landing, a page; nobody is told of objects."""
    with Stack(StackSettings(tmp_path_factory.mktemp("stack")), os.environ) as running, running.delivery.held():
        _client(running).bucket(LANDING).blob("page.html").upload_from_string("<script>", content_type="text/html")
        yield running


def _client(stack: Stack) -> Client:
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
    return Client(project="local", credentials=nobody, client_options={"api_endpoint": stack.running.storage_url})


def _addresses(running: RunningStack) -> dict[str, str]:
    urls = {
        "storage": running.storage_url,
        "workspace": running.workspace_url,
        "function": running.function_url,
        "sweep": running.sweep_url,
        "engine": running.engine_url,
    }
    return {name: url.partition("://")[2] for name, url in urls.items()}


def _ask(address: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    connection = HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("headers", OF_A_PAGE.values(), ids=OF_A_PAGE)
@pytest.mark.parametrize(("server", "method", "path"), REQUESTS)
def test_a_request_of_a_page_is_refused(
    stack: Stack, server: str, method: str, path: str, headers: dict[str, str]
) -> None:
    """Before anything else of it is looked at, with one line, and nothing that lets the page read even that."""
    token = {"Authorization": f"Bearer {stack.running.token}", "Content-Type": FORM}
    body = b"{}" if method in ("POST", "PUT") else None

    answer = _ask(_addresses(stack.running)[server], method, path, token | headers, body)

    assert answer.status == 403
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []
    assert (answer.body == b"") == (method == "HEAD")


def test_what_a_page_sends_has_no_effect(stack: Stack) -> None:
    """An upload is none, and no function is called: the sweep would have answered 200."""
    addresses = _addresses(stack.running)
    origin = {"Origin": "https://page.example", "content-type": "text/plain"}
    tick = Event(id="1", type="t", source="//s", subject="", time="2026-03-02T08:00:00Z", body=b"{}")

    _ask(addresses["storage"], "POST", f"{UPLOAD}?uploadType=media&name=from_a_page.csv", origin, b"a")
    swept = _ask(addresses["sweep"], "POST", "/", tick.headers | origin, tick.body)
    same_without_a_page = _ask(addresses["sweep"], "POST", "/", tick.headers, tick.body)

    assert [blob.name for blob in _client(stack).list_blobs(LANDING)] == ["page.html"]
    assert (swept.status, same_without_a_page.status) == (403, 200)


def test_a_refusal_is_worded_as_each_api_words_its_errors(stack: Stack) -> None:
    """So that a client of another make that is refused by mistake shows the reason."""
    addresses = _addresses(stack.running)
    host = {"Host": "page.example"}

    answers = {name: _ask(addresses[name], "GET", "/", host) for name in ("storage", "workspace", "function")}

    said = {name: json.loads(answer.body) for name, answer in answers.items()}
    why = said["function"]["error"]
    assert why.startswith("The Host of a request must be one of 127.0.0.1:")
    assert said["storage"]["error"]["errors"][0]["reason"] == "forbidden"
    assert said["workspace"]["error_code"] == "PERMISSION_DENIED"
    assert {type(said["storage"]["error"]["message"]), type(said["workspace"]["message"])} == {str}


@pytest.mark.parametrize("server", ["storage", "workspace"])
def test_the_names_of_this_machine_are_answered(stack: Stack, server: str) -> None:
    """As every client on it may write them."""
    address = _addresses(stack.running)[server]
    port = address.rpartition(":")[2]
    paths = {"storage": "/storage/v1/b", "workspace": "/.well-known/databricks-config"}

    statuses = [
        _ask(address, "GET", paths[server], {"Host": f"{name}:{port}"}).status for name in ("127.0.0.1", "localhost")
    ]

    assert statuses == [200, 200]


def test_an_object_is_an_attachment_and_never_a_page(stack: Stack) -> None:
    """Opened in a browser it would act in the name of the storage; the real client takes it as before."""
    blob = _client(stack).bucket(LANDING).blob("page.html")
    address = _addresses(stack.running)["storage"]
    said = []
    for disposition in (None, 'inline; filename="page.html"'):
        blob.content_disposition = disposition
        blob.patch()
        for path in ("/storage/v1", "/download/storage/v1"):
            answer = _ask(address, "GET", f"{path}/b/{LANDING}/o/page.html?alt=media", {})
            assert answer.body == b"<script>"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            said.append(answer.headers["Content-Disposition"])

    assert said == ["attachment", "attachment", *['attachment; filename="page.html"'] * 2]
    assert (blob.download_as_bytes(), blob.content_type) == (b"<script>", "text/html")


def test_the_real_clients_notice_nothing(stack: Stack) -> None:
    """Nor does a function that they call through their events: the other tests of the stack are about that."""
    blob = _client(stack).bucket(LANDING).blob("large.csv", chunk_size=256 * 1024)

    blob.upload_from_string(b"x" * 600_000)

    assert blob.download_as_bytes() == b"x" * 600_000
    blob.delete()
    assert len(list(WorkspaceClient(host=stack.running.workspace_url, token=stack.running.token).jobs.list())) > 0


def test_the_engine_speaks_no_http_that_a_page_can_have_sent(stack: Stack) -> None:
    """Sail takes neither a token nor a socket's file; but a browser speaks HTTP/2 over TLS alone.

    What it sends without TLS is HTTP/1.1, as here, and the engine hangs up on that.
    """
    host, _, port = _addresses(stack.running)["engine"].partition(":")
    call = b"POST /spark.connect.SparkConnectService/ExecutePlan HTTP/1.1\r\nHost: %b\r\nContent-Length: 0\r\n\r\n"
    upgrade = (
        b"GET / HTTP/1.1\r\nHost: %b\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n"
    )

    said = [_said(host, int(port), sent % host.encode()) for sent in (call, upgrade)]

    assert [answer for answer in said if b"HTTP/1" in answer] == []


def _said(host: str, port: int, sent: bytes) -> bytes:
    """All that a server says to these bytes before it ends the connection."""
    said = b""
    with socket.create_connection((host, port), timeout=30) as connection:
        connection.sendall(sent)
        try:
            while piece := connection.recv(4096):
                said += piece
        except ConnectionResetError:
            return said
    return said


def test_every_server_listens_on_the_loopback_address_alone(stack: Stack) -> None:
    """No other machine reaches one."""
    ports = {int(address.rpartition(":")[2]) for address in _addresses(stack.running).values()}

    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) in ports
    ]

    assert {address.rpartition(":")[0] for address in listening} == {"0100007F"}
    assert len(listening) == len(ports) == 5


def test_tokens_are_random_and_for_the_eyes_of_the_user(stack: Stack) -> None:
    """Another one at each start, in files and folders that nobody else can read or enter."""
    root = stack.settings.root
    tokens = {stack.running.token, WorkspaceServer(root.parent / "another").token}

    kept = [root / "stack.json", root / "workspace" / "token"]
    assert len(tokens) == 2
    assert [path for path in kept if stack.running.token not in path.read_text()] == []
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in root.iterdir() if path.is_dir()} == {0o700}


def test_no_token_is_on_a_command_line(stack: Stack) -> None:
    """Everybody on the machine can read those."""
    command = ["ps", "-A", "-ww", "-o", "args="]

    lines = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.splitlines()

    assert any("local.functions on_sweep" in line for line in lines)
    assert [line for line in lines if stack.running.token in line] == []

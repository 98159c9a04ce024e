"""The local storage under many requests at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from google.api_core.exceptions import PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import ObjectResource, StorageServer

THREADS = 12
T = TypeVar("T")


@dataclass
class Cloud:
    """A running storage with a versioned bucket `landing` and a plain bucket `lake`, and its client."""

    root: Path
    server: StorageServer
    client: storage.Client
    events: list[ObjectResource]

    @property
    def landing(self) -> storage.Bucket:
        return self.client.bucket("landing")

    @property
    def lake(self) -> storage.Bucket:
        return self.client.bucket("lake")


def client_of(server: StorageServer) -> storage.Client:
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
    return storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    events: list[ObjectResource] = []
    with StorageServer(tmp_path, plain=["lake"], on_finalized=events.append) as server:
        server.create_bucket("landing", versioning=True)
        server.create_bucket("lake")
        client = client_of(server)
        yield Cloud(tmp_path, server, client, events)
        client.close()


def at_once(act: Callable[[int], T]) -> list[T]:
    """Call `act` with 0 … THREADS - 1, all at the same moment."""
    barrier = Barrier(THREADS)

    def wait_and_act(number: int) -> T:
        barrier.wait(timeout=10)
        return act(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(wait_and_act, range(THREADS)))


def outcome(act: Callable[[], object]) -> str:
    """Whether the request was let through."""
    try:
        act()
    except PreconditionFailed:
        return "refused"
    return "done"


@pytest.mark.parametrize("bucket", ["landing", "lake"])
def test_exactly_one_of_many_creates_a_name(cloud: Cloud, bucket: str) -> None:
    """`if_generation_match=0` lets one through, in an ordinary bucket and in a plain one."""
    one = cloud.client.bucket(bucket).blob

    outcomes = at_once(
        lambda number: outcome(lambda: one("one.csv").upload_from_string(f"from {number}", if_generation_match=0))
    )

    assert sorted(outcomes) == ["done"] + ["refused"] * (THREADS - 1)
    assert one("one.csv").download_as_bytes().decode() == f"from {outcomes.index('done')}"
    assert len(cloud.events) == 1


def test_exactly_one_of_many_rewrites_admits_a_generation(cloud: Cloud) -> None:
    """Duplicates of an event copy once."""
    source = cloud.landing.blob("a.csv")
    source.upload_from_string(b"abc")

    outcomes = at_once(
        lambda _: outcome(lambda: cloud.lake.blob("source/a.csv").rewrite(source, if_generation_match=0))
    )

    assert sorted(outcomes) == ["done"] + ["refused"] * (THREADS - 1)
    assert (cloud.root / "lake/source/a.csv").read_bytes() == b"abc"


def test_parallel_uploads_of_one_name_are_generations_of_their_own(cloud: Cloud) -> None:
    """Nobody's bytes are mixed with another's, and none are lost."""

    def upload(number: int) -> None:
        cloud.landing.blob("a.csv").upload_from_string(f"{number}," * 1000)

    at_once(upload)

    versions = list(cloud.client.list_blobs("landing", versions=True))
    texts = {blob.download_as_bytes().decode() for blob in versions}
    assert texts == {f"{n}," * 1000 for n in range(THREADS)}
    assert len({blob.generation for blob in versions}) == THREADS
    assert sum(blob.time_deleted is None for blob in versions) == 1


def test_a_connection_is_used_for_many_requests(cloud: Cloud) -> None:
    """Also when the application leaves a body unread, as for a request that it refuses."""
    connection = HTTPConnection("127.0.0.1", int(cloud.server.url.rpartition(":")[2]), timeout=5)
    connection.connect()
    socket = connection.sock

    statuses = []
    for method, path in (("GET", "b/landing"), ("POST", "nothing/here"), ("POST", "b"), ("HEAD", "b/landing")):
        connection.request(method, f"/storage/v1/{path}", body=b"x" * 500_000 if method == "POST" else None)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)

    assert statuses == [200, 501, 400, 200]
    assert connection.sock is socket
    connection.close()


def test_a_server_that_stops_closes_connections_that_wait(tmp_path: Path) -> None:
    """An idle client does not hold the server up, and the port and the folder are free again."""
    server = StorageServer(tmp_path)
    server.start()
    port = int(server.url.rpartition(":")[2])
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/storage/v1/b")
    assert connection.getresponse().read()

    server.stop()

    assert connection.sock.recv(1) == b""
    connection.close()
    with StorageServer(tmp_path, port) as again:
        assert again.url == f"http://127.0.0.1:{port}"


def test_a_bucket_is_made_once_however_often_the_stack_starts(tmp_path: Path) -> None:
    """What it holds stays; the versioning is what the newest start says."""
    for versioning in (False, True):
        with StorageServer(tmp_path) as server:
            server.create_bucket("landing", versioning=versioning)
            server.create_bucket("landing", versioning=versioning)
            client = client_of(server)
            client.bucket("landing").blob("a.csv").upload_from_string(b"a")

            assert client.get_bucket("landing").versioning_enabled is versioning
            assert len(list(client.list_blobs("landing", versions=True))) == 1 + versioning
            client.close()

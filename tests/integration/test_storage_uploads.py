"""Uploads to the local storage by google-cloud-storage, with answers lost on the way."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import BadRequest, ServiceUnavailable
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types
from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped] # it has no types

from local.storage import Fault, Moment, ObjectResource, Operation, StorageServer

CHUNK = 256 * 1024
AT_ONCE = DEFAULT_RETRY.with_delay(initial=0.01, maximum=0.01)


@dataclass
class Plan:
    """Faults to come, in order, by kind and moment; and every operation that was asked about."""

    faults: dict[tuple[str, Moment], list[Fault | None]] = field(default_factory=dict)
    seen: list[Operation] = field(default_factory=list)

    def __call__(self, operation: Operation, moment: Moment) -> Fault | None:
        if moment is Moment.BEFORE:
            self.seen.append(operation)
        waiting = self.faults.get((operation.kind, moment), [])
        return waiting.pop(0) if waiting else None


@dataclass
class Cloud:
    """A running storage with the faults that are planned for it, and its client."""

    root: Path
    server: StorageServer
    client: storage.Client
    plan: Plan
    events: list[ObjectResource]

    @property
    def landing(self) -> storage.Bucket:
        return self.client.bucket("landing")


def client_of(server: StorageServer) -> storage.Client:
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
    return storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    plan, events = Plan(), list[ObjectResource]()
    with StorageServer(tmp_path, on_finalized=events.append, faults=plan) as server:
        server.create_bucket("landing", versioning=True)
        client = client_of(server)
        yield Cloud(tmp_path, server, client, plan, events)
        client.close()


def test_damaged_uploads_are_refused(cloud: Cloud) -> None:
    """A checksum that the sender gives must hold, in one request and in chunks."""
    blob = cloud.landing.blob("a.csv")
    blob.crc32c = "AAAAAA=="

    with pytest.raises(BadRequest):
        blob.upload_from_string(b"a", checksum=None)

    assert not cloud.landing.blob("a.csv").exists()


@pytest.mark.parametrize("checksum", ["md5", "crc32c"])
def test_an_upload_in_chunks_that_is_damaged_on_its_way_is_refused(cloud: Cloud, checksum: str) -> None:
    """Its last request says what all of it is to be; neither an object nor an event comes of it."""
    session = begin(cloud)
    said = {"md5": "AAAAAAAAAAAAAAAAAAAAAA==", "crc32c": "AAAAAA=="}[checksum]

    damaged = requests.put(
        session, data=b"ab", headers={"content-range": "bytes 0-1/2", "x-goog-hash": f"{checksum}={said}"}, timeout=9
    )

    assert damaged.status_code == 400
    assert list(cloud.client.list_blobs("landing")) == []
    assert cloud.events == []


@pytest.mark.parametrize("is_known", [True, False], ids=["size known", "size unknown"])
def test_a_resumable_upload_arrives_whole(cloud: Cloud, is_known: bool) -> None:
    """In chunks, with and without a size that is known before."""
    data = random.Random(2).randbytes(9_000_000)
    blob = cloud.landing.blob("a.bin", chunk_size=1 << 20)

    blob.upload_from_file(BytesIO(data), size=len(data) if is_known else None)

    assert cloud.landing.blob("a.bin").download_as_bytes() == data
    assert [event["size"] for event in cloud.events] == ["9000000"]
    assert sum(operation.kind == "upload_chunk" for operation in cloud.plan.seen) == 9


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("chunk", range(4))
@pytest.mark.parametrize("moment", list(Moment))
def test_a_resumable_upload_survives_lost_chunks_and_answers(
    cloud: Cloud, chunk: int, moment: Moment, fault: Fault
) -> None:
    """The client sends a chunk again when its answer is lost; what is there already is skipped."""
    data = random.Random(3).randbytes(1_000_000)
    cloud.plan.faults[("upload_chunk", moment)] = [None] * chunk + [fault, fault]
    blob = cloud.landing.blob("a.bin", chunk_size=256 * 1024)

    blob.upload_from_file(BytesIO(data), if_generation_match=0, retry=AT_ONCE)

    assert cloud.landing.blob("a.bin").download_as_bytes() == data
    assert [event["name"] for event in cloud.events] == ["a.bin"]


def test_an_upload_goes_on_where_it_stood(cloud: Cloud) -> None:
    """A question for the state of a session is answered with the range that is there."""
    session = begin(cloud)
    first, second = b"a" * CHUNK, b"b" * CHUNK
    size = 2 * CHUNK + 2

    answers = [
        put(session, b"", "bytes */*"),
        put(session, first, f"bytes 0-{CHUNK - 1}/*"),
        put(session, first + second, f"bytes 0-{2 * CHUNK - 1}/*"),
        put(session, b"", f"bytes */{size}"),
        put(session, second, f"bytes {3 * CHUNK}-{4 * CHUNK - 1}/*"),
        put(session, b"cc", f"bytes {2 * CHUNK}-{size - 1}/{size}"),
        put(session, b"cc", f"bytes {2 * CHUNK}-{size - 1}/{size}"),
        put(session, b"", f"bytes */{size}"),
    ]

    codes = [308, 308, 308, 308, 400, 200, 200, 200]
    assert [answer.status_code for answer in answers] == codes
    assert [answer.headers.get("Range") for answer in answers[:4]] == [
        None,
        f"bytes=0-{CHUNK - 1}",
        f"bytes=0-{2 * CHUNK - 1}",
        f"bytes=0-{2 * CHUNK - 1}",
    ]
    assert len({answer.json()["generation"] for answer in answers[5:]}) == 1
    assert cloud.landing.blob("a.bin").download_as_bytes() == first + second + b"cc"
    assert len(cloud.events) == 1


def test_a_chunk_that_is_not_the_last_comes_in_multiples_of_256_kib(cloud: Cloud) -> None:
    """What breaks the rule is refused, none of it is kept, and the upload goes on as if it had not been sent."""
    session = begin(cloud)
    whole = random.Random(4).randbytes(CHUNK + 10)

    refused = [
        put(session, b"01234", "bytes 0-4/*"),
        put(session, whole, f"bytes 0-{CHUNK + 9}/*"),
        put(session, whole, f"bytes 0-{CHUNK + 9}/{CHUNK + 20}"),
        put(session, b"", "bytes */*"),
    ]
    taken = [
        put(session, whole[:CHUNK], f"bytes 0-{CHUNK - 1}/*"),
        put(session, whole[CHUNK:], f"bytes {CHUNK}-{CHUNK + 9}/{CHUNK + 10}"),
    ]

    assert [answer.status_code for answer in refused] == [400, 400, 400, 308]
    assert "multiple of 262144" in refused[0].json()["error"]["message"]
    assert "Range" not in refused[3].headers
    assert [answer.status_code for answer in taken] == [308, 200]
    assert cloud.landing.blob("a.bin").download_as_bytes() == whole


def test_a_chunk_is_as_long_as_it_says(cloud: Cloud) -> None:
    """A body with more or fewer bytes than its Content-Range is refused; the right one makes the object."""
    session = begin(cloud)

    assert put(session, b"0123", "bytes 0-9/10").status_code == 400
    assert put(session, b"0123456789ab", "bytes 0-9/10").status_code == 400
    assert put(session, b"", "bytes */*").headers.get("Range") is None

    assert put(session, b"0123456789", "bytes 0-9/10").status_code == 200
    assert cloud.landing.blob("a.bin").download_as_bytes() == b"0123456789"


@pytest.mark.parametrize("headers", [{}, {"Content-Range": "bytes 0-*/*"}, {"Content-Range": "bytes 0-*/5"}])
def test_a_body_without_an_end_in_its_range_ends_the_upload(cloud: Cloud, headers: dict[str, str]) -> None:
    """Whoever sends all at once need not know how much it is, with a length of the body or in pieces."""
    for body in (b"01234", iter([b"012", b"34"])):
        answer = requests.put(begin(cloud), data=body, headers=headers, timeout=5)

        assert (answer.status_code, answer.json()["size"]) == (200, "5")
        assert cloud.landing.blob("a.bin").download_as_bytes() == b"01234"


def begin(cloud: Cloud) -> str:
    """The address of a new session for a.bin."""
    url = f"{cloud.server.url}/upload/storage/v1/b/landing/o?uploadType=resumable&name=a.bin"
    return requests.post(url, timeout=5).headers["Location"]


def put(session: str, data: bytes, content_range: str) -> requests.Response:
    return requests.put(session, data=data, headers={"Content-Range": content_range}, timeout=5)


def test_a_cancelled_upload_is_gone(cloud: Cloud) -> None:
    """499 for the cancel, 404 for what comes after it, and no object."""
    session = begin(cloud)
    put(session, b"0" * CHUNK, f"bytes 0-{CHUNK - 1}/*")

    assert requests.delete(session, timeout=5).status_code == 499

    assert put(session, b"1", f"bytes {CHUNK}-{CHUNK}/{CHUNK + 1}").status_code == 404
    assert not cloud.landing.blob("a.bin").exists()
    assert list((cloud.root / ".storage" / "incoming").iterdir()) == []


def test_a_simple_upload_takes_its_name_from_the_query(cloud: Cloud) -> None:
    """What curl sends: the media as the body, nothing else."""
    url = f"{cloud.server.url}/upload/storage/v1/b/landing/o?uploadType=media&name=daily%2Fa%20b.csv"

    answer = requests.post(url, data=b"a,b", headers={"Content-Type": "text/csv"}, timeout=5)

    assert answer.json()["name"] == "daily/a b.csv"
    assert cloud.landing.blob("daily/a b.csv").download_as_bytes() == b"a,b"


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_keeps_the_effect(cloud: Cloud, fault: Fault) -> None:
    """An upload whose answer is lost makes two generations when it is sent again, as with Google."""
    cloud.plan.faults[("upload", Moment.AFTER)] = [fault]

    cloud.landing.blob("a.csv").upload_from_string(b"a", retry=AT_ONCE)

    assert len(list(cloud.client.list_blobs("landing", versions=True))) == 2
    assert len(cloud.events) == 2


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_request_has_no_effect(cloud: Cloud, fault: Fault) -> None:
    """A fault before the effect leaves everything as it was."""
    blob = cloud.landing.blob("a.csv")
    blob.upload_from_string(b"a")
    cloud.plan.faults[("delete", Moment.BEFORE)] = [fault]
    cloud.plan.faults[("rewrite", Moment.BEFORE)] = [fault]

    with pytest.raises((ServiceUnavailable, requests.ConnectionError)):
        blob.delete(retry=None)
    with pytest.raises((ServiceUnavailable, requests.ConnectionError)):
        cloud.landing.blob("b.csv").rewrite(blob, retry=None)

    assert cloud.landing.blob("a.csv").download_as_bytes() == b"a"
    assert not cloud.landing.blob("b.csv").exists()

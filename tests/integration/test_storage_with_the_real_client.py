"""The local storage under google-cloud-storage: each operation as the real client sends it."""

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import (
    Conflict,
    NotFound,
    PreconditionFailed,
    RequestRangeNotSatisfiable,
)
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import ObjectResource, StorageServer

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "naughty-strings" / "blns.json"


@dataclass
class Cloud:
    """A running storage with a versioned bucket `landing` and a plain bucket `lake`, and its client."""

    root: Path
    client: storage.Client
    events: list[ObjectResource]

    @property
    def landing(self) -> storage.Bucket:
        return self.client.bucket("landing")

    @property
    def lake(self) -> storage.Bucket:
        return self.client.bucket("lake")

    def upload(self, name: str, data: bytes = b"a") -> storage.Blob:
        blob = self.landing.blob(name)
        blob.upload_from_string(data)
        return blob


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
        yield Cloud(tmp_path, client, events)
        client.close()


def test_an_upload_is_read_back_with_its_metadata(cloud: Cloud) -> None:
    """What the producer says of its file is kept, what the storage says of it is Google's in form."""
    blob = cloud.landing.blob("daily/orders ü.csv")
    blob.metadata = {"sender": "shöp"}
    blob.cache_control = "no-store"

    blob.upload_from_string(b"a,b\n1,2\n", content_type="text/csv")

    found = cloud.landing.get_blob("daily/orders ü.csv")
    assert found is not None
    assert found.download_as_bytes() == b"a,b\n1,2\n"
    assert (found.content_type, found.metadata, found.cache_control) == (
        "text/csv",
        {"sender": "shöp"},
        "no-store",
    )
    assert (found.size, found.metageneration, found.generation) == (8, 1, blob.generation)
    assert found.crc32c == "SZ2HxQ=="
    assert found.md5_hash == "5evUwCzvvnlVl3xnraJCtw=="
    assert found.id == f"landing/daily/orders ü.csv/{blob.generation}"


def test_each_new_generation_is_announced_with_its_resource(cloud: Cloud) -> None:
    """The event's payload is the resource, with links that lead back here."""
    blob = cloud.upload("a.csv", b"abc")
    cloud.lake.blob("b.csv").rewrite(blob)
    cloud.landing.copy_blob(blob, cloud.landing, "c.csv")
    cloud.landing.blob("d.csv").compose([blob, blob])
    blob.metadata = {"changed": "later"}
    blob.patch()

    names = [(event["bucket"], event["name"], event["size"]) for event in cloud.events]
    assert names == [
        ("landing", "a.csv", "3"),
        ("lake", "b.csv", "3"),
        ("landing", "c.csv", "3"),
        ("landing", "d.csv", "6"),
    ]
    assert cloud.events[0]["generation"] == str(blob.generation)
    assert requests.get(cloud.events[0]["mediaLink"], timeout=5).content == b"abc"


def test_ranges_are_read_by_generation(cloud: Cloud) -> None:
    """The first bytes of exactly one generation, also of one that is not current any more."""
    older = cloud.upload("a.csv", b"0123456789").generation
    cloud.upload("a.csv", b"abcdefghij")

    blob = cloud.landing.blob("a.csv", generation=older)

    assert blob.download_as_bytes(start=0, end=65535) == b"0123456789"
    assert blob.download_as_bytes(start=2, end=4) == b"234"
    assert blob.download_as_bytes(start=-3) == b"789"
    assert blob.download_as_bytes(start=-11) == b"0123456789"
    with pytest.raises(RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=10)


def test_a_range_says_which_bytes_of_how_many_it_is(cloud: Cloud) -> None:
    """Whoever asks for the last bytes learns where they lie, also when there are fewer than were asked for."""
    url = cloud.upload("a.csv", b"0123456789").media_link

    answers = [requests.get(url, headers={"Range": f"bytes={wanted}"}, timeout=5) for wanted in ("-3", "-99", "8-99")]

    assert [(answer.status_code, answer.content, answer.headers["Content-Range"]) for answer in answers] == [
        (206, b"789", "bytes 7-9/10"),
        (206, b"0123456789", "bytes 0-9/10"),
        (206, b"89", "bytes 8-9/10"),
    ]


def test_an_empty_object_has_no_range(cloud: Cloud) -> None:
    """416 with the size, as Google answers; whole it reads as nothing."""
    blob = cloud.upload("empty.csv", b"")

    chunked = cloud.landing.blob("empty.csv", chunk_size=256 * 1024)

    assert blob.download_as_bytes() == b""
    assert chunked.download_as_bytes() == b""
    with pytest.raises(RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=0, end=65535)
    with pytest.raises(RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=-1)


def test_a_chunked_download_is_whole(cloud: Cloud) -> None:
    """Ranges, one behind the other, with a total that is right."""
    data = random.Random(1).randbytes(700_000)
    cloud.upload("a.bin", data)

    assert cloud.landing.blob("a.bin", chunk_size=256 * 1024).download_as_bytes() == data


def test_a_deleted_object_is_noncurrent_and_a_deleted_generation_is_gone(cloud: Cloud) -> None:
    """The landing bucket keeps what was hidden until somebody deletes it by its number."""
    cloud.upload("a.csv", b"older")
    newer = cloud.upload("a.csv", b"newer")

    cloud.landing.blob("a.csv").delete()
    newer.delete()  # a handle is pinned to its generation

    assert not cloud.landing.blob("a.csv").exists()
    versions = list(cloud.client.list_blobs("landing", versions=True))
    assert [blob.download_as_bytes() for blob in versions] == [b"older"]
    assert versions[0].time_deleted is not None
    with pytest.raises(NotFound):
        newer.delete()


def test_a_rewrite_takes_exactly_the_generation_that_it_names(cloud: Cloud) -> None:
    """An admission copies the generation of its event, once, whatever has been uploaded since."""
    older = cloud.upload("a.csv", b"older").generation
    cloud.upload("a.csv", b"newer")
    source = cloud.landing.blob("a.csv", generation=older)

    admitted = cloud.lake.blob("source/a.csv")
    token, written, size = admitted.rewrite(source, if_generation_match=0)

    assert (token, written, size) == (None, 5, 5)
    assert (cloud.root / "lake/source/a.csv").read_bytes() == b"older"
    with pytest.raises(PreconditionFailed):
        cloud.lake.blob("source/a.csv").rewrite(source, if_generation_match=0)
    source.delete()
    with pytest.raises(NotFound):
        cloud.lake.blob("source/b.csv").rewrite(source, if_generation_match=0)


def test_a_rewrite_token_that_is_not_known_makes_no_object(cloud: Cloud) -> None:
    """404, as for whatever else is not there; the next attempt begins without one."""
    source = cloud.upload("a.csv")
    target = cloud.lake.blob("b.csv")

    with pytest.raises(NotFound):
        target.rewrite(source, token="unknown")

    assert not target.exists()
    assert [event["name"] for event in cloud.events] == ["a.csv"]
    assert target.rewrite(source) == (None, 1, 1)


def test_a_rewrite_with_metadata_of_its_own_keeps_only_that(cloud: Cloud) -> None:
    """A body replaces the source's attributes, an empty one keeps them."""
    source = cloud.landing.blob("a.csv")
    source.metadata = {"from": "source"}
    source.upload_from_string(b"a", content_type="text/csv")
    named = cloud.lake.blob("named.csv")
    named.metadata = {"from": "target"}

    named.rewrite(source)
    plain = cloud.lake.blob("plain.csv")
    plain.rewrite(source)

    assert named.metadata == {"from": "target"}
    assert (plain.metadata, plain.content_type) == ({"from": "source"}, "text/csv")


def test_lists_come_in_pages_with_prefixes_and_versions(cloud: Cloud) -> None:
    """The client sees every name once, whatever the size of a page."""
    for name in ("a.csv", "daily/1.csv", "daily/2.csv", "daily/x/3.csv", "z.csv"):
        cloud.upload(name)
    cloud.upload("a.csv", b"again")

    whole = [blob.name for blob in cloud.client.list_blobs("landing", page_size=2)]
    top = cloud.client.list_blobs("landing", delimiter="/", page_size=1)
    versions = [blob.name for blob in cloud.client.list_blobs("landing", prefix="a", versions=True)]

    assert whole == ["a.csv", "daily/1.csv", "daily/2.csv", "daily/x/3.csv", "z.csv"]
    assert ([blob.name for blob in top], top.prefixes) == (["a.csv", "z.csv"], {"daily/"})
    assert versions == ["a.csv", "a.csv"]
    assert len(list(cloud.client.list_blobs("landing", max_results=3))) == 3


def test_buckets_are_made_changed_and_removed(cloud: Cloud) -> None:
    """Versioning is a setting of the bucket; a bucket that holds anything stays."""
    bucket = cloud.client.create_bucket("more")
    bucket.versioning_enabled = True
    bucket.patch()

    with pytest.raises(Conflict):
        cloud.client.create_bucket("more")
    assert cloud.client.get_bucket("more").versioning_enabled
    for size in (None, 1, 2, 3):
        assert [one.name for one in cloud.client.list_buckets(page_size=size)] == ["lake", "landing", "more"]
    assert [one.name for one in cloud.client.list_buckets(max_results=2)] == ["lake", "landing"]
    assert [one.name for one in cloud.client.list_buckets(prefix="l", page_size=1)] == ["lake", "landing"]
    cloud.upload("a.csv")
    with pytest.raises(Conflict):
        cloud.landing.delete()
    bucket.delete()
    with pytest.raises(NotFound):
        cloud.client.get_bucket("more")


def test_metadata_is_patched_and_updated(cloud: Cloud) -> None:
    """A patch changes what it names, an update replaces all; both count a metageneration."""
    blob = cloud.landing.blob("a.csv")
    blob.metadata = {"a": "1"}
    blob.upload_from_string(b"a", content_type="text/csv")

    blob.cache_control = "no-store"
    blob.patch()
    assert (blob.metageneration, blob.content_type, blob.metadata) == (2, "text/csv", {"a": "1"})
    blob.metadata = {"b": "2"}
    blob.update()

    found = cloud.landing.get_blob("a.csv")
    assert found is not None
    assert (found.metageneration, found.metadata) == (3, {"b": "2"})


def test_gzip_is_decompressed_for_who_does_not_take_it(cloud: Cloud) -> None:
    """The client gets the bytes as they are stored and decodes them; a plain request gets them decoded."""
    data = b"a,b\n" + b"1,2\n" * 100_000
    stored = gzip.compress(data[:1000], mtime=0) + gzip.compress(data[1000:], mtime=0)
    blob = cloud.landing.blob("a.csv")
    blob.content_encoding = "gzip"
    blob.upload_from_string(stored, content_type="text/csv")
    url = blob.media_link

    plain = requests.get(url, headers={"Accept-Encoding": "identity", "Range": "bytes=0-9"}, timeout=5)

    assert cloud.landing.blob("a.csv").download_as_bytes(raw_download=True) == stored
    assert (plain.status_code, plain.content) == (200, data)
    assert plain.headers["x-goog-stored-content-encoding"] == "gzip"
    assert plain.headers["x-goog-stored-content-length"] == str(len(stored))

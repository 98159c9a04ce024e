"""Requests with conditions, as the real client sends them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.api_core.exceptions import NotFound, NotModified, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import StorageServer


@dataclass
class Cloud:
    """A running storage with a versioned bucket `landing`, and its client."""

    client: storage.Client

    @property
    def landing(self) -> storage.Bucket:
        return self.client.bucket("landing")

    def upload(self, name: str) -> storage.Blob:
        blob = self.landing.blob(name)
        blob.upload_from_string(b"a")
        return blob


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with StorageServer(tmp_path) as server:
        server.create_bucket("landing", versioning=True)
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
        client = storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})
        yield Cloud(client)
        client.close()


def test_preconditions_answer_as_google_does(cloud: Cloud) -> None:
    """412 where a match fails, 304 where a not-match fails, 404 where nothing is."""
    generation = cloud.upload("a.csv").generation
    blob = cloud.landing.blob("a.csv")

    with pytest.raises(PreconditionFailed):
        cloud.landing.blob("a.csv").upload_from_string(b"b", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=generation + 1)
    with pytest.raises(PreconditionFailed):
        blob.download_as_bytes(if_metageneration_match=2)
    with pytest.raises(NotModified):
        blob.reload(if_generation_not_match=generation)
    with pytest.raises(NotFound):
        cloud.landing.blob("b.csv").reload(if_generation_match=1)
    with pytest.raises(NotFound):
        cloud.client.bucket("nowhere").blob("a.csv").upload_from_string(b"b")

    assert cloud.landing.blob("a.csv").download_as_bytes() == b"a"


def test_etags_are_preconditions_of_a_read(cloud: Cloud) -> None:
    """412 for another etag than the object's or the bucket's, 304 for the same one that is known already."""
    blob = cloud.upload("a.csv")
    blob.reload()
    bucket = cloud.client.get_bucket("landing")

    for one in (blob, bucket):
        one.reload(if_etag_match=["another", one.etag])
        one.reload(if_etag_not_match="another")
        with pytest.raises(PreconditionFailed):
            one.reload(if_etag_match="another")
        with pytest.raises(NotModified):
            one.reload(if_etag_not_match=one.etag)
    with pytest.raises(PreconditionFailed):
        blob.download_as_bytes(if_etag_match="another")
    with pytest.raises(NotModified):
        blob.download_as_bytes(if_etag_not_match=blob.etag)
    assert blob.download_as_bytes(if_etag_match=blob.etag) == b"a"


def test_a_bucket_holds_to_its_preconditions(cloud: Cloud) -> None:
    """Whoever changes or removes a bucket that somebody else has changed meanwhile is told, and nothing happens."""
    bucket = cloud.client.create_bucket("more")
    bucket.versioning_enabled = True
    bucket.patch(if_metageneration_match=1)
    assert bucket.metageneration == 2

    for refused in (bucket.reload, bucket.patch, bucket.update, bucket.delete):
        bucket.versioning_enabled = False
        with pytest.raises(PreconditionFailed):
            refused(if_metageneration_match=1)
        with pytest.raises(NotModified):
            refused(if_metageneration_not_match=2)
    with pytest.raises(PreconditionFailed):
        cloud.client.get_bucket("more", if_metageneration_match=3)

    found = cloud.client.get_bucket("more", if_metageneration_match=2, if_metageneration_not_match=1)
    assert (found.versioning_enabled, found.metageneration) == (True, 2)
    bucket.delete(if_metageneration_match=2)
    with pytest.raises(NotFound):
        bucket.reload(if_metageneration_match=2)

"""Composed objects, as the real client asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import ObjectResource, StorageServer


@dataclass
class Cloud:
    """A running storage with a versioned bucket `landing` and a plain bucket `lake`, and its client."""

    client: storage.Client
    events: list[ObjectResource]

    def parts(self, bucket: str, *names: str) -> list[storage.Blob]:
        """An object of each name, whose only content is its name, by handles that know no generation."""
        for name in names:
            self.client.bucket(bucket).blob(name).upload_from_string(name)
        self.events.clear()
        return [self.client.bucket(bucket).blob(name) for name in names]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    events: list[ObjectResource] = []
    with StorageServer(tmp_path, plain=["lake"], on_finalized=events.append) as server:
        server.create_bucket("landing", versioning=True)
        server.create_bucket("lake")
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
        client = storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})
        yield Cloud(client, events)
        client.close()


@pytest.mark.parametrize("bucket", ["landing", "lake"])
def test_parts_become_one_object_in_their_order(cloud: Cloud, bucket: str) -> None:
    """A new generation with a CRC32C of the whole, the number of its parts and no MD5; the parts stay."""
    parts = cloud.parts(bucket, "a", "b", "c")
    target = cloud.client.bucket(bucket).blob("whole.csv")
    target.metadata = {"sender": "shop"}
    target.content_type = "text/csv"

    target.compose(parts)

    found = cloud.client.bucket(bucket).get_blob("whole.csv")
    assert found is not None
    assert found.download_as_bytes(checksum="crc32c") == b"abc"
    assert (found.crc32c, found.md5_hash, found.component_count, found.size) == ("Nks/tw==", None, 3, 3)
    assert (found.metadata, found.content_type) == ({"sender": "shop"}, "text/csv")
    assert (found.generation, found.metageneration) == (target.generation, 1)
    assert [(event["name"], event["generation"], event["componentCount"]) for event in cloud.events] == [
        ("whole.csv", str(target.generation), 3)
    ]
    assert [part.download_as_bytes() for part in parts] == [b"a", b"b", b"c"]


def test_what_was_composed_is_composed_and_copied_on(cloud: Cloud) -> None:
    """Components are counted through; a copy is as composed as what it was made of."""
    first, second = cloud.parts("landing", "a", "b")
    bucket = cloud.client.bucket("landing")
    first.compose([first, second])

    first.compose([first, second, first])
    copied = cloud.client.bucket("lake").blob("copied")
    copied.rewrite(first)

    assert bucket.blob("a").download_as_bytes() == b"abbab"
    assert (first.component_count, copied.component_count, copied.md5_hash) == (5, 5, None)
    again = cloud.client.bucket("lake").blob("again")
    again.rewrite(copied)
    assert (again.component_count, again.md5_hash, again.crc32c) == (5, None, first.crc32c)


def test_parts_are_taken_by_their_generation(cloud: Cloud) -> None:
    """A handle that is pinned to a generation gives this one, current or not."""
    bucket = cloud.client.bucket("landing")
    older = bucket.blob("a")
    older.upload_from_string(b"older")
    bucket.blob("a").upload_from_string(b"newer")

    bucket.blob("both").compose([older, bucket.blob("a")])

    assert bucket.blob("both").download_as_bytes() == b"oldernewer"


def test_a_composition_holds_to_its_preconditions(cloud: Cloud) -> None:
    """412 where the target or a part is another than was meant, 404 where a part is not there; nothing is made."""
    first, second = cloud.parts("landing", "a", "b")
    bucket = cloud.client.bucket("landing")
    first.reload()

    with pytest.raises(PreconditionFailed):
        bucket.blob("b").compose([first], if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        bucket.blob("b").compose([first], if_metageneration_match=2)
    with pytest.raises(PreconditionFailed):
        bucket.blob("c").compose([bucket.blob("a")], if_source_generation_match=[first.generation + 1])
    with pytest.raises(PreconditionFailed):
        bucket.blob("c").compose([first], if_source_generation_match=[first.generation + 1])
    with pytest.raises(NotFound):
        bucket.blob("c").compose([first, bucket.blob("nowhere")])
    with pytest.raises(NotFound):
        bucket.blob("c").compose([bucket.blob("a", generation=1)])
    with pytest.raises(NotFound):
        cloud.client.bucket("nowhere").blob("c").compose([first])
    with pytest.raises(BadRequest):
        bucket.blob("c").compose([first] * 33)
    with pytest.raises(BadRequest):
        bucket.blob("c").compose([])

    assert cloud.events == []
    assert second.download_as_bytes() == b"b"
    bucket.blob("c").compose(
        [first, second], if_generation_match=0, if_source_generation_match=[first.generation, None]
    )
    bucket.blob("c").compose([first] * 32, if_metageneration_match=1)
    assert bucket.blob("c").download_as_bytes() == b"a" * 32


@pytest.mark.parametrize("bucket", ["landing", "lake"])
def test_parts_are_deleted_for_good_on_demand(cloud: Cloud, bucket: str) -> None:
    """Not even a versioned bucket keeps them, and the target may be one of them."""
    first, second = cloud.parts(bucket, "a", "b")

    first.compose([first, second, second], delete_source_objects=True)

    found = [(blob.name, blob.generation) for blob in cloud.client.list_blobs(bucket, versions=True)]
    assert found == [("a", first.generation)]
    assert cloud.client.bucket(bucket).blob("a").download_as_bytes() == b"abb"


def test_a_refused_composition_deletes_no_part(cloud: Cloud) -> None:
    """What was to be deleted is only deleted once the whole is there."""
    first, second = cloud.parts("landing", "a", "b")

    with pytest.raises(PreconditionFailed):
        second.compose([first], if_generation_match=0, delete_source_objects=True)

    assert [first.download_as_bytes(), second.download_as_bytes()] == [b"a", b"b"]

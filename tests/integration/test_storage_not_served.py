"""What the local storage does not support is said, and nothing else happens instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import MethodNotImplemented
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import StorageServer
from local.storage.command import main
from local.storage.not_served import HEADERS, PARAMETERS, REQUESTS, all_not_served


@dataclass
class Cloud:
    """A running storage with an object `a` in its bucket `landing`, and its client."""

    url: str
    client: storage.Client

    @property
    def landing(self) -> storage.Bucket:
        return self.client.bucket("landing")

    def names(self) -> list[str]:
        return [blob.name for blob in self.client.list_blobs("landing", versions=True)]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with StorageServer(tmp_path) as server:
        server.create_bucket("landing", versioning=True)
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
        client = storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})
        client.bucket("landing").blob("a").upload_from_string(b"a")
        yield Cloud(server.url, client)
        client.close()


def test_a_batch_is_not_supported_and_deletes_nothing(cloud: Cloud) -> None:
    """501 for the whole batch, with a sentence that says so."""
    with pytest.raises(MethodNotImplemented, match="does not support batch requests"), cloud.client.batch():
        cloud.landing.blob("a").delete()

    assert cloud.names() == ["a"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"match_glob": "**.csv"}, r"lists by a glob \(matchGlob\)"),
        ({"filter_": 'contexts."a":*'}, r"lists by a filter \(filter\)"),
        ({"soft_deleted": True}, r"soft-deleted objects and buckets \(softDeleted\)"),
        ({"include_folders_as_prefixes": True, "delimiter": "/"}, r"lists with folders \(includeFoldersAsPrefixes\)"),
    ],
)
def test_a_list_by_a_filter_that_is_not_known_is_refused(cloud: Cloud, asked: dict[str, object], said: str) -> None:
    """Ignoring it would list objects that were not asked for."""
    with pytest.raises(MethodNotImplemented, match=said):
        list(cloud.client.list_blobs("landing", **asked))


def test_what_asks_for_nothing_is_served(cloud: Cloud) -> None:
    """The client sends False for what the caller leaves at False."""
    found = cloud.client.list_blobs("landing", soft_deleted=False, include_folders_as_prefixes=False)

    assert [blob.name for blob in found] == ["a"]


def test_an_object_that_was_deleted_softly_is_no_live_one(cloud: Cloud) -> None:
    """Whoever asks for it is not given another."""
    blob = cloud.landing.get_blob("a")
    assert blob is not None

    for ask in (blob.reload, blob.exists):
        with pytest.raises(MethodNotImplemented, match="softDeleted"):
            ask(soft_deleted=True)
    with pytest.raises(MethodNotImplemented, match="softDeleted"):
        list(cloud.client.list_buckets(soft_deleted=True))
    with pytest.raises(MethodNotImplemented, match="restoring what was deleted"):
        cloud.landing.restore_blob("a", generation=blob.generation)


def test_nothing_is_stored_open_that_was_to_be_encrypted(cloud: Cloud) -> None:
    """A key of the customer's or of Cloud KMS is refused, not ignored."""
    with pytest.raises(MethodNotImplemented, match="customer-supplied"):
        cloud.landing.blob("b", encryption_key=b"k" * 32).upload_from_string(b"secret")
    with pytest.raises(MethodNotImplemented, match="Cloud KMS"):
        cloud.landing.blob("b", kms_key_name="k").upload_from_string(b"secret")
    with pytest.raises(MethodNotImplemented, match="Cloud KMS"):
        cloud.landing.blob("b", kms_key_name="k").rewrite(cloud.landing.blob("a"))

    assert cloud.names() == ["a"]


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("POST", "/batch/storage/v1", "batch requests"),
        ("POST", "/batch", "batch requests"),
        ("GET", "/storage/v1/b/landing/iam", "IAM policies"),
        ("GET", "/storage/v1/b/landing/iam/testPermissions", "IAM policies"),
        ("GET", "/storage/v1/b/landing/acl", "access control lists"),
        ("GET", "/storage/v1/b/landing/defaultObjectAcl", "access control lists"),
        ("PUT", "/storage/v1/b/landing/o/a/acl/allUsers", "access control lists"),
        ("GET", "/storage/v1/b/landing/notificationConfigs", "notification configurations"),
        ("POST", "/storage/v1/b/landing/lockRetentionPolicy", "locks of retention policies"),
        ("POST", "/storage/v1/b/landing/restore", "restoring what was deleted"),
        ("POST", "/storage/v1/b/landing/o/bulkRestore", "restoring what was deleted"),
        ("POST", "/storage/v1/b/landing/o/a/moveTo/o/b", "moving objects (copy and delete them)"),
        ("GET", "/storage/v1/b/landing/managedFolders", "folders and managed folders"),
        ("GET", "/storage/v1/projects/p/serviceAccount", "HMAC keys and service accounts"),
        ("POST", "/storage/v1/b/landing/o/watch", "watching for changes"),
    ],
)
def test_each_request_that_is_not_supported_is_named(cloud: Cloud, method: str, path: str, what: str) -> None:
    """A 404 would mean that something is not there."""
    answer = requests.request(method, f"{cloud.url}{path}", timeout=5)

    assert what in REQUESTS
    assert answer.status_code == 501
    assert answer.json()["error"]["message"] == f"The local storage does not support {what}: {method} {path}."


def test_help_lists_all_that_is_not_supported(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of it, with the names of the parameters and headers that ask for it."""
    with pytest.raises(SystemExit):
        main(["--help"])

    printed = capsys.readouterr().out
    assert {f"  {line}" for line in all_not_served()} <= set(printed.splitlines())
    assert [name for name in (*REQUESTS, *PARAMETERS, *HEADERS) if name not in printed] == []

"""Answers with only those fields that a request selects."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import ObjectResource, StorageServer


@dataclass
class Cloud:
    """A running storage with a bucket `landing` and its client."""

    url: str
    client: storage.Client
    events: list[ObjectResource]

    def upload(self, name: str) -> None:
        blob = self.client.bucket("landing").blob(name)
        blob.metadata = {"from": "shop", "to": "lake"}
        blob.upload_from_string(b"a", content_type="application/json")
        self.events.clear()

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, f"{self.url}{path}", timeout=5, **options)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    events: list[ObjectResource] = []
    with StorageServer(tmp_path, on_finalized=events.append) as server:
        server.create_bucket("landing", versioning=True)
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
        client = storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": server.url})
        yield Cloud(server.url, client, events)
        client.close()


def test_a_list_has_the_selected_fields_on_every_page(cloud: Cloud) -> None:
    """The client goes on for as long as it is given the next page's token."""
    for name in ("a", "b", "c"):
        cloud.upload(name)

    whole = list(cloud.client.list_blobs("landing", fields="items(name,metadata/from),nextPageToken", page_size=2))
    first = list(cloud.client.list_blobs("landing", fields="items/name", page_size=2))

    assert [(blob.name, blob.metadata, blob.size) for blob in whole] == [
        (name, {"from": "shop"}, None) for name in ("a", "b", "c")
    ]
    assert [blob.name for blob in first] == ["a", "b"]


def test_buckets_have_the_selected_fields(cloud: Cloud) -> None:
    """In a list, alone, and where it is only asked whether there is one."""
    found = list(cloud.client.list_buckets(fields="items(name,versioning)"))

    assert [(one.name, one.versioning_enabled, one.location) for one in found] == [("landing", True, None)]
    assert cloud.ask("GET", "/storage/v1/b/landing?fields=versioning/enabled").json() == {
        "versioning": {"enabled": True}
    }
    assert cloud.client.bucket("landing").exists()
    assert not cloud.client.bucket("nowhere").exists()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/storage/v1/b/landing/o/a?fields=name,metadata(to)", {"name": "a", "metadata": {"to": "lake"}}),
        ("PATCH", "/storage/v1/b/landing/o/a?fields=metageneration", {"metageneration": "2"}),
        ("POST", "/storage/v1/b/landing/o/a/copyTo/b/landing/o/b?fields=name", {"name": "b"}),
        (
            "POST",
            "/storage/v1/b/landing/o/a/rewriteTo/b/landing/o/b?fields=done,resource/name",
            {"done": True, "resource": {"name": "b"}},
        ),
        ("POST", "/upload/storage/v1/b/landing/o?uploadType=media&name=c&fields=name,size", {"name": "c", "size": "0"}),
    ],
)
def test_every_answer_has_the_selected_fields(cloud: Cloud, method: str, path: str, expected: dict[str, Any]) -> None:
    """Whatever the request did."""
    cloud.upload("a")

    assert cloud.ask(method, path).json() == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/storage/v1/b/landing/o/a?fields=nam"),
        ("GET", "/storage/v1/b/landing/o?fields=items(name"),
        ("GET", "/storage/v1/b/landing/o?fields=name"),
        ("DELETE", "/storage/v1/b/landing/o/a?fields=,"),
        ("POST", "/storage/v1/b/landing/o/a/rewriteTo/b/landing/o/b?fields=name"),
        ("POST", "/upload/storage/v1/b/landing/o?uploadType=media&name=c&fields=name("),
        ("POST", "/storage/v1/b?fields=nam"),
    ],
)
def test_an_invalid_selector_is_refused_before_anything_happens(cloud: Cloud, method: str, path: str) -> None:
    """400 with the selection that is wrong; no object comes or goes."""
    cloud.upload("a")

    answer = cloud.ask(method, path)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid field selection")
    assert [blob.name for blob in cloud.client.list_blobs("landing", versions=True)] == ["a"]
    assert cloud.events == []
    with pytest.raises(BadRequest):
        list(cloud.client.list_blobs("landing", fields="items(nam)"))


def test_errors_events_and_bytes_are_not_cut(cloud: Cloud) -> None:
    """The selector is for resources; an object whose content is JSON is bytes all the same."""
    cloud.upload("a")
    content = b'{"name": "a", "size": 1}'
    upload = "/upload/storage/v1/b/landing/o?uploadType=media&name=b&fields=name"

    cloud.ask("POST", upload, data=content, headers={"Content-Type": "application/json"})

    assert cloud.events[0]["size"] == str(len(content))
    assert cloud.ask("GET", "/storage/v1/b/landing/o/b?alt=media&fields=name").content == content
    assert cloud.ask("GET", "/storage/v1/b/landing/o/none?fields=name").json()["error"]["code"] == 404

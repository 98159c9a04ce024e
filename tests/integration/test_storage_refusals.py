"""Answers that a test puts in the place of the storage's own."""

from pathlib import Path

import pytest
import urllib3

from local.storage import Moment, Operation, Refusal, StorageServer


@pytest.mark.parametrize(("at", "there"), [(Moment.BEFORE, 404), (Moment.AFTER, 200)])
def test_a_refusal_is_worded_as_google_words_it(tmp_path: Path, at: Moment, there: int) -> None:
    """With its status, its reason and the seconds to wait; the effect is there where the answer alone was replaced."""

    def refuse(operation: Operation, moment: Moment) -> Refusal | None:
        return Refusal(429, "rateLimitExceeded", 7) if operation.kind == "upload" and moment is at else None

    with StorageServer(tmp_path, faults=refuse) as server:
        server.create_bucket("bucket")
        upload = f"{server.url}/upload/storage/v1/b/bucket/o?uploadType=media&name=file"
        refused = urllib3.request("POST", upload, body=b"x", retries=False, timeout=5)
        found = urllib3.request("GET", f"{server.url}/storage/v1/b/bucket/o/file", retries=False, timeout=5)

    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert found.status == there

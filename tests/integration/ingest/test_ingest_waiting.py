"""What waits and what was rejected, read from a real bucket; a producer may call an object like a file of ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.cloud.storage import Bucket  # type: ignore[import-untyped]  # it ships no types

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, LakeFile
from ingest.operating.waiting import rejected_names, rejected_of, rejection_at, unrouted
from ingest.targets.storage import anonymous_client
from local.storage import StorageServer

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
BEFORE = AT - timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Bucket]:
    with StorageServer(tmp_path, plain=["lake"]) as server:
        server.create_bucket("lake")
        client = anonymous_client(server.url)
        yield client.bucket("lake")
        client.close()


def _put(lake: Bucket, path: str, content: bytes) -> None:
    lake.blob(path).upload_from_string(content)


def _reason(identity: str, reason: Reason = Reason.UNROUTED) -> bytes:
    return Rejection.of(identity, FileRejected(reason, "a sentence"), AT, "function").to_json()


def test_what_is_called_like_a_reason_is_none(lake: Bucket) -> None:
    """It counts once, as the file that it is, and what it says of another file is not believed."""
    named_so = LakeFile(UNROUTED, AT, 7, "notes/x.reason.json")
    _put(lake, named_so.rejected_path(), _reason("gs://landing/daily/orders_1.csv#1"))
    _put(lake, named_so.reason_path(), _reason("gs://landing/notes/x.reason.json#7"))

    found = unrouted(lake, BEFORE)

    assert (found.files, [one.identity for one in found.newest]) == (1, ["gs://landing/notes/x.reason.json#7"])
    assert rejection_at(lake, named_so.rejected_path()) is None
    assert rejected_of(lake, "orders_1", BEFORE, 10) == []


def test_the_newest_of_many_are_told(lake: Bucket) -> None:
    """However many were before them in the time that is looked at: who looks means what has just come."""
    many, newest = 520, AT + timedelta(hours=1)
    for number in range(many):
        _put(lake, LakeFile(UNROUTED, AT, number, f"{number}.csv").reason_path(), b"{}")
    last = [LakeFile(UNROUTED, newest + timedelta(seconds=one), 600 + one, f"last_{one}.csv") for one in range(2)]
    for one in last:
        _put(lake, one.reason_path(), _reason(one.identity("landing")))

    found = unrouted(lake, BEFORE)

    assert [one.identity for one in found.newest] == [one.identity("landing") for one in reversed(last)]
    assert found.files == many + len(last)


def test_a_reason_that_is_far_too_large_is_not_loaded(lake: Bucket) -> None:
    """Ours is a sentence or two."""
    file = LakeFile("orders", AT, 7, "orders_1.csv")
    _put(lake, file.reason_path(), _reason("gs://landing/orders_1.csv#7") + b" " * 2_000_000)

    assert rejection_at(lake, file.reason_path()) is None


def test_what_somebody_put_beside_is_passed_over(lake: Bucket) -> None:
    """The files of the feed are found all the same."""
    file = LakeFile("orders", AT, 7, "orders_1.csv")
    _put(lake, file.reason_path(), _reason("gs://landing/orders_1.csv#7", Reason.HEADER))
    _put(lake, "rejected/orders/zz done/old.reason.json", b"{}")
    _put(lake, "rejected/orders/@zz.reason.json", b"{}")

    assert rejected_names(lake, "landing", "orders", BEFORE) == ["gs://landing/orders_1.csv#7"]

"""Sessions of uploads in chunks: which of too many goes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.storage.buckets import Buckets
from local.storage.disk import Disk
from local.storage.errors import NotFoundError
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject
from local.storage.uploads import ContentRange, Uploads, Wanted

ANY = Preconditions()
PART, END = ContentRange(0, 262_143, None), ContentRange(262_144, 262_144, 262_145)


def now() -> datetime:
    return datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    """Room for three."""
    disk = Disk(tmp_path)
    buckets = Buckets(disk, (), now)
    buckets.create("landing", versioning=False)
    opened = Uploads(Objects(disk, buckets, now, list[StoredObject]().append), 3)
    yield opened
    opened.close()
    disk.close()


def begun(uploads: Uploads, name: str) -> str:
    return uploads.start(Wanted(Reference("landing", name), Attributes(), ANY, None, None))


def test_an_upload_outlives_those_that_are_finished(uploads: Uploads) -> None:
    """However many came and went since it began."""
    long = begun(uploads, "long")
    uploads.receive(long, PART, [b"a" * 262_144], {})
    for number in range(9):
        uploads.receive(begun(uploads, f"short-{number}"), ContentRange(0, 0, 1), [b"a"], {})

    assert uploads.receive(long, END, [b"b"], {}).finished is not None


def test_of_uploads_that_go_on_the_one_that_nobody_uses_goes(uploads: Uploads) -> None:
    """A chunk, or a question how far it is, is a use."""
    idle, used = begun(uploads, "idle"), begun(uploads, "used")
    uploads.receive(idle, PART, [b"a" * 262_144], {})
    uploads.receive(used, PART, [b"a" * 262_144], {})
    for number in range(2):
        begun(uploads, f"new-{number}")

    with pytest.raises(NotFoundError):
        uploads.receive(idle, END, [b"b"], {})
    assert uploads.receive(used, END, [b"b"], {}).finished is not None

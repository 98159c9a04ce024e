"""A plain bucket: its objects are ordinary files, which others change beside the server."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.storage.buckets import Buckets
from local.storage.candidates import list_objects
from local.storage.copying import Source, copy
from local.storage.disk import Disk
from local.storage.errors import InvalidError, NotFoundError, PreconditionFailedError
from local.storage.listing import ListQuery
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ANY = Preconditions()
CREATE = Preconditions(generation_match=0)


class Lake:
    """A plain bucket `lake`, and what others do to its files."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "lake"
        self.disk = Disk(root)
        self.buckets = Buckets(self.disk, ("lake",), lambda: NOON)
        self.objects = Objects(self.disk, self.buckets, lambda: NOON, lambda _: None)

    def write(self, name: str, data: bytes = b"a", conditions: Preconditions = ANY) -> StoredObject:
        with self.objects.incoming() as incoming:
            incoming.append(data)
            return self.objects.write(Reference("lake", name), incoming, Attributes(), conditions)

    def get(self, name: str) -> StoredObject:
        return self.objects.get(Reference("lake", name), ANY)

    def put_file(self, name: str, data: bytes, modified: datetime = NOON) -> Path:
        """Write a file as a job does, without the server."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (modified.timestamp(), modified.timestamp()))
        return path

    def names(self, **query: str) -> list[str]:
        page = list_objects(self.disk, self.buckets, "lake", ListQuery.parse(query))
        return [stored.name for stored in page.items]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    opened = Lake(tmp_path)
    opened.buckets.create("lake", versioning=False)
    yield opened
    opened.disk.close()


def test_an_object_is_a_file_under_its_own_name(lake: Lake) -> None:
    """A job opens it in place; what the server knows of it lies elsewhere."""
    lake.write("source/orders/@x/daily/a.csv", b"1,2")

    files = [path for path in lake.folder.rglob("*") if path.is_file()]
    assert files == [lake.folder / "source/orders/@x/daily/a.csv"]
    assert files[0].read_bytes() == b"1,2"


def test_a_file_that_came_without_the_server_is_an_object(lake: Lake) -> None:
    """Its time is the file's, its generation stays the same as long as the file does."""
    lake.put_file("source/a.csv", b"abc", NOON)

    stored = lake.get("source/a.csv")

    assert (stored.size, stored.created) == (3, NOON)
    assert stored.checksums.crc32c == lake.write("same", b"abc").checksums.crc32c
    assert lake.get("source/a.csv") == stored


def test_a_file_that_changed_without_the_server_is_another_generation(lake: Lake) -> None:
    """Whoever pins a generation never gets other bytes."""
    stored = lake.write("a.csv", b"before")
    lake.put_file("a.csv", b"after!", NOON)

    changed = lake.get("a.csv")

    assert changed.generation > stored.generation
    with pytest.raises(NotFoundError):
        lake.objects.get(Reference("lake", "a.csv", stored.generation), ANY)
    with pytest.raises(PreconditionFailedError):
        lake.write("a.csv", b"mine", Preconditions(generation_match=stored.generation))
    assert (lake.folder / "a.csv").read_bytes() == b"after!"


def test_what_a_job_moves_moves_as_an_object(lake: Lake) -> None:
    """The old name is free again, the new one has the bytes."""
    lake.write("source/a.csv", b"abc")
    (lake.folder / "archive").mkdir()

    (lake.folder / "source/a.csv").rename(lake.folder / "archive/a.csv")

    assert lake.names() == ["archive/a.csv"]
    with pytest.raises(NotFoundError):
        lake.get("source/a.csv")
    assert lake.write("source/a.csv", b"again", CREATE).size == 5


def test_a_file_that_others_put_is_not_overwritten_by_a_create(lake: Lake) -> None:
    """`if_generation_match=0` counts files that the server has never seen."""
    lake.put_file("source/a.csv", b"theirs")

    with pytest.raises(PreconditionFailedError):
        lake.write("source/a.csv", b"mine", CREATE)

    assert (lake.folder / "source/a.csv").read_bytes() == b"theirs"


def test_an_object_copied_into_the_lake_shares_no_bytes_with_its_source(lake: Lake) -> None:
    """A job that writes into its file leaves the original alone."""
    lake.buckets.create("landing", versioning=True)
    with lake.objects.incoming() as incoming:
        incoming.append(b"original")
        landed = lake.objects.write(Reference("landing", "a"), incoming, Attributes(), ANY)
    source = Reference("landing", "a", landed.generation)
    copy(lake.objects, Source(source, ANY), Reference("lake", "a"), None, CREATE)

    with (lake.folder / "a").open("r+b") as file:
        file.write(b"scribble")

    _, kept = lake.objects.open(source, ANY)
    with kept:
        assert kept.read() == b"original"


def test_a_delete_removes_the_file_and_leaves_its_folder(lake: Lake) -> None:
    """A job may be about to write into that folder."""
    lake.write("source/a.csv")

    lake.objects.delete(Reference("lake", "source/a.csv"), ANY)

    assert list(lake.folder.rglob("*")) == [lake.folder / "source"]
    assert lake.names() == []


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/x", "a//b", "a/", "a/./b", "a/..", "x" * 256, "a\0b"],
)
def test_a_name_that_is_no_path_is_refused(lake: Lake, name: str) -> None:
    """In one sentence that says so; nothing is written anywhere."""
    before = sorted(lake.folder.parent.rglob("*"))

    with pytest.raises(InvalidError, match="plain folder cannot hold"):
        lake.write(name)
    with pytest.raises(NotFoundError):
        lake.get(name)

    assert sorted(lake.folder.parent.rglob("*")) == before


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a/b"), ("a/b", "a/b/c/d")])
def test_a_file_and_a_folder_of_one_name_are_refused(lake: Lake, first: str, second: str) -> None:
    """What a bucket can hold and a folder cannot does not silently replace anything."""
    lake.write(first)

    with pytest.raises(InvalidError, match="a file where it needs a folder"):
        lake.write(second)
    with pytest.raises(InvalidError, match="a file where it needs a folder"):
        lake.write(second, conditions=CREATE)

    assert lake.names() == [first]


def test_folders_that_were_emptied_are_not_in_the_way(lake: Lake) -> None:
    """Objects have no folders: once `a/b/c` is gone, `a` is a free name."""
    lake.write("a/b/c")
    (lake.folder / "a/b/c").unlink()

    lake.write("a", b"now a file", CREATE)

    assert lake.names() == ["a"]


def test_files_are_listed_by_the_bytes_of_their_names(lake: Lake) -> None:
    """A folder's files stand where their names belong, not where the folder's does."""
    names = ["a.b", "a/b", "a/b.c", "a/b0", "a0", "ä", "\U0001f600", "B", "\uffee"]
    for name in names:
        lake.write(name)

    assert lake.names() == sorted(names, key=str.encode)
    assert lake.names(prefix="a/b") == ["a/b", "a/b.c", "a/b0"]
    assert lake.names(startOffset="a/b.c", endOffset="a0") == ["a/b.c", "a/b0"]


def test_what_is_no_regular_file_is_no_object(lake: Lake) -> None:
    """Links lead elsewhere, and a name that is not UTF-8 cannot be said."""
    (lake.folder / "link").symlink_to(lake.folder.parent / ".storage" / "lock")
    (lake.folder / os.fsdecode(b"\xff.csv")).write_bytes(b"a")

    assert lake.names() == []
    with pytest.raises(NotFoundError):
        lake.get("link")


def test_nothing_is_read_or_written_through_a_link(lake: Lake, tmp_path: Path) -> None:
    """Neither by listing nor by name; a file takes the place of a link that has its name."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.csv").write_bytes(b"secret")
    lake.put_file("source/b.csv", b"b")
    (lake.folder / "source" / "folder").symlink_to(elsewhere)
    (lake.folder / "source" / "a.csv").symlink_to(elsewhere / "a.csv")

    assert lake.names() == ["source/b.csv"]
    for name in ("source/folder/a.csv", "source/a.csv"):
        with pytest.raises(NotFoundError):
            lake.objects.open(Reference("lake", name), ANY)
        with pytest.raises(NotFoundError):
            lake.objects.delete(Reference("lake", name), ANY)
    for name, conditions in (("source/folder/a.csv", ANY), ("source/folder/c.csv", CREATE), ("source/a.csv", CREATE)):
        with pytest.raises(InvalidError, match="link"):
            lake.write(name, b"mine", conditions)
    lake.write("source/a.csv", b"mine")

    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == {"a.csv": b"secret"}
    assert not (lake.folder / "source" / "a.csv").is_symlink()
    assert (lake.folder / "source" / "a.csv").read_bytes() == b"mine"


def test_a_plain_bucket_keeps_no_versions(lake: Lake) -> None:
    """It would have to hide them from those who read the folder."""
    with pytest.raises(InvalidError, match="keeps no versions"):
        lake.buckets.set_versioning("lake", versioning=True)

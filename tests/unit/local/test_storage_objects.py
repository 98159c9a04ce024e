"""The store of the local storage: generations, versions, preconditions, and what a restart finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.storage.buckets import Buckets
from local.storage.composing import Composition, compose
from local.storage.copying import Source, copy
from local.storage.disk import Disk
from local.storage.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotModifiedError,
    PreconditionFailedError,
    RootUnusableError,
    StorageError,
)
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
ANY = Preconditions()
ORDERS = Reference("landing", "daily/orders.csv")


@dataclass
class Clock:
    """Shows what the test says."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Storage:
    """The store over a folder, with all that it announced."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    announced: list[StoredObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.disk = Disk(self.root)
        self.buckets = Buckets(self.disk, (), self.clock)
        self.objects = Objects(self.disk, self.buckets, self.clock, self.announced.append)

    def write(self, data: bytes, target: Reference = ORDERS, conditions: Preconditions = ANY) -> StoredObject:
        with self.objects.incoming() as incoming:
            incoming.append(data)
            return self.objects.write(target, incoming, Attributes(), conditions)

    def read(self, target: Reference = ORDERS, conditions: Preconditions = ANY) -> bytes:
        _, file = self.objects.open(target, conditions)
        with file:
            return file.read()

    def files(self) -> list[str]:
        """Everything below the root but the index and the lock."""
        own = self.root / ".storage"
        found = (path for path in own.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(own)) for path in found if not path.name.startswith(("index", "lock")))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage(tmp_path)
    opened.buckets.create("landing", versioning=True)
    opened.buckets.create("plainly", versioning=False)
    yield opened
    opened.disk.close()


def of(stored: StoredObject) -> Reference:
    """That very generation."""
    return Reference(stored.bucket, stored.name, stored.generation)


def test_a_generation_is_the_time_in_microseconds(storage: Storage) -> None:
    """Generations look as Google's do, and say when the object was made."""
    stored = storage.write(b"a")

    assert stored.generation == 1795262400123456
    assert stored.created == NOON


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-1)], ids=["stands still", "goes back"])
def test_generations_grow_whatever_the_clock_does(storage: Storage, step: timedelta) -> None:
    """No two generations have the same number, and a later one has the greater."""
    first = storage.write(b"a")
    storage.clock.now += step

    second = storage.write(b"b")

    assert second.generation == first.generation + 1


def test_a_generation_is_never_given_again_after_a_restart(tmp_path: Path) -> None:
    """A deleted generation's number does not come back, even if the clock does."""
    before = Storage(tmp_path)
    before.buckets.create("landing", versioning=False)
    first = before.write(b"a")
    before.objects.delete(of(first), ANY)
    before.disk.close()

    after = Storage(tmp_path)
    second = after.write(b"b")
    after.disk.close()

    assert second.generation > first.generation


def test_a_versioned_bucket_keeps_what_was_overwritten(storage: Storage) -> None:
    """The older generation stays readable by its number; by its name there is only the newer one."""
    older = storage.write(b"older")
    newer = storage.write(b"newer")

    assert storage.read(of(older)) == b"older"
    assert storage.read() == b"newer"
    kept = storage.objects.get(of(older), ANY)
    assert kept.deleted == newer.created


def test_an_unversioned_bucket_keeps_only_the_newest(storage: Storage) -> None:
    """The overwritten generation and its bytes are gone."""
    name = Reference("plainly", "a.csv")
    older = storage.write(b"older", name)

    newer = storage.write(b"newer", name)

    with pytest.raises(NotFoundError):
        storage.objects.get(of(older), ANY)
    assert storage.files() == [f"buckets/plainly/{newer.generation}"]


def test_a_delete_by_name_keeps_a_noncurrent_generation(storage: Storage) -> None:
    """With versioning a delete without a generation hides the object and removes nothing."""
    stored = storage.write(b"a")

    storage.objects.delete(ORDERS, Preconditions(generation_match=stored.generation))

    with pytest.raises(NotFoundError):
        storage.objects.get(ORDERS, ANY)
    assert storage.read(of(stored)) == b"a"


def test_a_delete_by_generation_is_for_good(storage: Storage) -> None:
    """A delete that names its generation removes the bytes, and no older generation comes to life."""
    storage.write(b"older")
    newer = storage.write(b"newer")

    storage.objects.delete(of(newer), ANY)

    with pytest.raises(NotFoundError):
        storage.objects.get(ORDERS, ANY)
    with pytest.raises(NotFoundError):
        storage.objects.delete(of(newer), ANY)
    assert len(storage.files()) == 1


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (lambda g: Preconditions(generation_match=g), None),
        (lambda g: Preconditions(generation_match=g + 1), PreconditionFailedError),
        (lambda _: Preconditions(generation_match=0), PreconditionFailedError),
        (lambda g: Preconditions(generation_not_match=g), NotModifiedError),
        (lambda _: Preconditions(generation_not_match=0), None),
        (lambda _: Preconditions(metageneration_match=1), None),
        (lambda _: Preconditions(metageneration_match=2), PreconditionFailedError),
        (lambda _: Preconditions(metageneration_not_match=1), NotModifiedError),
        (lambda _: Preconditions(etag_match=frozenset({"another"})), PreconditionFailedError),
        (lambda _: Preconditions(etag_match=frozenset({"another", "*"})), None),
        (lambda _: Preconditions(etag_not_match=frozenset({"*"})), NotModifiedError),
        (lambda _: Preconditions(etag_not_match=frozenset({"another"})), None),
    ],
)
@pytest.mark.parametrize("operation", ["get", "open", "write", "patch", "delete", "copy", "compose"])
def test_every_operation_enforces_every_precondition(
    storage: Storage,
    operation: str,
    conditions: Callable[[int], Preconditions],
    expected: type[StorageError] | None,
) -> None:
    """A condition that does not hold refuses the request, and nothing has changed."""
    stored = storage.write(b"a")
    wanted = conditions(stored.generation)
    act = _operations(storage, wanted)[operation]

    if expected is None:
        act()
        return
    with pytest.raises(expected):
        act()

    assert storage.objects.get(ORDERS, ANY) == stored
    assert storage.files() == [f"buckets/landing/{stored.generation}"]
    assert storage.announced == [stored]


def _operations(storage: Storage, wanted: Preconditions) -> dict[str, Callable[[], object]]:
    objects = storage.objects
    source = Source(ORDERS, ANY)
    return {
        "get": lambda: objects.get(ORDERS, wanted),
        "open": lambda: storage.read(ORDERS, wanted),
        "write": lambda: storage.write(b"b", conditions=wanted),
        "patch": lambda: objects.patch(ORDERS, wanted, lambda attributes: attributes),
        "delete": lambda: objects.delete(ORDERS, wanted),
        "copy": lambda: copy(objects, source, ORDERS, None, wanted),
        "compose": lambda: compose(objects, Composition((source,), Attributes()), ORDERS, wanted),
    }


def test_only_a_name_that_is_free_can_be_created(storage: Storage) -> None:
    """Generation 0 means that there is no live object: a deleted one does not count."""
    create = Preconditions(generation_match=0)
    storage.write(b"a", conditions=create)

    with pytest.raises(PreconditionFailedError):
        storage.write(b"b", conditions=create)
    storage.objects.delete(ORDERS, ANY)
    storage.write(b"c", conditions=create)

    assert storage.read() == b"c"


def test_a_copy_is_of_exactly_the_generation_that_was_named(storage: Storage) -> None:
    """A noncurrent generation can be copied by its number, with its checksums and attributes."""
    older = storage.write(b"older")
    storage.write(b"newer")

    copied = copy(storage.objects, Source(of(older), ANY), Reference("plainly", "copy"), None, ANY)

    assert storage.read(of(copied)) == b"older"
    assert copied.checksums == older.checksums
    assert storage.announced[-1] == copied


def test_a_composed_object_has_no_md5(storage: Storage) -> None:
    """As with Google: the CRC32C of all bytes and the number of components, no MD5."""
    storage.write(b"a", Reference("landing", "a"))
    storage.write(b"b", Reference("landing", "b"))
    sources = tuple(Source(Reference("landing", name), ANY) for name in ("a", "b", "a"))

    composed = compose(storage.objects, Composition(sources, Attributes()), Reference("landing", "aba"), ANY)

    whole = storage.write(b"aba", Reference("landing", "whole"))
    assert storage.read(of(composed)) == b"aba"
    assert composed.checksums == whole.checksums.without_md5()
    assert storage.objects.get(of(composed), ANY).checksums.md5 is None
    assert composed.components == 3


def test_a_patch_counts_metagenerations_and_announces_nothing(storage: Storage) -> None:
    """Metadata changes within a generation; null removes a field, others stay."""
    stored = storage.write(b"a")
    first = {"contentType": "text/csv", "metadata": {"a": "1", "b": "2"}}

    storage.objects.patch(ORDERS, ANY, lambda attributes: attributes.patched(first))
    storage.clock.now += timedelta(seconds=1)
    patched = storage.objects.patch(ORDERS, ANY, lambda old: old.patched({"metadata": {"a": None}}))

    assert (patched.generation, patched.metageneration) == (stored.generation, 3)
    assert patched.attributes == Attributes({"contentType": "text/csv"}, {"b": "2"})
    assert patched.updated > patched.created
    assert storage.announced == [stored]


def test_a_restart_finds_every_generation_again(tmp_path: Path) -> None:
    """Objects, versions, attributes and buckets are on disk once they are announced."""
    before = Storage(tmp_path)
    before.buckets.create("landing", versioning=True)
    older, newer = before.write(b"older"), before.write(b"newer")
    kept = before.objects.get(of(older), ANY)
    before.disk.close()

    after = Storage(tmp_path)

    assert after.objects.get(ORDERS, ANY) == newer
    assert after.objects.get(of(older), ANY) == kept
    assert after.read(of(older)) == b"older"
    assert after.buckets.get("landing").versioning
    after.disk.close()


def test_a_restart_removes_what_a_killed_server_left_half_done(tmp_path: Path) -> None:
    """Bytes that were never entered are no object and take no room."""
    before = Storage(tmp_path)
    before.buckets.create("landing", versioning=True)
    stored = before.write(b"whole")
    own = tmp_path / ".storage"
    (own / "incoming" / "half").write_bytes(b"ha")
    (own / "buckets" / "landing" / str(stored.generation + 1)).write_bytes(b"placed, not entered")
    before.disk.close()

    after = Storage(tmp_path)

    assert after.files() == [f"buckets/landing/{stored.generation}"]
    assert after.objects.get(ORDERS, ANY) == stored
    after.disk.close()


def test_two_servers_never_share_a_folder(storage: Storage) -> None:
    """Preconditions hold only while one process decides."""
    with pytest.raises(RootUnusableError, match="in use by another"):
        Disk(storage.root)


def test_a_read_goes_on_while_its_generation_is_removed(storage: Storage) -> None:
    """Whoever has begun to read gets all bytes of the generation that was there."""
    stored = storage.write(b"all of it")
    _, file = storage.objects.open(ORDERS, ANY)

    with file:
        storage.objects.delete(of(stored), ANY)

        assert file.read() == b"all of it"


def test_wrong_checksums_are_refused(storage: Storage) -> None:
    """What the sender measured must be what came."""
    with storage.objects.incoming() as incoming:
        incoming.append(b"damaged on the way")

        with pytest.raises(InvalidError, match="CRC32C"):
            incoming.expect("AAAAAA==", None)


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\rb", "x" * 1025, "\ud800"])
def test_names_that_google_refuses_are_refused(storage: Storage, name: str) -> None:
    """The names of https://cloud.google.com/storage/docs/objects#naming that cannot be."""
    with pytest.raises(InvalidError):
        storage.write(b"a", Reference("landing", name))


@pytest.mark.parametrize("name", ["Landing", "la", "-landing", "la/nding", "", ".storage", "x" * 64])
def test_bucket_names_that_google_refuses_are_refused(storage: Storage, name: str) -> None:
    """So no bucket is ever a path elsewhere."""
    with pytest.raises(InvalidError):
        storage.buckets.create(name, versioning=False)


def test_a_bucket_is_created_once_and_removed_when_empty(storage: Storage) -> None:
    """409 for a bucket that exists, and for one that holds anything, noncurrent generations included."""
    stored = storage.write(b"a")
    storage.objects.delete(ORDERS, ANY)

    with pytest.raises(ConflictError):
        storage.buckets.create("landing", versioning=True)
    with pytest.raises(ConflictError):
        storage.buckets.delete("landing")
    storage.objects.delete(of(stored), ANY)
    storage.buckets.delete("landing")

    with pytest.raises(NotFoundError, match="bucket"):
        storage.objects.get(ORDERS, ANY)


@pytest.mark.parametrize("text", ["text/csv; \u20ac", "text/csv\r\nX: y", "\ud800", "a\x00"])
def test_what_no_header_can_hold_is_refused_and_not_kept(text: str) -> None:
    """Each download would fail at it, and with it the function."""
    with pytest.raises(InvalidError, match="contentType must be of letters"):
        Attributes.parse({"contentType": text})

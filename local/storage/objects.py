"""The objects of the storage: what each request does, without HTTP.

Everything that decides - preconditions, the next generation, what becomes noncurrent - happens under one lock
and in one transaction; bytes are moved outside of it. A generation's bytes are in their place before it is
entered, so a killed server shows no half object and loses no whole one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from local.storage.bucket import Bucket
from local.storage.buckets import Buckets
from local.storage.disk import Disk
from local.storage.epoch import microseconds
from local.storage.errors import NotFoundError, PreconditionFailedError
from local.storage.folders import GenerationFolder, PlainFolder
from local.storage.incoming import Incoming
from local.storage.names import check_object_name
from local.storage.plain import PlainObserver
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject


@dataclass(frozen=True)
class Reference:
    """Which object a request means: the live generation of the name, or the generation that it names."""

    bucket: str
    name: str
    generation: int | None = None


class Objects:
    """All objects of all buckets.

    `on_new` is called with each generation that a request made, after it is durable and before the answer.
    """

    def __init__(
        self,
        disk: Disk,
        buckets: Buckets,
        clock: Callable[[], datetime],
        on_new: Callable[[StoredObject], None],
    ) -> None:
        self._disk = disk
        self._buckets = buckets
        self._clock = clock
        self._on_new = on_new

    def incoming(self) -> Incoming:
        """A file for the bytes of an object that is to be written."""
        return self._disk.incoming()

    def get(self, reference: Reference, preconditions: Preconditions) -> StoredObject:
        """The generation that is meant; raises NotFoundError, or what the preconditions raise."""
        with self._settled(reference) as found:
            return _checked(reference, found, preconditions)

    def open(self, reference: Reference, preconditions: Preconditions) -> tuple[StoredObject, BinaryIO]:
        """The generation that is meant, with its bytes, which stay readable whatever happens meanwhile."""
        while True:
            with self._settled(reference) as found:
                stored = _checked(reference, found, preconditions)
                file = self._folder(stored.bucket).open(stored)
            if file is not None:  # otherwise somebody changed a plain file at this moment: look again
                return stored, file

    def check_write(self, target: Reference, preconditions: Preconditions) -> None:
        """Raise already now what `write` would raise, before any bytes are moved."""
        check_object_name(target.name)
        with self._settled(target) as current:
            preconditions.check(current)

    def write(
        self,
        target: Reference,
        incoming: Incoming,
        attributes: Attributes,
        preconditions: Preconditions,
        components: int | None = None,
    ) -> StoredObject:
        """Make the incoming bytes the live generation of a name; one that was composed has `components`."""
        check_object_name(target.name)
        bucket = self._buckets.get(target.bucket)
        with self._settled(target) as current:
            preconditions.check(current)
            now = self._clock()
            stored = StoredObject(
                bucket=bucket.name,
                name=target.name,
                generation=self._disk.index.mint(microseconds(now)),
                metageneration=1,
                size=incoming.size,
                checksums=incoming.checksums() if components is None else incoming.checksums().without_md5(),
                created=now,
                updated=now,
                attributes=attributes,
                components=components,
            )
            stored = self._place(bucket, stored, incoming, preconditions)
            self._supersede(bucket, current, stored)
        self._on_new(stored)
        return stored

    def patch(
        self, reference: Reference, preconditions: Preconditions, change: Callable[[Attributes], Attributes]
    ) -> StoredObject:
        """Change the attributes of a generation, which gets its next metageneration."""
        with self._settled(reference) as found:
            before = _checked(reference, found, preconditions)
            after = before.patched(change(before.attributes), self._clock())
            self._disk.index.put(after)
        return after

    def delete(self, reference: Reference, preconditions: Preconditions) -> None:
        """Remove a named generation for good; else the live one, which a versioned bucket keeps as noncurrent."""
        bucket = self._buckets.get(reference.bucket)
        with self._settled(reference) as found:
            stored = _checked(reference, found, preconditions)
            if bucket.versioning and reference.generation is None:
                self._disk.index.put(replace(stored, deleted=self._clock()))
                return
            self._disk.index.remove(stored)
            self._folder(bucket.name).drop(stored)

    def _place(
        self, bucket: Bucket, stored: StoredObject, incoming: Incoming, preconditions: Preconditions
    ) -> StoredObject:
        folder = self._folder(bucket.name)
        if isinstance(folder, GenerationFolder):
            folder.place(incoming.path, stored)
            return stored
        try:
            fingerprint = folder.place(incoming.path, stored.name, create=preconditions.must_not_exist)
        except FileExistsError:
            raise PreconditionFailedError(
                "At least one of the pre-conditions you specified did not hold: the object exists."
            ) from None
        return replace(stored, fingerprint=fingerprint)

    def _supersede(self, bucket: Bucket, old: StoredObject | None, new: StoredObject) -> None:
        with self._disk.index.transaction():
            if old is not None and bucket.versioning:
                self._disk.index.put(replace(old, deleted=new.created))
            elif old is not None:
                self._disk.index.remove(old)
            self._disk.index.put(new)
        if old is not None and not bucket.versioning and not bucket.plain:
            self._folder(bucket.name).drop(old)

    def _folder(self, bucket: str) -> GenerationFolder | PlainFolder:
        return self._buckets.folder(self._buckets.get(bucket))

    @contextmanager
    def _settled(self, reference: Reference) -> Iterator[StoredObject | None]:
        """Hold the lock, with the generation that is meant, while the index is true to the bucket's files."""
        folder = self._folder(reference.bucket)
        observer = PlainObserver(reference.bucket, folder, self._disk) if isinstance(folder, PlainFolder) else None
        while True:
            if observer is not None:
                observer.observe(reference.name)
            with self._disk.lock:
                if observer is not None and not observer.is_settled(reference.name):
                    continue
                yield self._meant(reference)
                return

    def _meant(self, reference: Reference) -> StoredObject | None:
        if reference.generation is None:
            return self._disk.index.live(reference.bucket, reference.name)
        return self._disk.index.generation(reference.bucket, reference.name, reference.generation)


def _checked(reference: Reference, found: StoredObject | None, preconditions: Preconditions) -> StoredObject:
    if found is None:
        version = "" if reference.generation is None else f"#{reference.generation}"
        raise NotFoundError(f"No such object: {reference.bucket}/{reference.name}{version}")
    preconditions.check(found)
    return found

"""The buckets of the storage: made, changed, listed and removed."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from local.storage.bucket import Bucket
from local.storage.disk import Disk
from local.storage.errors import ConflictError, InvalidError, NotFoundError
from local.storage.folders import GenerationFolder, PlainFolder
from local.storage.names import check_bucket_name
from local.storage.preconditions import NO_CONDITIONS, Preconditions


class Buckets:
    """All buckets; one whose name is in `plain` when it is made stays a plain one."""

    def __init__(self, disk: Disk, plain: Collection[str], clock: Callable[[], datetime]) -> None:
        self._disk = disk
        self._plain = frozenset(plain)
        self._clock = clock

    def create(self, name: str, *, versioning: bool) -> Bucket:
        """Make a bucket; raises ConflictError if there is one of this name."""
        check_bucket_name(name)
        now = self._clock()
        bucket = Bucket(name, versioning, name in self._plain, created=now, updated=now, metageneration=1)
        _check_versioning(bucket)
        with self._disk.lock:
            if self._disk.index.bucket(name):
                raise ConflictError("Your previous request to create the named bucket succeeded and you own it.")
            self.folder(bucket)
            self._disk.index.put_bucket(bucket)
        return bucket

    def get(self, name: str, preconditions: Preconditions = NO_CONDITIONS) -> Bucket:
        """The bucket of this name; raises NotFoundError, or what the preconditions raise."""
        with self._disk.lock:
            bucket = self._disk.index.bucket(name)
        if bucket is None:
            raise NotFoundError("The specified bucket does not exist.")
        preconditions.check_bucket(bucket)
        return bucket

    def all(self) -> list[Bucket]:
        """All buckets by name."""
        with self._disk.lock:
            return self._disk.index.buckets()

    def set_versioning(self, name: str, *, versioning: bool, preconditions: Preconditions = NO_CONDITIONS) -> Bucket:
        """Keep noncurrent generations from now on, or no longer."""
        with self._disk.lock:
            before = self.get(name, preconditions)
            after = replace(
                before,
                versioning=versioning,
                updated=self._clock(),
                metageneration=before.metageneration + 1,
            )
            _check_versioning(after)
            self._disk.index.put_bucket(after)
        return after

    def delete(self, name: str, preconditions: Preconditions = NO_CONDITIONS) -> None:
        """Remove an empty bucket; raises ConflictError if any generation is in it."""
        with self._disk.lock:
            bucket = self.get(name, preconditions)
            folder = self.folder(bucket)
            if isinstance(folder, PlainFolder):
                is_empty = folder.is_empty()
            else:
                is_empty = not any(self._disk.index.generations(name))
            if not is_empty:
                raise ConflictError("The bucket you tried to delete is not empty.")
            self._disk.index.remove_bucket(name)
            folder.remove()

    def folder(self, bucket: Bucket) -> GenerationFolder | PlainFolder:
        """Where the bytes of the bucket lie."""
        if bucket.plain:
            return self._disk.plain_files_of(bucket.name)
        return self._disk.generations_of(bucket.name)


def _check_versioning(bucket: Bucket) -> None:
    if bucket.plain and bucket.versioning:
        raise InvalidError(f"The bucket {bucket.name} is a plain folder, which keeps no versions.")

"""Cloud Storage, as the functions use it; the only module that knows google.cloud.storage.

The functions may not delete in rejected/, nor so replace anything there. Whether a create of a name that is taken is
then refused by its precondition (412) or for the missing right (403) is the service's choice: a 403 is looked into.
"""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from google.api_core.exceptions import Forbidden, NotFound, PreconditionFailed, RequestRangeNotSatisfiable
from google.api_core.page_iterator import HTTPIterator
from google.api_core.retry import Retry
from google.cloud.storage import Blob, Client  # type: ignore[import-untyped]  # it ships no types
from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]  # it ships no types

from contracts.files.header import HEAD_BYTES
from contracts.files.packing import type_of_copy
from contracts.names.paths import UNROUTED, Area, identity, names_since
from function.deadline import Deadline
from function.errors import CopyDiffers, DeleteRefused, GenerationGone, NothingToCopy
from function.event import LandedObject
from function.listed import SOURCE, RejectedObject, SourceFile, SourceListing, Version, pages_of

_AREAS: tuple[Area, ...] = ("archive", "source", "rejected")
_AT_ONCE = 8
_REASONS = {"written-by": "functions"}
"""Custom metadata of the reason files of the functions. Those of the job come through the volume, and have none."""
_LISTED = (
    "items(name,generation,size,timeCreated,crc32c,contentType,contentEncoding,timeDeleted),prefixes,nextPageToken"
)
_LISTED_REJECTED = "items(name,timeCreated,metadata),nextPageToken"


def connect() -> Client:
    """A client for all threads, with the identity that the function runs as; it honours STORAGE_EMULATOR_HOST."""
    return Client()


@dataclass(frozen=True, slots=True)
class CloudStorage:
    """The landing and the lake bucket within one invocation; the client is shared by all of them."""

    client: Client
    landing: str
    lake: str
    deadline: Deadline

    def read_head(self, landed: LandedObject) -> bytes:
        """The first 64 KiB of this generation as they are stored; raises GenerationGone.

        Raw, since an object with contentEncoding gzip is otherwise decompressed on the way, and its range ignored:
        https://cloud.google.com/storage/docs/transcoding
        """
        limits = self.deadline.call()
        try:
            head: bytes = self._landed(landed).download_as_bytes(
                start=0,
                end=HEAD_BYTES - 1,
                raw_download=True,
                checksum=None,
                timeout=limits.attempt,
                retry=self._retry(),
            )
        except NotFound as error:
            raise GenerationGone(landed.identity) from error
        except RequestRangeNotSatisfiable:
            return b""
        return head[:HEAD_BYTES]

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        """Copies this generation to a name that nothing stands under yet; whether it was this call that did.

        The source is pinned by its generation, so a 412 can only mean the destination. Raises NothingToCopy, and
        CopyDiffers where that name holds something else.
        """
        copy = self._copy_in_lake(path, landed.content_encoding, landed.content_type)
        return self._copy(self._landed(landed), copy, landed.size, landed.crc32c)

    def stands_in_lake(self, path: str) -> bool:
        limits = self.deadline.call()
        found: bool = self._in_lake(path).exists(timeout=limits.attempt, retry=self._retry())
        return found

    def is_listed_in_lake(self, path: str) -> bool:
        """Of all names that begin with this one it is the first: https://cloud.google.com/storage/docs/listing-objects"""
        return any(blob.name == path for blob in self._list(self.lake, prefix=path, max_results=1))

    def feeds_in_lake(self) -> set[str]:
        """The folders of source/, archive/ and rejected/, but for that of what no feed has."""
        listings = (self._list(self.lake, prefix=f"{area}/", delimiter="/") for area in _AREAS)
        pages = (page for found in listings for page in pages_of(found, self.deadline))
        return {prefix.split("/")[1] for page in pages for prefix in page.prefixes} - {UNROUTED}

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        """Those of the names that are taken."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            are_there = pool.map(self.is_listed_in_lake, paths)
            return {path for path, is_there in zip(paths, are_there, strict=True) if is_there}

    def write_reason(self, path: str, document: bytes) -> None:
        """Keeps what stands there: an earlier delivery wrote it, or this one, whose answer was lost."""
        self._create(path, document, _REASONS)

    def write_once(self, path: str, document: bytes) -> None:
        """Keeps what stands there."""
        self._create(path, document, {})

    def has_come(self, feed: str, since: datetime) -> bool:
        """Whether a file of the feed was finalized after that moment, wherever in the lake it stands."""
        return any(self._has_since(area, feed, since + timedelta(microseconds=1)) for area in _AREAS)

    def _has_since(self, area: Area, feed: str, moment: datetime) -> bool:
        begin = names_since(area, feed, moment)
        found = self._list(self.lake, prefix=begin.partition("@")[0], start_offset=begin, max_results=1)
        return any(True for _ in found)

    def _create(self, path: str, document: bytes, metadata: Mapping[str, str]) -> None:
        limits = self.deadline.call()
        created = self._in_lake(path)
        created.metadata = dict(metadata)
        try:
            created.upload_from_string(
                document,
                content_type="application/json",
                if_generation_match=0,
                timeout=limits.attempt,
                retry=self._retry(),
            )
        except PreconditionFailed:
            return
        except Forbidden:
            if not self.stands_in_lake(path):
                raise

    def delete_landed(self, landed: LandedObject) -> None:
        """By number: a delete of the name would leave a noncurrent copy, which a late duplicate would admit."""
        self._delete(self._landed(landed))

    def landed_versions(self, until: Deadline) -> Iterator[Version]:
        """Every generation in landing, noncurrent ones too, in no order that matters; page by page.

        Raises DeadlineNear where there is another page, and it might come too late for `until`.
        """
        for page in pages_of(self._list(self.landing, versions=True), until):
            for blob in page:
                yield Version.of_blob(self.landing, blob)

    def source_listing(self) -> SourceListing:
        files: list[SourceFile] = []
        folders: set[str] = set()
        for page in pages_of(self._list(self.lake, prefix=SOURCE, delimiter="/"), self.deadline):
            files += SourceFile.of_blobs(page)
            folders.update(prefix[len(SOURCE) : -1] for prefix in page.prefixes)
        return SourceListing(tuple(sorted(folders)), tuple(files))

    def source_files(self, folder: str) -> Iterator[SourceFile]:
        """What stands in a folder of source/, page by page."""
        for page in pages_of(self._list(self.lake, prefix=f"{SOURCE}{folder}/"), self.deadline):
            yield from SourceFile.of_blobs(page)

    def rejected_objects(self, feed: str, finalized_from: datetime) -> Iterator[RejectedObject]:
        """What stands in the feed's rejected/, of files that were finalized then or later, the earliest first."""
        begin = names_since("rejected", feed, finalized_from)
        found = self._list(self.lake, _LISTED_REJECTED, prefix=begin.partition("@")[0], start_offset=begin)
        for page in pages_of(found, self.deadline):
            for blob in page:
                is_reason = (blob.metadata or {}).items() >= _REASONS.items()
                yield RejectedObject(blob.time_created.astimezone(UTC), is_reason)

    def copy_out_of_source(self, file: SourceFile, path: str, reason_path: str, document: bytes) -> None:
        """Copies it to `path` in the lake, and its reason beside it."""
        blob = self._in_source(file)
        try:
            blob.reload(timeout=self.deadline.call().attempt, retry=self._retry())
        except NotFound:
            return  # another sweep, a run or a person was first
        copy = self._copy_in_lake(path, blob.content_encoding, blob.content_type)
        self._copy(blob, copy, blob.size or 0, blob.crc32c)
        self.write_reason(reason_path, document)

    def delete_from_source(self, file: SourceFile) -> None:
        """This generation of it, if it is there."""
        self._delete(self._in_source(file))

    def _copy(self, source: Blob, destination: Blob, size: int, crc32c: str) -> bool:
        path, token = destination.name, None
        while True:
            limits = self.deadline.call()
            try:
                token, _, _ = destination.rewrite(
                    source, token=token, if_generation_match=0, timeout=limits.attempt, retry=self._retry()
                )
            except PreconditionFailed:
                self._compare(path, size, crc32c)
                return False
            except Forbidden:
                if not self._compare(path, size, crc32c):
                    raise
                return False
            except NotFound as error:
                raise NothingToCopy(f"{source.bucket.name} to {self.lake}/{path}: {error.message}") from error
            if token is None:
                return True

    def _compare(self, path: str, size: int, crc32c: str) -> bool:
        """Whether it stands there still, raises CopyDiffers; one that has moved on since is as good as the same."""
        standing = self._in_lake(path)
        try:
            standing.reload(timeout=self.deadline.call().attempt, retry=self._retry())
        except NotFound:
            return False
        if ((standing.size or 0), standing.crc32c) != (size, crc32c):
            raise CopyDiffers(f"{self.lake}/{path} has {standing.size} bytes, crc32c {standing.crc32c}")
        return True

    def _delete(self, blob: Blob) -> None:
        try:
            blob.delete(timeout=self.deadline.call().attempt, retry=self._retry())
        except NotFound:
            return
        except Forbidden as error:
            raise DeleteRefused(f"{identity(blob.bucket.name, blob.name, blob.generation)}: {error.message}") from error

    def _list(self, bucket: str, fields: str = _LISTED, **query: object) -> HTTPIterator:
        limits = self.deadline.call()
        found = self.client.list_blobs(bucket, fields=fields, timeout=limits.attempt, retry=self._retry(), **query)
        return cast(HTTPIterator, found)

    def _landed(self, landed: LandedObject) -> Blob:
        return self.client.bucket(landed.bucket).blob(landed.name, generation=landed.generation)

    def _in_source(self, file: SourceFile) -> Blob:
        return self.client.bucket(self.lake).blob(file.path, generation=file.generation)

    def _in_lake(self, path: str) -> Blob:
        return self.client.bucket(self.lake).blob(path)

    def _copy_in_lake(self, path: str, encoding: str | None, content_type: str | None) -> Blob:
        copy, says = self._in_lake(path), type_of_copy(encoding, content_type)
        if says:
            copy.content_type = says
        return copy

    def _retry(self) -> Retry:
        """For calls that are the same when they are made twice, as all of these are."""
        limits = self.deadline.limits
        return cast(Retry, DEFAULT_RETRY.with_timeout(limits.retries).with_delay(limits.pause / 4, limits.pause, 2.0))

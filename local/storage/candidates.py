"""The generations that a list query wants, in the order of the answer."""

from collections.abc import Iterator

from local.storage.bucket import Bucket
from local.storage.buckets import Buckets
from local.storage.disk import Disk
from local.storage.listing import ListQuery, Page, page_of
from local.storage.plain import PlainObserver, walk
from local.storage.resource import StoredObject

_ROWS_AT_A_TIME = 500


def list_objects(disk: Disk, buckets: Buckets, bucket_name: str, query: ListQuery) -> Page:
    """One page of a bucket's objects."""
    bucket = buckets.get(bucket_name)
    found = _plain(disk, bucket.name, query) if bucket.plain else _ordinary(disk, bucket, query)
    return page_of((stored for stored in found if query.wants(stored.name)), query)


def _ordinary(disk: Disk, bucket: Bucket, query: ListQuery) -> Iterator[StoredObject]:
    first = max(query.prefix, query.start)
    after = max(query.after, (first, 0))
    while True:
        with disk.lock:
            rows = disk.index.page(bucket.name, after, _ROWS_AT_A_TIME, versions=query.versions)
        yield from rows
        if len(rows) < _ROWS_AT_A_TIME or not query.may_hold(rows[-1].name):
            return
        after = (rows[-1].name, rows[-1].generation)


def _plain(disk: Disk, bucket: str, query: ListQuery) -> Iterator[StoredObject]:
    folder = disk.plain_files_of(bucket)
    observer = PlainObserver(bucket, folder, disk)
    for name in walk(folder.path, lambda name: query.may_hold(name) if name.endswith("/") else query.wants(name)):
        observer.observe(name)
        with disk.lock:
            stored = disk.index.live(bucket, name)
        if stored is not None and (stored.name, stored.generation) > query.after:
            yield stored

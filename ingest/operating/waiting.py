"""What waits: objects in landing, files in source/, and what was rejected because it is no feed's."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from contracts.contract import Contract
from contracts.files.reasons import FileRejected
from contracts.files.rejection import Rejection
from contracts.names.paths import REASON_SUFFIX, UNROUTED, Area, LakeFile, NotOurName, is_placeholder, names_since
from contracts.names.routing import route

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket  # type: ignore[import-untyped]  # it ships no types

_CALL_SECONDS = 60
_SOURCE = "source/"
_REJECTED = "rejected/"
_LANDED = "items(name,generation,size,timeCreated,timeDeleted),nextPageToken"
_LISTED = "items(name,size,timeCreated),nextPageToken"
_NAMED = "items(name),nextPageToken"
_TOLD = 5
_LARGEST_REASON = 1024 * 1024
"""In bytes; ours have a sentence or two."""
_DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many files, the oldest since."""

    files: int = 0
    oldest: datetime | None = None

    def and_one(self, since: datetime) -> "Waiting":
        return Waiting(self.files + 1, since if self.oldest is None else min(self.oldest, since))


@dataclass(frozen=True, slots=True)
class Unrouted:
    """How many files are in rejected/_unrouted of those finalized since then, and the newest of them."""

    files: int
    newest: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Landed:
    """One generation in landing; `is_live` unless a newer one has replaced it."""

    name: str
    generation: int
    size: int
    at: datetime
    is_live: bool


def landed(bucket: "Bucket", prefix: str = "") -> Iterator[Landed]:
    """All generations of the landing bucket, page by page."""
    for blob in bucket.list_blobs(prefix=prefix or None, versions=True, fields=_LANDED, timeout=_CALL_SECONDS):
        created = blob.time_created.astimezone(UTC)
        yield Landed(blob.name, int(blob.generation), blob.size or 0, created, blob.time_deleted is None)


def waiting_in_landing(objects: Iterable[Landed], contracts: Sequence[Contract]) -> dict[str, Waiting]:
    """By feed; what no feed or two feeds claim under `_unrouted`. Placeholders wait for nobody."""
    found: dict[str, Waiting] = {}
    for one in objects:
        if not is_placeholder(one.name, one.size):
            feed = feed_of(one.name, contracts)
            found[feed] = found.get(feed, Waiting()).and_one(one.at)
    return found


def feed_of(name: str, contracts: Sequence[Contract]) -> str:
    """The feed that claims the name; else `_unrouted`."""
    try:
        return route(name, contracts).feed
    except FileRejected:
        return UNROUTED


def feed_in_source(path: str, contracts: Sequence[Contract]) -> str:
    """The feed whose runs load it: that of its folder, else the one that claims its name there; else `_unrouted`."""
    name = path.removeprefix(_SOURCE)
    folder, slash, _ = name.partition("/")
    if slash and folder in {UNROUTED, *(contract.feed for contract in contracts)}:
        return folder
    return feed_of(name, contracts)


def waiting_in_source(lake: "Bucket", contracts: Sequence[Contract]) -> dict[str, Waiting]:
    """By feed; what no feed loads by its folder."""
    found: dict[str, Waiting] = {}
    for blob in _listed(lake, _SOURCE):
        folder, slash, _ = blob.name.removeprefix(_SOURCE).partition("/")
        if not blob.name.endswith("/"):
            feed = feed_in_source(blob.name, contracts)
            feed = folder if slash and feed == UNROUTED else feed
            found[feed] = found.get(feed, Waiting()).and_one(blob.time_created.astimezone(UTC))
    return found


def source_names(lake: "Bucket") -> Iterator[str]:
    """The paths of all objects in source/, page by page."""
    return (blob.name for blob in lake.list_blobs(prefix=_SOURCE, fields=_NAMED, timeout=_CALL_SECONDS))


def unrouted(lake: "Bucket", since: datetime) -> Unrouted:
    """Names sort by the time of upload, so that the listing begins there."""
    begin = names_since("rejected", UNROUTED, since)
    prefix = begin.partition("@")[0]
    named = [blob.name for blob in _listed(lake, prefix, begin) if blob.name.endswith(REASON_SUFFIX)]
    # A producer may call an object like a reason file, and then it has one itself.
    told = {*named}
    reasons = [name for name in named if name + REASON_SUFFIX not in told]
    newest = tuple(reason for name in reversed(reasons[-_TOLD:]) if (reason := rejection_at(lake, name)) is not None)
    return Unrouted(len(reasons), newest)


def came_since(lake: "Bucket", feed: str, since: datetime) -> datetime | None:
    """When the first file of the feed was finalized after that moment, wherever it stands; None if none was."""
    areas: tuple[Area, ...] = ("archive", "source", "rejected")
    for area in areas:
        begin = names_since(area, feed, since + timedelta(microseconds=1))
        for blob in _listed(lake, begin.partition("@")[0], begin):
            try:
                return LakeFile.parse(blob.name).finalized_at
            except NotOurName:  # put there by hand
                put: datetime = blob.time_created.astimezone(UTC)
                return put
    return None


def rejected_of(lake: "Bucket", text: str, since: datetime, most: int, feed: str = UNROUTED) -> list[Rejection]:
    """What was rejected since then with this in its identity, the newest first, at most so many."""
    read = (rejection_at(lake, place.reason_path()) for place in rejected_as(lake, text, since, feed))
    return list(islice((one for one in read if one is not None and text in one.identity), most))


def rejected_as(lake: "Bucket", text: str, since: datetime, feed: str) -> list[LakeFile]:
    """The places of what was rejected since then and may have this in its identity, by names alone: the newest first.

    A name that was too long for the lake stands there as its digest, and may be any.
    """
    begin = names_since("rejected", feed, since)
    places = [_place_of(blob.name) for blob in _listed(lake, begin.partition("@")[0], begin)]
    return [place for place in reversed(places) if place is not None and _may_be(place, text)]


def rejecting(lake: "Bucket") -> set[str]:
    """The feeds of which something stands in rejected/, by one listing: of most feeds nothing does."""
    listed = lake.list_blobs(prefix=_REJECTED, delimiter="/", fields="prefixes,nextPageToken", timeout=_CALL_SECONDS)
    for _ in listed:  # the folders are known behind the last page alone
        pass
    return {folder.removeprefix(_REJECTED).rstrip("/") for folder in listed.prefixes}


def rejected_names(lake: "Bucket", bucket: str, feed: str, since: datetime) -> list[str]:
    """The identities of the feed's files that were finalized since then and stand in rejected/, by names alone."""
    begin = names_since("rejected", feed, since)
    places = (_place_of(blob.name) for blob in _listed(lake, begin.partition("@")[0], begin))
    return [place.identity(bucket) for place in places if place is not None and not _DIGEST.fullmatch(place.name)]


def _place_of(reason: str) -> LakeFile | None:
    """The place of the file whose reason would stand there; None for any other name."""
    if not reason.endswith(REASON_SUFFIX):
        return None
    try:
        return LakeFile.parse(reason.removesuffix(REASON_SUFFIX))
    except NotOurName:
        return None


def _may_be(place: LakeFile, text: str) -> bool:
    """Whether to read the reason file: its name says of which object it is, unless that was too long for it."""
    return bool(_DIGEST.fullmatch(place.name)) or text in place.identity("") or place.name in text


def rejection_at(lake: "Bucket", path: str) -> Rejection | None:
    """The reason file there; None where there is none, and for what only is called like one."""
    place, blob = _place_of(path), stands(lake, path)
    if place is None or blob is None or (blob.size or 0) > _LARGEST_REASON:
        return None
    try:
        rejection = Rejection.parse(blob.download_as_bytes(timeout=_CALL_SECONDS))
    except ValueError:
        return None
    return rejection if place.has_reason(rejection.identity) else None


def stands(bucket: "Bucket", path: str) -> "Blob | None":
    """The object there, as it is now; None where nothing is."""
    return bucket.get_blob(path, timeout=_CALL_SECONDS)


def _listed(bucket: "Bucket", prefix: str, begin: str | None = None) -> "Iterator[Blob]":
    yield from bucket.list_blobs(prefix=prefix, start_offset=begin, fields=_LISTED, timeout=_CALL_SECONDS)

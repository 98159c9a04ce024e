"""What waits in source/: for which feeds, and what no feed will ever take."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from contracts.files.reasons import FileRejected, Reason
from contracts.names.paths import UNROUTED, LakeFile, NotOurName, direct_identity, is_placeholder
from contracts.names.routing import route
from function.config import Feeds
from function.listed import SourceFile, SourceListing

MOST_LISTED = 1000
"""Of a folder in source/ that is no feed's."""


class Source(Protocol):
    """What this needs of the lake bucket."""

    def source_listing(self) -> SourceListing:
        """What stands directly in source/."""

    def source_files(self, folder: str) -> Iterator[SourceFile]:
        """What stands in a folder of source/, at any depth."""

    def copy_out_of_source(self, file: SourceFile, path: str, reason_path: str, document: bytes) -> None:
        """Copies it to `path` in the lake, and its reason beside it."""

    def delete_from_source(self, file: SourceFile) -> None:
        """This generation of it, if it is there."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`for_feeds` are pairs of a feed and the path of one of its files; `unclaimed` are those of no feed or of two."""

    for_feeds: tuple[tuple[str, str], ...]
    unclaimed: tuple[tuple[SourceFile, FileRejected], ...]

    def path_of(self, feed: str) -> str | None:
        return next((path for name, path in self.for_feeds if name == feed), None)


def find_waiting(source: Source, feeds: Feeds) -> Waiting:
    """A folder named after a feed is that feed's; everything else goes by its name below source/."""
    names = {contract.feed for contract in feeds.contracts}
    listing = source.source_listing()
    for_feeds: list[tuple[str, str]] = []
    unclaimed: list[tuple[SourceFile, FileRejected]] = []
    for file in _files(source, listing, names):
        try:
            for_feeds.append((_feed_of(file, names, feeds), file.path))
        except FileRejected as fault:
            unclaimed.append((file, fault))
    return Waiting(tuple(for_feeds), tuple(unclaimed))


def _files(source: Source, listing: SourceListing, feeds: set[str]) -> Iterator[SourceFile]:
    """Everything loose, and of a feed's folder what comes up to its first file: one is enough to need a run."""
    yield from listing.files
    for folder in listing.folders:
        for file in islice(source.source_files(folder), MOST_LISTED):
            yield file
            if folder in feeds and not _is_placeholder(file):
                break


def _feed_of(file: SourceFile, names: set[str], feeds: Feeds) -> str:
    """Raises FileRejected (placeholder, unrouted, ambiguous)."""
    if _is_placeholder(file):
        raise FileRejected(Reason.PLACEHOLDER, "no file has come into the place of this placeholder")
    folder, slash, _ = file.name.partition("/")
    if slash and folder == UNROUTED:  # whatever its name: no job lists this folder
        raise FileRejected(Reason.UNROUTED, f"{UNROUTED}/ is no feed's folder; put it into source/ or that of its feed")
    if slash and folder in names:
        return folder
    try:
        return route(file.name, feeds.contracts).feed
    except FileRejected as fault:
        place = _admitted(file)
        raise (_of_a_feed_that_went(place, feeds) if place else fault) from fault


def _of_a_feed_that_went(place: LakeFile, feeds: Feeds) -> FileRejected:
    detail = f"it was admitted for the feed {place.feed}, which has no contract any more, and no run loads it"
    try:
        feed = route(place.name, feeds.contracts).feed
    except FileRejected as fault:
        return FileRejected(fault.reason, f"{detail}; {fault.detail}")
    return FileRejected(Reason.UNROUTED, f"{detail}; {feed} takes this name now: upload it again")


def _is_placeholder(file: SourceFile) -> bool:
    """Whether the job passes it over, too: only what was put here by hand can be one."""
    return is_placeholder(file.name, file.size) and _admitted(file) is None


def rejected_place(file: SourceFile, feeds: Feeds) -> LakeFile:
    """Where a file of source/ stands in rejected/.

    What was put into source/ by hand has no generation of landing: its time of change stands for it, with the
    generation 0. What was admitted for a feed that went keeps its own, and is no feed's: nobody looks into a folder of
    a feed that there is not.
    """
    place = _admitted(file)
    if place is not None:
        return replace(place, feed=UNROUTED)
    folder, slash, rest = file.name.partition("/")
    if slash and folder in {UNROUTED, *(contract.feed for contract in feeds.contracts)}:
        return LakeFile(folder, file.changed_at, 0, rest)
    return LakeFile(UNROUTED, file.changed_at, 0, file.name)


def of_another_feed(file: SourceFile, feeds: Feeds) -> LakeFile | None:
    """The place of the same generation since another feed takes its name; None for what was put here by hand, and for a
    name that no feed takes.

    Of a feed that was renamed an event may have come twice: to a function that copied the file for the old feed and
    found no job of it any more, and to one that admitted it for the new feed.
    """
    place = _admitted(file)
    try:
        return place and replace(place, feed=route(place.name, feeds.contracts).feed)
    except FileRejected:
        return None


def source_identity(file: SourceFile, landing: str) -> str:
    """The identity of what was admitted from the landing bucket, or of what somebody put into source/ by hand."""
    place = _admitted(file)
    return place.identity(landing) if place else direct_identity(file.path, file.changed_at)


def _admitted(file: SourceFile) -> LakeFile | None:
    """What admission named so; for no feed only if its contract was taken away since."""
    try:
        return LakeFile.parse(file.path)
    except NotOurName:
        return None

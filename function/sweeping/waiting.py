"""What waits in source/: for which feeds, and what no feed will ever take."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class Waiting:
    """What was found so far: of feeds one path each, and files of no feed or of two; `folders` are those of source/,
    `names` are the feeds'.
    """

    source: Source
    feeds: Feeds
    folders: tuple[str, ...]
    names: frozenset[str]
    unclaimed: list[tuple[SourceFile, FileRejected]] = field(default_factory=list)
    _paths: dict[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls, source: Source, feeds: Feeds) -> "Waiting":
        """From one listing: what stands directly in source/, which goes by its name."""
        listing = source.source_listing()
        waiting = cls(source, feeds, listing.folders, frozenset(contract.feed for contract in feeds.contracts))
        for file in listing.files:
            waiting._add(file)
        return waiting

    def look_into(self, folder: str) -> None:
        """Everything in it goes by its name below source/; of one that is named after a feed all is that feed's, and
        what comes up to its first file is looked at: one is enough to need a run.
        """
        if folder in self.folders:
            is_feed_s = folder in self.names
            for file in islice(self.source.source_files(folder), MOST_LISTED):
                self._add(file)
                if is_feed_s and not _is_placeholder(file):
                    return

    def path_of(self, feed: str) -> str | None:
        return self._paths.get(feed)

    def is_expected(self, feed: str) -> bool:
        """Whether something of the feed was found, or may be in its folder."""
        return feed in self.folders or feed in self._paths

    @property
    def strange(self) -> list[str]:
        """The folders that are no feed's."""
        return [folder for folder in self.folders if folder not in self.names]

    def _add(self, file: SourceFile) -> None:
        try:
            self._paths.setdefault(_feed_of(file, self.names, self.feeds), file.path)
        except FileRejected as fault:
            self.unclaimed.append((file, fault))


def _feed_of(file: SourceFile, names: frozenset[str], feeds: Feeds) -> str:
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

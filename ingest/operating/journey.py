"""The whole way of one file, or where one of that name is that no run has seen."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, LakeFile, NameTooLong, identity, is_placeholder, without_generation
from ingest.operating.ledger import Found, LedgerReader
from ingest.operating.waiting import Landed, feed_of, landed, rejected_as, rejecting, rejection_at, source_names, stands
from ingest.targets.errors import StatementFailed
from ingest.targets.target import Target
from pipeline_jobs.state.history import Entry

if TYPE_CHECKING:
    from google.cloud.storage import Bucket  # type: ignore[import-untyped]  # it ships no types

MOST = 25
_AT_ONCE = 8
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Copy:
    """An object that holds the file: `where` is landing, source, archive or rejected."""

    where: str
    name: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Journey:
    """Of a file that the ledger knows; `rows_owned` of the target are its own now (None: there is no such
    table)."""

    file: str
    feed: str
    place: LakeFile | None
    entries: tuple[Entry, ...]
    copies: tuple[Copy, ...]
    rejection: Rejection | None
    rows_owned: int | None


@dataclass(frozen=True, slots=True)
class Unseen:
    """What no run has entered in the ledger: objects in landing and source/, and what the functions rejected."""

    landing: tuple[Landed, ...] = ()
    source: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.landing or self.source or self.rejected)

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(one.identity for one in self.rejected)

    def waiting(self, bucket: str) -> list[str]:
        """What is still to come, each as it can be named, and where it is."""
        in_landing = [f"{identity(bucket, one.name, one.generation)}  still in landing" for one in self.landing]
        return in_landing + [f"{path}  waits in source/" for path in self.source]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Files by a text; `name` is the whole name of the object, where one that was `found` has just that."""

    bucket: str
    text: str
    found: Mapping[str, str]
    name: str

    @classmethod
    def of(cls, bucket: str, text: str, found: Mapping[str, str]) -> "_Wanted":
        name = text.removeprefix(f"gs://{bucket}/")
        is_name = f"gs://{bucket}/{name}" in map(without_generation, found)
        return cls(bucket, text, found, name if is_name else "")

    def fits(self, file: str) -> bool:
        return without_generation(file) == f"gs://{self.bucket}/{self.name}" if self.name else self.text in file

    def landed(self, landing: "Bucket") -> list[Landed]:
        """Without what announced a file that has come since, where another of the name is found."""
        fitting = [one for one in landed(landing, prefix=self.name) if self.fits(self.file_of(one))]
        return [one for one in fitting if one.is_live or not (self.found and is_placeholder(one.name, one.size))]

    def in_source(self, lake: "Bucket") -> dict[str, str]:
        """The identity by the path. A file put straight there has none before a run reads its time: its path stands
        for it, and it is left out where one of that path is found.
        """
        named = {path: self._in_source(path) for path in source_names(lake)}
        direct = set(map(without_generation, self.found))
        return {
            path: file
            for path, file in named.items()
            if path not in direct and (self.fits(file) or (not self.name and self.text in path))
        }

    def feeds(self, target: Target) -> list[str]:
        """Of whose rejected files it may be one; what is no feed's is asked for first."""
        named = {*self.found.values(), feed_of(self.name, target.contracts)}
        feeds = named if self.name else rejecting(target.lake)  # also of feeds that went since
        return [UNROUTED, *sorted(feeds - {UNROUTED})]

    def file_of(self, one: Landed) -> str:
        return identity(self.bucket, one.name, one.generation)

    def _in_source(self, path: str) -> str:
        try:
            return LakeFile.parse(path).identity(self.bucket)
        except ValueError:
            return path


def journey(target: Target, found: Found) -> Journey:
    """Three objects are looked at, landing by the name, and the target for the rows; all at the same time."""
    place = found.place
    with ThreadPoolExecutor(4) as pool:
        entries = pool.submit(LedgerReader(target.tables).entries, found)
        owned = pool.submit(_rows_owned, target, found)
        copies = pool.submit(lambda: tuple(_copies(target, place)) if place else ())
        rejection = pool.submit(lambda: rejection_at(target.lake, place.reason_path()) if place else None)
        return Journey(
            found.file,
            found.feed,
            place,
            tuple(entries.result()),
            copies.result(),
            rejection.result(),
            owned.result(),
        )


def unseen(target: Target, text: str, since: datetime, found: Mapping[str, str] = _NONE) -> Unseen:
    """Whose identity is the text, or has it in it; landing and source/ are what waits, and so few. What was rejected is
    looked at from then on.

    Beside files `found` in the ledger, each with its feed, what the ledger does not have: of a text that is the name of
    one of them, other objects of that name alone; of one that is a whole identity or a generation, nothing.
    """
    if found and all(text in (file, _version(file)) for file in found):
        return Unseen()
    wanted, lake = _Wanted.of(target.landing.name, text, found), target.lake
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        landing, source = pool.submit(wanted.landed, target.landing), pool.submit(wanted.in_source, lake)
        of_feeds = pool.map(lambda feed: rejected_as(lake, text, since, feed), wanted.feeds(target))
        # One that was put straight into source/ the job alone rejects, and enters it at once.
        places = [place for of_feed in of_feeds for place in of_feed if place.generation or not found]
    named = [*map(wanted.file_of, landing.result()), *source.result().values()]
    entered = _entered(target, [*named, *(place.identity(wanted.bucket) for place in places)]) if found else set()
    read = (rejection_at(lake, place.reason_path()) for place in places if place.identity(wanted.bucket) not in entered)
    rejected = (one for one in read if one and one.identity not in entered and wanted.fits(one.identity))
    return Unseen(
        tuple(one for one in landing.result() if wanted.file_of(one) not in entered)[:MOST],
        tuple(path for path, file in source.result().items() if file not in entered)[:MOST],
        tuple(islice(rejected, MOST)),
    )


def unseen_beside(target: Target, text: str, found: Collection[Found], earliest: datetime) -> Unseen:
    """What no run has seen of that text; what was rejected since the oldest of those found was uploaded, or since that
    earliest time.
    """
    since = max(earliest, min((one.uploaded for one in found), default=earliest))
    return unseen(target, text, since, {one.file: one.feed for one in found})


def _entered(target: Target, files: Iterable[str]) -> set[str]:
    """By their generations: a name that was too long for the lake is not that of its place."""
    return LedgerReader(target.tables).having({int(_version(file)) for file in files if _version(file).isdecimal()})


def _version(file: str) -> str:
    return file.rpartition("#")[2]


def feed_in_landing(target: Target, one: Landed) -> str:
    """The feed that claims it by its name, or `_unrouted`."""
    return feed_of(one.name, target.contracts)


def _copies(target: Target, place: LakeFile) -> Iterable[Copy]:
    if place.generation:
        for one in landed(target.landing, prefix=place.name):
            if (one.name, one.generation) == (place.name, place.generation):
                yield Copy("landing", one.name, one.at, one.size)
    for path in _paths(place):
        blob = stands(target.lake, path)
        if blob is not None:
            yield Copy(path.partition("/")[0], path, blob.time_created, blob.size or 0)


def _paths(place: LakeFile) -> list[str]:
    rejected = place.rejected_path()
    try:
        archived = place.path("archive")
        direct = f"source/{place.feed}/{place.name}"
        return [place.path("source") if place.generation else direct, archived, rejected]
    except NameTooLong:
        return [rejected]


def _rows_owned(target: Target, found: Found) -> int | None:
    contract = next((one for one in target.contracts if one.feed == found.feed), None)
    if contract is None:
        return None  # no feed's, or one whose contract was taken away
    try:
        # By the generation, too: files of a table are read whose range of it has it in it.
        [row] = target.tables.rows(
            f"SELECT count(*) AS files FROM {target.tables.reference(contract.table)} "  # noqa: S608  # a quoted reference
            "WHERE _generation = :generation AND _file = :file",
            generation=found.generation,
            file=found.file,
        )
    except StatementFailed as error:
        if error.code != "TABLE_OR_VIEW_NOT_FOUND":
            raise
        return None
    return int(row["files"])

"""The whole way of one file, or where one of that name is that no run has seen."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from contracts.files.rejection import Rejection
from contracts.names.paths import LakeFile, NameTooLong, identity
from ingest.operating.ledger import Found, LedgerReader
from ingest.operating.waiting import Landed, feed_of, landed, rejected_of, rejecting, rejection_at, source_names, stands
from ingest.targets.errors import StatementFailed
from ingest.targets.target import Target
from pipeline_jobs.state.history import Entry

if TYPE_CHECKING:
    from google.cloud.storage import Bucket  # type: ignore[import-untyped]  # it ships no types

MOST = 25


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

    landing: tuple[Landed, ...]
    source: tuple[str, ...]
    rejected: tuple[Rejection, ...]

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(one.identity for one in self.rejected)


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


def unseen(target: Target, text: str, since: datetime) -> Unseen:
    """Whose identity is the text, or has it in it; landing and source/ are what waits, and so few."""
    bucket = target.landing.name
    in_landing = [one for one in landed(target.landing) if text in identity(bucket, one.name, one.generation)]
    in_source = _waiting_as(target.lake, bucket, text)
    nobodys = rejected_of(target.lake, text, since, MOST)
    of_feeds = (
        rejection
        for feed in sorted(rejecting(target.lake).intersection(target.feeds))
        for rejection in rejected_of(target.lake, text, since, MOST, feed=feed)
    )
    return Unseen(tuple(in_landing[:MOST]), tuple(in_source)[:MOST], (*nobodys, *of_feeds)[:MOST])


def feed_in_landing(target: Target, one: Landed) -> str:
    """The feed that claims it by its name, or `_unrouted`."""
    return feed_of(one.name, target.contracts)


def _waiting_as(lake: "Bucket", bucket: str, text: str) -> Iterable[str]:
    for path in source_names(lake):
        try:
            known = LakeFile.parse(path).identity(bucket)
        except ValueError:
            known = path
        if text in known or text in path:
            yield path


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

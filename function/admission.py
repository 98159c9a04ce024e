"""From landing to the lake: one generation, by its number, into source/ or rejected/.

Every step may have been done before, by a duplicate of the event or by the sweep, and every order of such
duplicates ends alike. A generation leaves landing last, so a process that dies in between only repeats steps.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import By, Rejection
from contracts.names.paths import UNROUTED, LakeFile, NameTooLong, is_placeholder
from contracts.names.routing import route
from function.checks import check_content, check_size
from function.config import Feeds
from function.errors import GenerationGone, NothingToCopy
from function.event import LandedObject
from function.outcome import Outcome

_VANISHED = (
    "it left landing before it was copied, and is nowhere in the lake: its producer deleted it, or a lifecycle rule "
    "did; have it uploaded again, or restore it from soft delete"
)
_FIRST_DELIVERY = timedelta(minutes=1)
"""From the finalize on. What is looked at later has most likely been looked at before."""


class Files(Protocol):
    """What admission needs of the two buckets; paths are those below the lake's root."""

    def read_head(self, landed: LandedObject) -> bytes:
        """The first 64 KiB as they are stored; raises GenerationGone."""

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        """Whether the copy is new; raises NothingToCopy, CopyDiffers."""

    def stands_in_lake(self, path: str) -> bool:
        """Whether an object has this name, which is not one in archive/."""

    def is_listed_in_lake(self, path: str) -> bool:
        """As stands_in_lake, in archive/ too, whose names may be listed and whose objects may not be read."""

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        """As is_listed_in_lake, of many at a time."""

    def feeds_in_lake(self) -> Collection[str]:
        """The names of feeds under which anything stands or stood in the lake, of those that have gone, too."""

    def write_reason(self, path: str, document: bytes) -> None:
        """Keeps what stands there already."""

    def delete_landed(self, landed: LandedObject) -> None:
        """Takes this generation out of landing, if it is there; raises DeleteRefused."""


class Dispatch(Protocol):
    def ensure_run(self, job_id: int, path: str, *, first_time: bool) -> int:
        """The id of a run that will list source/."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What happens to one generation; `by` goes into the reason files."""

    files: Files
    dispatch: Dispatch
    feeds: Feeds
    landing_bucket: str
    now: Callable[[], datetime]
    by: By

    def admit(self, landed: LandedObject) -> Outcome:
        """Routes, checks, copies, dispatches, deletes; raises whatever is not the file's own fault.

        A generation may stay in landing for a delete that is refused, and be archived meanwhile: another copy would
        start another run, with each delivery and each sweep. So what is older than a first delivery, as all is that the
        sweep finds, is looked for before it is copied; the five calls of a plain event become no more.

        An event of another bucket is neither the file's fault nor ever to succeed: a trigger is wrong, and a day
        of redeliveries would not right it. That file is nobody's to move, so the event is ignored, and logged.
        """
        if landed.bucket != self.landing_bucket:
            return Outcome.ignored(f"the event is of another bucket than the landing bucket {self.landing_bucket}")
        if is_placeholder(landed.name, landed.size):
            return Outcome.ignored(
                "a placeholder, or a piece of an upload: the file itself is still to come, or the sweep rejects it"
            )
        try:
            contract = route(landed.name, self.feeds.contracts)
        except FileRejected as fault:
            return self.reject(landed, UNROUTED, fault)
        try:
            path = _source_path(landed, contract)
            check_size(landed, contract)
            check_content(landed, self.files.read_head(landed), contract)
        except FileRejected as fault:
            return self.reject(landed, contract.feed, fault)
        except GenerationGone:
            return self._gone(landed, contract, path)
        return self._admit(landed, contract, path)

    def _admit(self, landed: LandedObject, contract: Contract, path: str) -> Outcome:
        if self._is_again(landed) and self._has_left_source(landed, contract, path):
            self.files.delete_landed(landed)
            return Outcome.gone(contract.feed, None)
        is_new = self.files.copy_to_lake(landed, path)
        run_id = self._dispatch(contract, path, first_time=is_new)
        self.files.delete_landed(landed)
        return Outcome.admitted(contract.feed, run_id)

    def reject(self, landed: LandedObject, feed: str, fault: FileRejected) -> Outcome:
        """Copies it to rejected/ with its reason beside it, then deletes it from landing.

        What stands in rejected/ already is told again: a delivery may have died between its last step and its log line.
        What was admitted before, by a contract that has changed since, stays that.
        """
        admitted = self._admitted_by(landed, feed) if self._is_again(landed) else None
        if admitted is not None:
            self.files.delete_landed(landed)
            return Outcome.gone(admitted, None)
        place = _lake_file(landed, feed)
        if not self._is_copied(landed, place):
            was_rejected = self.files.stands_in_lake(place.rejected_path())
            return Outcome.rejected(feed, fault) if was_rejected else self._settled_or_vanished(landed, feed)
        self._write_reason(landed, place, fault)
        self.files.delete_landed(landed)
        return Outcome.rejected(feed, fault)

    def has(self, place: LakeFile) -> bool:
        """Whether this generation stands there in source/, or the job has done with it.

        It is copied on before it leaves source/, which is therefore looked at first.
        """
        with suppress(NameTooLong):
            if self.files.stands_in_lake(place.path("source")):
                return True
        return self._is_settled(place)

    def set_aside(self, landed: LandedObject, feed: str) -> Outcome:
        """Copies what its owner has deleted to rejected/, then deletes it from landing.

        It is nobody's fault, so there is no reason beside it, which the feed's report would tell.
        """
        self._is_copied(landed, _lake_file(landed, feed))
        self.files.delete_landed(landed)
        return Outcome.set_aside(feed)

    def _write_reason(self, landed: LandedObject, place: LakeFile, fault: FileRejected) -> None:
        rejection = Rejection.of(landed.identity, fault, self.now(), self.by)
        self.files.write_reason(place.reason_path(), rejection.to_json())

    def _is_copied(self, landed: LandedObject, place: LakeFile) -> bool:
        """Whether it stands in rejected/ now; False where it has left landing. Raises where the lake is at fault."""
        try:
            self.files.copy_to_lake(landed, place.rejected_path())
        except NothingToCopy:
            if self._is_in_landing(landed):
                raise
            return False
        return True

    def _gone(self, landed: LandedObject, contract: Contract, path: str) -> Outcome:
        """It was admitted before, and perhaps nobody came to dispatch it."""
        if not self.files.stands_in_lake(path):
            return self._settled_or_vanished(landed, contract.feed)
        return Outcome.gone(contract.feed, self._dispatch(contract, path, first_time=False))

    def _settled_or_vanished(self, landed: LandedObject, feed: str) -> Outcome:
        """Of what stands in neither landing nor source/; perhaps it came before there was a contract for it, or when
        another feed had its name.

        Of several files that vanish at once an alert tells of one; by its reason the next report tells of each.
        """
        if any(self._is_settled(_lake_file(landed, one)) for one in dict.fromkeys((feed, UNROUTED))):
            return Outcome.gone(feed, None)
        if self._found_under(landed, self.files.feeds_in_lake(), _in_source, _archived, LakeFile.reason_path):
            return Outcome.gone(feed, None)
        fault = FileRejected(Reason.VANISHED, _VANISHED)
        self._write_reason(landed, _lake_file(landed, feed), fault)
        return Outcome.vanished(feed, fault)

    def _admitted_by(self, landed: LandedObject, feed: str) -> str | None:
        """The feed that has it in source/ or archive/: this one, or where the name is no feed's any more, any other."""
        feeds = self.files.feeds_in_lake() if feed == UNROUTED else (feed,)
        return self._found_under(landed, feeds, _in_source, _archived)

    def _found_under(
        self, landed: LandedObject, feeds: Iterable[str], *places: Callable[[LakeFile], str]
    ) -> str | None:
        """A feed that has it at one of these places, each of which is looked at once the one before it was."""
        for place in places:
            paths: dict[str, str] = {}
            for feed in feeds:
                with suppress(NameTooLong):
                    paths[place(_lake_file(landed, feed))] = feed
            if found := self.files.listed_in_lake(paths):
                return paths[min(found)]
        return None

    def _is_again(self, landed: LandedObject) -> bool:
        return self.now() - landed.finalized_at > _FIRST_DELIVERY

    def _has_left_source(self, landed: LandedObject, contract: Contract, path: str) -> bool:
        """Whether the job has done with it. A job that died has perhaps left a part of it behind, and it in source/."""
        return self._is_settled(_lake_file(landed, contract.feed)) and not self.files.stands_in_lake(path)

    def _is_settled(self, place: LakeFile) -> bool:
        """Whether it stands in archive/, or in rejected/ with its reason."""
        with suppress(NameTooLong):
            if self.files.is_listed_in_lake(place.path("archive")):
                return True
        return self.files.stands_in_lake(place.reason_path())

    def _dispatch(self, contract: Contract, path: str, *, first_time: bool) -> int:
        return self.dispatch.ensure_run(self.feeds.job_id(contract.feed), path, first_time=first_time)

    def _is_in_landing(self, landed: LandedObject) -> bool:
        try:
            self.files.read_head(landed)
        except GenerationGone:
            return False
        return True


def _in_source(file: LakeFile) -> str:
    return file.path("source")


def _archived(file: LakeFile) -> str:
    return file.path("archive")


def _lake_file(landed: LandedObject, feed: str) -> LakeFile:
    return LakeFile(feed, landed.finalized_at, landed.generation, landed.name)


def _source_path(landed: LandedObject, contract: Contract) -> str:
    try:
        return _lake_file(landed, contract.feed).path("source")
    except NameTooLong as error:
        raise FileRejected(Reason.NAME_TOO_LONG, str(error)) from error

"""Admission: whatever comes twice, late or broken ends as one copy and a true answer."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from contracts.contract import Contract
from contracts.files.rejection import Rejection
from contracts.loader import load_contracts
from contracts.names.paths import Area, LakeFile
from function.admission import Admission
from function.config import Feeds
from function.errors import CopyDiffers, DeleteRefused, GenerationGone, NothingToCopy, WorkspaceFailed
from function.event import LandedObject

AT = datetime(2026, 11, 21, 10, 11, 12, 123456, UTC)
CONTRACTS = load_contracts()
FEEDS = Feeds(CONTRACTS, tuple((contract.feed, 10 + at) for at, contract in enumerate(CONTRACTS)))
CUSTOMERS = next(contract for contract in CONTRACTS if contract.feed == "customers")
HEADER = ",".join(column.source_name for column in CUSTOMERS.file_columns).encode() + b"\n"


class Died(BaseException):
    """The process ended here."""


@dataclass
class FakeFiles:
    """Two buckets in memory that note each effect, and can die before or after any of them."""

    landing: dict[str, bytes] = field(default_factory=dict)
    lake: dict[str, bytes] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    dies: tuple[int, str] | None = None
    lake_is_missing: bool = False
    is_held: bool = False
    looks: list[str] = field(default_factory=list)
    calls: int = 0

    def put(self, landed: LandedObject, content: bytes) -> None:
        self.landing[landed.identity] = content

    def read_head(self, landed: LandedObject) -> bytes:
        if landed.identity not in self.landing:
            raise GenerationGone(landed.identity)
        return self.landing[landed.identity][: 64 * 1024]

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        with_effect = self._effect(f"copy {path}")
        if landed.identity not in self.landing or self.lake_is_missing:
            raise NothingToCopy(path)
        if path in self.lake:
            if self.lake[path] != self.landing[landed.identity]:
                raise CopyDiffers(path)
            return False
        with_effect(lambda: self.lake.__setitem__(path, self.landing[landed.identity]))
        return True

    def stands_in_lake(self, path: str) -> bool:
        assert not path.startswith("archive/"), "there is no right to read it"
        self.looks.append(path)
        return path in self.lake

    def is_listed_in_lake(self, path: str) -> bool:
        self.looks.append(path)
        return path in self.lake

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        return {path for path in paths if self.is_listed_in_lake(path)}

    def feeds_in_lake(self) -> set[str]:
        return {path.split("/")[1] for path in self.lake} - {"_unrouted"}

    def write_reason(self, path: str, document: bytes) -> None:
        self._effect(f"reason {path}")(lambda: self.lake.setdefault(path, document))

    def delete_landed(self, landed: LandedObject) -> None:
        if self.is_held:
            raise DeleteRefused(landed.identity)
        self._effect(f"delete {landed.identity}")(lambda: self.landing.pop(landed.identity, None))

    def _effect(self, name: str) -> Callable[[Callable[[], object]], None]:
        self.calls += 1
        if self.dies == (self.calls, "before"):
            raise Died

        def act(effect: Callable[[], object]) -> None:
            effect()
            self.effects.append(name.split(maxsplit=1)[0])
            if self.dies == (self.calls, "after"):
                raise Died

        return act


@dataclass
class FakeDispatch:
    """Notes what it was asked to see to; refuses while `down`."""

    asked: list[tuple[int, str, bool]] = field(default_factory=list)
    down: bool = False
    before: Callable[[], None] = lambda: None

    def ensure_run(self, job_id: int, path: str, *, first_time: bool) -> int:
        self.before()
        if self.down:
            raise WorkspaceFailed("down")
        self.asked.append((job_id, path, first_time))
        return 500


def _landed(name: str = "daily/customers.csv", size: int = len(HEADER), generation: int = 1) -> LandedObject:
    return LandedObject("landing", name, generation, AT, size, "text/csv", "crc", "event")


def _admission(files: FakeFiles, dispatch: FakeDispatch, feeds: Feeds = FEEDS) -> Admission:
    return Admission(files, dispatch, feeds, "landing", lambda: AT, "function")


def _source(landed: LandedObject) -> str:
    return LakeFile("customers", landed.finalized_at, landed.generation, landed.name).path("source")


def test_a_generation_leaves_landing_only_after_its_run_is_sure() -> None:
    """Copy, dispatch, delete, in this order."""
    files, landed = FakeFiles(), _landed()
    files.put(landed, HEADER)
    dispatch = FakeDispatch(before=lambda: files.effects.append("dispatch"))

    outcome = _admission(files, dispatch).admit(landed)

    assert files.effects == ["copy", "dispatch", "delete"]
    assert files.lake == {_source(landed): HEADER}
    assert dispatch.asked == [(FEEDS.job_id("customers"), _source(landed), True)]
    assert (outcome.kind, outcome.feed, outcome.run_id) == ("admitted", "customers", 500)


def test_a_rejected_file_leaves_landing_only_after_its_reason_is_written() -> None:
    """Copy, reason, delete, in this order; no run is needed."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed()
    files.put(landed, b"a,b\n")

    outcome = _admission(files, dispatch).admit(landed)

    place = LakeFile("customers", AT, 1, landed.name)
    assert files.effects == ["copy", "reason", "delete"]
    assert files.lake[place.rejected_path()] == b"a,b\n"
    assert json.loads(files.lake[place.reason_path()]) == {
        "identity": "gs://landing/daily/customers.csv#1",
        "reason": "missing_column",
        "detail": outcome.detail,
        "at": "2026-11-21T10:11:12.123456+00:00",
        "by": "function",
    }
    assert dispatch.asked == []


@pytest.mark.parametrize("content", [HEADER, b"a,b\n"], ids=["good", "bad"])
@pytest.mark.parametrize("death", [*product((1, 2, 3), ("before", "after"))], ids=str)
def test_a_death_at_any_step_is_healed_by_the_next_delivery(content: bytes, death: tuple[int, str]) -> None:
    """One copy in the lake, its reason if it has one, and nothing in landing."""
    whole, landed = FakeFiles(), _landed()
    whole.put(landed, content)
    _admission(whole, FakeDispatch()).admit(landed)
    files, dispatch = FakeFiles(dies=death), FakeDispatch()
    files.put(landed, content)

    try:
        _admission(files, dispatch).admit(landed)
    except Died:
        assert landed.identity in files.landing or death[1] == "after"
    files.dies = None
    _admission(files, dispatch).admit(landed)

    assert files.lake == whole.lake
    assert files.landing == {}
    assert content != HEADER or dispatch.asked[-1][1] == _source(landed)


def test_a_failed_dispatch_leaves_the_file_in_landing() -> None:
    """The event comes again; the second dispatch knows that it may be a repetition."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(down=True), _landed()
    files.put(landed, HEADER)

    with pytest.raises(WorkspaceFailed):
        _admission(files, dispatch).admit(landed)
    kept = dict(files.landing)
    dispatch.down = False
    _admission(files, dispatch).admit(landed)

    assert kept == {landed.identity: HEADER}
    assert [first for _, _, first in dispatch.asked] == [False]
    assert files.landing == {}


def test_a_late_duplicate_makes_sure_of_the_run_while_the_copy_waits() -> None:
    """The first delivery may have died between delete and answer, and its run may have been cancelled."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed()
    files.lake[_source(landed)] = HEADER

    outcome = _admission(files, dispatch).admit(landed)

    assert (outcome.kind, outcome.run_id) == ("gone", 500)
    assert [first for _, _, first in dispatch.asked] == [False]


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("daily/customers.csv", LakeFile("customers", AT, 1, "daily/customers.csv").path("archive")),
        ("daily/customers.csv", LakeFile("customers", AT, 1, "daily/customers.csv").reason_path()),
        ("daily/customers.csv", LakeFile("_unrouted", AT, 1, "daily/customers.csv").reason_path()),
        ("daily/customers.csv", LakeFile("clients", AT, 1, "daily/customers.csv").path("archive")),
        ("elsewhere/stock.csv", LakeFile("clients", AT, 1, "elsewhere/stock.csv").path("source")),
    ],
    ids=["archived", "rejected", "rejected before there was a contract", "its feed was renamed", "another feed had it"],
)
def test_a_late_duplicate_of_what_is_settled_needs_nothing(name: str, stands: str) -> None:
    """Neither copied nor dispatched again, whatever it was rejected for."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed(name)
    files.lake[stands] = HEADER

    outcome = _admission(files, dispatch).admit(landed)

    assert outcome.kind == "gone"
    assert (files.lake, dispatch.asked) == ({stands: HEADER}, [])


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("daily/customers.csv", "customers"),
        ("elsewhere/stock.csv", "_unrouted"),
        (f"daily/customers{'ü' * 90}.csv", "customers"),
    ],
    ids=["routed", "unrouted", "too long"],
)
def test_a_generation_that_is_nowhere_is_told(name: str, feed: str) -> None:
    """Somebody deleted it before it was copied: no redelivery brings it back, and nobody has it. The feed's next report
    names it by its reason, whatever a limit on alerts keeps back; once it is written, the event has nothing to add.
    """
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed(name)

    outcome = _admission(files, dispatch).admit(landed)
    again = _admission(files, dispatch).admit(landed)

    [(path, document)] = files.lake.items()
    rejection = Rejection.parse(document)
    assert (outcome.kind, outcome.feed, again.kind) == ("vanished", feed, "gone")
    assert path == LakeFile(feed, AT, 1, name).reason_path()
    assert (rejection.identity, rejection.reason) == (landed.identity, "vanished")
    assert dispatch.asked == []


def test_what_may_not_be_deleted_is_not_copied_again_once_it_is_archived() -> None:
    """Each delivery and each sweep tells of it, and starts no run; it leaves landing as soon as it may."""
    files, dispatch, landed = FakeFiles(is_held=True), FakeDispatch(), _landed()
    files.put(landed, HEADER)
    with pytest.raises(DeleteRefused):
        _admission(files, dispatch).admit(landed)
    archived = LakeFile("customers", AT, 1, landed.name).path("archive")
    files.lake = {archived: files.lake[_source(landed)]}

    later = replace(_admission(files, dispatch), now=lambda: AT + timedelta(minutes=10))
    with pytest.raises(DeleteRefused):
        later.admit(landed)
    held = dict(files.landing)
    files.is_held = False
    outcome = later.admit(landed)

    assert held == {landed.identity: HEADER}
    assert (outcome.kind, files.landing) == ("gone", {})
    assert (files.lake, len(dispatch.asked)) == ({archived: HEADER}, 1)


@pytest.mark.parametrize("area", ["source", "archive"])
@pytest.mark.parametrize(
    ("name", "feed", "contract"),
    [
        ("elsewhere/stock.csv", "stock", CUSTOMERS),
        ("daily/customers.csv", "customers", replace(CUSTOMERS, is_retired=True)),
    ],
    ids=["its name is no feed's now", "its feed was retired"],
)
def test_what_was_admitted_is_not_rejected_by_a_later_contract(
    name: str, feed: str, contract: Contract, area: Area
) -> None:
    """Its rows are loaded or will be: nobody is told to upload it again, and it leaves landing."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed(name)
    files.put(landed, HEADER)
    there = LakeFile(feed, AT, 1, name).path(area)
    files.lake[there] = HEADER

    later = _admission(files, dispatch, Feeds((contract,), (("customers", 7),)))
    outcome = replace(later, now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, outcome.feed) == ("gone", feed)
    assert (files.landing, files.lake, dispatch.asked) == ({}, {there: HEADER}, [])


def test_what_the_job_has_rejected_is_not_copied_again() -> None:
    """As what it has archived."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed()
    files.put(landed, HEADER)
    files.lake[LakeFile("customers", AT, 1, landed.name).reason_path()] = b"{}"

    outcome = replace(_admission(files, dispatch), now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, files.landing, dispatch.asked) == ("gone", {}, [])


def test_a_part_in_the_archive_does_not_stand_for_the_file_in_source() -> None:
    """A job that died while it copied has left both; its file still needs a run."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), _landed()
    files.put(landed, HEADER)
    files.lake |= {LakeFile("customers", AT, 1, landed.name).path("archive"): HEADER[:5], _source(landed): HEADER}

    outcome = replace(_admission(files, dispatch), now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, files.landing) == ("admitted", {})
    assert [path for _, path, _ in dispatch.asked] == [_source(landed)]


@pytest.mark.parametrize(("age", "looks"), [(timedelta(seconds=59), 0), (timedelta(seconds=61), 2)])
def test_a_first_delivery_looks_for_nothing(age: timedelta, looks: int) -> None:
    """What is older may have come before, and is looked for in archive/ and rejected/."""
    files, landed = FakeFiles(), _landed()
    files.put(landed, HEADER)

    outcome = replace(_admission(files, FakeDispatch()), now=lambda: AT + age).admit(landed)

    assert (outcome.kind, len(files.looks)) == ("admitted", looks)


def test_a_late_duplicate_of_what_no_feed_claims_is_told_again() -> None:
    """Nothing but the log line tells of it, and the first delivery may have died before that."""
    files, landed = FakeFiles(), _landed("elsewhere/stock.csv")
    files.lake[LakeFile("_unrouted", landed.finalized_at, 1, landed.name).rejected_path()] = HEADER

    outcome = _admission(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, outcome.reason) == ("rejected", "unrouted")


@pytest.mark.parametrize("name", ["daily/customers.csv", "elsewhere/stock.csv"])
def test_a_missing_lake_is_not_the_files_fault(name: str) -> None:
    """The generation is still there, so the event has to come again."""
    files, landed = FakeFiles(lake_is_missing=True), _landed(name)
    files.put(landed, HEADER)

    with pytest.raises(NothingToCopy):
        _admission(files, FakeDispatch()).admit(landed)

    assert landed.identity in files.landing


def test_a_file_over_the_limit_is_rejected_unread() -> None:
    """The size is in the event."""
    contracts = tuple(replace(contract, max_file_size=100) for contract in CONTRACTS)
    files, landed = FakeFiles(), _landed(size=101)
    files.put(landed, b"x" * 101)

    outcome = _admission(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.kind, outcome.reason) == ("rejected", "too_large")
    assert "101" in outcome.detail


def test_a_name_that_two_feeds_claim_is_rejected_as_ambiguous() -> None:
    """Under the folder of what belongs to no feed."""
    contracts = tuple(replace(contract, file_pattern="**") for contract in CONTRACTS)
    files, landed = FakeFiles(), _landed()
    files.put(landed, HEADER)

    outcome = _admission(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.reason, outcome.feed) == ("ambiguous", "_unrouted")
    assert all(path.startswith("rejected/_unrouted/") for path in files.lake)


@pytest.mark.parametrize(("length", "reason"), [(1025, "name_too_long"), (1024, "unrouted")])
def test_the_longest_names_are_judged_whatever_wildcards_they_meet(length: int, reason: str) -> None:
    """One name that was made for a pattern holds up nobody's files."""
    contracts = tuple(replace(contract, file_pattern="*a" * 500 + "*b") for contract in CONTRACTS)
    files, landed = FakeFiles(), _landed("a" * length)
    files.put(landed, HEADER)

    outcome = _admission(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.reason, outcome.feed) == (reason, "_unrouted")
    assert files.landing == {}


def test_a_header_only_has_to_end_within_the_head_of_a_large_file() -> None:
    """What lies behind the first 64 KiB is the job's."""
    content = HEADER + b"x" * 200_000
    files, landed = FakeFiles(), _landed(size=len(content))
    files.put(landed, content)

    outcome = _admission(files, FakeDispatch()).admit(landed)

    assert outcome.kind == "admitted"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("daily/customers.csv", 0),
        ("daily/", 5),
        ("", 5),
        ("daily/_SUCCESS", 5),
        ("daily/customers.csv.tmp", 5),
        ("daily/customers.csv.filepart", 5),
        ("daily/customers.csv.partial", 5),
        ("daily/customers.csv.part", 5),
        ("daily/customers.csv/_temporary/0/customers.csv", 5),
    ],
)
def test_a_placeholder_is_ignored(name: str, size: int) -> None:
    """Acknowledged and left."""
    files, landed = FakeFiles(), _landed(name, size)
    files.put(landed, b"x" * size)

    outcome = _admission(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, files.effects) == ("ignored", [])
    assert landed.identity in files.landing


def test_an_event_of_another_bucket_moves_nothing() -> None:
    """A trigger is set up wrong: no redelivery rights it, and the file is nobody's to move."""
    files, landed = FakeFiles(), replace(_landed(), bucket="elsewhere")
    files.put(landed, HEADER)

    outcome = _admission(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, files.effects) == ("ignored", [])


def test_another_content_in_the_place_of_the_copy_is_an_error() -> None:
    """Nothing is deleted for a copy that is not one."""
    files, landed = FakeFiles(), _landed()
    files.put(landed, HEADER)
    files.lake[_source(landed)] = b"something else"

    with pytest.raises(CopyDiffers):
        _admission(files, FakeDispatch()).admit(landed)

    assert landed.identity in files.landing

"""Admission of what came before: a late duplicate, a delivery behind a death, a delete that is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.contract import Contract
from contracts.files.rejection import Rejection
from contracts.names.paths import Area, LakeFile
from function.config import Feeds
from function.errors import DeleteRefused
from tests.unit.function.admission_desk import (
    AT,
    CUSTOMERS,
    HEADER,
    FakeDispatch,
    FakeFiles,
    admission_of,
    landed_of,
    source_of,
)


def test_a_late_duplicate_makes_sure_of_the_run_while_the_copy_waits() -> None:
    """The first delivery may have died between delete and answer, and its run may have been cancelled."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of()
    files.lake[source_of(landed)] = HEADER

    outcome = admission_of(files, dispatch).admit(landed)

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
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of(name)
    files.lake[stands] = HEADER

    outcome = admission_of(files, dispatch).admit(landed)

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
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of(name)

    outcome = admission_of(files, dispatch).admit(landed)
    again = admission_of(files, dispatch).admit(landed)

    [(path, document)] = files.lake.items()
    rejection = Rejection.parse(document)
    assert (outcome.kind, outcome.feed, again.kind) == ("vanished", feed, "gone")
    assert path == LakeFile(feed, AT, 1, name).reason_path()
    assert (rejection.identity, rejection.reason) == (landed.identity, "vanished")
    assert dispatch.asked == []


def test_what_may_not_be_deleted_is_not_copied_again_once_it_is_archived() -> None:
    """Each delivery and each sweep tells of it, and starts no run; it leaves landing as soon as it may."""
    files, dispatch, landed = FakeFiles(is_held=True), FakeDispatch(), landed_of()
    files.put(landed, HEADER)
    with pytest.raises(DeleteRefused):
        admission_of(files, dispatch).admit(landed)
    archived = LakeFile("customers", AT, 1, landed.name).path("archive")
    files.lake = {archived: files.lake[source_of(landed)]}

    later = replace(admission_of(files, dispatch), now=lambda: AT + timedelta(minutes=10))
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
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of(name)
    files.put(landed, HEADER)
    there = LakeFile(feed, AT, 1, name).path(area)
    files.lake[there] = HEADER

    later = admission_of(files, dispatch, Feeds((contract,), (("customers", 7),)))
    outcome = replace(later, now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, outcome.feed) == ("gone", feed)
    assert (files.landing, files.lake, dispatch.asked) == ({}, {there: HEADER}, [])


def test_what_the_job_has_rejected_is_not_copied_again() -> None:
    """As what it has archived."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of()
    files.put(landed, HEADER)
    files.lake[LakeFile("customers", AT, 1, landed.name).reason_path()] = b"{}"

    outcome = replace(admission_of(files, dispatch), now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, files.landing, dispatch.asked) == ("gone", {}, [])


def test_a_part_in_the_archive_does_not_stand_for_the_file_in_source() -> None:
    """A job that died while it copied has left both; its file still needs a run."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of()
    files.put(landed, HEADER)
    files.lake |= {LakeFile("customers", AT, 1, landed.name).path("archive"): HEADER[:5], source_of(landed): HEADER}

    outcome = replace(admission_of(files, dispatch), now=lambda: AT + timedelta(minutes=10)).admit(landed)

    assert (outcome.kind, files.landing) == ("admitted", {})
    assert [path for _, path, _ in dispatch.asked] == [source_of(landed)]


@pytest.mark.parametrize(("age", "looks"), [(timedelta(seconds=59), 0), (timedelta(seconds=61), 2)])
def test_a_first_delivery_looks_for_nothing(age: timedelta, looks: int) -> None:
    """What is older may have come before, and is looked for in archive/ and rejected/."""
    files, landed = FakeFiles(), landed_of()
    files.put(landed, HEADER)

    outcome = replace(admission_of(files, FakeDispatch()), now=lambda: AT + age).admit(landed)

    assert (outcome.kind, len(files.looks)) == ("admitted", looks)


def test_a_late_duplicate_of_what_no_feed_claims_is_told_again() -> None:
    """Nothing but the log line tells of it, and the first delivery may have died before that."""
    files, landed = FakeFiles(), landed_of("elsewhere/stock.csv")
    files.lake[LakeFile("_unrouted", landed.finalized_at, 1, landed.name).rejected_path()] = HEADER

    outcome = admission_of(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, outcome.reason) == ("rejected", "unrouted")

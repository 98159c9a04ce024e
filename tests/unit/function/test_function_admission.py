"""Admission: whatever comes twice or broken ends as one copy and a true answer."""

import json
from dataclasses import replace
from itertools import product

import pytest

from contracts.names.paths import LakeFile
from function.config import Feeds
from function.errors import CopyDiffers, NothingToCopy, WorkspaceFailed
from tests.unit.function.admission_desk import (
    AT,
    CONTRACTS,
    FEEDS,
    HEADER,
    Died,
    FakeDispatch,
    FakeFiles,
    admission_of,
    landed_of,
    source_of,
)


def test_a_generation_leaves_landing_only_after_its_run_is_sure() -> None:
    """Copy, dispatch, delete, in this order."""
    files, landed = FakeFiles(), landed_of()
    files.put(landed, HEADER)
    dispatch = FakeDispatch(before=lambda: files.effects.append("dispatch"))

    outcome = admission_of(files, dispatch).admit(landed)

    assert files.effects == ["copy", "dispatch", "delete"]
    assert files.lake == {source_of(landed): HEADER}
    assert dispatch.asked == [(FEEDS.job_id("customers"), source_of(landed), True)]
    assert (outcome.kind, outcome.feed, outcome.run_id) == ("admitted", "customers", 500)


def test_a_rejected_file_leaves_landing_only_after_its_reason_is_written() -> None:
    """Copy, reason, delete, in this order; no run is needed."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(), landed_of()
    files.put(landed, b"a,b\n")

    outcome = admission_of(files, dispatch).admit(landed)

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
    whole, landed = FakeFiles(), landed_of()
    whole.put(landed, content)
    admission_of(whole, FakeDispatch()).admit(landed)
    files, dispatch = FakeFiles(dies=death), FakeDispatch()
    files.put(landed, content)

    try:
        admission_of(files, dispatch).admit(landed)
    except Died:
        assert landed.identity in files.landing or death[1] == "after"
    files.dies = None
    admission_of(files, dispatch).admit(landed)

    assert files.lake == whole.lake
    assert files.landing == {}
    assert content != HEADER or dispatch.asked[-1][1] == source_of(landed)


def test_a_failed_dispatch_leaves_the_file_in_landing() -> None:
    """The event comes again; the second dispatch knows that it may be a repetition."""
    files, dispatch, landed = FakeFiles(), FakeDispatch(down=True), landed_of()
    files.put(landed, HEADER)

    with pytest.raises(WorkspaceFailed):
        admission_of(files, dispatch).admit(landed)
    kept = dict(files.landing)
    dispatch.down = False
    admission_of(files, dispatch).admit(landed)

    assert kept == {landed.identity: HEADER}
    assert [first for _, _, first in dispatch.asked] == [False]
    assert files.landing == {}


@pytest.mark.parametrize("name", ["daily/customers.csv", "elsewhere/stock.csv"])
def test_a_missing_lake_is_not_the_files_fault(name: str) -> None:
    """The generation is still there, so the event has to come again."""
    files, landed = FakeFiles(lake_is_missing=True), landed_of(name)
    files.put(landed, HEADER)

    with pytest.raises(NothingToCopy):
        admission_of(files, FakeDispatch()).admit(landed)

    assert landed.identity in files.landing


def test_a_file_over_the_limit_is_rejected_unread() -> None:
    """The size is in the event."""
    contracts = tuple(replace(contract, max_file_size=100) for contract in CONTRACTS)
    files, landed = FakeFiles(), landed_of(size=101)
    files.put(landed, b"x" * 101)

    outcome = admission_of(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.kind, outcome.reason) == ("rejected", "too_large")
    assert "101" in outcome.detail


def test_a_name_that_two_feeds_claim_is_rejected_as_ambiguous() -> None:
    """Under the folder of what belongs to no feed."""
    contracts = tuple(replace(contract, file_pattern="**") for contract in CONTRACTS)
    files, landed = FakeFiles(), landed_of()
    files.put(landed, HEADER)

    outcome = admission_of(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.reason, outcome.feed) == ("ambiguous", "_unrouted")
    assert all(path.startswith("rejected/_unrouted/") for path in files.lake)


@pytest.mark.parametrize(("length", "reason"), [(1025, "name_too_long"), (1024, "unrouted")])
def test_the_longest_names_are_judged_whatever_wildcards_they_meet(length: int, reason: str) -> None:
    """One name that was made for a pattern holds up nobody's files."""
    contracts = tuple(replace(contract, file_pattern="*a" * 500 + "*b") for contract in CONTRACTS)
    files, landed = FakeFiles(), landed_of("a" * length)
    files.put(landed, HEADER)

    outcome = admission_of(files, FakeDispatch(), Feeds(contracts, FEEDS.jobs)).admit(landed)

    assert (outcome.reason, outcome.feed) == (reason, "_unrouted")
    assert files.landing == {}


def test_a_header_only_has_to_end_within_the_head_of_a_large_file() -> None:
    """What lies behind the first 64 KiB is the job's."""
    content = HEADER + b"x" * 200_000
    files, landed = FakeFiles(), landed_of(size=len(content))
    files.put(landed, content)

    outcome = admission_of(files, FakeDispatch()).admit(landed)

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
    files, landed = FakeFiles(), landed_of(name, size)
    files.put(landed, b"x" * size)

    outcome = admission_of(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, files.effects) == ("ignored", [])
    assert landed.identity in files.landing


def test_an_event_of_another_bucket_moves_nothing() -> None:
    """A trigger is set up wrong: no redelivery rights it, and the file is nobody's to move."""
    files, landed = FakeFiles(), replace(landed_of(), bucket="elsewhere")
    files.put(landed, HEADER)

    outcome = admission_of(files, FakeDispatch()).admit(landed)

    assert (outcome.kind, files.effects) == ("ignored", [])


def test_another_content_in_the_place_of_the_copy_is_an_error() -> None:
    """Nothing is deleted for a copy that is not one."""
    files, landed = FakeFiles(), landed_of()
    files.put(landed, HEADER)
    files.lake[source_of(landed)] = b"something else"

    with pytest.raises(CopyDiffers):
        admission_of(files, FakeDispatch()).admit(landed)

    assert landed.identity in files.landing

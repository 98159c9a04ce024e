"""The functions, as they are deployed, with no more rights than the plan gives them: every story ends as it should."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from local.events import Event
from local.storage import Moment, Operation, Refusal
from local.workspace import faults
from tests.infra.object_rights import Rights
from tests.infra.storage_guard import Guard, Need, guarding

if TYPE_CHECKING:
    from tests.infra.deployments import Plan
    from tests.integration.function.function_desk import Desk, Function

pytest_plugins = ["tests.infra.deployments", "tests.integration.function.function_desk"]

TICK = Event.message_published("sweep", "sweep", datetime(2026, 11, 28, tzinfo=UTC))


either_order = pytest.mark.parametrize("permission_first", [False, True], ids=["precondition", "permission"])
"""What an overwrite that lacks a right is refused by."""


@pytest.fixture(scope="module")
def guard(desk: "Desk", plain: "Plan") -> Iterator[Guard]:
    """With the function's rights."""
    rights = Rights.of(plain, plain.of("google_service_account")["function"]["member"])
    buckets = {key: plain.of("google_storage_bucket")[key]["name"] for key in ("landing", "lake")}
    with guarding(Guard(rights, buckets, desk.storage.url)) as guard:
        yield guard


@pytest.fixture(scope="module")
def finalized(desk: "Desk", guard: Guard) -> "Function":
    return desk.function(STORAGE_EMULATOR_HOST=guard.url)


@pytest.fixture(scope="module")
def sweep(desk: "Desk", guard: Guard) -> "Function":
    """For it everything is old, placeholders too."""
    ages = {"SWEEP_RETRY_SECONDS": "0.001", "PLACEHOLDER_SECONDS": "0.001"}
    return desk.function("on_sweep", STORAGE_EMULATOR_HOST=guard.url, **ages)


@pytest.fixture(autouse=True)
def _clean(desk: "Desk", guard: Guard) -> Iterator[None]:
    guard.denied.clear()
    guard.permission_first = False
    yield
    desk.storage_faults = lambda _operation, _moment: None
    desk.workspace_faults = lambda _passage: None
    desk.runs()
    for blob in [*desk.bucket.list_blobs(versions=True), *desk.lake.list_blobs()]:
        blob.delete()


def _no_delete(operation: Operation, moment: Moment) -> Refusal | None:
    """The delivery dies before its last step."""
    return Refusal(400, "invalid") if operation.kind == "delete" and moment is Moment.BEFORE else None


def test_a_file_is_admitted_and_its_duplicates_change_nothing(
    desk: "Desk", finalized: "Function", guard: Guard
) -> None:
    """The first delivery leaves its copy in source/ and dies; the second finds it there; the third finds nothing."""
    event = desk.drop("daily/customers_rights.csv", desk.rows())
    desk.workspace_faults = lambda passage: (
        faults.Refusal(403, "PERMISSION_DENIED") if passage.path.endswith("runs/list") else None
    )
    first, _ = finalized.send(event)
    desk.workspace_faults = lambda _passage: None

    second, admitted = finalized.send(event)
    third, gone = finalized.send(event.as_published_twice())

    desk.runs()
    assert (first, second, third) == (500, 200, 200)
    assert (admitted["outcome"], gone["outcome"]) == ("admitted", "gone")
    assert desk.place(event) in desk.in_lake("archive")
    assert guard.denied == []


@either_order
def test_a_file_is_rejected_once_however_often_it_is_told_of(
    desk: "Desk", finalized: "Function", guard: Guard, *, permission_first: bool
) -> None:
    """The first delivery dies before it deletes; the second finds file and reason, and may replace neither."""
    guard.permission_first = permission_first
    event = desk.drop("elsewhere/stock_rights.csv", b"a,b\n")
    desk.storage_faults = _no_delete
    first, _ = finalized.send(event)
    written = _stands(desk, event)
    desk.storage_faults = lambda _operation, _moment: None

    second, rejected = finalized.send(event)
    third, again = finalized.send(event.as_published_twice())

    assert (first, second, third) == (500, 200, 200)
    assert (rejected["outcome"], again["outcome"]) == ("rejected", "rejected")
    assert _stands(desk, event) == written
    assert desk.landing() == []
    assert {(need.permission, need.bucket, need.name.split("/")[0]) for need in guard.denied} == (
        {("delete", "lake", "rejected")} if permission_first else set()
    )


@either_order
def test_another_content_in_rejected_is_never_taken_for_the_copy(
    desk: "Desk", finalized: "Function", guard: Guard, *, permission_first: bool
) -> None:
    """Whatever the answer to the copy is, it is looked into; the file stays in landing."""
    guard.permission_first = permission_first
    event = desk.drop("elsewhere/stock_other.csv", b"a,b\n")
    desk.lake.blob(f"rejected/{desk.place(event, '_unrouted')}").upload_from_string(b"something else")

    status, line = finalized.send(event)

    assert (status, line["reason"]) == (500, "CopyDiffers")
    assert desk.landing() == ["elsewhere/stock_other.csv"]
    assert [need.permission for need in guard.denied] == (["delete"] if permission_first else [])


def test_the_sweep_does_all_that_it_is_there_for(
    desk: "Desk", finalized: "Function", sweep: "Function", guard: Guard
) -> None:
    """A lost event, a placeholder that was replaced and one that stayed, a stray in source/, an untold rejection."""
    finalized.send(desk.drop("daily/customers_bad.csv", b"another,header\n"))
    desk.drop("daily/customers_lost.csv", b"")
    lost = desk.drop("daily/customers_lost.csv", desk.rows())
    stale = desk.drop("daily/customers_stale.csv.tmp", b"half of it")
    desk.lake.blob("source/stray/rights.csv").upload_from_string(b"a\n")

    first = sweep.post(TICK.body, TICK.headers)
    desk.runs()  # the rejection is told by another run than that of the file that was lost
    second = sweep.post(TICK.body, TICK.headers)

    desk.runs()
    outcomes = Counter(line["outcome"] for line in sweep.lines())
    assert (first, second, outcomes["started"] > 0) == (200, 200, True)
    assert outcomes - Counter({"started": outcomes["started"]}) == Counter(
        {"admitted": 1, "dropped": 1, "missing": 1, "rejected": 2, "swept": 2}
    )
    assert desk.place(lost) in desk.in_lake("archive")
    assert desk.place(stale, "_unrouted") in desk.in_lake("rejected")
    assert (desk.landing(), desk.in_lake("source")) == ([], [])
    assert guard.denied == []


@either_order
def test_a_stray_that_was_rejected_before_leaves_source_all_the_same(
    desk: "Desk", sweep: "Function", guard: Guard, *, permission_first: bool
) -> None:
    """The sweep before died between its copy and its delete."""
    guard.permission_first = permission_first
    desk.lake.blob("source/stray/twice.csv").upload_from_string(b"a\n")
    desk.storage_faults = _no_delete
    first = sweep.post(TICK.body, TICK.headers)
    desk.storage_faults = lambda _operation, _moment: None

    second = sweep.post(TICK.body, TICK.headers)

    assert (first, second) == (500, 200)
    assert desk.in_lake("source") == []
    assert {need.permission for need in guard.denied} == ({"delete"} if permission_first else set())


def test_every_right_is_used_and_archive_is_not_touched(guard: Guard) -> None:
    """By the stories above: a right that none of them needs is one too many."""
    assert guard.used == {
        *(("get", "landing/"), ("delete", "landing/"), ("list", "landing/")),
        *(("get", "lake/source"), ("create", "lake/source"), ("delete", "lake/source")),
        *(("get", "lake/rejected"), ("create", "lake/rejected")),
        *(("get", "lake/expected"), ("create", "lake/expected")),
        ("list", "lake/"),
    }


def test_a_guard_denies(guard: Guard) -> None:
    """What the plan does not give: the test can fail."""
    archived = "/storage/v1/b/lake/o/archive%2Forders%2Fa.csv"

    asked = [guard.lacking("GET", archived, b""), guard.lacking("DELETE", archived, b"")]
    written = guard.lacking("POST", "/upload/storage/v1/b/lake/o?uploadType=multipart", _upload("archive/a.csv"))

    assert asked == [Need(permission, "lake", "archive/orders/a.csv") for permission in ("get", "delete")]
    assert written == Need("create", "lake", "archive/a.csv")


def _upload(name: str) -> bytes:
    return f'--x\r\ncontent-type: application/json\r\n\r\n{{"name": "{name}"}}\r\n--x\r\n\r\n--x--'.encode()


def _stands(desk: "Desk", event: Event) -> dict[str, int]:
    """The generations of file and reason in rejected/."""
    prefix = f"rejected/{desk.place(event, '_unrouted')}"
    found = {blob.name: int(blob.generation) for blob in desk.lake.list_blobs(prefix=prefix)}
    assert set(found) == {prefix, f"{prefix}.reason.json"}, json.dumps(found)
    return found

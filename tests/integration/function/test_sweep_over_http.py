"""The sweep as it is deployed, over HTTP, before real servers: what no event told of still arrives."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from contracts.names.paths import LakeFile
from local.events import Event
from local.workspace.faults import Refusal

if TYPE_CHECKING:
    from tests.integration.function.function_desk import Desk, Function

pytest_plugins = ["tests.integration.function.function_desk"]

TICK = Event.message_published("sweep", "sweep", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.fixture(scope="module")
def sweep(desk: "Desk") -> "Function":
    """A sweep for which everything is old at once, but placeholders."""
    return desk.function("on_sweep", SWEEP_RETRY_SECONDS="0.001")


@pytest.fixture(scope="module")
def later(desk: "Desk") -> "Function":
    """The sweep of the next day: for it placeholders are old, too."""
    return desk.function("on_sweep", PLACEHOLDER_SECONDS="0.001")


@pytest.fixture(autouse=True)
def _clean(desk: "Desk") -> Iterator[None]:
    yield
    desk.workspace_faults = lambda _passage: None
    if (desk.lake_folder / "broken").exists():
        (desk.lake_folder / "broken").unlink()
        desk.client.jobs.run_now(desk.jobs["customers"])
    desk.runs()
    for blob in [*desk.bucket.list_blobs(versions=True), *desk.lake.list_blobs()]:
        blob.delete()


def _call(desk: "Desk", sweep: "Function") -> tuple[int, list[dict[str, object]]]:
    """The answer to one tick, and the lines that it left, its own last; without what is told of files that are due."""
    before = len(sweep.lines())
    with desk.pending():
        status = sweep.post(TICK.body, TICK.headers)
    return status, [line for line in sweep.lines()[before:] if line["outcome"] not in ("missing", "late")]


def test_a_file_that_is_due_and_missing_is_told_once_and_once_when_it_comes(desk: "Desk", sweep: "Function") -> None:
    """Of the shipped feeds the orders are expected each morning; that it was told stands in the lake."""
    came = LakeFile("orders", datetime.now(UTC), 5, "daily/orders_1.csv")
    before = len(sweep.lines())
    answers = [sweep.post(TICK.body, TICK.headers) for _ in range(2)]
    desk.lake.blob(came.path("archive")).upload_from_string("1")
    answers += [sweep.post(TICK.body, TICK.headers) for _ in range(2)]

    told = [line for line in sweep.lines()[before:] if line["outcome"] in ("missing", "late")]

    assert answers == [200] * 4
    assert [(line["outcome"], line["feed"], line["severity"]) for line in told] == [
        ("missing", "orders", "WARNING"),
        ("late", "orders", "INFO"),
    ]
    assert "a file by 06:00 Europe/Vienna on every day" in str(told[0]["detail"])
    assert [name.rpartition(".")[2] for name in sorted(desk.in_lake("expected"))] == ["late", "missing"]


def test_files_without_an_event_are_admitted_noncurrent_generations_too(desk: "Desk", sweep: "Function") -> None:
    """A lost event, and one whose file was replaced since, lose nothing."""
    first = desk.drop("daily/customers_1.csv", desk.rows())
    second = desk.drop("daily/customers_1.csv", desk.rows() + b"\n")

    status, lines = _call(desk, sweep)

    desk.runs()
    assert (status, [line["outcome"] for line in lines]) == (200, ["admitted", "admitted", "swept"])
    assert (lines[-1]["waiting"], lines[-1]["left"], lines[-1]["failed"]) == (2, 0, 0)
    assert {desk.place(first), desk.place(second)} <= set(desk.in_lake("archive"))
    assert desk.landing() == []


def test_a_file_that_no_feed_wants_is_rejected_by_the_sweep(desk: "Desk", sweep: "Function") -> None:
    """The reason file says by whom."""
    event = desk.drop("elsewhere/stock.csv", b"a\n")

    _call(desk, sweep)

    [reason] = [name for name in desk.in_lake("rejected") if name.endswith(".reason.json")]
    assert reason == desk.place(event, "_unrouted") + ".reason.json"
    assert json.loads((desk.lake_folder / "rejected" / reason).read_bytes())["by"] == "sweep"
    assert desk.landing() == []


def test_a_file_that_the_sweep_finds_loses_its_encoding_too(desk: "Desk", later: "Function") -> None:
    """The listing says of it what an event would; of what was put into source/ by hand, the object itself."""
    for bucket, name in ((desk.bucket, "elsewhere/encoded.csv"), (desk.lake, "source/elsewhere/encoded.csv")):
        blob = bucket.blob(name)
        blob.content_encoding = "gzip"
        blob.upload_from_string(b"as it is stored")

    _call(desk, later)

    copies = [blob for blob in desk.lake.list_blobs(prefix="rejected/") if blob.name.endswith("encoded.csv")]
    assert [(copy.content_encoding, copy.content_type) for copy in copies] == 2 * [(None, "application/gzip")]


def test_a_young_placeholder_stays_and_a_replaced_one_is_dropped(desk: "Desk", sweep: "Function") -> None:
    """What gcsfuse leaves behind goes; what is still to come stays."""
    desk.drop("daily/customers_2.csv", b"")
    full = desk.drop("daily/customers_2.csv", desk.rows())
    desk.drop("daily/customers_3.csv", b"")

    _, lines = _call(desk, sweep)

    desk.runs()
    assert sorted(str(line["outcome"]) for line in lines) == ["admitted", "dropped", "swept"]
    assert desk.place(full) in desk.in_lake("archive")
    assert desk.landing() == ["daily/customers_3.csv"]


def test_an_old_placeholder_is_rejected(desk: "Desk", later: "Function") -> None:
    """Somebody is told that the file never came."""
    event = desk.drop("daily/customers_4.csv.tmp", b"half of it")

    _, lines = _call(desk, later)

    assert (lines[0]["outcome"], lines[0]["reason"]) == ("rejected", "placeholder")
    assert desk.place(event, "_unrouted") in desk.in_lake("rejected")
    assert desk.landing() == []


def test_an_upload_under_another_name_is_kept_and_told_to_nobody(desk: "Desk", later: "Function") -> None:
    """A producer that renames what it has uploaded leaves the first name behind, which is nobody's fault."""
    event = desk.drop("daily/customers_5.csv.tmp", desk.rows())
    desk.bucket.blob("daily/customers_5.csv.tmp").delete()

    _, lines = _call(desk, later)
    _, after = _call(desk, later)

    assert [(line["outcome"], line["severity"]) for line in lines] == [("dropped", "INFO"), ("swept", "INFO")]
    assert [line["outcome"] for line in after] == ["swept"], "no run is started to tell of it"
    assert desk.in_lake("rejected") == [desk.place(event, "_unrouted")]
    assert (desk.lake_folder / "rejected" / desk.place(event, "_unrouted")).read_bytes() == desk.rows()
    assert desk.landing() == []


def test_a_file_in_source_without_a_run_gets_one(desk: "Desk", sweep: "Function") -> None:
    """Wherever it comes from: a dropped run, or a person's own hand."""
    (desk.lake_folder / "source" / "customers").mkdir(parents=True, exist_ok=True)
    (desk.lake_folder / "source" / "customers" / "by_hand.csv").write_bytes(desk.rows())
    before = len(desk.runs())

    _, lines = _call(desk, sweep)

    runs = desk.runs()
    assert [line["outcome"] for line in lines] == ["started", "swept"]
    assert len(runs) == before + 1
    assert lines[0]["run_id"] == runs[0].run_id
    assert desk.in_lake("source") == []


def test_a_failed_run_is_followed_by_another_until_one_loads(desk: "Desk", sweep: "Function") -> None:
    """What was staged is merged without another file."""
    (desk.lake_folder / "broken").touch()
    desk.drop("daily/customers_5.csv", desk.rows())
    _call(desk, sweep)
    failed = len(desk.runs())

    (desk.lake_folder / "broken").unlink()
    _call(desk, sweep)
    repaired = len(desk.runs())
    _call(desk, sweep)

    assert repaired == failed + 1
    assert len(desk.runs()) == repaired


def test_a_rejection_is_told_by_a_run_of_its_own(desk: "Desk", function: "Function", sweep: "Function") -> None:
    """No further file need come for the feed; one run is enough, and what the job rejects has had its own."""
    event = desk.drop("daily/customers_6.csv", b"another,header\n")
    status, rejected = function.send(event)
    before = desk.runs()

    _, first = _call(desk, sweep)
    told = desk.runs()
    reason = desk.lake_folder / "rejected" / (desk.place(event) + ".reason.json")
    by_the_job = json.loads(reason.read_bytes()) | {"by": "job"}
    reason.with_name("customers_7.csv.reason.json").write_text(json.dumps(by_the_job))
    _, second = _call(desk, sweep)

    assert (status, rejected["outcome"], rejected["feed"]) == (200, "rejected", "customers")
    assert [(line["outcome"], line.get("feed")) for line in first] == [("started", "customers"), ("swept", None)]
    assert [run.run_id for run in told] == [first[0]["run_id"], *(run.run_id for run in before)]
    assert [line["outcome"] for line in second] == ["swept"]
    assert len(desk.runs()) == len(told)


def test_what_no_feed_claims_in_source_is_rejected_after_a_day(
    desk: "Desk", sweep: "Function", later: "Function"
) -> None:
    """It has no generation of landing: its time of change stands in its place."""
    stray = desk.lake_folder / "source" / "stray" / "file.csv"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"a\n")

    _, young = _call(desk, sweep)
    _, lines = _call(desk, later)

    [reason] = [name for name in desk.in_lake("rejected") if name.endswith("-0/stray/file.csv.reason.json")]
    assert [line["outcome"] for line in young] == ["swept"]
    assert (lines[0]["outcome"], lines[0]["reason"]) == ("rejected", "unrouted")
    assert str(lines[0]["file"]).startswith("source/stray/file.csv#")
    assert reason.startswith("_unrouted/@")
    assert desk.in_lake("source") == []


def test_one_feed_in_trouble_does_not_stop_the_others(desk: "Desk", sweep: "Function") -> None:
    """Its failure is told, and the sweep is called again. The first of two that is asked for is the one in trouble."""
    for feed in ("customers", "orders"):
        desk.lake.blob(f"source/{feed}/by_hand.csv").upload_from_string(desk.rows())
    before = {feed: len(desk.runs(feed)) for feed in ("customers", "orders")}
    refusals = [Refusal(500, "INTERNAL_ERROR")]
    desk.workspace_faults = lambda passage: (
        refusals.pop() if refusals and passage.when == "before" and passage.path.endswith("runs/list") else None
    )

    status, lines = _call(desk, sweep)

    outcomes = {str(line["outcome"]): str(line.get("feed", "")) for line in lines}
    assert status == 500
    assert (len(lines), set(outcomes)) == (3, {"failed", "started", "swept"})
    assert {outcomes["failed"], outcomes["started"]} == set(before)
    assert (lines[-1]["failed"], lines[-1]["severity"]) == (1, "ERROR")
    assert len(desk.runs(outcomes["started"])) == before[outcomes["started"]] + 1
    assert len(desk.runs(outcomes["failed"])) == before[outcomes["failed"]]

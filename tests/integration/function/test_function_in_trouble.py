"""What is not the file's fault makes the function answer 500, and the next delivery ends well."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from function.credentials import AccessToken
from function.deadline import CallLimits, Deadline
from function.errors import WorkspaceFailed
from function.workspace import DatabricksJobs, connect
from local.events import Event
from local.storage import Fault, Moment, Operation
from local.storage import Refusal as StorageRefusal
from local.workspace.faults import ForeignAnswer, LostConnection, Refusal

if TYPE_CHECKING:
    from tests.integration.function.function_desk import Desk, Function

pytest_plugins = ["tests.integration.function.function_desk"]

PAGE = b"<html><body><h1>busy page</h1></body></html>"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _clean(desk: "Desk") -> Iterator[None]:
    yield
    desk.storage_faults = lambda _operation, _moment: None
    desk.workspace_faults = lambda _passage: None
    for blob in desk.bucket.list_blobs(versions=True):
        blob.delete()


class OneFault:
    """Strikes the first request of a kind: the storage's answer is lost, with or without its effect."""

    def __init__(self, kind: str, at: Moment) -> None:
        self.kind, self.at, self.struck = kind, at, 0

    def __call__(self, operation: Operation, moment: Moment) -> Fault | None:
        if operation.kind == self.kind and moment is self.at and not self.struck:
            self.struck += 1
            return Fault.DROPPED
        return None


@pytest.mark.parametrize("kind", ["download", "rewrite", "delete"])
@pytest.mark.parametrize("at", [Moment.BEFORE, Moment.AFTER])
def test_a_lost_answer_of_the_storage_is_asked_for_again(
    desk: "Desk", function: "Function", kind: str, at: Moment
) -> None:
    """Within the one delivery: nothing is copied twice, nothing is left."""
    event = desk.drop(f"daily/customers_{kind}_{at.name}.csv", desk.rows())
    desk.storage_faults = fault = OneFault(kind, at)

    status, line = function.send(event)

    desk.runs()
    assert fault.struck == 1
    assert (status, line["outcome"]) == (200, "admitted")
    assert desk.in_lake("archive").count(desk.place(event)) == 1
    assert desk.landing() == []


def test_a_lost_answer_to_run_now_starts_one_run(desk: "Desk", function: "Function") -> None:
    """The token makes the second post the same run."""
    event = desk.drop("daily/customers_lost.csv", desk.rows())
    before = len(desk.runs())
    lost = [LostConnection()]
    desk.workspace_faults = lambda passage: (
        lost.pop() if lost and passage.when == "after" and passage.path.endswith("run-now") else None
    )

    status, _ = function.send(event)

    assert (status, lost) == (200, [])
    assert len(desk.runs()) == before + 1


@pytest.mark.parametrize(
    "fault", [Refusal(403, "PERMISSION_DENIED"), Refusal(500, "INTERNAL_ERROR"), Refusal(401, "UNAUTHENTICATED")]
)
def test_a_workspace_that_refuses_makes_the_event_come_again(
    desk: "Desk", function: "Function", fault: Refusal
) -> None:
    """The file waits in source/ and in landing; the next delivery starts the run and clears landing."""
    event = desk.drop(f"daily/customers_{fault.status}.csv", desk.rows())
    desk.workspace_faults = lambda passage: fault if passage.path.endswith("runs/list") else None

    status, line = function.send(event)
    landing, source = desk.landing(), desk.in_lake("source")
    desk.workspace_faults = lambda _passage: None
    again, _ = function.send(event)

    desk.runs()
    assert (status, line["outcome"], line["severity"], line["reason"]) == (500, "failed", "ERROR", "WorkspaceFailed")
    assert fault.code in line["detail"]
    assert "stack_trace" in line
    assert len(landing) == 1
    assert desk.place(event) in source
    assert again == 200
    assert desk.place(event) in desk.in_lake("archive")
    assert desk.landing() == []


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("run-now", ForeignAnswer(200, b'{"number_in_job": 7}')),
        ("run-now", ForeignAnswer(200, b'{"run_id": "soon"}')),
        ("run-now", ForeignAnswer(200, b"[]")),
        ("run-now", ForeignAnswer(200, PAGE, "text/html")),
        ("run-now", ForeignAnswer(400, PAGE, "text/html")),
        ("run-now", ForeignAnswer(404, PAGE, "text/html")),
        ("runs/list", ForeignAnswer(200, b'{"runs": ["newest"]}')),
        ("runs/list", ForeignAnswer(503, PAGE, "text/html")),
        ("runs/list", ForeignAnswer(502, PAGE, "text/html")),
    ],
)
def test_an_answer_that_is_not_the_workspace_s_own_makes_the_event_come_again(
    desk: "Desk", function: "Function", path: str, answer: ForeignAnswer
) -> None:
    """Whoever reads the log sees that something else answered, and neither a bug of a library nor the page itself."""
    event = desk.drop(f"daily/customers_foreign_{len(desk.asked)}.csv", desk.rows())
    desk.workspace_faults = lambda passage: answer if passage.path.endswith(path) else None

    status, line = function.send(event)
    desk.workspace_faults = lambda _passage: None
    again, _ = function.send(event)

    desk.runs()
    assert (status, line["outcome"], line["reason"]) == (500, "failed", "WorkspaceFailed")
    assert [word for word in ("likely a bug", "busy page", "databricks-sdk-py/issues") if word in str(line)] == []
    assert again == 200
    assert desk.landing() == []


def test_a_page_of_something_else_says_of_no_run_that_it_was_deleted(desk: "Desk") -> None:
    """A proxy's 404 has the status of one."""
    connected = connect(desk.workspace.url, AccessToken(desk.workspace.token), CallLimits.within(60))
    jobs = DatabricksJobs(lambda: connected, Deadline.after(60))
    desk.workspace_faults = lambda passage: ForeignAnswer(404, PAGE, "text/html")

    with pytest.raises(WorkspaceFailed, match="the answer is no error of the Jobs API"):
        jobs.is_over(4711)


def test_a_job_that_is_missing_eats_no_file(desk: "Desk") -> None:
    """The event is kept until the job is there."""
    event = desk.drop("daily/customers_jobless.csv", desk.rows())
    jobs = desk.environment()["FEED_JOBS"].replace(str(desk.jobs["customers"]), "4711")
    function = desk.function(FEED_JOBS=jobs)

    status, line = function.send(event)

    assert (status, line["outcome"]) == (500, "failed")
    assert desk.landing() == ["daily/customers_jobless.csv"]
    assert "4711" in line["detail"]


def test_a_workspace_that_is_down_makes_the_event_come_again_before_the_deadline(desk: "Desk") -> None:
    """The function answers within its own time."""
    event = desk.drop("daily/customers_down.csv", desk.rows())
    function = desk.function(DATABRICKS_HOST=NOWHERE, TIMEOUT_SECONDS="12")

    status = function.post(event.body, event.headers)

    line = next(line for line in function.lines() if "outcome" in line)
    assert (status, line["outcome"]) == (500, "failed")
    assert line["reason"] in ("WorkspaceFailed", "DeadlineNear")  # on a slow machine its own time ends first
    assert line["milliseconds"] < 12_000


def test_a_missing_lake_bucket_eats_no_file(desk: "Desk") -> None:
    """A 404 of the copy may mean the lake: the event comes again, for a good file and for a bad one."""
    good = desk.drop("daily/customers_good.csv", desk.rows())
    bad = desk.drop("elsewhere/stock.csv", b"a\n")
    function = desk.function(LAKE_BUCKET="no-such-lake")

    answers = [function.send(event) for event in (good, bad)]

    assert [status for status, _ in answers] == [500, 500]
    assert [line["reason"] for _, line in answers] == ["NothingToCopy", "NothingToCopy"]
    assert desk.landing() == ["daily/customers_good.csv", "elsewhere/stock.csv"]


def test_another_content_in_the_place_of_the_copy_is_never_taken_for_it(desk: "Desk", function: "Function") -> None:
    """A 412 is looked into."""
    event = desk.drop("daily/customers_other.csv", desk.rows())
    desk.lake.blob(f"source/{desk.place(event)}").upload_from_string(b"something else")

    status, line = function.send(event)

    assert (status, line["reason"]) == (500, "CopyDiffers")
    assert desk.landing() == ["daily/customers_other.csv"]
    desk.lake.blob(f"source/{desk.place(event)}").delete()


@pytest.mark.parametrize("target", ["on_object_finalized", "on_sweep"])
def test_wrong_configuration_stops_the_start_with_every_problem_named(desk: "Desk", target: str) -> None:
    """One sentence each, no traceback, no secret."""
    environment = desk.environment(
        LANDING_BUCKET="", FEED_JOBS='{"orders": 1, "oders": "x"}', TIMEOUT_SECONDS="soon", DATABRICKS_TOKEN="s3cret"
    )

    ended = subprocess.run(
        [sys.executable, "-m", "functions_framework", "--target", target, "--port", "0"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "The function cannot start:",
        "- LANDING_BUCKET is not set",
        "- FEED_JOBS: 'oders' has no number of a job",
        "- FEED_JOBS names no job for the feed customers",
        "- FEED_JOBS names no job for the feed order_tracking",
        "- FEED_JOBS names 'oders', which is no feed",
        "- TIMEOUT_SECONDS must be a number of seconds above zero; it is 'soon'",
    ]


def test_a_hold_in_landing_is_told_and_starts_no_run_again(desk: "Desk", function: "Function") -> None:
    """The file is archived once, however often its event comes; when the hold ends, it leaves landing."""
    dropped = desk.drop("daily/customers_held.csv", desk.rows())
    event = Event.finalized({**json.loads(dropped.body), "timeCreated": "2026-01-02T03:04:05.678Z"})
    desk.storage_faults = lambda operation, moment: (
        StorageRefusal(403, "forbidden") if operation.kind == "delete" and moment is Moment.BEFORE else None
    )
    first, line = function.send(event)
    runs = [run.run_id for run in desk.runs()]

    again, same = function.send(event)
    desk.storage_faults = lambda _operation, _moment: None
    freed, gone = function.send(event)

    assert (first, again, freed) == (500, 500, 200)
    assert (line["reason"], same["reason"], gone["outcome"]) == ("DeleteRefused", "DeleteRefused", "gone")
    assert "hold" in line["detail"]
    assert [run.run_id for run in desk.runs()] == runs
    assert desk.in_lake("archive").count(desk.place(event)) == 1
    assert (desk.landing(), desk.in_lake("source")) == ([], [])


@pytest.mark.parametrize("name", ["daily/customers_vanished.csv", "elsewhere/vanished.csv"])
def test_a_file_that_its_producer_deleted_before_it_was_copied_is_told(
    desk: "Desk", function: "Function", name: str
) -> None:
    """It is nowhere, so nobody else will say so: its reason stands where the next report finds it."""
    event, feed = desk.drop(name, desk.rows()), "customers" if name.startswith("daily") else "_unrouted"
    for blob in desk.bucket.list_blobs(versions=True):
        blob.delete()

    status, line = function.send(event)

    assert (status, line["outcome"], line["severity"]) == (200, "vanished", "WARNING")
    assert f"{desk.place(event, feed)}.reason.json" in desk.in_lake("rejected")

"""The function as it is deployed, over HTTP, before real servers."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.function.function_desk import Desk, Function

pytest_plugins = ["tests.integration.function.function_desk"]

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gcs-events"
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-type": "google.cloud.storage.object.v1.finalized",
    "ce-source": "//storage.googleapis.com/projects/_/buckets/landing",
    "content-type": "application/json",
}
STRUCTURED = {"content-type": "application/cloudevents+json"}


def test_a_good_file_is_admitted_with_five_calls(desk: "Desk", function: "Function") -> None:
    """Ranged read, rewrite, list runs, run-now, delete: nothing more, and the file is on its way."""
    function.send(desk.drop("daily/customers_0.csv", desk.rows()))  # the first event asks the host for its metadata
    desk.runs()
    event = desk.drop("daily/customers_1.csv", desk.rows())

    status, line = function.send(event)

    asked = list(desk.asked)
    assert (status, line["outcome"], line["feed"]) == (200, "admitted", "customers")
    assert asked == ["download", "rewrite", "runs/list", "run-now", "delete"]
    assert line["run_id"] == desk.runs()[0].run_id
    assert desk.place(event) in desk.in_lake("archive")
    assert desk.landing() == []


def test_a_line_says_what_became_of_which_file(desk: "Desk", function: "Function") -> None:
    """In the fields that Cloud Logging parses; the identity is the gcloud tools'."""
    event = desk.drop("daily/customers_größe\u2028.csv", desk.rows())
    generation = json.loads(event.body)["generation"]

    _, line = function.send(event)

    run_id = desk.runs()[0].run_id
    milliseconds = line.pop("milliseconds")
    identity = f"gs://landing/daily/customers_größe\u2028.csv#{generation}"
    assert 0 <= milliseconds < 20_000
    assert line == {
        "severity": "INFO",
        "message": f"admitted {identity}",
        "logger": "function",
        "outcome": "admitted",
        "file": identity,
        "feed": "customers",
        "run_id": run_id,
    }


def test_the_same_event_again_changes_nothing(desk: "Desk", function: "Function") -> None:
    """The generation has gone, no copy waits: acknowledged."""
    event = desk.drop("daily/customers_2.csv", desk.rows())
    function.send(event)
    runs = [run.run_id for run in desk.runs()]

    status, line = function.send(event.as_published_twice())

    assert (status, line["outcome"]) == (200, "gone")
    assert [run.run_id for run in desk.runs()] == runs
    assert desk.in_lake("archive").count(desk.place(event)) == 1


def test_a_replaced_generation_is_admitted_by_its_number(desk: "Desk", function: "Function") -> None:
    """A file uploaded twice under one name before the first event arrives is two files."""
    first = desk.drop("daily/customers_3.csv", desk.rows())
    second = desk.drop("daily/customers_3.csv", desk.rows() + b"\n")

    answers = [function.send(event)[1]["outcome"] for event in (second, first)]

    desk.runs()
    assert answers == ["admitted", "admitted"]
    assert {desk.place(first), desk.place(second)} <= set(desk.in_lake("archive"))
    assert (desk.lake_folder / "archive" / desk.place(second)).read_bytes() == desk.rows() + b"\n"
    assert (desk.lake_folder / "archive" / desk.place(first)).read_bytes() == desk.rows()
    assert desk.landing() == []


def test_a_burst_of_files_needs_few_runs(desk: "Desk", function: "Function") -> None:
    """All who find a run that has not begun leave their file to it; nobody's file is forgotten."""
    before = len(desk.runs())
    events = [desk.drop(f"daily/customers_burst_{at}.csv", desk.rows()) for at in range(12)]

    with ThreadPoolExecutor(6) as senders:
        statuses = list(senders.map(lambda event: function.post(event.body, event.headers), [*events, *events]))

    runs = len(desk.runs()) - before
    assert set(statuses) == {200}
    assert {desk.place(event) for event in events} <= set(desk.in_lake("archive"))
    assert 1 <= runs < 12
    assert (desk.landing(), desk.in_lake("source")) == ([], [])


def test_gzip_is_looked_into_and_kept_as_it_came(desk: "Desk", function: "Function") -> None:
    """Stored bytes are read and copied, even where the object says contentEncoding: gzip."""
    packed = gzip.compress(desk.rows(), mtime=0)
    blob = desk.bucket.blob("daily/customers_4.csv")
    blob.content_encoding = "gzip"
    blob.upload_from_string(packed)

    _, line = function.send(desk.events[-1])

    desk.runs()
    assert line["outcome"] == "admitted"
    assert (desk.lake_folder / "archive" / desk.place(desk.events[-1])).read_bytes() == packed


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("gzip", ("application/gzip", None, None)), (None, ("text/csv", None, {"from": "till 7"}))],
)
def test_a_copy_says_what_its_bytes_are(
    desk: "Desk", function: "Function", encoding: str | None, said: tuple[str, str | None, dict[str, str] | None]
) -> None:
    """Not that a reader should decompress them on their way; whatever else the producer said of a file is kept."""
    packed = gzip.compress(desk.rows(), mtime=0)
    blob = desk.bucket.blob(f"elsewhere/encoded_{encoding}.csv")
    blob.content_encoding, blob.metadata = encoding, {"from": "till 7"}
    blob.upload_from_string(packed, content_type="text/csv")

    function.send(desk.events[-1])

    copy = desk.lake.get_blob(f"rejected/{desk.place(desk.events[-1], '_unrouted')}")
    assert (copy.content_type, copy.content_encoding, copy.metadata) == said
    assert copy.download_as_bytes() == packed


@pytest.mark.parametrize(
    ("name", "content", "feed", "reason"),
    [
        ("elsewhere/stock.csv", b"a,b\n", "_unrouted", "unrouted"),
        ("daily/customers_bad.csv", b"a,b\n", "customers", "missing_column"),
        ("daily/customers_latin.csv", "größe\n".encode("latin-1"), "customers", "encoding"),
        ("daily/customers_cut.csv", gzip.compress(b"a,b\n", mtime=0)[:12], "customers", "compression"),
    ],
)
def test_a_file_at_fault_is_rejected_with_its_reason(
    desk: "Desk", function: "Function", name: str, content: bytes, feed: str, reason: str
) -> None:
    """The original stands in rejected/, the reason beside it, landing is clear, and the event needs nothing more."""
    event = desk.drop(name, content)

    status, line = function.send(event)

    place = desk.place(event, feed)
    document = json.loads((desk.lake_folder / "rejected" / f"{place}.reason.json").read_bytes())
    assert (status, line["outcome"], line["severity"], line["reason"]) == (200, "rejected", "WARNING", reason)
    assert (desk.lake_folder / "rejected" / place).read_bytes() == content
    assert (document["identity"], document["reason"], document["by"]) == (line["file"], reason, "function")
    assert document["detail"] == line["detail"]
    assert desk.landing() == []


def test_a_name_too_long_for_the_lake_is_rejected_under_its_digest(desk: "Desk", function: "Function") -> None:
    """The name itself stands in the reason file."""
    name = f"daily/customers_{'ü' * 100}.csv"

    _, line = function.send(desk.drop(name, desk.rows()))

    [reason] = [
        path
        for path in (desk.lake_folder / "rejected").rglob("*.reason.json")
        if "ü" in path.read_text("utf-8") or name in json.loads(path.read_bytes())["identity"]
    ]
    assert line["reason"] == "name_too_long"
    assert len(reason.name) == 64 + len(".reason.json")
    assert desk.landing() == []


@pytest.mark.parametrize("name", ["daily/", "daily/customers_5.csv.tmp", "daily/_SUCCESS", "daily/customers_5.csv"])
def test_a_placeholder_is_left_alone(desk: "Desk", function: "Function", name: str) -> None:
    """The file that it announces is still to come."""
    event = desk.drop(name, b"" if name.endswith(("/", "csv")) else b"half")

    status, line = function.send(event)

    assert (status, line["outcome"]) == (200, "ignored")
    assert desk.asked == []
    assert desk.landing() == [name]
    desk.bucket.blob(name, generation=int(json.loads(event.body)["generation"])).delete()


def test_a_file_that_is_composed_of_pieces_is_admitted_once(desk: "Desk", function: "Function") -> None:
    """As gcloud uploads a large one: each piece has its event, and it may come late."""
    folder = "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details"
    rejected = desk.in_lake("rejected")
    pieces = [desk.drop(f"{folder}/2b_91f0_{at}", part) for at, part in enumerate((desk.rows(), b"2,,,,,\n"))]
    early = function.send(pieces[0])
    blobs = list(desk.bucket.list_blobs(prefix=folder))
    desk.bucket.blob("daily/customers_6.csv").compose(blobs)
    composed = desk.events[-1]
    for blob in blobs:
        desk.bucket.blob(blob.name).delete()
    late = function.send(pieces[1])
    status, line = function.send(composed)

    desk.runs()
    assert [(answer, told["outcome"]) for answer, told in (early, late)] == [(200, "ignored")] * 2
    assert (status, line["outcome"], line["feed"]) == (200, "admitted", "customers")
    assert desk.place(composed) in desk.in_lake("archive")
    assert desk.in_lake("rejected") == rejected
    assert desk.landing() == [blob.name for blob in blobs], "noncurrent, for the sweep"
    for blob in desk.bucket.list_blobs(versions=True):
        blob.delete()


def test_googles_sample_payloads_are_understood(function: "Function") -> None:
    """Numbers as strings and as numbers; they are of another bucket, so nothing happens to them."""
    if not SAMPLES.exists():
        pytest.skip("Google's sample payloads are not at hand")

    for sample in ("StorageObjectData-simple.json", "StorageObjectData-complex.json"):
        before = len(function.lines())
        status = function.post((SAMPLES / sample).read_bytes(), BINARY)

        [line] = function.lines()[before:]
        assert (status, line["outcome"]) == (200, "ignored")
        assert "another bucket" in line["detail"]


def test_structured_mode_is_understood(desk: "Desk", function: "Function") -> None:
    """The event's attributes within its body."""
    event = desk.drop("daily/customers_6.csv", desk.rows())
    body = {"specversion": "1.0", "id": "1", "type": event.type, "source": event.source, "data": json.loads(event.body)}

    status = function.post(json.dumps(body).encode(), STRUCTURED)

    desk.runs()
    assert status == 200
    assert desk.place(event) in desk.in_lake("archive")


@pytest.mark.parametrize("body", [b"{broken", b"", b"[]", b'"text"', b"{}", b'{"bucket": "landing", "name": 7}'])
def test_a_malformed_event_is_acknowledged_and_logged(function: "Function", body: bytes) -> None:
    """No redelivery would make it whole; the sweep finds its file."""
    before = len(function.lines())

    status = function.post(body, BINARY)

    [line] = function.lines()[before:]
    assert (status, line["outcome"], line["severity"]) == (200, "malformed", "WARNING")
    assert line["detail"]


@pytest.mark.parametrize(("body", "headers"), [(b"{}", {"content-type": "application/json"}), (b"{broken", STRUCTURED)])
def test_what_is_no_cloud_event_is_refused_by_the_framework(
    function: "Function", body: bytes, headers: dict[str, str]
) -> None:
    """400: no target is called. Eventarc sends no such thing."""
    before = len(function.lines())

    status = function.post(body, headers)

    assert status == 400
    assert function.lines()[before:] == []

"""`ingest status`, `trace` and `rejects`, at a stack that has merged, quarantined, rejected and never seen files."""

import csv
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import samples
from contracts.loader import PACKAGED
from contracts.names.paths import LakeFile, stamp
from local.settings import LAKE, LANDING
from tests.integration.ingest.stack_desk import StackDesk, running_stack

SAMPLES = Path(samples.__file__).parent
HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At"
GOOD, BAD = "daily/customers_2026-03-02.csv", "daily/customers_2026-03-03.csv"
REJECTED, NOBODYS = "daily/customers_2026-03-04.csv", "daily/parcels.csv"


@dataclass(frozen=True)
class Scene:
    """The desk, and the generation of each file that was dropped."""

    desk: StackDesk
    generations: dict[str, int]

    def identity(self, name: str) -> str:
        return f"gs://{LANDING}/{name}#{self.generations[name]}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One file merged, one with two bad rows of 142, one rejected as a whole, one that is no feed's."""
    good = (SAMPLES / "customers_2026-03-02.csv").read_text()
    record = good.splitlines()[1].split(",")
    bad = ["=1+1", *record[1:5], "yesterday", record[6]]
    files = {
        REJECTED: "No,such,header\n1,2,3\n",
        NOBODYS: "a,b\n1,2\n",
        GOOD: good,
        BAD: good + ",".join(bad) + "\n" + "a,ragged,record\n",
    }
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        yield Scene(desk, {name: desk.put(name, content) for name, content in files.items()})


def test_status_says_how_each_feed_stands(scene: Scene) -> None:
    """Counts of today and of the week, the lag, the last run; files that are no feed's."""
    answer = scene.desk.answer("status")

    [customers] = [one for one in answer["feeds"] if one["feed"] == "customers"]
    [orders] = [one for one in answer["feeds"] if one["feed"] == "orders"]
    assert customers["today"]["files_merged"] == customers["week"]["files_merged"] == 2
    assert customers["today"]["rows_merged"] == 280
    assert customers["today"]["rows_quarantined"] == 2
    assert customers["today"]["files_rejected"] == 1
    assert 0 < customers["lag_seconds"]["median"] <= customers["lag_seconds"]["worst"]
    assert (customers["last_file"]["file"], customers["last_file"]["state"]) == (scene.identity(BAD), "merged")
    assert customers["last_run"]["page"].startswith(scene.desk.stack.running.workspace_url)
    assert any("files were rejected today (1): ingest rejects customers" in one for one in customers["tell"])
    assert any("bad rows were kept out today (2)" in one for one in customers["tell"])
    assert (orders["last_run"], orders["last_file"], customers["overdue"]) == (None, None, None)
    assert orders["overdue"]["due"] > orders["overdue"]["none_since"]
    [due] = orders["tell"]
    assert due.startswith("a file was due by ")
    assert scene.identity(NOBODYS) in [one["identity"] for one in answer["unrouted"]["newest"]]
    assert not answer["well"]


def test_status_of_one_feed_is_of_that_alone(scene: Scene) -> None:
    """As a table; what is told of it below; 1, since there is something to tell."""
    result = scene.desk.ingest("status", "customers")

    assert result.exit_code == 1
    assert "customers: files were rejected today (1): ingest rejects customers" in result.stdout
    assert "orders" not in result.stdout.partition("no feed's")[0]


def test_status_counts_what_waits(scene: Scene) -> None:
    """In landing without its event, in source/ without a run; a placeholder waits for nobody."""
    lake, landing = scene.desk.client.bucket(LAKE), scene.desk.client.bucket(LANDING)
    place = LakeFile("orders", datetime(2026, 3, 2, tzinfo=UTC), 5, "daily/orders_2026-03-02.csv")
    waiting = lake.blob(place.path("source"))
    waiting.upload_from_string("x")
    announced = landing.blob("daily/orders_2026-03-09.csv")
    announced.upload_from_string("")
    scene.desk.settle()
    try:
        [orders] = scene.desk.answer("status", "orders")["feeds"]
        trace = scene.desk.answer("trace", "orders_2026-03-0")
    finally:
        waiting.delete()
        announced.delete()

    assert (orders["source"]["files"], orders["landing"]["files"]) == (1, 0)
    assert trace["source"] == [place.path("source")]
    assert [one["feed"] for one in trace["landing"]] == ["orders"]


def test_status_is_watched_until_ctrl_c(scene: Scene) -> None:
    """On a small terminal of its own, which shows what there is to tell before it is cut; it ends well."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ingest", "status", "--watch", "--root", str(scene.desk.root)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        seen = b""
        while b"order_tracking" not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # so Linux says that nobody is at the other end any more
            while os.read(ours, 4096):
                pass
        assert process.wait(60) == 0
    os.close(ours)
    assert b"ingest rejects customers" in seen
    assert scene.desk.ingest("status", "--watch", "--json").exit_code == 2


@pytest.mark.parametrize("how", ["identity", "name", "part", "generation"])
def test_trace_follows_a_file_by_whatever_is_known_of_it(scene: Scene, how: str) -> None:
    """Every entry with its run, its copy, and the rows of the target that are its own now."""
    known = {
        "identity": scene.identity(BAD),
        "name": BAD,
        "part": "customers_2026-03-03",
        "generation": str(scene.generations[BAD]),
    }

    answer = scene.desk.answer("trace", known[how])

    assert answer["file"] == scene.identity(BAD)
    assert [entry["state"] for entry in answer["entries"]] == ["attempted", "staged", "merged"]
    assert [entry["rows_bad"] for entry in answer["entries"]] == [None, 2, 2]
    assert {entry["run_page"].rpartition("/")[2] for entry in answer["entries"]} == {
        entry["run_id"] for entry in answer["entries"]
    }
    assert [copy["where"] for copy in answer["copies"]] == ["archive"]
    assert answer["rows_owned"] == 140
    assert scene.desk.answer("trace", scene.identity(GOOD))["rows_owned"] == 0  # the later file has the same keys
    delivered = subprocess.run(
        ["bash", "-c", answer["deliveries"]], capture_output=True, text=True, timeout=20, check=True
    )
    assert '"outcome": "admitted"' in delivered.stdout


def test_trace_says_why_a_file_was_rejected(scene: Scene) -> None:
    """By the function, whose word a run has entered."""
    answer = scene.desk.answer("trace", REJECTED)

    assert answer["rejection"]["reason"] == "missing_column"
    assert answer["rejection"]["by"] == "function"
    assert [entry["state"] for entry in answer["entries"]] == ["rejected"]
    assert [copy["where"] for copy in answer["copies"]] == ["rejected"]


def test_what_the_function_has_just_rejected_is_known_before_any_run(scene: Scene) -> None:
    """It stands in the lake and in no ledger: to status, to trace, and to rejects by its name and by its feed."""
    name = "daily/orders_2026-03-08.csv"
    scene.desk.put(name, "No,such,header\n1,2,3\n")

    traced = scene.desk.answer("trace", name)
    by_name, by_feed = scene.desk.answer("rejects", name), scene.desk.answer("rejects", "orders")
    [orders] = scene.desk.answer("status", "orders")["feeds"]

    [rejection] = traced["rejected"]
    assert (rejection["reason"], rejection["by"]) == ("missing_column", "function")
    assert [one["file"] for one in by_name["files"]] == [rejection["identity"]]
    assert rejection["identity"] in [one["file"] for one in by_feed["files"]]
    assert orders["rejected_not_entered"] == 1
    assert "files were rejected that no run has entered yet (1): ingest rejects orders" in orders["tell"]


def test_trace_lists_several_files_of_a_name(scene: Scene) -> None:
    """The newest first, by the names that tell them apart."""
    result = scene.desk.ingest("trace", "customers_2026-03-0")

    listed = [line.split()[-1] for line in result.stdout.splitlines() if "gs://" in line]
    assert result.exit_code == 1
    assert set(listed) >= {scene.identity(GOOD), scene.identity(BAD)}
    assert "name one of them" in result.stderr


def test_trace_finds_what_is_no_feeds(scene: Scene) -> None:
    """A run of any feed has told of it; what was rejected since, no run has."""
    told = scene.desk.answer("trace", "parcels")
    generation = scene.desk.put("daily/pallets.csv", "a,b\n1,2\n")
    [untold] = scene.desk.answer("trace", "pallets")["rejected"]

    assert (told["file"], told["rejection"]["reason"], told["rows_owned"]) == (
        scene.identity(NOBODYS),
        "unrouted",
        None,
    )
    assert (untold["identity"], untold["reason"]) == (f"gs://{LANDING}/daily/pallets.csv#{generation}", "unrouted")
    assert [one["reason"] for one in scene.desk.answer("rejects", "parcels")["files"]] == ["unrouted"]
    assert [one["reason"] for one in scene.desk.answer("rejects", "pallets")["files"]] == ["unrouted"]


def test_trace_says_of_an_unknown_file_that_it_was_never_seen(scene: Scene) -> None:
    """As somebody reads it who waits for it."""
    result = scene.desk.ingest("trace", "customers_2031-01-01.csv")

    assert result.exit_code == 1
    assert "never seen; the landing bucket has no such object" in result.stdout


def test_what_is_deployed_and_not_described_here_is_not_passed_over(scene: Scene, tmp_path: Path) -> None:
    """A laptop's package may be older than the deployment: status does not say that all is well, trace not that a
    table is not there.
    """
    shutil.copy(PACKAGED / "order_tracking.odcs.yaml", tmp_path)

    answer = scene.desk.answer("status", "--feeds", str(tmp_path))
    shown = scene.desk.ingest("status", "--feeds", str(tmp_path))
    traced = scene.desk.ingest("trace", scene.identity(BAD), "--feeds", str(tmp_path))
    of_nobody = scene.desk.ingest("trace", scene.identity(NOBODYS))

    customers, orders = answer["not_described"]
    assert (customers["feed"], orders["feed"]) == ("customers", "orders")
    assert (customers["week"]["files_merged"], customers["last_run"] is None) == (2, False)
    assert "customers: it has a job, and no contract here" in shown.stdout
    assert "no contract here describes the feed customers" in traced.stdout
    assert "it is no feed's" in of_nobody.stdout


def test_rejects_of_a_feed_are_grouped_and_then_shown_row_by_row(scene: Scene) -> None:
    """What is personal by the contract is not shown."""
    answer = scene.desk.answer("rejects", "customers")

    assert [(one["reason"], one["file"]) for one in answer["files"]] == [("missing_column", scene.identity(REJECTED))]
    causes = {(cause["rule"], cause["column"]): (cause["rows"], cause["files"]) for cause in answer["causes"]}
    assert causes[("ragged", None)] == (1, 1)
    assert {(row["row"], row["rule"]) for row in answer["rows"]} >= {(142, "ragged")}
    assert all(row["file"] == scene.identity(BAD) and row["state"] == "staged" for row in answer["rows"])
    assert [row["original"] for row in answer["rows"] if row["column"] == "customer_since"] == ["yesterday"]
    assert [row["original"] for row in answer["rows"] if row["rule"] == "ragged"] == ["(personal)"]
    shown = scene.desk.answer("rejects", "customers", "--show-personal")
    assert [row["original"] for row in shown["rows"] if row["rule"] == "ragged"] == ["a,ragged,record"]
    heading = f"{scene.identity(BAD)} (accepted without them)"
    assert heading in scene.desk.ingest("rejects", "customers", width=200).stdout.splitlines()


def test_rejects_of_a_file_are_its_own(scene: Scene) -> None:
    """By a part of its name; of one that was rejected as a whole the reason, of a good one nothing."""
    bad, rejected = scene.desk.answer("rejects", "customers_2026-03-03"), scene.desk.answer("rejects", REJECTED)
    good = scene.desk.ingest("rejects", GOOD)

    assert len({row["row"] for row in bad["rows"]}) == 2
    assert (bad["files"], rejected["files"][0]["reason"], rejected["rows"]) == ([], "missing_column", [])
    assert (good.exit_code, good.stdout) == (0, "nothing was kept out\n")


def test_rejects_go_to_a_spreadsheet_without_formulas(scene: Scene, tmp_path: Path) -> None:
    """What is personal is masked there, too; an existing file is left alone."""
    out = tmp_path / "bad.csv"

    first = scene.desk.ingest("rejects", "customers", "--csv", str(out))
    again = scene.desk.ingest("rejects", "customers", "--csv", str(out))

    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["141", "142"]
    assert rows[0]["Customer No"] == "'=1+1"
    assert rows[0]["Name"] == rows[0]["E-Mail"] == "(personal)"
    assert "2 bad rows are in" in first.stderr
    assert again.exit_code == 2


def test_rejects_of_what_is_neither_feed_nor_file_is_a_wrong_use(scene: Scene) -> None:
    """With the command that knows more."""
    result = scene.desk.ingest("rejects", "nothing_of_the_kind")

    assert result.exit_code == 2
    assert "see ingest trace nothing_of_the_kind" in result.stderr
    assert scene.desk.ingest("rejects", "customers", "--days", "9999999").exit_code == 2


def test_a_file_put_straight_into_source_is_followed(scene: Scene) -> None:
    """By its path; its time is that of its last change."""
    path = "source/customers/by_hand.csv"
    scene.desk.put_into_lake(path, HEADER + "\n")
    job_id = scene.desk.stack.running.jobs["customers"]
    target_run = scene.desk.run_now(job_id)

    answer = scene.desk.answer("trace", path)

    assert answer["file"].startswith(f"{path}#{stamp(datetime.now(UTC))[:4]}")
    assert answer["entries"][-1]["run_id"] == str(target_run)
    assert answer["entries"][-1]["state"] == "merged"
    assert [copy["where"] for copy in answer["copies"]] == ["archive"]

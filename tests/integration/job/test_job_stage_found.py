"""stage_load: which files a run finds, by whatever name and whoever put them there."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import LakeFile
from pipeline_jobs.errors import NamedFileMissingError, VolumeMissingError
from pipeline_jobs.state.volume import Volume

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


@pytest.mark.seldom
def test_a_file_put_there_by_hand_loads_too(desk: "JobDesk") -> None:
    """Into the feed's folder or anywhere that its pattern claims; an empty or unfinished one waits."""
    feed = desk.feed(KEYED, filePattern="in/*.csv")
    desk.write("source/things/by hand.csv", "id,value\n1,a\n")
    desk.write("source/in/x.csv", "id,value\n2,b\n")
    desk.write("source/in/x.txt", "id,value\n3,c\n")
    desk.write("source/things/empty.csv", "")
    desk.write("source/things/part.csv.tmp", "id,value\n4,d\n")

    desk.load(feed)

    assert desk.rows("things", "id", "_generation") == [("1", "0"), ("2", "0")]
    assert desk.files("source") == ["in/x.txt", "things/empty.csv", "things/part.csv.tmp"]
    assert sorted(path.rpartition("/")[2] for path in desk.files("archive")) == ["by~20hand.csv", "x.csv"]


@pytest.mark.seldom
def test_what_the_function_rejected_enters_the_ledger_once(desk: "JobDesk") -> None:
    """So that the report tells of it; what only looks like a reason file, or is half-written, disturbs nothing."""
    feed = desk.feed(KEYED)
    place = LakeFile("things", desk.clock.time - timedelta(hours=1), 42, "things/x.csv")
    file = place.identity("landing")
    reason = Rejection.of(file, FileRejected(Reason.HEADER, "no header"), desk.clock.time, "function")
    forged = Rejection.of(
        "gs://landing/other.csv#1", FileRejected(Reason.HEADER, "forged"), desk.clock.time, "function"
    )
    desk.write(place.rejected_path(), "x")
    desk.write(place.reason_path(), reason.to_json())
    desk.write(place.rejected_path() + ".of.reason.json", forged.to_json())
    desk.write(place.rejected_path() + ".half.reason.json", reason.to_json()[:40])
    desk.write("rejected/things/zz notes/a.reason.json", "mine")

    desk.stage(feed)
    desk.stage(feed)

    assert desk.ledger() == [("rejected", "header")]
    assert "no header" in desk.report(feed)


@pytest.mark.seldom
def test_a_reason_that_is_in_the_ledger_is_read_no_more(desk: "JobDesk", monkeypatch: pytest.MonkeyPatch) -> None:
    """To open each of a week takes a volume longer than the run's own files; of a name that was too long it is the one
    place that says it, and is entered once, too.
    """
    feed = desk.feed(KEYED)
    names, read = ("things/x.csv", "things/" + "y" * 300 + ".csv"), list[str]()
    for number, name in enumerate(names, start=42):
        place = LakeFile("things", desk.clock.time - timedelta(hours=1), number, name)
        rejection = Rejection.of(
            place.identity("landing"), FileRejected(Reason.NAME_TOO_LONG, name), desk.clock.time, "function"
        )
        desk.write(place.rejected_path(), "x")
        desk.write(place.reason_path(), rejection.to_json())
    parse = Rejection.parse

    def parsed(document: bytes) -> Rejection:
        read.append(parse(document).identity.partition("landing/")[2])
        return parse(document)

    desk.stage(feed)
    monkeypatch.setattr(Rejection, "parse", parsed)
    desk.stage(feed)

    assert read == [f"{names[1]}#43"]
    assert desk.ledger() == [("rejected", "name_too_long")] * 2


@pytest.mark.seldom
def test_a_volume_that_is_not_there_is_no_empty_one(desk: "JobDesk", tmp_path: Path) -> None:
    """A green run that saw nothing would tell nobody of the files that wait."""
    feed = desk.feed(KEYED)
    desk.volume = Volume(tmp_path / "nowhere", "landing")

    with pytest.raises(VolumeMissingError, match="nowhere"):
        desk.stage(feed)


@pytest.mark.seldom
def test_a_run_whose_file_is_nowhere_is_red(desk: "JobDesk") -> None:
    """It looks at another lake than the function; a file that another run has drained is no such case."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    [waiting] = desk.files("source")
    desk.stage(feed, named=f"source/{waiting}")

    desk.stage(feed, named=f"source/{waiting}")
    with pytest.raises(NamedFileMissingError, match=r"other\.csv"):
        desk.stage(feed, named="source/things/@20260302T060000.000000Z-5/other.csv")

    assert desk.rows(feed.stage_table, "id") == [("1",)]


@pytest.mark.seldom
def test_a_run_named_after_a_file_put_there_by_hand_finds_it_in_the_ledger(desk: "JobDesk") -> None:
    """Its retry and its repair are no failures: the file is merged, wherever in source/ it stood."""
    feed = desk.feed(KEYED)
    paths = ["source/things/by_hand.csv", "source/things/deep/by_hand.csv"]
    for at, path in enumerate(paths):
        desk.write(path, f"id,value\n{at},a\n")
    desk.stage(feed, named=paths[0])
    desk.load(feed)

    for path in paths:
        desk.stage(feed, named=path)

    assert desk.rows("things", "id") == [("0",), ("1",)]
    with pytest.raises(NamedFileMissingError, match=r"never\.csv"):
        desk.stage(feed, named="source/things/never.csv")

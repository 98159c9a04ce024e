"""stage_load: each file staged whole or rejected with its reason, whatever the others are like."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.contract import Contract
from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.volume import Volume

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}

WIDE: "Properties" = {**KEYED, "wide": "decimal(38,0)", "narrow": "decimal(38,38)"}
# There is no type for both. Sail raises where a value does not fit: a file whose rows it cannot judge.
POISON = "id,value,wide,narrow\n1,x," + "9" * 38 + ",0.5\n"


@pytest.mark.seldom
def test_many_files_are_staged_in_one_commit(desk: "JobDesk") -> None:
    """A burst of small files costs what one costs."""
    feed = desk.feed(KEYED)
    files = [desk.put(f"id,value\n{at},a\n{at},b\n") for at in range(20)]
    commits = Path(str(desk.scratch.parent)) / "warehouse" / feed.stage_table / "_delta_log"

    desk.stage(feed)

    assert [path.name for path in sorted(commits.glob("*.json"))] == [f"{at:020}.json" for at in (0, 1)]
    assert desk.rows(feed.stage_table, "_file", "_row") == sorted((file, row) for file in files for row in "12")
    assert desk.files("source") == []


@pytest.mark.seldom
def test_a_bad_file_stops_no_other_file(desk: "JobDesk") -> None:
    """Each is rejected for its own reason; what is good of the chunk is staged."""
    feed = desk.feed(KEYED, maxBadRows={"share": 0.5}, maxFileSize="100B", unknownColumns="reject")
    faults = {
        desk.put(b"id,value\n1,\xff\n"): "encoding",
        desk.put("id\n1\n"): "missing_column",
        desk.put("id,value,more\n"): "unknown_column",
        desk.put("id,ID\n"): "header",
        desk.put('id,value\n1,"x\n'): "unclosed_quote",
        desk.put("id,value\nx,a\ny,b\n3,c\n"): "too_many_bad_rows",
        desk.put("id,value\n" + "1,aaaaaaaaaa\n" * 10): "too_large",
        desk.put(b"\x1f\x8b\x08\x00garbage"): "compression",
    }
    good = desk.put("id,value\n1,a\nx,b\n")

    desk.stage(feed)

    assert desk.counted_rows(feed) == [(good, "1"), (good, "2")]
    assert desk.ledger(good) == [("attempted",), ("staged",)]
    assert {file: desk.ledger(file) for file in faults} == {
        file: [("attempted",), ("rejected", reason)] for file, reason in faults.items()
    }
    reasons = [path for path in desk.files("rejected") if path.endswith(".reason.json")]
    told = [json.loads((desk.volume.root / "rejected" / path).read_text()) for path in reasons]
    assert {one["identity"]: one["reason"] for one in told} == faults
    assert desk.files("source") == []


@pytest.mark.seldom
def test_a_file_of_a_header_alone_is_staged_without_rows(desk: "JobDesk") -> None:
    """Nothing happened that day: that is no fault."""
    feed = desk.feed(KEYED, maxBadRows={"share": "0", "count": 0})
    desk.put("id,value\n")

    desk.load(feed)

    assert desk.ledger() == [("attempted",), ("staged",), ("merged",)]
    assert desk.rows("things", "id") == []


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_a_file_that_cannot_be_judged_is_given_up_after_three_runs(desk: "JobDesk") -> None:
    """The others of its chunk go on at once; it waits for two more runs, then is rejected and read by nobody."""
    feed = desk.feed(WIDE, rules={"narrower": "wide > narrow"})
    poison = desk.put(POISON)

    _is_given_up(desk, feed, poison, desk.put("id,value,wide,narrow\n2,y,,0.5\n"))


@pytest.mark.seldom
def test_a_file_that_cannot_be_read_is_given_up_after_three_runs(desk: "JobDesk") -> None:
    """Its header is another than when it was checked: as above, on any engine."""
    feed = desk.feed(KEYED)
    desk.volume = ForgetfulVolume(desk.volume.root, "landing")
    swapped = desk.put("id,value\n1,x\n", "things/swapped.csv")

    _is_given_up(desk, feed, swapped, desk.put("id,value\n2,y\n"))


class ForgetfulVolume(Volume):
    """Shows of one file the head that it had yesterday."""

    def head(self, file: WaitingFile) -> bytes:
        return b"value,id\n" if file.path.endswith("swapped.csv") else super().head(file)


def test_an_escape_keeps_what_it_does_not_stand_for(desk: "JobDesk") -> None:
    r"""`\N` is NULL where the contract says so, paths keep their backslashes, a ragged record its text."""
    feed = desk.feed(KEYED, csv={"escape": "\\", "nullTokens": ["\\N"]})
    desk.put('id,value\n1,\\N\n2,C:\\temp\n3,"a \\"b\\" \\\\ C:\\temp"\n4,"\\"",x\n5,y\\\n6,z\n')

    desk.stage(feed)

    staged = {row: value for row, (value,) in desk.staged(feed, "value").items()}
    assert staged == {1: None, 2: "C:\\temp", 3: 'a "b" \\ C:\\temp', 4: None, 5: "y\\", 6: "z"}
    assert desk.errors(feed) == {4: ["ragged"]}
    assert desk.raw(feed)[4] == '4,"\\"",x'


def _is_given_up(desk: "JobDesk", feed: Contract, file: str, good: str) -> None:
    desk.stage(feed)
    together = [("attempted",), ("released",)]
    after_one = desk.ledger(file), desk.ledger(good), len(desk.files("source"))
    desk.stage(feed)
    desk.stage(feed)
    desk.stage(feed)

    assert after_one == ([*together, ("attempted",), ("failed",)], [*together, ("attempted",), ("staged",)], 1)
    tries = [*[("attempted",), ("failed",)] * 2, ("attempted",), ("rejected", "unreadable")]
    assert desk.ledger(file) == [*together, *tries]
    assert desk.counted_rows(feed) == [(good, "1")]
    assert desk.files("source") == []


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_the_named_file_goes_first_and_one_that_was_tried_before_last(desk: "JobDesk") -> None:
    """What people wait for does not wait for what may fail again."""
    feed = desk.feed(WIDE, rules={"narrower": "wide > narrow"})
    desk.put(POISON, "things/tried.csv")
    desk.stage(feed)
    desk.put("id,value,wide,narrow\n1,old,,\n", "things/old.csv")
    desk.put("id,value,wide,narrow\n1,new,,\n", "things/named.csv")
    named = next(path for path in desk.files("source") if path.endswith("named.csv"))

    desk.stage(feed, named=f"source/{named}")

    attempted = desk.engine.read("file_ledger").filter("state = 'attempted'").orderBy("at", "seq").collect()
    assert [row["path"].rpartition("/")[2] for row in attempted] == ["tried.csv", "named.csv", "old.csv", "tried.csv"]


def test_a_new_column_of_the_contract_is_added_to_the_tables(desk: "JobDesk") -> None:
    """What was there before has none of it; files without it are refused unless it is optional."""
    desk.put("id,value\n1,a\n")
    desk.load(desk.feed(KEYED))
    feed = desk.feed({"extra": {"physicalType": "int", "optional": True}, **KEYED})
    desk.put("id,value,extra\n2,b,7\n")
    desk.put("id,value\n3,c\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value", "extra") == [("1", "a", None), ("2", "b", "7"), ("3", "c", None)]


@pytest.mark.seldom
def test_a_column_that_the_contract_drops_stays_as_it_is(desk: "JobDesk") -> None:
    """Old rows keep it, new ones have none."""
    desk.put("id,value\n1,a\n")
    desk.load(desk.feed(KEYED))
    feed = desk.feed({"id": KEYED["id"]})
    desk.put("id\n2\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "a"), ("2", None)]


@pytest.mark.seldom
def test_a_column_of_another_type_stops_the_task_and_no_file(desk: "JobDesk") -> None:
    """The table's int cannot hold what the contract now calls a bigint: better red than NULL."""
    desk.put("id,n\n1,1\n")
    desk.load(desk.feed({"id": KEYED["id"], "n": "int"}))
    feed = desk.feed({"id": KEYED["id"], "n": "bigint"})
    file = desk.put("id,n\n2,9999999999\n")

    with pytest.raises(TableDiffersError, match="n is int, not bigint"):
        desk.stage(feed)

    assert desk.ledger(file) == []
    assert len(desk.files("source")) == 1

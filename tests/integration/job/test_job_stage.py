"""stage_load: each file staged whole or rejected with its reason, whatever the others are like."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import LakeFile, NameTooLong, encode_name
from pipeline_jobs.errors import NamedFileMissingError, TableDiffersError, VolumeMissingError
from pipeline_jobs.reading.records import MOST_RECORD_BYTES
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.volume import Volume

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"
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


@pytest.mark.parametrize(
    ("limit", "rejected"),
    [({}, False), ({"share": 0.4}, False), ({"share": 0.39}, True), ({"count": 2}, False), ({"count": 1}, True)],
)
@pytest.mark.seldom
def test_a_file_over_the_limit_of_bad_rows_is_rejected_whole(
    desk: "JobDesk", limit: dict[str, float], rejected: bool
) -> None:
    """Above share or above count; at it is within it. The ledger keeps the counts either way."""
    feed = desk.feed(
        KEYED, maxBadRows={name: str(value) if name == "share" else value for name, value in limit.items()}
    )
    desk.put("id,value\n1,a\n2,b\n3,c\nx,d\ny,e\n")

    desk.stage(feed)

    assert desk.ledger() == [("attempted",), ("rejected", "too_many_bad_rows") if rejected else ("staged",)]
    assert len(desk.counted_rows(feed)) == (0 if rejected else 5)
    assert len(desk.rows(feed.stage_table, "_row")) == 5, "the verdicts on a rejected file can be looked at"
    assert desk.rows("file_ledger", "rows_read", "rows_good", "rows_bad")[0] == ("5", "3", "2")


@pytest.mark.seldom
def test_a_file_with_too_many_bad_rows_says_what_is_bad_in_most_of_them(desk: "JobDesk") -> None:
    """Rule, column and in how many rows, the commonest first: in ledger, reason file and report; no cell."""
    feed = desk.feed(KEYED, maxBadRows={"count": 1}, rules={"short": "length(value) < 9"})
    file = desk.put("id,value\ncell1,secretsecret\ncell2,b\n,c\n4,d,e\n5,fff\ncell3,g\n,h\n,i\n,secretsecret\n6,j\n")

    desk.load(feed)

    causes = (
        "8 of 10 rows are bad, allowed are at most 1 rows; most often: required of id (4), type of id (3), short (2)"
    )
    [reason] = [path for path in desk.files("rejected") if path.endswith(".reason.json")]
    told = json.loads((desk.volume.root / "rejected" / reason).read_text())
    assert ("rejected", causes) in desk.rows("file_ledger", "state", "detail")
    assert told["detail"] == causes
    assert f"{file} was rejected: too_many_bad_rows: {causes}" in desk.report(feed)


@pytest.mark.seldom
def test_each_of_a_chunk_s_files_says_what_is_wrong_with_its_own_rows(desk: "JobDesk") -> None:
    """Rejected, warned of, or both at once; of a rejected file nothing is said of those that are warned of."""
    rules = {"short": "length(value) < 3", "known": "value <> 'x'"}
    feed = desk.feed(KEYED, maxBadRows={"count": 1}, rules=rules, warnings=("short",))
    for records in ("x,a\ny,b\n1,long\n", "1,x\n2,x\n,x\n", "1,long\n2,b\n,long\n", "1,a\n"):
        desk.put(f"id,value\n{records}")

    desk.stage(feed)

    details = [detail or "" for detail, state in desk.rows("file_ledger", "detail", "state") if state != "attempted"]
    assert sorted(detail.rpartition("often: ")[2] for detail in details) == [
        *("", "known (3), required of id (1)", "short (1)", "type of id (2)"),
    ]


@pytest.mark.seldom
def test_a_row_that_is_warned_of_is_loaded_and_told(desk: "JobDesk", caplog: pytest.LogCaptureFixture) -> None:
    """With the rule in `_warnings`; in the ledger, and in the report, which stays green."""
    rules = {"short": "length(value) < 3", "known": "value <> 'x'"}
    feed = desk.feed(KEYED, rules=rules, warnings=("short",))
    file = desk.put("id,value\n1,a\n2,long\n3,x\n,long\n5,\n")

    desk.load(feed)
    with caplog.at_level("INFO"):
        told = desk.report(feed)

    rows = desk.engine.read(feed.stage_table).selectExpr("_row", "_errors.rule AS bad", "_warnings.rule AS warned")
    assert sorted((row["_row"], row["bad"], row["warned"]) for row in rows.collect()) == [
        (1, [], []),
        (2, [], ["short"]),
        (3, ["known"], []),
        (4, ["required"], ["short"]),
        (5, [], []),
    ]
    assert desk.rows("things", "id") == [("1",), ("2",), ("5",)]
    assert ("staged", "1") in desk.rows("file_ledger", "state", "rows_warned")
    assert told == ""
    assert f"{file} read=5 good=3 bad=2 1 good rows are warned of, most often: short (1)" in caplog.text


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


@pytest.mark.seldom
def test_a_record_may_have_64_mebibytes(desk: "JobDesk") -> None:
    """So it loads, wherever it stands; of one byte more the file is rejected in its first run, by its number."""
    feed = desk.feed(KEYED, csv={"nullTokens": []})
    few = "".join(f"{at},x\n" for at in range(1000))
    good = desk.put(f"id,value\n{few}1000,{'y' * (MOST_RECORD_BYTES - 5)}\n1001,z\n")
    bad = desk.put(f"id,value\n{few}1000,{'y' * (MOST_RECORD_BYTES - 4)}\n1001,z\n")

    desk.stage(feed)

    [entry] = desk.engine.read("file_ledger").filter("state = 'rejected'").collect()
    lengths = desk.engine.read(feed.stage_table).filter("_row = 1001").selectExpr("_file", "length(value) AS n")
    assert [tuple(row) for row in lengths.collect()] == [(good, MOST_RECORD_BYTES - 5)]
    assert (entry["file"], entry["reason"]) == (bad, "record_too_long")
    assert entry["detail"].startswith("record 1001 has more than 67108864 bytes")
    assert len(desk.counted_rows(feed)) == 1002
    assert desk.files("source") == []


@pytest.mark.seldom
def test_blank_records_are_counted_and_no_rows(desk: "JobDesk") -> None:
    """A spreadsheet's empty rows and the mark of DOS: neither good nor bad, and no part of a share."""
    feed = desk.feed(KEYED, maxBadRows={"share": "0.5"})
    desk.put("id,value\n,\n1,a\nx,b\n,,,,\n \n\x1a")

    desk.load(feed)

    counts = desk.rows("file_ledger", "state", "rows_read", "rows_blank", "rows_good", "rows_bad")
    assert counts[1:] == [("merged", "6", "4", "1", "1"), ("staged", "6", "4", "1", "1")]
    assert desk.staged(feed, "value") == {2: ("a",), 3: ("b",)}
    assert desk.rows("things", "id", "value") == [("1", "a")]
    assert desk.ledger()[-1] == ("merged",)


@pytest.mark.seldom
def test_blank_records_are_no_part_of_a_share(desk: "JobDesk") -> None:
    """However many there are, half of the rows are bad here."""
    feed = desk.feed(KEYED, maxBadRows={"share": "0.4"})
    file = desk.put("id,value\n1,a\nx,b\n" + ",\n" * 10)

    desk.stage(feed)

    assert desk.ledger(file) == [("attempted",), ("rejected", "too_many_bad_rows")]


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


@pytest.mark.seldom
def test_any_name_is_only_a_name(desk: "JobDesk") -> None:
    """Names that break software: each staged, merged and taken out again under its own identity."""
    if not NAUGHTY.is_file():
        pytest.skip("the naughty strings are not beside this checkout")
    feed = desk.feed(KEYED, maxBadRows={"count": 0})
    names = [name for name in json.loads(NAUGHTY.read_text(encoding="utf-8")) if name][::16]
    names += ["'", '"', "`", "\\", "a'); DROP TABLE x; --", "${x}", "{{job.id}}", "a\nb", "%s", "..", "a//b", "~", "#1"]
    fits = [name for name in dict.fromkeys(names) if _fits(name)]
    good = {desk.put("id,value\n1,a\n", name) for name in fits}
    bad = {desk.put("id,value\nx,a\n", name) for name in fits}

    desk.load(feed)

    assert {file for file, _ in desk.counted_rows(feed)} == good
    assert {file: desk.ledger(file)[-1] for file in bad} == dict.fromkeys(bad, ("rejected", "too_many_bad_rows"))
    assert {row["file"] for row in desk.engine.read("file_ledger").filter("state = 'merged'").collect()} == good
    assert len(desk.files("archive")) == len(good)


def _fits(name: str) -> bool:
    try:
        encode_name(name)
    except NameTooLong:
        return False
    return True


def test_hostile_cells_stay_cells(desk: "JobDesk") -> None:
    """Values and unknown headers of any kind come out as they went in."""
    if not NAUGHTY.is_file():
        pytest.skip("the naughty strings are not beside this checkout")
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "nullTokens": []}})
    values = [value for value in json.loads(NAUGHTY.read_text(encoding="utf-8")) if "\0" not in value]
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    desk.put("id,value,\"${x} `a` 'b' {{c}}\"\n" + "".join(f"{at},{cell},{cell}\n" for at, cell in enumerate(quoted)))

    desk.load(feed)

    found = {int(key or 0): value for key, value in desk.rows("things", "id", "value")}
    raw = {row: json.loads(text or "") for row, text in desk.raw(feed).items()}
    assert found == dict(enumerate(values))
    assert [raw[row]["${x} `a` 'b' {{c}}"] for row in sorted(raw)] == values


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

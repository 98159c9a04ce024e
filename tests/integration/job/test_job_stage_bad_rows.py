"""stage_load: how many bad rows a file may have, which records are none, and what is said of them."""

import json
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.reading.records import MOST_RECORD_BYTES

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


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

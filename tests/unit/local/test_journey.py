"""What became of a file is read from the lake and the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, LakeFile
from local.demo.scene import surprises
from local.demo.story import Upload
from local.sending.journey import follow

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
FILE = LakeFile("orders", AT, 7, "daily/orders.csv")


def _row(state: str, seconds: int, **counts: int) -> dict[str, Any]:
    empty = dict.fromkeys(("rows_read", "rows_good", "rows_bad"))
    at = AT + timedelta(seconds=seconds)
    return {"file": "gs://landing/daily/orders.csv#7", "state": state, "at": at, "seq": seconds, **empty, **counts}


def _put(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_a_file_that_is_nowhere_waits(tmp_path: Path) -> None:
    """It is in landing still, or its event is on the way."""
    journey = follow(FILE, "landing", tmp_path, [])

    assert journey.outcome == "waiting"
    assert not journey.is_over


def test_a_file_in_source_or_archive_is_admitted(tmp_path: Path) -> None:
    """It may move on before the ledger is read."""
    _put(tmp_path / FILE.path("archive"))

    journey = follow(FILE, "landing", tmp_path, [_row("attempted", 1)])

    assert journey.outcome == "admitted"


def test_a_file_that_went_to_another_feed_than_expected_is_found_there(tmp_path: Path) -> None:
    """Functions with other contracts may have routed it otherwise, or to nobody."""
    rejection = Rejection.of(FILE.identity("landing"), FileRejected(Reason.UNROUTED, "no feed"), AT, "function")
    elsewhere = replace(FILE, feed=UNROUTED)
    _put(tmp_path / elsewhere.reason_path(), rejection.to_json())

    journey = follow(FILE, "landing", tmp_path, [])

    assert (journey.outcome, journey.file) == ("rejected", elsewhere)


def test_a_name_that_is_too_long_for_the_lake_waits_until_it_is_rejected(tmp_path: Path) -> None:
    """It never stands in source/, and is rejected under its hash."""
    file = replace(FILE, name="n" * 950)
    waiting = follow(file, "landing", tmp_path, [])
    rejection = Rejection.of(file.identity("landing"), FileRejected(Reason.NAME_TOO_LONG, "long"), AT, "function")
    _put(tmp_path / file.reason_path(), rejection.to_json())

    assert waiting.outcome == "waiting"
    assert follow(file, "landing", tmp_path, []).reason == "name_too_long"


def test_the_ledger_says_when_a_file_was_merged_and_what_it_held(tmp_path: Path) -> None:
    """Counts come from whichever row has them; rows of other files do not matter."""
    other = _row("rejected", 9) | {"file": "gs://landing/daily/orders.csv#8"}
    ledger = [_row("merged", 3), other, _row("staged", 2, rows_read=7, rows_blank=2, rows_good=4, rows_bad=1)]

    journey = follow(FILE, "landing", tmp_path, ledger)

    assert journey.outcome == "merged"
    assert journey.is_over
    assert (journey.rows_read, journey.rows_blank, journey.rows_good, journey.rows_bad) == (7, 2, 4, 1)
    assert journey.staged_at == AT + timedelta(seconds=2)
    assert journey.ended_at == AT + timedelta(seconds=3)


def test_a_rejected_file_is_told_by_its_reason_file(tmp_path: Path) -> None:
    """Whoever rejected it; the function's rejects of no feed are in no ledger."""
    fault = FileRejected(Reason.HEADER, "a name stands twice")
    rejection = Rejection.of("gs://landing/daily/orders.csv#7", fault, AT, "function")
    _put(tmp_path / FILE.reason_path(), rejection.to_json())

    journey = follow(FILE, "landing", tmp_path, [])

    assert (journey.outcome, journey.reason, journey.by) == ("rejected", "header", "function")
    assert journey.ended_at == AT


def test_a_file_that_ends_otherwise_than_the_story_says_is_named(tmp_path: Path) -> None:
    """So a reject where a merge was told fails the demo, and the other way round."""
    merged = follow(FILE, "landing", tmp_path, [_row("merged", 3)])
    as_told, otherwise = Upload.of("orders.csv"), Upload.of("orders.csv", "header", by="function")

    sentences = surprises([as_told, otherwise], [merged, merged])

    assert len(sentences) == 1
    assert "instead of header" in sentences[0]


def test_rows_that_a_rule_warns_of_are_told_to_who_sent_them(tmp_path: Path) -> None:
    """With the rules that they break; the detail of a file without any is nobody's business."""
    said = {"detail": "1 good rows are warned of, most often: late (1)"}
    warned = [_row("staged", 2, rows_warned=1) | said, _row("merged", 3, rows_warned=1) | said]

    journeys = [follow(FILE, "landing", tmp_path, rows) for rows in (warned, [_row("merged", 3, rows_warned=0)])]

    assert [journey.detail for journey in journeys] == [said["detail"], ""]


def test_a_file_that_was_merged_and_taken_out_as_a_duplicate_is_one(tmp_path: Path) -> None:
    """Of two runs that merged one file at once; one that goes in again later is merged."""
    duplicate = _row("duplicate", 5) | {"detail": "it has the name and the bytes of another"}
    rows = [_row("staged", 2), _row("merged", 3), duplicate]

    outcomes = [follow(FILE, "landing", tmp_path, ledger).outcome for ledger in (rows, [*rows, _row("merged", 9)])]

    assert outcomes == ["duplicate", "merged"]

"""Bad rows that no answer of a warehouse can hold together, and one that none can hold at all."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ingest.board.serving import serving
from ingest.targets.target import Choice, open_local
from tests.integration.ingest.stack_desk import StackDesk, running_stack

HEADER = "tracking_no;event_no;order_id;event;event_at;place;weight_kg;reported_at"
LONGEST = 30_000_000
"""Characters: more than the 25 MiB of an answer."""
MANY = 2_500
WIDE = 13_000
PATIENCE = 60.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    """Two files that are rejected for their bad rows: many wide ones; and a few, of which one is long."""
    wide = [f"TR{number:09};{number};1;lost;;{'w' * WIDE};1.0;" for number in range(1, MANY + 1)]
    few = ["TR000000001;x;1;announced;;here;1.0;", f"a;record;of;{'l' * LONGEST}"]
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        desk.put("daily/order_tracking_wide.csv", "\n".join([HEADER, *wide]) + "\n")
        desk.put("daily/order_tracking_long.csv", "\n".join([HEADER, *few]) + "\n")
        yield desk


def test_a_long_record_hides_no_other_bad_row(desk: StackDesk) -> None:
    """The command tells files, causes and rows; of the record that is too long, how long it is."""
    answer = desk.answer("rejects", "order_tracking")
    long = desk.ingest("rejects", "daily/order_tracking_long.csv")
    many = desk.answer("rejects", "order_tracking", "--rows", str(MANY))

    assert {file["reason"] for file in answer["files"]} == {"too_many_bad_rows"}
    assert len(answer["files"]) == 2
    assert {("ragged", 1), ("enum", MANY)} <= {(one["rule"], one["rows"]) for one in answer["causes"]}
    assert long.exit_code == 1, long.output
    assert "(a record of 30,000,012 characters)" in " ".join(long.stdout.split())
    assert len({(one["file"], one["row"]) for one in many["rows"]}) == MANY


def test_the_board_shows_the_bad_rows_beside_a_long_one(desk: StackDesk) -> None:
    """On the page of the file, and of the feed."""
    target = open_local(Choice(root=desk.root))
    with serving(target, "127.0.0.1", 0, patience=PATIENCE) as where:
        answers = [
            requests.get(f"{where.address}{path}", timeout=PATIENCE)
            for path in ("feed/order_tracking/kept-out", "file/bad?name=daily/order_tracking_long.csv")
        ]

    assert [one.status_code for one in answers] == [200, 200]
    assert all("(a record of 30,000,012 characters)" in one.text for one in answers)
    assert all("event_no" in one.text for one in answers)


def test_all_bad_rows_are_written_however_wide_they_are(desk: StackDesk, tmp_path: Path) -> None:
    """Each once, in the files' order."""
    out = tmp_path / "bad.csv"

    result = desk.ingest("rejects", "order_tracking", "--csv", str(out), "--rows", "0")

    assert result.exit_code == 1, result.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    assert f"{MANY + 2:,} bad rows are in" in result.stderr
    assert [int(row[1]) for row in rows] == [1, 2, *range(1, MANY + 1)]
    assert {row[8] for row in rows if row[8] != "here"} == {"w" * WIDE, ""}
    assert rows[1][-1] == "(a record of 30,000,012 characters)"

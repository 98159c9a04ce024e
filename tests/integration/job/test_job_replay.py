"""replay: a file goes in again as what the contract says now, and in the order that it had."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.files.reasons import Reason
from pipeline_jobs.operations.operation import Do
from pipeline_jobs.state.history import State
from tests.integration.job.retract_desk import HEAD, KEYED, OURS, Shop, merged, operate, state_of

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]


@pytest.mark.seldom
def test_a_merged_file_goes_in_again_as_what_the_contract_says_now(desk: "JobDesk") -> None:
    """A row that is bad today leaves its key to the older file; nothing else changes, and the order is as it was."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "a")])
    again = shop.put([(1, 2, "b"), (2, 2, "faulty"), (3, 1, "c")])
    shop.put([(1, 3, "d")])
    desk.load(shop.feed)
    shop.feed = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 4}}, **OURS)

    told = operate(desk, shop.feed, Do.REPLAY, again)

    assert told == ""
    shop.rows[again] = [row for row in shop.rows[again] if row[2] != "faulty"]
    assert shop.tables() == shop.without()
    assert state_of(desk, shop.feed, again) is State.MERGED
    assert len(desk.files("archive")) == 3


@pytest.mark.seldom
def test_rejected_files_go_in_again_by_their_reason(desk: "JobDesk") -> None:
    """Only those; each is kept once, in archive/ then, and its reason is gone."""
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 1}}, maxBadRows={"count": 0}, **OURS)
    judged = desk.put(HEAD + "1,1,new\n")
    headless = desk.put("id,version\n1,1\n")
    desk.load(feed, run_id="first")
    assert headless in desk.report(feed, run_id="first")
    assert len(desk.files("rejected")) == 4
    feed = desk.feed(KEYED, maxBadRows={"count": 0}, **OURS)

    told = operate(desk, feed, Do.REPLAY, reason=Reason.TOO_MANY_BAD_ROWS)

    assert told == ""
    assert desk.rows(feed.table, "id", "_file") == [("1", judged)]
    assert state_of(desk, feed, headless) is State.REJECTED
    assert (len(desk.files("archive")), len(desk.files("rejected"))) == (1, 2)


@pytest.mark.seldom
def test_a_file_put_into_source_under_a_name_too_long_holds_up_no_replay(desk: "JobDesk") -> None:
    """It is told and stays rejected; the others of the feed go in again."""
    feed = desk.feed(KEYED, maxBadRows={"count": 0}, **OURS)
    desk.write(f"source/things/{'ä' * 40}.csv", HEAD + "1,1,a\n")
    judged = desk.put(HEAD + "2,1,b\nnone,1,c\n")
    desk.load(feed, run_id="first")
    assert "name_too_long" in desk.report(feed, run_id="first")
    feed = replace(feed, max_bad_rows=desk.feed(KEYED, maxBadRows={"count": 1}).max_bad_rows)

    told = operate(desk, feed, Do.REPLAY)

    assert "was not replayed: its name is longer" in told
    assert desk.rows(feed.table, "id", "_file") == [("2", judged)]


@pytest.mark.seldom
def test_what_is_not_there_any_more_is_told_and_the_rest_goes_on(desk: "JobDesk") -> None:
    """Its rows stay where they are."""
    shop = Shop(desk, [(1, 1, "a")])
    [gone] = shop.rows
    again = shop.put([(2, 1, "b")])
    desk.load(shop.feed)
    [entry] = [entry for entry in merged(desk, shop.feed) if entry.file == gone]
    (desk.volume.root / entry.place.path("archive")).unlink()

    told = operate(desk, shop.feed, Do.REPLAY, gone, again)

    assert f"{gone} was not replayed: " in told
    assert again not in told
    assert shop.tables() == shop.without()
    assert ("reopened", "replay") not in desk.ledger(gone)
    assert desk.ledger(again)[-1] == ("merged",)


@pytest.mark.seldom
def test_another_file_of_its_name_is_not_taken_for_one_that_is_gone(desk: "JobDesk") -> None:
    """Put straight into source/, where the next of that name waits by then: the rows of the first stay."""
    feed = desk.feed(KEYED, **OURS)
    path = desk.write("source/things/a.csv", HEAD + "1,1,a\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk.load(feed)
    [(gone,)] = desk.rows(feed.table, "_file")
    [kept] = desk.files("archive")
    (desk.volume.root / "archive" / kept).unlink()
    desk.write("source/things/a.csv", HEAD + "2,1,b\n")

    told = operate(desk, feed, Do.REPLAY, str(gone))

    assert f"{gone} was not replayed: " in told
    assert desk.rows(feed.table, "id", "value") == [("1", "a"), ("2", "b")]
    assert state_of(desk, feed, str(gone)) is State.MERGED

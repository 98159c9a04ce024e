"""retract: the target and the tombstones are those of a feed that has never seen the file."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.errors import OperationRefusedError, OriginalMissingError
from pipeline_jobs.operations import archived, taking_out
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import stage
from tests.integration.job.retract_desk import HEAD, KEYED, OURS, Shop, merged, operate, state_of

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

BESIDE_A_WRONG_ONE = (
    [(1, 1, "a"), (2, 1, "a"), (3, 1, "gone"), (4, 1, "a"), (6, 1, "a")],
    [(1, 2, "b"), (2, 2, "gone"), (3, 2, "b"), (4, 2, "gone"), (5, 1, "x"), (5, 2, "y"), (6, 2, "b")],
    [(6, 3, "c"), (4, 1, "c")],
)
"""Rows of three files, the second of them the wrong one."""


@pytest.mark.on_spark("at_once")
@pytest.mark.parametrize("is_one_by_one", [True, False], ids=["one_by_one", "at_once"])
def test_the_tables_are_those_that_never_saw_the_file(desk: "JobDesk", is_one_by_one: bool) -> None:
    """It held the newest row of a key, a delete, a key of its own, a key twice, and rows that another had overtaken."""
    shop = Shop(desk)
    for rows in BESIDE_A_WRONG_ONE:
        shop.put(rows)
        if is_one_by_one:
            desk.load(shop.feed)
    desk.load(shop.feed)
    [_, wrong, _] = shop.rows
    assert shop.tables() == shop.without()

    told = operate(desk, shop.feed, Do.RETRACT, wrong, note="the wrong shop's")

    assert told == ""
    assert shop.tables() == shop.without(wrong)
    assert wrong not in {file for (file,) in desk.rows(shop.feed.tombstones_table, "_file")}
    assert state_of(desk, shop.feed, wrong) is State.RETRACTED
    later = shop.put([(2, 1, "late"), (5, 1, "late"), (3, 1, "late")])
    desk.load(shop.feed)
    assert later
    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_files_that_are_retracted_together_leave_what_neither_said(desk: "JobDesk") -> None:
    """Of one key each held the newest row in turn."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "a")])
    wrong = [shop.put([(1, 2, "b"), (3, 1, "gone")]), shop.put([(1, 3, "gone"), (3, 2, "c"), (2, 2, "gone")])]
    desk.load(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, *wrong)

    assert told == ""
    assert shop.tables() == shop.without(*wrong)


@pytest.mark.seldom
def test_a_file_that_is_staged_and_not_merged_never_comes_in(desk: "JobDesk") -> None:
    """The same run's target_load leaves it out."""
    shop = Shop(desk, [(1, 1, "a")])
    desk.load(shop.feed)
    wrong = shop.put([(1, 2, "b"), (2, 1, "b")])
    desk.stage(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, wrong)

    assert told == ""
    assert shop.tables() == shop.without(wrong)
    assert shop.feed.stage_table
    assert desk.run(shop.feed).ledger.staged() == []


@pytest.mark.seldom
def test_of_an_append_only_feed_the_rows_just_go(desk: "JobDesk") -> None:
    """Nobody else has them."""
    feed = desk.feed({"id": "bigint"}, resent="load")
    stays, wrong = desk.put("id\n1\n2\n"), desk.put("id\n1\n2\n")
    desk.load(feed)

    told = operate(desk, feed, Do.RETRACT, wrong)

    assert told == ""
    assert desk.rows(feed.table, "_file", "id") == [(stays, "1"), (stays, "2")]


@pytest.mark.seldom
def test_what_the_stage_table_has_no_longer_is_read_from_the_archive(desk: "JobDesk") -> None:
    """Of the file itself, and of those whose rows come back."""
    shop = Shop(desk, [(1, 1, "a"), (2, 1, "gone"), (9, 1, "a")])
    wrong = shop.put([(1, 2, "b"), (2, 2, "b"), (3, 1, "b")])
    desk.load(shop.feed)
    desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in merged(desk, shop.feed)])
    shop.put([(3, 0, "c")])
    desk.load(shop.feed)

    told = operate(desk, shop.feed, Do.RETRACT, wrong)

    assert told == ""
    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_files_of_before_are_read_some_at_a_time_and_none_is_forgotten(
    server: "Server", open_desk: "OpenDesk", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a driver that reads each part into the folder of the one before; none of their rows stands in the target."""
    monkeypatch.setattr(archived, "_FILES", 2)
    with open_desk(server, tmp_path / "driver", "driver") as desk:
        shop = Shop(desk)
        old = [shop.put([(key, 1, "a")]) for key in (1, 2, 3)]
        shop.put([(1, 2, "b"), (2, 2, "b"), (3, 2, "b")])
        desk.load(shop.feed)
        entries = [entry for entry in merged(desk, shop.feed) if entry.file in old]
        desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in entries])

        keys = taking_out._keys(desk.run(shop.feed), entries)

        assert sorted(row["id"] for row in keys.collect()) == [1, 2, 3]
        assert operate(desk, shop.feed, Do.RETRACT, *old) == ""
        assert shop.tables() == shop.without(*old)


@pytest.mark.seldom
def test_what_is_nowhere_any_more_is_named_before_anything_is_written(desk: "JobDesk") -> None:
    """The target would be a guess."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.load(shop.feed)
    entries = merged(desk, shop.feed)
    desk.engine.discard(shop.feed.stage_table, [entry.attempt or 0 for entry in entries])
    before = shop.tables()
    for entry in entries:
        if entry.file != wrong:
            (desk.volume.root / entry.place.path("archive")).unlink()

    with pytest.raises(OriginalMissingError, match=re.escape(next(iter(shop.rows)))):
        operate(desk, shop.feed, Do.RETRACT, wrong)

    assert shop.tables() == before
    assert state_of(desk, shop.feed, wrong) is State.MERGED


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("content", "is_there", "told"),
    [("id,version\n1,1\n", True, "was not loaded"), (HEAD + "1,1,a\n", False, "no run has ever seen")],
)
def test_what_has_no_rows_in_the_tables_cannot_be_retracted(
    desk: "JobDesk", content: str, *, is_there: bool, told: str
) -> None:
    """With a sentence that names it, and nothing done."""
    feed = desk.feed(KEYED, **OURS)
    file = desk.put(content) if is_there else "gs://landing/never.csv#1"
    desk.load(feed)

    with pytest.raises(OperationRefusedError, match=told):
        operate(desk, feed, Do.RETRACT, file)


@pytest.mark.seldom
def test_a_second_try_of_the_task_retracts_nothing_again(desk: "JobDesk") -> None:
    """A repaired run finds its operation begun, even if the file has gone in again since."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.load(shop.feed)
    run = desk.run(shop.feed, run_id="first", operation=Operation(Do.RETRACT, (wrong,)))
    stage.stage_load(run)
    operate(desk, shop.feed, Do.REPLAY, wrong)
    assert shop.tables() == shop.without()

    stage.stage_load(replace(run, ledger=desk.run(shop.feed, run_id="first").ledger))

    assert shop.tables() == shop.without()
    assert state_of(desk, shop.feed, wrong) is State.MERGED

"""A file that is sent again, with the name and the bytes of an accepted one: loaded once, told, archived."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import State
from pipeline_jobs.steps.attempt import attempt
from pipeline_jobs.steps.merge import target_load

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

NAME = "things/day.csv"
ROWS = "id,value\n1,one\n1,one\n"
TWICE_THE_ROW = [("1", "one"), ("1", "one")]


def states(desk: "JobDesk", feed: Contract, *files: str) -> list[State | None]:
    histories = desk.run(feed).ledger.histories(files)
    return [history.state.state if history.state else None for history in (histories[file] for file in files)]


def append_only(desk: "JobDesk", **ours: Any) -> Contract:
    return desk.feed({"id": "bigint", "value": "string"}, **ours)


@pytest.mark.seldom
@pytest.mark.parametrize("waits_with_the_first", [True, False])
def test_a_file_sent_again_is_loaded_once_archived_and_told(desk: "JobDesk", *, waits_with_the_first: bool) -> None:
    """Whether the first was merged long ago or waits in the same run; nobody is alarmed."""
    feed = append_only(desk)
    first = desk.put(ROWS, NAME)
    if not waits_with_the_first:
        desk.load(feed)
    again = desk.put(ROWS, NAME)

    desk.load(feed, run_id="second")

    assert states(desk, feed, first, again) == [State.MERGED, State.DUPLICATE]
    assert desk.ledger(again) == [("attempted",), ("duplicate",)]
    assert desk.rows(feed.table, "id", "value") == TWICE_THE_ROW
    archived = sorted(path.read_text() for path in (desk.volume.root / "archive").rglob("*.csv"))
    assert archived == [ROWS, ROWS]
    assert not list((desk.volume.root / "source").rglob("*.csv"))
    assert desk.report(feed, run_id="second") == ""


@pytest.mark.seldom
def test_the_table_of_the_report_says_whose_duplicate_it_is(desk: "JobDesk", caplog: pytest.LogCaptureFixture) -> None:
    """Told, not alarmed."""
    feed = append_only(desk)
    first = desk.put(ROWS, NAME)
    again = desk.put(ROWS, NAME)
    desk.load(feed, run_id="only")

    with caplog.at_level("INFO"):
        assert desk.report(feed, run_id="only") == ""

    [told] = [line for line in caplog.messages if line.startswith("duplicate ")]
    assert told == f"duplicate {again} it has the name and the bytes of {first}, and is not loaded again (resent: skip)"


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("content", "name"), [("id,value\n1,two\n1,two\n", NAME), (ROWS, "things/other.csv")], ids=["bytes", "name"]
)
def test_other_bytes_of_the_same_length_or_another_name_are_another_file(
    desk: "JobDesk", content: str, name: str
) -> None:
    """Only both together are the same file."""
    feed = append_only(desk)
    desk.put(ROWS, NAME)
    desk.put(content, name)

    desk.load(feed)

    assert len(desk.rows(feed.table, "id")) == 4


@pytest.mark.seldom
def test_what_was_rejected_is_judged_anew(desk: "JobDesk") -> None:
    """Its rows are nowhere: a contract may have been mended since."""
    content = "id,value\nx,one\n"
    strict = append_only(desk, maxBadRows={"count": 0})
    first = desk.put(content, NAME)
    desk.load(strict)
    again = desk.put(content, NAME)

    desk.load(append_only(desk))

    assert states(desk, strict, first, again) == [State.REJECTED, State.MERGED]


@pytest.mark.seldom
def test_the_first_is_known_where_it_stands_though_its_run_died_before_the_move(desk: "JobDesk") -> None:
    """Staged, and still in source/."""
    feed = append_only(desk)
    first = desk.put(ROWS, NAME)
    place = next((desk.volume.root / "source").rglob("*.csv")).relative_to(desk.volume.root)
    desk.load(feed)
    archived = desk.volume.root / "archive" / place.relative_to("source")
    desk.write(place.as_posix(), archived.read_bytes())
    archived.unlink()
    again = desk.put(ROWS, NAME)

    desk.load(feed)

    assert states(desk, feed, first, again) == [State.MERGED, State.DUPLICATE]
    assert desk.rows(feed.table, "id", "value") == TWICE_THE_ROW


@pytest.mark.seldom
def test_a_file_put_into_source_again_is_the_same_one(desk: "JobDesk") -> None:
    """By its path, whatever its time."""
    feed = append_only(desk)
    for second in (1_700_000_000, 1_700_000_060):
        path = desk.write("source/things/day.csv", ROWS)
        os.utime(path, (second, second))
        desk.load(feed)

    assert desk.rows(feed.table, "id", "value") == TWICE_THE_ROW


@pytest.mark.seldom
def test_a_contract_may_say_that_each_file_counts(desk: "JobDesk") -> None:
    """Two equal days of sales are two."""
    feed = append_only(desk, resent="load")
    for _ in range(2):
        desk.put(ROWS, NAME)

    desk.load(feed)

    assert len(desk.rows(feed.table, "id")) == 4


@pytest.mark.seldom
def test_with_a_key_the_newest_file_has_the_last_word_unless_the_contract_says_otherwise(desk: "JobDesk") -> None:
    """Sent again, an old state is a new one; by `skip` it stays the old one."""
    key = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
    for resent, value in (({}, "old"), ({"resent": "skip"}, "new")):
        name = f"things{len(resent)}"
        feed = desk.feed(key, feed=name, **resent)
        for content in ("old", "new", "old"):
            desk.put(f"id,value\n1,{content}\n", f"{name}/day.csv", feed=name)
        desk.load(feed)
        assert desk.rows(feed.table, "value") == [(value,)]


def run_of(desk: "JobDesk", engine: Engine) -> Run:
    """A run of its own session, as each process has one."""
    [feed] = desk.contracts
    desk.engine, kept = engine, desk.engine
    run = desk.run(feed)
    desk.engine = kept
    return run


Meanwhile = Callable[[Run, Callable[[], None]], None]


def merged(younger: Run, _: Callable[[], None]) -> None:
    target_load(younger)


def stage_at_once(
    desk: "JobDesk", through: "Through", other: Engine, name: str, meanwhile: Meanwhile = lambda *_: None
) -> tuple[str, str]:
    """Two generations of one file, each staged by a run that looked before the other's was; the older and the younger.

    Of the younger the run, on `other`, goes on as `meanwhile` says, before the older is entered as staged, unless that
    one enters it.
    """
    [feed], engine = desk.contracts, desk.engine
    older, younger = (desk.put(ROWS, name) for _ in range(2))
    second = run_of(desk, other)
    waiting = {file.identity: file for file in second.volume.waiting(feed, desk.contracts)}

    def append_records(table: str, records: Any) -> None:
        enter = cache(lambda: engine.append_records(table, records))
        if State.STAGED in records.column("state").to_pylist():
            attempt(second, [waiting[younger]])
            meanwhile(second, enter)
        enter()

    attempt(run_of(desk, through(engine, append_records=append_records)), [waiting[older]])
    return older, younger


@pytest.mark.seldom
def test_of_two_runs_that_stage_one_file_at_the_same_moment_one_counts(
    desk: "JobDesk", through: "Through", dying: "Dying", new_engine: Callable[[], Engine]
) -> None:
    """The older generation stays, also where the younger was merged long before, and wherever the merge dies."""
    feed = append_only(desk)
    desk.load(feed)
    other = new_engine()
    pairs = [stage_at_once(desk, through, other, "things/none.csv")]
    desk.load(feed)
    for state in (State.RETRACTING, State.RETRACTED):
        pairs.append(stage_at_once(desk, through, other, f"things/{state}.csv", merged))
        with dying(desk, state):
            target_load(desk.run(feed))
        desk.load(feed, run_id=f"after {state}")
        assert desk.report(feed, run_id=f"after {state}") == ""

    for older, younger in pairs:
        assert states(desk, feed, older, younger) == [State.MERGED, State.DUPLICATE]
    assert desk.rows(feed.table, "_file") == sorted((older,) for older, _ in pairs for _ in range(2))
    assert len(desk.files("archive")) == 2 * len(pairs)


@pytest.mark.seldom
def test_a_run_that_merges_the_younger_of_two_takes_it_out_again(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It looked when that one was the only one; before its commit the older was staged, and a third run saw both."""
    feed = append_only(desk)
    desk.load(feed)
    another = new_engine()

    def meanwhile(second: Run, enter: Callable[[], None]) -> None:
        merges = count(1)

        def merge(*given: Any) -> Any:
            if next(merges) == 1:
                enter()
                target_load(run_of(desk, another))
            return second.engine.merge(*given)

        target_load(replace(second, engine=through(second.engine, merge=merge)))

    older, younger = stage_at_once(desk, through, new_engine(), NAME, meanwhile)

    assert states(desk, feed, older, younger) == [State.MERGED, State.DUPLICATE]
    assert desk.rows(feed.table, "_file") == [(older,), (older,)]

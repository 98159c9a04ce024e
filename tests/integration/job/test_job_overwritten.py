"""A file that was put straight into source/, and another that takes its place there: no row is lost in silence."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract
from pipeline_jobs.state.history import State

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]
pytestmark = pytest.mark.seldom

PLACE = "source/things/day.csv"
FIRST, SECOND = "source/things/day.csv#20260302T060000.000000Z", "source/things/day.csv#20260302T070000.000000Z"
AT = {FIRST: 1_772_431_200, SECOND: 1_772_434_800}


def put(desk: "JobDesk", file: str, value: str) -> None:
    path = desk.write(PLACE, f"value\n{value}\n")
    os.utime(path, (AT[file], AT[file]))


def rows_and_words(desk: "JobDesk", feed: Contract) -> tuple[list[str | None], str]:
    """What is in the target after two runs more, and what their reports tell."""
    told = []
    for run_id in ("2", "3"):
        desk.load(feed, run_id=run_id)
        told.append(desk.report(feed, run_id=run_id))
    return [value for (value,) in desk.rows(feed.table, "value")], "\n".join(told)


def test_two_versions_are_loaded_that_a_run_finds_one_after_the_other(desk: "JobDesk", dying: Any) -> None:
    """Also where the first is staged alone when the second takes its place."""
    feed = desk.feed({"value": "string"})
    put(desk, FIRST, "a")
    with dying(desk, State.MERGED):
        desk.load(feed, run_id="1")
    put(desk, SECOND, "b")

    rows, told = rows_and_words(desk, feed)

    assert (rows, told.strip()) == (["a", "b"], "")
    assert desk.files("archive") == [
        "things/@20260302T060000.000000Z-0/day.csv",
        "things/@20260302T070000.000000Z-0/day.csv",
    ]


def test_a_version_that_comes_before_the_first_is_archived_is_loaded(desk: "JobDesk", through: "Through") -> None:
    """It is not taken for the first one's copy, with which it would be a duplicate."""
    feed, engine = desk.feed({"value": "string"}), desk.engine
    put(desk, FIRST, "a")

    def append_records(table: str, records: Any) -> None:
        engine.append_records(table, records)
        if "staged" in records.column("state").to_pylist():
            put(desk, SECOND, "b")

    desk.engine = through(engine, append_records=append_records)
    desk.load(feed, run_id="1")
    desk.engine = engine

    rows, _ = rows_and_words(desk, feed)

    assert rows == ["a", "b"]
    assert desk.files("archive") == ["things/@20260302T070000.000000Z-0/day.csv"]
    assert desk.files("source") == []


@pytest.mark.parametrize("when", ["before it is read", "while it is read"])
def test_a_version_that_is_gone_before_it_was_read_to_its_end_is_told(
    desk: "JobDesk", through: "Through", when: str
) -> None:
    """Its name is not given to the rows of the other, which is loaded under its own."""
    feed, engine = desk.feed({"value": "string"}), desk.engine
    put(desk, FIRST, "a")
    desk.put("value\nc\n")

    def then(happens: bool, act: Callable[..., None], *given: Any) -> None:
        act(*given)
        if happens:
            put(desk, SECOND, "b")

    def append_records(table: str, records: Any) -> None:
        is_tried = "attempted" in records.column("state").to_pylist()
        then(is_tried and when == "before it is read", engine.append_records, table, records)

    def append(*given: Any) -> None:
        then(when == "while it is read", engine.append, *given)

    desk.engine = through(engine, append_records=append_records, append=append)
    desk.stage(feed, run_id="1")
    desk.engine = engine

    rows, told = rows_and_words(desk, feed)

    assert rows == ["b", "c"]
    assert f"{FIRST} has vanished: " in told
    assert "another file stood under its name" in told
    assert SECOND not in told
    assert [name for (name,) in desk.rows(feed.table, "_file") if name and name.startswith("source/")] == [SECOND]


def test_the_fault_of_a_version_is_not_told_of_the_one_before(desk: "JobDesk", through: "Through") -> None:
    """Which is told as vanished, and never read."""
    feed, engine = desk.feed({"value": "string"}), desk.engine
    put(desk, FIRST, "a")

    def append_records(table: str, records: Any) -> None:
        engine.append_records(table, records)
        if "attempted" in records.column("state").to_pylist():
            path = desk.write(PLACE, "other\n1\n")
            os.utime(path, (AT[SECOND], AT[SECOND]))

    desk.engine = through(engine, append_records=append_records)
    desk.stage(feed, run_id="1")
    desk.engine = engine

    rows, told = rows_and_words(desk, feed)

    assert rows == []
    assert f"{FIRST} has vanished: " in told
    assert f"{SECOND} was rejected: missing_column" in told
    assert f"{FIRST} was rejected" not in told


def test_a_version_with_the_time_of_the_first_is_told_and_stays(desk: "JobDesk") -> None:
    """By each run: it has the first one's name in everything, and would take its place in the archive."""
    feed = desk.feed({"value": "string"})
    for value in ("a", "b"):
        put(desk, FIRST, value)
        desk.load(feed, run_id=value)

    told = [desk.report(feed, run_id="b")]
    desk.load(feed, run_id="c")
    told.append(desk.report(feed, run_id="c"))

    assert [f"{FIRST} could not be read and is tried again: another file" in one for one in told] == [True, True]
    assert desk.rows(feed.table, "value") == [("a",)]
    assert (desk.volume.root / "archive/things/@20260302T060000.000000Z-0/day.csv").read_text() == "value\na\n"
    assert (desk.volume.root / PLACE).read_text() == "value\nb\n"

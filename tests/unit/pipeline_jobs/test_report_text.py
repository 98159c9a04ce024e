"""What stands in the report."""

from datetime import UTC, datetime

import pytest

from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.problems import Problem, of_files, of_tasks, text
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.steps.report import table

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_first_problems_are_told_and_the_others_counted() -> None:
    """A thousand bad files are one mail that can be read."""
    told = text("things", [Problem(f"problem {at}", ()) for at in range(25)]).splitlines()

    assert told[0].startswith("things:")
    assert len(told) == 23
    assert told[-2:] == ["- and 5 more, in the table file_ledger", "    ingest status things"]


def test_a_problem_is_one_line_whatever_it_quotes() -> None:
    """A name can add no line and no control character, neither to the mail nor to an error's message."""
    name = "a\n- all is well\u2028\x1b[2J\u202e.csv"
    entry = Entry(DAY, 1, "things", State.REJECTED, "1", name, reason="header", detail="no header")

    problems = list(of_files([entry], "1"))
    sentence, *commands = text("things", problems).splitlines()[1:]
    assert sentence == r"- a\n- all is well\u2028\x1b[2J\u202e.csv was rejected: header: no header"
    assert [command.split()[:2] for command in commands] == [["ingest", "trace"], ["ingest", "replay"]]
    assert all(command.isprintable() for command in commands)
    assert table([entry]) == [r"rejected a\n- all is well\u2028\x1b[2J\u202e.csv header: no header"]
    assert str(NotAllWellError("one\ntwo \x1b[2J")) == "one\n" + r"two \x1b[2J"


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (State.FAILED, "vanished", "has vanished: where?"),
        (State.FAILED, "RuntimeError", "could not be read and is tried again: where?"),
        (State.RELEASED, "engine_lost", "was being read when the engine went away"),
        (State.ATTEMPTED, None, "was being tried when the task's process ended"),
    ],
)
def test_a_file_that_came_to_no_end_is_told_with_its_way(state: State, reason: str | None, said: str) -> None:
    """What became of it is to be seen, and no more is offered: it goes in again by itself."""
    entry = Entry(DAY, 1, "things", state, "1", "gs://l/a b.csv#1", reason=reason, detail="where?")

    [problem] = of_files([entry], "1")

    assert problem.sentence.startswith(f"gs://l/a b.csv#1 {said}")
    assert problem.commands == ("ingest trace 'gs://l/a b.csv#1'",)


@pytest.mark.parametrize("state", [State.STAGED, State.MERGED, State.RETRACTED, State.REOPENED, State.RELEASED])
def test_a_file_on_its_way_is_no_problem(state: State) -> None:
    """Nor one that another run is trying."""
    entries = [Entry(DAY, 1, "things", state, "1", "a"), Entry(DAY, 1, "things", State.ATTEMPTED, "2", "b")]

    assert list(of_files(entries, "1")) == []


def test_a_failed_task_is_told_with_the_feeds_state() -> None:
    """Of a task there is no file to trace."""
    [problem] = of_tasks("things", {"stage_load": "success", "target_load": "FAILED"})

    assert problem.sentence.startswith("the task target_load ended with FAILED")
    assert problem.commands == ("ingest status things",)


def test_a_task_that_was_not_run_has_no_error_to_be_seen() -> None:
    """The one before it has."""
    failed, not_run = of_tasks("things", {"stage_load": "failed", "target_load": "upstream_failed"})

    assert "see its error" in failed.sentence
    assert not_run == Problem("the task target_load was not run, because of the one before it", ())


def test_the_table_has_the_last_word_on_each_file() -> None:
    """With its counts and its reason; attempts are no word."""
    entries = [
        Entry(DAY, 1, "things", State.ATTEMPTED, "1", "a"),
        Entry(DAY, 2, "things", State.STAGED, "1", "a", rows_read=3, rows_blank=0, rows_good=2, rows_bad=1),
        Entry(DAY, 3, "things", State.MERGED, "1", "a", rows_read=3, rows_blank=0, rows_good=2, rows_bad=1),
        Entry(DAY, 3, "things", State.MERGED, "1", "c", rows_read=9, rows_blank=4, rows_good=5, rows_bad=0),
        Entry(DAY, 4, "things", State.REJECTED, "1", "b", reason="header", detail="no header"),
        Entry(DAY, 5, "things", State.ATTEMPTED, "1", "b"),
    ]

    assert table(entries) == [
        "merged a read=3 good=2 bad=1",
        "merged c read=9 blank=4 good=5 bad=0",
        "rejected b header: no header",
    ]

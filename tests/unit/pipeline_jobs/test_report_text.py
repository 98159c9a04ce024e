"""What stands in the report."""

from datetime import UTC, datetime

from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.steps.report import table, text

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_first_problems_are_told_and_the_others_counted() -> None:
    """A thousand bad files are one mail that can be read."""
    told = text("things", [f"problem {at}" for at in range(25)]).splitlines()

    assert told[0].startswith("things:")
    assert len(told) == 22
    assert told[-1] == "- and 5 more, in the table file_ledger"


def test_a_problem_is_one_line_whatever_it_quotes() -> None:
    """A name can add no line and no control character, neither to the mail nor to an error's message."""
    name = "a\n- all is well\u2028\x1b[2J\u202e.csv"
    entry = Entry(DAY, 1, "things", State.REJECTED, "1", name, reason="header", detail="no header")

    assert text("things", [name]).splitlines()[1:] == [r"- a\n- all is well\u2028\x1b[2J\u202e.csv"]
    assert table([entry]) == [r"rejected a\n- all is well\u2028\x1b[2J\u202e.csv header: no header"]
    assert str(NotAllWellError("one\ntwo \x1b[2J")) == "one\n" + r"two \x1b[2J"


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

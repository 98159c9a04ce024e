"""What the ledger's entries of one file say together."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline_jobs.state.ledger import Entry, History, State

START = datetime(2026, 3, 2, tzinfo=UTC)


def history(*steps: tuple[str, str]) -> History:
    """From (run, state) steps, a second apart, handed over backwards: only their times say their order."""
    entries = [
        Entry(START + timedelta(seconds=at), at, "things", State(state), run, "file")
        for at, (run, state) in enumerate(steps)
    ]
    return History.of(reversed(entries))


@pytest.mark.parametrize(
    ("steps", "state", "attempts"),
    [
        ([], None, 0),
        ([("1", "attempted")], None, 1),
        ([("1", "attempted"), ("1", "failed")], None, 1),
        ([("1", "attempted"), ("1", "attempted")], None, 1),
        ([("1", "attempted"), ("1", "released")], None, 0),
        ([("1", "attempted"), ("2", "attempted"), ("2", "released")], None, 1),
        ([("1", "attempted"), ("2", "failed"), ("3", "attempted")], None, 3),
        ([("1", "attempted"), ("1", "staged")], "staged", 0),
        ([("1", "staged"), ("2", "attempted")], "staged", 1),
        ([("1", "staged"), ("2", "attempted"), ("2", "released")], "staged", 0),
        ([("1", "staged"), ("1", "merged")], "merged", 0),
        ([("1", "failed"), ("1", "rejected"), ("2", "reopened"), ("2", "attempted")], "reopened", 1),
        ([("1", "merged"), ("2", "retracted")], "retracted", 0),
    ],
)
def test_a_state_is_the_last_that_an_attempt_did_not_make(
    steps: list[tuple[str, str]], state: str | None, attempts: int
) -> None:
    """Attempts are counted by run since the last other state; released takes its run's back."""
    found = history(*steps)

    assert (found.state.state.value if found.state else None, found.attempts) == (state, attempts)


def test_entries_of_one_moment_go_by_their_number() -> None:
    """Two entries of one commit may have the same time."""
    entries = [
        Entry(START, seq, "things", state, "1", "file") for seq, state in ((2, State.STAGED), (1, State.REOPENED))
    ]

    assert History.of(entries).is_in(State.STAGED)

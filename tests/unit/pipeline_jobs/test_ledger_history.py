"""What the ledger's entries of one file say together."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline_jobs.state.history import Entry, History, State

START = datetime(2026, 3, 2, tzinfo=UTC)


def history(*steps: str) -> History:
    """From steps `RUN state attempt reason`, a second apart, handed over backwards: only their times say their order.

    A step that names no attempt is of the one that is called like its run.
    """
    return History.of(reversed([_entry(at, *step.split()) for at, step in enumerate(steps)]))


def _entry(at: int, run: str, state: str, attempt: str = "", reason: str | None = None) -> Entry:
    number = int(attempt or run)
    moment = START + timedelta(seconds=at)
    return Entry(moment, at, "things", State(state), run, "file", attempt=number, reason=reason)


@pytest.mark.parametrize(
    ("steps", "state", "attempts"),
    [
        ([], None, 0),
        (["1 attempted"], None, 1),
        (["1 attempted", "1 failed"], None, 1),
        (["1 attempted", "1 attempted"], None, 1),
        (["1 attempted 1", "1 attempted 2"], None, 1),
        (["1 attempted", "1 released"], None, 0),
        (["1 attempted 1", "1 released 1", "1 attempted 2", "1 failed 2"], None, 1),
        (["1 attempted 1", "1 failed 1", "1 attempted 2", "1 released 2"], None, 1),
        (["1 attempted", "2 attempted", "2 released"], None, 1),
        (["1 attempted", "2 failed", "3 attempted"], None, 3),
        (["1 attempted", "1 released 1 engine_lost"], None, 1),
        (["1 attempted", "1 released 1 engine_lost", "1 attempted 2", "1 released 2 engine_lost"], None, 2),
        (["1 attempted", "1 staged"], "staged", 0),
        (["1 staged", "2 attempted"], "staged", 1),
        (["1 staged", "2 attempted", "2 released"], "staged", 0),
        (["1 staged", "1 merged"], "merged", 0),
        (["1 failed", "1 rejected", "2 reopened 1", "2 attempted"], "reopened", 1),
        (["1 merged"], None, 0),
        (["1 staged", "1 merged", "2 retracting 1"], "retracting", 0),
        (["1 staged", "2 retracting 1", "1 merged"], "retracting", 0),
        (["1 staged", "1 merged", "2 retracting 1", "3 retracted 1"], "retracted", 0),
        (["1 staged", "1 merged", "2 retracting 1", "2 reopened 1"], "retracting", 0),
        (["1 staged", "1 merged", "2 retracting 1", "2 retracted 1", "2 reopened 1", "1 merged"], "reopened", 0),
        (["1 rejected", "2 retracting 1"], "rejected", 0),
    ],
)
def test_a_state_is_the_last_that_an_attempt_did_not_make(steps: list[str], state: str | None, attempts: int) -> None:
    """Runs that tried in vain are counted since the last other state, and each death of the engine."""
    found = history(*steps)

    assert (found.state.state.value if found.state else None, found.attempts) == (state, attempts)


@pytest.mark.parametrize(
    ("steps", "state", "attempt"),
    [
        (["1 staged", "2 staged"], "staged", 1),
        (["1 staged", "2 rejected"], "staged", 1),
        (["1 rejected", "2 staged"], "rejected", 1),
        (["1 staged", "2 staged", "2 merged"], "staged", 1),
        (["1 staged", "1 merged", "2 staged"], "merged", 1),
        (["1 staged", "1 merged", "2 staged", "2 merged"], "merged", 1),
        (["1 staged", "2 reopened 1", "3 staged"], "staged", 3),
        (["1 staged", "2 reopened 1", "1 merged"], "reopened", 1),
        (["1 staged", "2 reopened 1", "3 staged", "4 reopened 1"], "staged", 3),
        (["1 staged", "2 reopened 1", "4 reopened 1", "3 staged"], "staged", 3),
    ],
)
def test_of_two_runs_that_settle_a_file_the_first_counts(steps: list[str], state: str, attempt: int) -> None:
    """What comes second changes nothing; what follows a verdict follows that one alone."""
    found = history(*steps).state

    assert found is not None
    assert (found.state.value, found.attempt) == (state, attempt)


def test_a_file_that_was_rejected_once_is_known_for_it() -> None:
    """A replay archives it, and then its copy in rejected/ goes."""
    assert history("1 rejected", "2 reopened 1", "3 staged").was_rejected
    assert not history("1 staged", "1 merged", "2 rejected").was_rejected


def test_entries_of_one_moment_go_by_their_number() -> None:
    """Two entries of one commit may have the same time."""
    entries = [
        Entry(START, seq, "things", state, "1", "file") for seq, state in ((2, State.STAGED), (1, State.REOPENED))
    ]

    assert History.of(entries).is_in(State.STAGED)

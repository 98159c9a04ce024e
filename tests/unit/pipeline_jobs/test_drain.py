"""The plan of a run: what is finished, given up and loaded, and in which chunks."""

from datetime import UTC, datetime

from contracts.names.paths import LakeFile
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry, History, State
from pipeline_jobs.steps.drain import MAX_BYTES, MAX_FILES, plan

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def waiting(name: str, size: int = 10) -> WaitingFile:
    return WaitingFile(f"source/things/{name}", LakeFile("things", DAY, 1, name), name, size, 0)


def known(*states: State, attempts: int = 0) -> History:
    return History(
        Entry(DAY, 1, "things", states[0], "1", "file") if states else None, frozenset(map(str, range(attempts)))
    )


def test_the_named_file_is_first_and_the_others_keep_their_order() -> None:
    """Whoever started the run waits for that file."""
    files = [waiting(name) for name in "abc"]

    made = plan(files, {file.identity: known() for file in files}, "source/things/c", "")

    assert [[file.identity for file in chunk] for chunk in made.chunks] == [["c", "a", "b"]]


def test_a_settled_file_only_gets_its_move() -> None:
    """Staged or final: it is never loaded twice."""
    states = (State.STAGED, State.MERGED, State.REJECTED, State.RETRACTING, State.RETRACTED)
    files = [waiting(state) for state in (*states, State.REOPENED)]

    made = plan(files, {file.identity: known(State(file.identity)) for file in files}, "", "")

    assert [file.identity for file in made.finish] == list(states)
    assert [[file.identity for file in chunk] for chunk in made.chunks] == [["reopened"]]


def test_a_file_that_was_attempted_is_done_alone_and_given_up_after_the_third() -> None:
    """Fewest attempts first, behind all that is new."""
    attempts = {"two": 2, "three": 3, "one": 1, "new": 0, "newer": 0}
    files = [waiting(name) for name in attempts]

    made = plan(files, {name: known(attempts=count) for name, count in attempts.items()}, "source/things/two", "")

    assert [file.identity for file in made.give_up] == ["three"]
    assert [[file.identity for file in chunk] for chunk in made.chunks] == [["new", "newer"], ["one"], ["two"]]


def test_a_run_tries_a_file_alone_once() -> None:
    """A task that is tried again leaves the last suspect, and what it has not come to goes before older suspects."""
    histories = {
        "died_alone": History(runs=frozenset("12"), tries=2),
        "of_the_chunk": History(runs=frozenset("2"), tries=1),
        "of_an_older_run": History(runs=frozenset("1"), tries=2),
        "not_come_to": History(runs=frozenset("1"), tries=1),
        "three_runs": History(runs=frozenset("012"), tries=3),
    }

    made = plan([waiting(name) for name in histories], histories, "", "2")

    assert [file.identity for file in made.give_up] == ["three_runs"]
    assert [file.identity for chunk in made.chunks for file in chunk] == [
        *("of_the_chunk", "not_come_to", "of_an_older_run"),
    ]


def test_a_chunk_is_bounded_in_files_and_bytes() -> None:
    """A file that is larger than a chunk may be is one."""
    sizes = [1, MAX_BYTES, MAX_BYTES + 1, 1, MAX_BYTES - 1, *[1] * (MAX_FILES + 1)]
    files = [waiting(str(at), size) for at, size in enumerate(sizes)]

    made = plan(files, {file.identity: known() for file in files}, "", "")

    assert [len(chunk) for chunk in made.chunks] == [1, 1, 1, 2, MAX_FILES, 1]
    assert [file for chunk in made.chunks for file in chunk] == files

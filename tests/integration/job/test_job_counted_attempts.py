"""The attempts that count by SQL, for who asks the ledger beside the job, are those that count by `History`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.counting import counted_attempts
from pipeline_jobs.state.history import Entry, History, State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.steps import merge, stage

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.acting_engine import Dying
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

START = datetime(2026, 3, 2, tzinfo=UTC)
VERDICTS = (State.STAGED, State.REJECTED, State.DUPLICATE)
NEXT: dict[State | None, Sequence[State]] = {
    None: VERDICTS,
    State.REOPENED: VERDICTS,
    State.STAGED: (State.MERGED, State.RETRACTING, State.REOPENED),
    State.MERGED: (State.RETRACTING, State.REOPENED),
    State.RETRACTING: (State.RETRACTED,),
    State.RETRACTED: (State.REOPENED, State.DUPLICATE),
    State.REJECTED: (State.REOPENED,),
    State.DUPLICATE: (State.REOPENED,),
}
"""What a run enters that knows the file's state."""
UNKNOWN = 0.5
"""The share of rejections that name no attempt, as the function's do."""
Settled = tuple[str | None, int | None, str]


def said(file: str, *words: str) -> list[Entry]:
    """From words `state attempt`, a second apart; of an attempt `-` nobody knows the number."""
    return [_entry(file, second, *word.split()) for second, word in enumerate(words)]


def _entry(file: str, second: int, state: str, attempt: str) -> Entry:
    number = None if attempt == "-" else int(attempt)
    return Entry(START + timedelta(seconds=second), second, "things", State(state), "1", file, attempt=number)


def drawn(random: Random, file: str) -> list[Entry]:
    """By runs of which most know the file's state; some are late, and settle it once more or repeat what was done."""
    words: list[str] = []
    for number in range(random.randint(1, 14)):
        state = History.of(said(file, *words)).state
        done = [word for word in words if word.split()[0] not in VERDICTS]
        late = random.choice((State.STAGED, State.REJECTED))
        kind = random.choice(NEXT[state.state if state else None])
        is_of_the_same = state is not None and (kind not in VERDICTS or state.state is State.RETRACTED)
        unknown = kind is State.REJECTED and random.random() < UNKNOWN
        attempt = state.attempt if state and is_of_the_same else None if unknown else number
        knowing = f"{kind} {'-' if attempt is None else attempt}"
        words.append(random.choice([knowing, knowing, knowing, f"{late} {number}", *done[-1:], *done[:1]]))
    return said(file, *words)


def counting(entries: Sequence[Entry]) -> list[Settled]:
    """The verdict that counts by `History`; none of a file whose rows were taken out, also where it was sent again."""
    state = History.of(entries).state
    kind = state and (State.STAGED if state.state is State.MERGED else state.state)
    if state is None or kind not in VERDICTS:
        return []
    out = any(entry.state is State.RETRACTED and entry.attempt == state.attempt for entry in entries)
    return [] if out else [(state.file, state.attempt, str(kind))]


def counted(desk: "JobDesk", entries: Sequence[Entry]) -> list[Settled]:
    """By the SQL over a ledger that has these."""
    desk.run(desk.feed({"id": "bigint"})).ledger.append(entries)
    found = desk.ask(counted_attempts("things", desk.engine.reference(TABLE)))
    return sorted((file, attempt, state) for file, attempt, state in found)


@pytest.mark.seldom
def test_of_a_file_that_was_staged_twice_and_put_in_again_the_newest_attempt_counts(desk: "JobDesk") -> None:
    """What came second counts neither then nor when the first is taken out."""
    again = said("again", "staged 1", "staged 2", "merged 1", "retracting 1", "retracted 1", "reopened 1", "staged 3")
    out = said("out", "staged 1", "staged 2", "merged 1", "retracting 1", "retracted 1")
    repeated = said("repeated", "staged 1", "reopened 1", "staged 3", "reopened 1")
    twice = said("twice", "staged 1", "reopened 1", "staged 2", "reopened 2", "staged 3")
    by_the_function = said("function", "rejected -", "rejected 1", "reopened -", "staged 2")
    unknown = said("unknown", "rejected -", "reopened -", "rejected -", "reopened -", "staged 2", "reopened -")

    found = counted(desk, [*again, *out, *repeated, *twice, *by_the_function, *unknown])

    newest = [("again", 3), ("function", 2), ("repeated", 3), ("twice", 3), ("unknown", 2)]
    assert found == [(file, attempt, "staged") for file, attempt in newest]


@pytest.mark.seldom
def test_the_sql_and_the_history_agree_on_what_counts(desk: "JobDesk") -> None:
    """Of histories that are drawn, in which runs are late."""
    random = Random(20261130)
    histories = [drawn(random, f"file {number:04}") for number in range(1500)]

    found = counted(desk, [entry for history in histories for entry in history])

    assert found == [settled for history in histories for settled in counting(history)]
    assert len(found) > 500


def die_three_times(desk: "JobDesk", feed: "Contract", dying: "Dying", operation: Operation | None = None) -> None:
    """Over what waits; the first of the runs is told to do something. The run behind them gives it up."""
    for told in (operation, None, None):
        with dying(desk, State.STAGED):
            stage.stage_load(desk.run(feed, operation=told))
    desk.load(feed)


@pytest.mark.seldom
def test_the_bad_rows_of_a_file_that_was_given_up_twice_are_shown_once_it_is_merged(
    desk: "JobDesk", dying: "Dying"
) -> None:
    """What a run says of a file that it gives up, it says of a try of its own."""
    feed = desk.feed({"id": "bigint"}, maxBadRows={"count": 1})
    file = desk.put("id\n1\nbad\n")
    replay = Operation(Do.REPLAY, (file,))
    die_three_times(desk, feed, dying)
    die_three_times(desk, feed, dying, replay)
    given_up = desk.ledger(file).count(("rejected", "unreadable"))

    run = desk.run(feed, operation=replay)
    stage.stage_load(run)
    merge.target_load(run)

    assert given_up == 2
    assert desk.rows(feed.table, "id") == [("1",)]
    assert desk.ask("SELECT _row, _state FROM things_rejects") == [(2, "staged")]
    unnamed = desk.engine.read(TABLE).filter("state IN ('rejected', 'reopened') AND attempt IS NULL")
    assert unnamed.count() == 0

"""A run that lists source/ after the file was there: found, or started exactly once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from function.dispatch import Dispatcher
from function.errors import RunNotConfirmed, RunRefused
from function.runs import Run, TaskRun

JOB = 11
HOUR = 3600.0
NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def _run(run_id: int, stage: str, life_cycle: str = "RUNNING", *, attempt: int = 0, repaired: bool = False) -> Run:
    return Run(run_id, life_cycle, NOON, None, repaired, (TaskRun("stage_load", stage, False, attempt, False),))


def _over(run_id: int) -> Run:
    return _run(run_id, "TERMINATED", "TERMINATED")


@dataclass
class FakeWorkspace:
    """Jobs API with idempotency tokens; a `stale` one does not list what it starts, `listings` come before its own."""

    runs: list[Run] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)
    stale: bool = False
    posts: list[tuple[int, str, str]] = field(default_factory=list)
    listings: list[Run] = field(default_factory=list)

    def newest_run(self, job_id: int) -> Run | None:
        if self.listings:
            return self.listings.pop(0)
        listed = [run for run in self.runs if run.run_id not in self.deleted]
        return listed[0] if listed else None

    def is_over(self, run_id: int) -> bool:
        return run_id in self.over

    def run_now(self, job_id: int, path: str, token: str) -> int:
        self.posts.append((job_id, path, token))
        if token not in self.tokens:
            self.tokens[token] = 100 + len(self.tokens)
            if not self.stale:
                self.runs.insert(0, _run(self.tokens[token], "PENDING"))
        if self.tokens[token] in self.deleted:
            raise RunRefused("deleted")
        return self.tokens[token]


def _dispatcher(workspace: FakeWorkspace, now: datetime = NOON) -> Dispatcher:
    return Dispatcher(lambda: workspace, lambda: now, HOUR)


def _ensure(workspace: FakeWorkspace, *, first_time: bool = False, now: datetime = NOON) -> int:
    return _dispatcher(workspace, now).ensure_run(JOB, "source/orders/a", first_time=first_time)


@pytest.mark.parametrize("state", ["QUEUED", "PENDING", "BLOCKED"])
def test_a_run_that_has_not_begun_takes_the_file_too(state: str) -> None:
    """A burst of files costs few runs."""
    workspace = FakeWorkspace([_run(1, state, "PENDING")])

    run_id = _ensure(workspace)

    assert (run_id, workspace.posts) == (1, [])


@pytest.mark.parametrize(
    "newest",
    [
        _run(1, "RUNNING"),
        _run(1, "TERMINATED"),
        _over(1),
        _run(1, "PENDING", attempt=1),
        _run(1, "WAITING_FOR_RETRY"),
        _run(1, "PENDING", repaired=True),
        _run(1, "PENDING", "TERMINATING"),
        _run(1, "QUEUED", "SKIPPED"),
        _run(1, "UNKNOWN"),
        Run(1, "QUEUED", NOON, None, False, ()),
        Run(1, "RUNNING", NOON, None, False, (TaskRun("report", "PENDING", False, 0, False),)),
    ],
)
def test_a_run_that_may_not_list_source_again_is_followed_by_another(newest: Run) -> None:
    """Begun, tried again, repaired, dying, or without a stage_load at all."""
    workspace = FakeWorkspace([newest])

    run_id = _ensure(workspace)

    assert run_id == 100
    assert [(job, path) for job, path, _ in workspace.posts] == [(JOB, "source/orders/a")]


def test_the_first_run_of_a_job_has_a_token_too() -> None:
    """Two first files start one run."""
    workspace = FakeWorkspace(stale=True)

    first, second = _ensure(workspace, first_time=True), _ensure(workspace, first_time=True)

    assert first == second
    assert [len(token) for _, _, token in workspace.posts] == [64, 64]


def test_all_who_see_the_same_newest_run_get_the_same_next_one() -> None:
    """Compare-and-swap: the token is made of what was seen."""
    workspace = FakeWorkspace([_run(1, "RUNNING")], stale=True)

    started = {_ensure(workspace) for _ in range(5)}

    assert len(started) == 1


def test_another_job_or_another_newest_run_gives_another_token() -> None:
    """Tokens of different situations never meet."""
    workspace = FakeWorkspace(stale=True)
    dispatcher = _dispatcher(workspace)

    for job_id, newest in permutations((1, 11, 111), 2):
        workspace.runs = [_run(newest, "RUNNING")]
        dispatcher.ensure_run(job_id, "", first_time=True)

    assert len({token for _, _, token in workspace.posts}) == 6


def test_a_token_whose_run_was_deleted_gets_the_hour() -> None:
    """The newest run is the same as before, so the token alone would lead to the deleted one for ever."""
    workspace = FakeWorkspace([_over(1)])
    workspace.deleted.add(_ensure(workspace))

    run_id = _ensure(workspace)

    assert run_id == 101
    assert len({token for _, _, token in workspace.posts}) == 2


def test_within_the_hour_the_token_stays_the_same_after_it_it_changes() -> None:
    """Not one run for every delivery, and not none for ever."""
    workspace = FakeWorkspace([_over(1)], stale=True)
    workspace.deleted.add(_ensure(workspace))

    started = [_ensure(workspace, now=NOON + timedelta(minutes=minutes)) for minutes in (0, 10, 40)]

    assert started == [101, 101, 102]


def test_a_run_that_is_over_is_no_run_for_this_file() -> None:
    """The list was stale: the run that its token leads to has listed source/ before."""
    workspace = FakeWorkspace([_over(1)], stale=True)
    workspace.over.add(_ensure(workspace))
    workspace.stale = False

    run_id = _ensure(workspace)

    assert run_id == 101


def test_a_list_that_has_caught_up_is_believed_without_the_hour() -> None:
    """The newest run is another one now: its token is as good as new."""
    old, new = _over(1), _over(2)
    workspace = FakeWorkspace([old])
    taken = _ensure(workspace)
    workspace.deleted.add(taken)
    workspace.listings = [old, new, new]

    caught_up = _ensure(workspace)
    again = _ensure(workspace)

    assert caught_up == again == 101


def test_a_run_started_meanwhile_takes_the_file() -> None:
    """Somebody else was quicker after the token had led nowhere."""
    workspace = FakeWorkspace([_over(1)])
    workspace.deleted.add(_ensure(workspace))
    workspace.listings = [_over(1), _run(7, "PENDING")]

    run_id = _ensure(workspace)

    assert run_id == 7


def test_no_run_that_is_sure_to_list_is_an_error() -> None:
    """The event comes again; the file is never taken for safe."""
    workspace = FakeWorkspace([_over(1)], stale=True)
    workspace.over = {100, 101}

    with pytest.raises(RunNotConfirmed):
        _ensure(workspace)


def test_a_job_that_refuses_every_run_is_an_error() -> None:
    """A missing job must never eat a file."""
    workspace = FakeWorkspace()
    workspace.deleted = {100, 101}

    with pytest.raises(RunRefused):
        _ensure(workspace, first_time=True)


@pytest.mark.parametrize(
    ("tasks", "loaded"),
    [
        ([("stage_load", True, 0), ("target_load", True, 0), ("report", False, 0)], True),
        ([("stage_load", True, 0), ("target_load", False, 0)], False),
        ([("stage_load", False, 0), ("target_load", False, 0)], False),
        ([("stage_load", False, 0), ("stage_load", True, 1), ("target_load", True, 0)], True),
        ([("stage_load", True, 0)], False),
        ([], False),
    ],
)
def test_a_run_has_loaded_if_both_loads_succeeded_in_their_last_try(
    tasks: list[tuple[str, bool, int]], loaded: bool
) -> None:
    """A red report over a rejected file is no reason to run again."""
    run = Run(
        1, "TERMINATED", NOON, NOON, False, tuple(TaskRun(key, "TERMINATED", ok, at, False) for key, ok, at in tasks)
    )

    assert run.has_loaded is loaded


@pytest.mark.parametrize(
    ("tries", "silenced"),
    [([(0, True)], True), ([(0, False)], False), ([(0, True), (1, False)], False), ([], False)],
)
def test_a_run_is_silenced_if_its_report_was_cancelled(tries: list[tuple[int, bool]], silenced: bool) -> None:
    """And not repaired since; a red one has told."""
    tasks = tuple(TaskRun("report", "TERMINATED", False, at, cancelled) for at, cancelled in tries)

    assert Run(1, "TERMINATED", NOON, NOON, False, tasks).is_silenced is silenced

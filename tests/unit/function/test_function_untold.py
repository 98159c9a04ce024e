"""What the functions reject is told by a run that began later, and by one alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from function.listed import RejectedObject
from function.runs import Run, TaskRun
from function.sweeping.untold import MOST_LISTED, has_untold

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class FakeRejected:
    """Pairs of when a file was finalized and an object that stands there for it; counts what it is asked for."""

    objects: list[tuple[datetime, RejectedObject]] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    given: int = 0

    def rejected_objects(self, feed: str, finalized_from: datetime) -> Iterator[RejectedObject]:
        self.asked.append((feed, finalized_from))
        for finalized_at, one in sorted(self.objects, key=lambda pair: pair[0]):
            if finalized_at >= finalized_from:
                self.given += 1
                yield one

    def reject(self, ago: timedelta, *, finalized: timedelta = SECOND, by_the_job: bool = False) -> None:
        """A file and its reason, written so long ago, of a file that was finalized so long before."""
        for is_reason in (False, not by_the_job):
            self.objects.append((NOW - ago - finalized, RejectedObject(NOW - ago, is_reason)))


def _run(began: timedelta, *, stage: bool = True, target: bool = True) -> Run:
    tasks = (
        TaskRun("stage_load", "TERMINATED", stage, 0, False),
        TaskRun("target_load", "TERMINATED", target, 0, False),
    )
    return Run(1, "TERMINATED", NOW - began, NOW - began + HOUR, False, tasks)


def _has_untold(rejected: FakeRejected, *runs: Run, placeholder_age: timedelta = DAY) -> bool:
    return has_untold(rejected, "orders", runs, now=NOW, placeholder_age=placeholder_age, clocks_differ=60 * SECOND)


@pytest.mark.parametrize(
    ("ago", "runs", "untold"),
    [
        (HOUR, (), True),
        (3 * HOUR, (_run(2 * HOUR),), False),
        (2 * HOUR - SECOND, (_run(2 * HOUR),), True),
        (2 * HOUR, (_run(2 * HOUR),), True),
        (HOUR / 2, (_run(2 * HOUR),), True),
        (2 * HOUR + 40 * SECOND, (_run(2 * HOUR),), True),  # by a clock that is behind the workspace's
        (3 * HOUR, (_run(2 * HOUR, target=False),), False),
        (3 * HOUR, (_run(2 * HOUR, stage=False), _run(4 * HOUR)), True),
        (3 * HOUR, (_run(2 * HOUR, stage=False), _run(2.5 * HOUR)), False),
    ],
)
def test_a_rejection_is_untold_until_a_run_begins_that_stages(
    ago: timedelta, runs: tuple[Run, ...], untold: bool
) -> None:
    """Also one that is written while a run goes on: that run may have listed the reasons before."""
    rejected = FakeRejected()
    rejected.reject(ago)

    assert _has_untold(rejected, *runs) is untold


def test_what_the_job_rejected_was_told_by_its_run() -> None:
    """Its reasons are written after its run began, and must not start another after each."""
    rejected = FakeRejected()
    rejected.reject(HOUR / 2, by_the_job=True)

    assert not _has_untold(rejected, _run(2 * HOUR))


@pytest.mark.parametrize(
    ("placeholder_age", "finalized", "untold"),
    [
        (DAY, DAY, True),
        (DAY, 2 * DAY, False),
        (timedelta(days=3), timedelta(days=3), True),
        (SECOND, DAY, True),
    ],
)
def test_a_file_that_is_rejected_long_after_it_was_finalized_is_told(
    placeholder_age: timedelta, finalized: timedelta, untold: bool
) -> None:
    """Events come again for a day, a placeholder has its own; what is older is left to the feed's next file."""
    rejected = FakeRejected()
    rejected.reject(HOUR, finalized=finalized)

    assert _has_untold(rejected, _run(2 * HOUR), placeholder_age=placeholder_age) is untold


def test_one_listing_is_enough_and_stops_at_the_first_that_matters() -> None:
    """Nobody needs to know how many there are."""
    nothing, much = FakeRejected(), FakeRejected()
    for _ in range(9):
        much.reject(HOUR)

    found = (_has_untold(nothing, _run(2 * HOUR)), _has_untold(much, _run(2 * HOUR)))

    assert found == (False, True)
    assert nothing.asked == much.asked == [("orders", NOW - 2 * DAY)]
    assert much.given == 2


@pytest.mark.parametrize("untold", [True, False])
def test_a_flood_that_was_told_hides_nothing_and_is_not_listed_to_its_end(untold: bool) -> None:
    """Two listings at most, each of a bounded length."""
    rejected = FakeRejected()
    for _ in range(MOST_LISTED):
        rejected.reject(3 * HOUR)
    if untold:
        rejected.reject(HOUR)

    found = _has_untold(rejected, _run(2 * HOUR))

    assert found is untold
    assert [begin for _, begin in rejected.asked] == [NOW - 2 * DAY, NOW - 2 * HOUR - 60 * SECOND]
    assert rejected.given <= 2 * MOST_LISTED

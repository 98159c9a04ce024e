"""The last runs of many feeds, by as few questions as that takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from ingest.targets.jobs import Jobs

MANY = {f"feed_{number}": number for number in range(1, 301)}


@dataclass
class Workspace:
    """`runs` are the jobs whose runs there are, the newest first; `asked` has the job of each question, 0 for all."""

    runs: list[int]
    asked: list[int] = field(default_factory=list)

    def list_runs(self, *, limit: int, job_id: int = 0) -> Iterator[Any]:
        """A client reads further pages as somebody goes on; a page of 25 or more is refused, as the API's page says."""
        assert 0 < limit < 25
        for number, job in enumerate(job for job in self.runs if job_id in (0, job)):
            if number % limit == 0:
                self.asked.append(job_id)
            yield SimpleNamespace(
                run_id=len(self.runs) - number,
                job_id=job,
                state=None,
                start_time=1,
                end_time=0,
                run_page_url="",
                tasks=None,
            )


@pytest.mark.parametrize(
    ("runs", "found", "pages", "alone"),
    [
        ([*range(1, 301), *range(1, 301)], 300, 13, 0),  # each has one among the newest
        ([1, 2, 1, 999], 2, 1, 0),  # there are no others: the rest has had none
        ([1] * 600 + [2, 3], 3, 20, 2),  # one is so busy that the others stand far behind
    ],
)
def test_the_last_run_of_many_feeds_is_found_by_few_questions(
    runs: list[int], found: int, pages: int, alone: int
) -> None:
    """Whichever feeds are busy, nothing is left out; other jobs' runs are nobody's."""
    workspace = Workspace(runs)

    last = Jobs(workspace, MANY, "https://x").last(MANY)  # type: ignore[arg-type]  # as much of it as is asked

    assert len(last) == found
    assert workspace.asked.count(0) == pages
    assert len([job for job in workspace.asked if job]) == alone


def test_few_feeds_are_asked_for_one_by_one() -> None:
    """The runs of others are none of theirs."""
    workspace = Workspace([3, 2, 2])

    last = Jobs(workspace, MANY, "https://x").last(["feed_2", "feed_9", "no_job"])  # type: ignore[arg-type]  # as above

    assert list(last) == ["feed_2"]
    assert set(workspace.asked) == {2}

"""That a run will load a file which stands in source/: a compare-and-swap on the newest run of the feed's job."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from function.errors import RunNotConfirmed, RunRefused
from function.runs import Run


class Workspace(Protocol):
    """What dispatch needs of the Jobs API."""

    def newest_run(self, job_id: int) -> Run | None:
        """The run that was started last, with its tasks."""

    def is_over(self, run_id: int) -> bool:
        """Whether the run has ended, or was deleted."""

    def run_now(self, job_id: int, path: str, token: str) -> int:
        """The id of the run that the idempotency token stands for, started if it is new; raises RunRefused."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Starts what has to be started; `retry_seconds` is how long a token that leads nowhere stays the same.

    The workspace is asked for by those who need it: connecting to it is the dearest step of an event.
    """

    workspace: Callable[[], Workspace]
    now: Callable[[], datetime]
    retry_seconds: float

    def ensure_run(self, job_id: int, path: str, *, first_time: bool) -> int:
        """The id of a run that lists source/ after this call began; raises RunNotConfirmed, RunRefused.

        All who see the same newest run get the same next one, because the token is made of it: that run began
        after their files were there. A token may lead to a run that is over already, where the list is stale.
        `first_time` spares the question: a file that was not in source/ before has had no token posted for it,
        and should the list be stale all the same, the sweep finds the file.
        """
        workspace = self.workspace()
        seen = workspace.newest_run(job_id)
        if seen and seen.will_list_source:
            return seen.run_id
        try:
            started = workspace.run_now(job_id, path, _token(job_id, seen))
        except RunRefused:
            return self._start_another(job_id, path, seen)
        if first_time or not workspace.is_over(started):
            return started
        return self._start_another(job_id, path, seen)

    def _start_another(self, job_id: int, path: str, seen: Run | None) -> int:
        """As ensure_run, after the token made of the run `seen` led nowhere."""
        workspace = self.workspace()
        newest = workspace.newest_run(job_id)
        if newest and newest.will_list_source:
            return newest.run_id
        is_same = (newest and newest.run_id) == (seen and seen.run_id)
        started = workspace.run_now(job_id, path, _token(job_id, newest, self._hour() if is_same else None))
        if workspace.is_over(started):
            raise RunNotConfirmed(f"job {job_id}: the newest run that the workspace names, {started}, is over already")
        return started

    def _hour(self) -> int:
        return int(self.now().timestamp() // self.retry_seconds)


def _token(job_id: int, newest: Run | None, hour: int | None = None) -> str:
    """64 hexadecimal digits, as many as the Jobs API takes."""
    parts = [job_id, newest.run_id if newest else 0, *([] if hour is None else [hour])]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()

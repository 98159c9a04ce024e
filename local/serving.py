"""Both functions as a stack serves them: their processes, the events for the one, the schedule of the other."""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from local.delivery import EventDelivery
from local.processes import ChildProcess, serves_functions
from local.schedule import SweepSchedule

_START_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Target:
    """A function of main.py and its port."""

    name: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Functions:
    """`targets` are the events' and the sweep's, `environment` is theirs beside contracts and jobs.

    `delivery` is for the events, `sweep_every` in seconds. `answer_within` is how long one call may take.
    """

    def __init__(
        self,
        targets: tuple[Target, Target],
        environment: Mapping[str, str],
        logs: Path,
        delivery: EventDelivery,
        *,
        sweep_every: float,
        answer_within: float,
    ) -> None:
        self._targets = targets
        self._environment = environment
        self._logs = logs
        self._delivery = delivery
        self._schedule = SweepSchedule(f"{targets[1].url}/", every=sweep_every)
        self._answer_within = answer_within
        self._children: tuple[ChildProcess, ...] = ()

    def start(self, feeds: Path, jobs: Mapping[str, int]) -> None:
        """Ready when this returns; raises ChildEnded, NotReadyInTime. `end` afterwards, in any case."""
        self._serve(feeds, jobs)
        self._delivery.start()
        self._schedule.start()

    def renew(self, feeds: Path, jobs: Mapping[str, int]) -> None:
        """New processes in place of the old, which come to an end with what they handle; no event is lost.

        Raises as `start`, and TimeoutError where an event takes longer than it may.
        """
        with self._delivery.held(), self._schedule.held():
            self._delivery.wait_until_answered(self._answer_within)
            self._end_children()
            self._serve(feeds, jobs)

    def end(self) -> None:
        """Nothing new begins, what is being handled comes to an end."""
        self._schedule.end()
        self._delivery.end()
        self._end_children()
        self._schedule.stop()
        self._delivery.stop()

    def _serve(self, feeds: Path, jobs: Mapping[str, int]) -> None:
        environment = {**self._environment, "FEED_JOBS": json.dumps(jobs), "FEEDS_FOLDER": str(feeds)}
        with ExitStack() as started:
            started.callback(self._end_children)
            for target in self._targets:
                command = [sys.executable, "-m", "local.functions", target.name, str(target.port)]
                log = self._logs / f"{target.name}.log"
                self._children += (ChildProcess(target.name, command, environment, log),)
            for child, target in zip(self._children, self._targets, strict=True):
                child.wait_until(lambda url=target.url: serves_functions(url), _START_WITHIN)  # type: ignore[misc]  # mypy cannot infer a lambda's default
            started.pop_all()

    def _end_children(self) -> None:
        for child in self._children:
            child.end()
        for child in self._children:
            child.wait()
        self._children = ()

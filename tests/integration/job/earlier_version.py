"""A table whose newest version is taken to be one of a while ago, as if others were writing meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline_jobs.engines.versions.version import Version, Versions

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk

Earlier = Callable[..., "JobDesk"]


class Pinned:
    """A table's versions, the newest of which is that of a while ago, so many times that it is asked for."""

    def __init__(self, versions: Versions, newest: Version, times: list[None], then: Callable[[], object]) -> None:
        self._versions = versions
        self._newest = newest
        self._times = times
        self._then = then

    def newest(self) -> Version:
        if not self._times:
            return self._versions.newest()
        self._times.pop()
        self._then()
        return self._newest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._versions, name)


@pytest.fixture
def earlier(desk: "JobDesk", through: "Through") -> Earlier:
    """A desk that takes the version of now for the newest, so many times, and does something behind each look."""

    def pinned(times: int, then: Callable[[], object] = int) -> "JobDesk":
        engine, left = desk.engine, [None] * times
        now = engine.versions("things").newest()
        acts = {"versions": lambda table: Pinned(engine.versions(table), now, left, then)}
        return replace(desk, engine=through(engine, **acts))

    return pinned

"""An engine of which some acts are the test's own, and runs that die at an entry of the ledger."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.state.history import State

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

Through = Callable[..., Engine]
Dying = Callable[["JobDesk", State], AbstractContextManager[None]]


class Died(BaseException):
    """The process is gone: nothing of the job may catch it."""


class ActingEngine:
    """What it has no act for is the engine's."""

    def __init__(self, engine: Engine, acts: dict[str, Callable[..., Any]]) -> None:
        self._engine = engine
        self._acts = acts

    def __getattr__(self, name: str) -> Any:
        return self._acts.get(name) or getattr(self._engine, name)


@pytest.fixture
def through() -> Through:
    """The engine, and the methods that are done otherwise, by their names."""
    return lambda engine, **acts: cast("Engine", ActingEngine(engine, acts))


@pytest.fixture
def dying(through: Through) -> Dying:
    """Within the block the process dies where it would enter this state, and it must."""

    @contextmanager
    def dies(desk: "JobDesk", state: State) -> Iterator[None]:
        engine = desk.engine

        def append_records(table: str, records: Any) -> None:
            if state in records.column("state").to_pylist():
                raise Died
            engine.append_records(table, records)

        desk.engine = through(engine, append_records=append_records)
        with pytest.raises(Died):
            yield
        desk.engine = engine

    return dies

"""Several processes at work at once, as a step of a history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .function_side import deliver, sweep
from .job_side import run_notebook, run_task, run_twin
from .operations import Fault
from .oracle import STOCK
from .steps import bearable, next_task
from .world import Parcel, World


@dataclass(frozen=True)
class AtOnce:
    """Several at work at once; `order` says who goes on at each operation, `faults` are those of the first of them.

    Runs and notebooks are those of the feed.
    """

    whos: tuple[str, ...]
    order: tuple[int, ...]
    faults: tuple[Fault, ...] = ()
    feed: str = STOCK

    def do(self, world: World) -> str:
        works = [work for who in self.whos if (work := _WORKS[who](world, self.feed)) is not None]
        if not works:
            return ""
        faults = bearable(world, self.faults)
        lanes = [_lane(work, faults if number == 0 else ()) for number, work in enumerate(works)]
        world.at_once(lanes, self.order)
        return f"at once, in the order {list(self.order)}: {' and '.join(work.name for work in works)}"


@dataclass(frozen=True)
class _Work:
    name: str
    do: Callable[[Sequence[Fault], Callable[[], None]], object]


def _lane(work: _Work, faults: Sequence[Fault]) -> Callable[[Callable[[], None]], None]:
    return lambda turn: (work.do(faults, turn), None)[1]


def _task_work(world: World, feed: str) -> _Work | None:
    found = next_task(world, world.feeds.job_id(feed))
    if found is None:
        return None
    run, task = found
    return _Work(f"{task.key} of run {run.run_id}", lambda faults, turn: run_task(world, run, task, faults, turn))


def _run_work(world: World, feed: str) -> _Work | None:
    found = next_task(world, world.feeds.job_id(feed))
    if found is None:
        return None
    run = found[0]

    def rest(faults: Sequence[Fault], turn: Callable[[], None]) -> None:
        while (task := world.workspace.next_task(run)) is not None:
            run_task(world, run, task, faults, turn)
            faults = ()

    return _Work(f"run {run.run_id}", rest)


def _twin_work(world: World, feed: str) -> _Work | None:
    found = next_task(world, world.feeds.job_id(feed))
    if found is None or found[1].key == "report":
        return None
    run, task = found
    return _Work(f"a try of {task.key} that was believed dead", lambda _, turn: run_twin(world, run, task, turn))


def _event_work(world: World, _: str) -> _Work | None:
    open_: list[Parcel] = [parcel for parcel in world.inbox if not parcel.acked] or world.inbox
    if not open_:
        return None
    return _Work(f"the event of {open_[0].file}", lambda faults, turn: deliver(world, open_[0], faults, turn))


def _sweep_work(world: World, _: str) -> _Work:
    return _Work("the sweep", lambda faults, turn: sweep(world, faults, turn))


def _notebook_work(world: World, feed: str) -> _Work:
    return _Work("a notebook", lambda faults, turn: run_notebook(world, feed, faults, turn))


_WORKS: dict[str, Callable[[World, str], _Work | None]] = {
    "task": _task_work,
    "run": _run_work,
    "twin": _twin_work,
    "event": _event_work,
    "sweep": _sweep_work,
    "notebook": _notebook_work,
}

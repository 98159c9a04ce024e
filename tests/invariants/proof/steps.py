"""The steps of a history, as values: a list of them is a history, can be shrunk, and can be told."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .files import UNROUTED, Content, as_bytes
from .function_side import deliver, sweep
from .job_side import enter_reports, run_all, run_notebook, run_task, run_twin
from .operations import KILLS, Fault, Mode
from .workspace import JobRun, Try
from .world import File, Parcel, World

STOCK_JOB = 1
_LOADS = ("stage_load", "notebook")
_MOST_DEATHS = 2
"""A file that took three tries with it is rejected as unreadable, and rightly so: histories kill fewer."""


class Step(Protocol):
    def do(self, world: World) -> str:
        """Has it happen; what happened, in plain words, or nothing if it could not."""


def play(world: World, steps: Sequence[Step]) -> None:
    """One step after the other; the story tells what became of each."""
    for step in steps:
        known = len(world.processes)
        world.starts.append(world.moment)
        said = step.do(world)
        if said:
            struck = [what for process in world.processes[known:] for what in process.struck]
            world.story.append(f"{said}{' - ' if struck else ''}{'; '.join(struck)}")


def _bearable(world: World, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    loads = [process for process in world.processes if process.name in _LOADS]
    deaths = sum(process.is_dead or process.lost_engine for process in loads)
    deadly = KILLS | {Mode.ENGINE_GONE}
    return tuple(fault for fault in faults if deaths < _MOST_DEATHS or fault.mode not in deadly)


@dataclass(frozen=True)
class Upload:
    """A producer uploads to a name, perhaps again."""

    content: Content
    name: str = "a"

    def do(self, world: World) -> str:
        feed = self.content.feed
        label = f"file {len(world.files) + 1}"
        world.upload(label, feed, f"{feed.lstrip('_')}/{self.name}.csv", as_bytes(self.content))
        return f"{label} is uploaded as {feed}/{self.name}.csv: {self.content}"


@dataclass(frozen=True)
class Direct:
    """Somebody puts a file straight into source/."""

    content: Content

    def do(self, world: World) -> str:
        feed, label = self.content.feed, f"file {len(world.files) + 1}"
        name = f"{label.replace(' ', '_')}.csv"
        folder = "other" if feed == UNROUTED else feed
        path = world.lake_folder / "source" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(self.content))
        micros = (world.clock.now("storage") - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
        os.utime(path, ns=(micros * 1000, micros * 1000))
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
        identity = f"source/{folder}/{name}#{at:%Y%m%dT%H%M%S.%fZ}"
        world.files[label] = File(label, feed, name, as_bytes(self.content), 0, at, identity)
        return f"{label} is put into source/{folder}/ by hand: {self.content}"


@dataclass(frozen=True)
class Remove:
    """A producer deletes an object; its generation stays noncurrent."""

    name: str = "a"

    def do(self, world: World) -> str:
        name = f"stock/{self.name}.csv"
        if not world.ground.client.bucket(world.landing).blob(name).exists():
            return ""
        world.remove_from_landing(name)
        return f"{name} is deleted in landing by its producer"


@dataclass(frozen=True)
class Deliver:
    """The event of some file arrives, for the first time or again; `lag` is by how much the list of runs is behind."""

    which: int = 0
    faults: tuple[Fault, ...] = ()
    lag: int = 0

    def do(self, world: World) -> str:
        if not world.inbox:
            return ""
        parcel = world.inbox[self.which % len(world.inbox)]
        again = " again" if parcel.delivered else ""
        world.workspace.lag = self.lag
        deliver(world, parcel, self.faults)
        world.workspace.lag = 0
        stale = f", the list of runs is {self.lag} changes behind" if self.lag else ""
        return f"the event of {parcel.file} arrives{again}{stale}"


@dataclass(frozen=True)
class Lose:
    """An event is never sent: one that was tried is tried again, for a day, and by then something was done about it."""

    which: int = 0

    def do(self, world: World) -> str:
        unsent = [parcel for parcel in world.inbox if not parcel.delivered]
        if not unsent:
            return ""
        parcel = unsent[self.which % len(unsent)]
        parcel.lost = True
        return f"the event of {parcel.file} is lost"


@dataclass(frozen=True)
class Sweep:
    faults: tuple[Fault, ...] = ()

    def do(self, world: World) -> str:
        sweep(world, self.faults)
        return "the sweep comes"


@dataclass(frozen=True)
class Task:
    """The next task of a job that may begin."""

    faults: tuple[Fault, ...] = ()
    job: int = STOCK_JOB

    def do(self, world: World) -> str:
        found = _next(world, self.job)
        if found is None:
            return ""
        run, task = found
        run_task(world, run, task, _bearable(world, self.faults))
        return f"run {run.run_id}: {task.key} (try {task.number + 1}) ends {task.result}"


@dataclass(frozen=True)
class RunAll:
    def do(self, world: World) -> str:
        return "all runs go on to their end" if run_all(world) else ""


@dataclass(frozen=True)
class Repair:
    """Of the last run, if it did not go well."""

    def do(self, world: World) -> str:
        runs = [run for run in world.workspace.of(STOCK_JOB) if run.is_over and not run.deleted]
        if not runs or all(runs[-1].last(key).result == "SUCCESS" for key in ("stage_load", "target_load", "report")):
            return ""
        world.workspace.repair(runs[-1])
        return f"run {runs[-1].run_id} is repaired"


@dataclass(frozen=True)
class Cancel:
    """Of a run that goes on or waits in the queue; 48 hours in the queue come to the same."""

    newest: bool = False

    def do(self, world: World) -> str:
        runs = [run for run in world.workspace.of(STOCK_JOB) if not run.is_over]
        if not runs:
            return ""
        run = runs[-1 if self.newest else 0]
        world.workspace.cancel(run)
        return f"run {run.run_id} is cancelled"


@dataclass(frozen=True)
class DeleteRun:
    """The newest run that is over goes out of the list."""

    def do(self, world: World) -> str:
        runs = [run for run in world.workspace.of(STOCK_JOB) if run.is_over and not run.deleted]
        if not runs:
            return ""
        world.workspace.delete(runs[-1])
        return f"run {runs[-1].run_id} is deleted"


@dataclass(frozen=True)
class Notebook:
    faults: tuple[Fault, ...] = ()
    feed: str = "stock"

    def do(self, world: World) -> str:
        end = run_notebook(world, self.feed, _bearable(world, self.faults))
        return f"somebody runs both loads of {self.feed} in a notebook{f', which ends: {end!r}' if end else ''}"


@dataclass(frozen=True)
class AtOnce:
    """Several at work at once; `order` says who goes on at each operation, `faults` are those of the first of them."""

    whos: tuple[str, ...]
    order: tuple[int, ...]
    faults: tuple[Fault, ...] = ()

    def do(self, world: World) -> str:
        works = [work for who in self.whos if (work := _WORKS[who](world)) is not None]
        if not works:
            return ""
        faults = _bearable(world, self.faults)
        lanes = [_lane(work, faults if number == 0 else ()) for number, work in enumerate(works)]
        world.at_once(lanes, self.order)
        return f"at once, in the order {list(self.order)}: {' and '.join(work.name for work in works)}"


@dataclass(frozen=True)
class Past:
    """Runs of an earlier time, each of which has reported that all was well."""

    reports: int

    def do(self, world: World) -> str:
        enter_reports(world, "stock", self.reports)
        return f"{self.reports} runs have come and gone before"


@dataclass(frozen=True)
class NewContract:
    """The contract's next version, with one more column."""

    def do(self, world: World) -> str:
        if world.version > 1:
            return ""
        world.version = 2
        return "the second version of the contract is deployed"


@dataclass(frozen=True)
class Wait:
    minutes: int = 11

    def do(self, world: World) -> str:
        world.clock.forward(timedelta(minutes=self.minutes))
        return f"{self.minutes} minutes pass"


@dataclass(frozen=True)
class Skew:
    """A machine's clock is set before or behind the others'."""

    machine: str
    seconds: int

    def do(self, world: World) -> str:
        world.clock.ahead[self.machine] = timedelta(seconds=self.seconds)
        return f"the clock of {self.machine} is {self.seconds} s ahead"


@dataclass(frozen=True)
class _Work:
    name: str
    do: Callable[[Sequence[Fault], Callable[[], None]], object]


def _lane(work: _Work, faults: Sequence[Fault]) -> Callable[[Callable[[], None]], None]:
    return lambda turn: (work.do(faults, turn), None)[1]


def _next(world: World, job: int) -> tuple[JobRun, Try] | None:
    run = world.workspace.active(job)
    task = world.workspace.next_task(run) if run else None
    return (run, task) if run and task else None


def _task_work(world: World) -> _Work | None:
    found = _next(world, STOCK_JOB)
    if found is None:
        return None
    run, task = found
    return _Work(f"{task.key} of run {run.run_id}", lambda faults, turn: run_task(world, run, task, faults, turn))


def _run_work(world: World) -> _Work | None:
    found = _next(world, STOCK_JOB)
    if found is None:
        return None
    run = found[0]

    def rest(faults: Sequence[Fault], turn: Callable[[], None]) -> None:
        while (task := world.workspace.next_task(run)) is not None:
            run_task(world, run, task, faults, turn)
            faults = ()

    return _Work(f"run {run.run_id}", rest)


def _twin_work(world: World) -> _Work | None:
    found = _next(world, STOCK_JOB)
    if found is None or found[1].key == "report":
        return None
    run, task = found
    return _Work(f"a try of {task.key} that was believed dead", lambda _, turn: run_twin(world, run, task, turn))


def _event_work(world: World) -> _Work | None:
    open_: list[Parcel] = [parcel for parcel in world.inbox if not parcel.acked] or world.inbox
    if not open_:
        return None
    return _Work(f"the event of {open_[0].file}", lambda faults, turn: deliver(world, open_[0], faults, turn))


_WORKS: dict[str, Callable[[World], _Work | None]] = {
    "task": _task_work,
    "run": _run_work,
    "twin": _twin_work,
    "event": _event_work,
    "sweep": lambda world: _Work("the sweep", lambda faults, turn: sweep(world, faults, turn)),
    "notebook": lambda world: _Work("a notebook", lambda faults, turn: run_notebook(world, "stock", faults, turn)),
}

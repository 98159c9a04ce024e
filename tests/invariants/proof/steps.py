"""The steps of a history, as values: a list of them is a history, can be shrunk, and can be told."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pipeline_jobs.operations.operation import Do, Operation

from .checks import rows_of
from .files import UNROUTED, Content, as_bytes
from .function_side import deliver, sweep
from .job_side import enter_reports, run_all, run_notebook, run_task
from .operations import KILLS, Fault, Mode
from .workspace import JobRun, Try
from .world import File, World

STOCK_JOB = 1
_LOADS = ("stage_load", "notebook")
_MOST_TOLD = 4
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


def next_task(world: World, job: int) -> tuple[JobRun, Try] | None:
    """What may begin in the active run of a job."""
    run = world.workspace.active(job)
    task = world.workspace.next_task(run) if run else None
    return (run, task) if run and task else None


def bearable(world: World, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Less what would be one death of a load too many."""
    loads = [process for process in world.processes if process.name in _LOADS]
    deaths = sum(process.is_dead or process.lost_engine for process in loads)
    deadly = KILLS | {Mode.ENGINE_GONE}
    return tuple(fault for fault in faults if deaths < _MOST_DEATHS or fault.mode not in deadly)


def _stale(lag: int) -> str:
    return f", the list of runs is {lag} changes behind" if lag else ""


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
class Again:
    """A producer uploads what was uploaded before, under the same name."""

    which: int = 0

    def do(self, world: World) -> str:
        uploaded = [file for file in world.files.values() if not file.is_direct]
        if not uploaded:
            return ""
        file, label = uploaded[self.which % len(uploaded)], f"file {len(world.files) + 1}"
        world.upload(label, file.feed, file.name, file.content)
        return f"{label} is uploaded as {file.name}, the same as {file.label}"


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
    """The event of some file arrives, for the first time or again; the list of runs is `lag` changes behind."""

    which: int = 0
    faults: tuple[Fault, ...] = ()
    lag: int = 0

    def do(self, world: World) -> str:
        if not world.inbox:
            return ""
        parcel = world.inbox[self.which % len(world.inbox)]
        again = " again" if parcel.delivered else ""
        deliver(world, parcel, self.faults, behind=self.lag)
        return f"the event of {parcel.file} arrives{again}{_stale(self.lag)}"


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
    """`lag` is as an event has it."""

    faults: tuple[Fault, ...] = ()
    lag: int = 0

    def do(self, world: World) -> str:
        sweep(world, self.faults, behind=self.lag)
        return f"the sweep comes{_stale(self.lag)}"


@dataclass(frozen=True)
class Task:
    """The next task of a job that may begin."""

    faults: tuple[Fault, ...] = ()
    job: int = STOCK_JOB

    def do(self, world: World) -> str:
        found = next_task(world, self.job)
        if found is None:
            return ""
        run, task = found
        run_task(world, run, task, bearable(world, self.faults))
        return f"run {run.run_id}: {task.key} (try {task.number + 1}) ends {task.result}"


@dataclass(frozen=True)
class RunAll:
    def do(self, world: World) -> str:
        return "all runs go on to their end" if run_all(world) else ""


@dataclass(frozen=True)
class Notebook:
    faults: tuple[Fault, ...] = ()
    feed: str = "stock"

    def do(self, world: World) -> str:
        end = run_notebook(world, self.feed, bearable(world, self.faults))
        return f"somebody runs both loads of {self.feed} in a notebook{f', which ends: {end!r}' if end else ''}"


@dataclass(frozen=True)
class Past:
    """Runs of an earlier time, each of which has reported that all was well."""

    reports: int

    def do(self, world: World) -> str:
        enter_reports(world, "stock", self.reports)
        return f"{self.reports} runs have come and gone before"


@dataclass(frozen=True)
class NewContract:
    """The contract's next version: the second has one more column, the third another order of its rows."""

    version: int = 2

    def do(self, world: World) -> str:
        if world.version >= self.version:
            return ""
        world.version = self.version
        return f"version {self.version} of the contract is deployed"


@dataclass(frozen=True)
class Operate:
    """Somebody has the job do something beside its ordinary work."""

    operation: Operation

    def do(self, world: World) -> str:
        run_id = world.operate(STOCK_JOB, self.operation)
        return f"run {run_id} is started, and told: {self.operation.text()}"


@dataclass(frozen=True)
class Undo:
    """Somebody has files retracted or replayed, and says it again until it is done; meanwhile events come again, for of
    a file that is still in landing the job can only say that it does not know it.
    """

    what: Do
    files: tuple[str, ...]

    def do(self, world: World) -> str:
        files = {world.files[label].identity for label in self.files}
        for _ in range(_MOST_TOLD):
            run_id = world.operate(STOCK_JOB, Operation(self.what, tuple(sorted(files))))
            run_all(world)
            [run] = [run for run in world.workspace.runs if run.run_id == run_id]
            if all(run.last(key).result == "SUCCESS" for key in ("stage_load", "target_load")):
                break
            for parcel in world.inbox:
                if parcel.delivered and not parcel.acked:
                    deliver(world, parcel)
        else:
            world.violations.append(f"{self.what} of {self.files} does not come to its end")
        world.retracted = world.retracted | files if self.what is Do.RETRACT else world.retracted - files
        return f"somebody has the job {self.what} {', '.join(self.files)}"


@dataclass(frozen=True)
class Ask:
    """Somebody has a merged file retracted, or a merged or rejected one replayed; what befalls the run is another
    step's.
    """

    what: Do
    which: int = 0

    def do(self, world: World) -> str:
        states = ("merged", "rejected") if self.what is Do.REPLAY else ("merged",)
        ledger = [row for row in rows_of(world, "file_ledger") if row["feed"] == "stock"]
        files = sorted({row["file"] for row in ledger if row["state"] in states})
        if not files:
            return ""
        file = files[self.which % len(files)]
        world.asked.add(file)
        run_id = world.operate(STOCK_JOB, Operation(self.what, (file,)))
        return f"run {run_id} is started, and told to {self.what} {file}"


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

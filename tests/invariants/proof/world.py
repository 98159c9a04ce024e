"""One history's world: two buckets, events on their way, jobs, tables; everything happens when it is told to."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.contract import Contract
from function.config import Feeds
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.operations.operation import Operation

from .baton import Baton
from .clock import WorldClock
from .feeds import JOBS, contracts
from .ground import Ground, Heard
from .operations import Died, Fault, Mode, Process, Reached
from .workspace import Workspace


@dataclass(frozen=True)
class File:
    """One generation that a producer made, or a file that was put straight into source/ (generation 0)."""

    label: str
    feed: str
    name: str
    content: bytes
    generation: int
    finalized_at: datetime
    identity: str

    @property
    def is_direct(self) -> bool:
        return self.generation == 0


@dataclass
class Parcel:
    """An event on its way."""

    file: str
    resource: dict[str, Any]
    delivered: int = 0
    acked: bool = False
    lost: bool = False


@dataclass
class World:
    """`files` by label; `texts` are what people were told, `spoken` the runs whose report came to tell of its problems,
    `processes` all that were ever at work.

    `moment` counts the operations of all of them, `plan` says what befalls some of these numbers, `listings` are pairs
    of a job and the moment in which it listed source/, `copied` the moment in which a path of source/ first had a file.
    """

    ground: Ground
    folder: Path
    landing: str
    lake: str
    lake_folder: Path
    clock: WorldClock
    heard: Heard
    workspace: Workspace
    files: dict[str, File] = field(default_factory=dict)
    inbox: list[Parcel] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    processes: list[Process] = field(default_factory=list)
    listings: list[tuple[int, int]] = field(default_factory=list)
    copied: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    plan: dict[int, Mode] = field(default_factory=dict)
    version: int = 1
    removed: dict[str, int] = field(default_factory=dict)
    """Of each name that a producer deleted, the generation that was live until then."""
    retracted: set[str] = field(default_factory=set)
    """Identities of files that are to be out of the tables."""
    asked: set[str] = field(default_factory=set)
    """Identities of files that somebody had retracted or replayed: whatever befell the run, either may come of it."""
    notebooks: int = 0
    unfinished: set[str] = field(default_factory=set)
    """Feeds whose last notebook ended badly, before the eyes of whoever ran it."""
    moment: int = 0
    _engines: dict[str, Engine] = field(default_factory=dict)
    _opened: ExitStack = field(default_factory=ExitStack)

    @property
    def contracts(self) -> tuple[Contract, ...]:
        return contracts(self.version)

    @property
    def feeds(self) -> Feeds:
        return Feeds(self.contracts, JOBS)

    def engine(self, lane: str) -> Engine:
        """A session for each of those that are at work at once: what it keeps is nobody else's."""
        if lane not in self._engines:
            self._engines[lane] = self.ground.engine(self.folder, self._opened)
        return self._engines[lane]

    def process(self, name: str, faults: Sequence[Fault], turn: Callable[[], None] | None) -> Process:
        """A new process; each of its operations is one more moment of the history."""

        def step() -> None:
            if turn is not None:
                turn()
            self.moment += 1

        process = Process(name, tuple(faults), step, self._planned)
        self.processes.append(process)
        return process

    def _planned(self, reached: Reached) -> Mode | None:
        mode = self.plan.get(self.moment)
        return mode if mode in reached.modes else None

    def operate(self, job_id: int, operation: Operation) -> int:
        """By hand; the run that is started."""
        return self.workspace.run_now(job_id, "", f"operation {len(self.workspace.runs)}", operation)

    @property
    def kills(self) -> int:
        return sum(process.is_dead for process in self.processes)

    def reached(self) -> list[Reached]:
        return [one for process in self.processes for one in process.reached]

    def upload(self, label: str, feed: str, name: str, content: bytes) -> File:
        """By a producer; the event is on its way when this returns."""
        known = len(self.inbox)
        blob = self.ground.client.bucket(self.landing).blob(name)
        blob.upload_from_string(content, content_type="text/csv")
        generation = int(blob.generation)
        identity = f"gs://{self.landing}/{name}#{generation}"
        file = File(label, feed, name, content, generation, blob.time_created, identity)
        self.files[label] = file
        for parcel in self.inbox[known:]:
            parcel.file = label
        return file

    def remove_from_landing(self, name: str) -> None:
        """By a producer: the generation stays, noncurrent."""
        bucket = self.ground.client.bucket(self.landing)
        self.removed[name] = int(bucket.get_blob(name).generation)
        bucket.delete_blob(name)  # by its name alone: a blob that knows its generation deletes that for good

    def at_once(self, works: Sequence[Callable[[Callable[[], None]], None]], order: Sequence[int]) -> None:
        """Several processes at work at once, in this order of their operations."""
        Baton(order).run(works)

    def close(self) -> None:
        self._opened.close()
        for process in self.processes:
            process.ghosts.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.lake_folder, ignore_errors=True)


def survived(work: Callable[[], None]) -> BaseException | None:
    """Does a process's work: what ended it, if it did not come to its end."""
    try:
        work()
    except Died as death:
        return death
    except Exception as failure:  # noqa: BLE001  # a process that failed has ended; whoever watches it goes on
        return failure
    return None


@contextmanager
def new_world(ground: Ground, template: Path | None = None) -> Iterator[World]:
    """An empty world; its tables are there already, if there is a `template` of them."""
    ground.clock, ground.heard = WorldClock(), Heard()
    landing, lake, lake_folder = ground.buckets()
    folder = ground.root / landing
    if template is not None:
        shutil.copytree(template, folder)
    for name in ("scratch", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    clock = ground.clock
    workspace = Workspace(lambda: clock.now("workspace"))
    world = World(ground, folder, landing, lake, lake_folder, clock, ground.heard, workspace)
    ground.on_landed = lambda resource: _announce(world, resource)
    try:
        yield world
    finally:
        ground.on_landed = lambda _: None
        world.close()


def _announce(world: World, resource: dict[str, Any]) -> None:
    if resource["bucket"] == world.landing:
        world.inbox.append(Parcel("", resource))

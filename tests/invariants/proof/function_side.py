"""The functions as main.py composes them, a process for each event and each sweep."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from cloudevents.http import CloudEvent

from contracts.files.rejection import By
from function.admission import Admission
from function.deadline import Deadline
from function.dispatch import Dispatcher
from function.event import FINALIZED
from function.invocation import answer, answer_tick
from function.storage import CloudStorage
from function.sweep import Ages, Sweep

from .operations import Fault, Process
from .proxies import StepJobs, StepStorage
from .world import File, Parcel, World, survived

GRACE, RETRY, PLACEHOLDER = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
_SECONDS = 60.0
Turn = Callable[[], None]


def deliver(
    world: World, parcel: Parcel, faults: Sequence[Fault] = (), turn: Turn | None = None, behind: int = 0
) -> None:
    """One delivery of an event; what is acknowledged must be safe at that moment.

    Of one that was told of the runs as they had been, only that the bytes are in the lake: the sweep looks for a run.
    """
    process = world.process("event", faults, turn)
    event = CloudEvent({"id": f"{id(parcel)}", "type": FINALIZED, "source": "storage"}, parcel.resource)
    parcel.delivered += 1
    end = survived(lambda: answer(event, _admission(world, process, "function", behind).admit, clock=_still))
    if end is None:
        parcel.acked = True
        _check_safe(world, world.files[parcel.file], to_be_listed=not process.is_misled)


def sweep(world: World, faults: Sequence[Fault] = (), turn: Turn | None = None, behind: int = 0) -> bool:
    """One call of the sweep; whether it came to its end and nothing failed."""
    process = world.process("sweep", faults, turn)
    files = _files(world, process)

    def run() -> None:
        Sweep(
            landing=files,
            source=files,
            rejected=files,
            expected=files,
            runs=StepJobs(world.workspace, process, behind),
            admission=_admission(world, process, "sweep", behind),
            feeds=world.feeds,
            landing_bucket=world.landing,
            ages=Ages(GRACE, RETRY, PLACEHOLDER),
            deadline=_deadline(),
            now=lambda: world.clock.now("function"),
            clock=_still,
        ).run()

    return survived(lambda: answer_tick(run, clock=_still)) is None


def _admission(world: World, process: Process, by: By, behind: int) -> Admission:
    jobs = StepJobs(world.workspace, process, behind)

    dispatcher = Dispatcher(lambda: jobs, lambda: world.clock.now("function"), RETRY.total_seconds())
    return Admission(
        _files(world, process), dispatcher, world.feeds, world.landing, lambda: world.clock.now("function"), by
    )


def _files(world: World, process: Process) -> StepStorage:
    storage = CloudStorage(world.ground.client, world.landing, world.lake, _deadline())
    return StepStorage(storage, process, lambda path: world.copied.setdefault(path, world.moment))


def _deadline() -> Deadline:
    return Deadline.after(_SECONDS, _still)


def _still() -> float:
    """No time passes within an invocation."""
    return 0.0


def places(world: World, file: File) -> list[tuple[str, Path]]:
    """Where a generation's bytes stand in the lake, by area."""
    return [
        (area, path)
        for area in ("source", "archive", "rejected")
        for path in sorted((world.lake_folder / area).rglob("*"))
        if path.is_file() and f"-{file.generation}/" in path.as_posix() and not path.name.endswith(".reason.json")
    ]


def _check_safe(world: World, file: File, *, to_be_listed: bool) -> None:
    """An ack is true: the bytes are in the lake, and if they are in source/, a run lists it afterwards."""
    if not file.content:
        return
    found = places(world, file)
    whole = [area for area, path in found if path.read_bytes() == file.content]
    if not whole:
        world.violations.append(f"the event of {file.label} was acknowledged, and the file is nowhere in the lake")
    elif whole == ["source"] and to_be_listed and not _will_be_listed(world, file):
        world.violations.append(f"the event of {file.label} was acknowledged, and no run is to list it")


def _will_be_listed(world: World, file: File) -> bool:
    """By a run whose stage_load is still to begin or to list, or that listed source/ after the file stood there."""
    job_id = world.feeds.job_id(file.feed)
    loads = [run.last("stage_load") for run in world.workspace.of(job_id) if not run.is_over]
    stood = min(moment for path, moment in world.copied.items() if f"-{file.generation}/" in path)
    return any(load.is_to_list for load in loads) or any(
        job == job_id and moment >= stood for job, moment in world.listings
    )

"""The job's tasks, a process for each try, and a person with a notebook."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import cast

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.run import Run
from pipeline_jobs.state.entries.reports import Report
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import BESIDE, Ledger
from pipeline_jobs.steps import merge, report, stage
from pipeline_jobs.tasks import loads
from pipeline_jobs.withheld import Withheld

from .operations import Died, Fault, Process
from .proxies import StepVolume
from .step_engine import StepEngine
from .workspace import JobRun, Try
from .world import World, survived

Turn = Callable[[], None]


def run_task(
    world: World, run: JobRun, task: Try, faults: Sequence[Fault] = (), turn: Turn | None = None, lane: str = "job"
) -> None:
    """One try of a task, from the moment that the workspace starts it until the workspace sees how it ended."""
    world.workspace.begin(task)
    end = _task(world, run, task, world.process(task.key, faults, turn), lane)
    world.workspace.end(run, task, "FAILED" if end else "SUCCESS")


def run_twin(world: World, run: JobRun, task: Try, turn: Turn | None = None) -> None:
    """A try that the workspace believes dead, still at work under the same run: nobody hears how it ends."""
    _task(world, run, Try(task.key, task.number), world.process(task.key, (), turn), "twin")


def run_next(world: World, job_id: int, faults: Sequence[Fault] = ()) -> bool:
    """The next task of the job's active run; whether there was one."""
    run = world.workspace.active(job_id)
    task = world.workspace.next_task(run) if run else None
    if run is None or task is None:
        return False
    run_task(world, run, task, faults)
    return True


def run_all(world: World) -> int:
    """Every task of every run that there is, to the end; how many tasks that were."""
    done = 0
    while any(run_next(world, job_id) for _, job_id in world.feeds.jobs):
        done += 1
    return done


def run_notebook(
    world: World, feed: str, faults: Sequence[Fault] = (), turn: Turn | None = None
) -> BaseException | None:
    """Both loads, as a person runs them beside the job: the second only if the first did not fail."""
    world.notebooks += 1
    process = world.process("notebook", faults, turn)
    run_id = f"notebook-{world.notebooks}"

    def work() -> None:
        run = _opened(world, process, feed, run_id, "", "notebook", lambda: None)
        stage.stage_load(run)
        merge.target_load(run)

    end = survived(work)
    if end is None:
        world.unfinished.discard(feed)
    else:
        world.unfinished.add(feed)
    return end


def enter_reports(world: World, feed: str, number: int) -> None:
    """As so many runs have entered them that went well."""
    engine = world.engine("job")
    ledger = Ledger(engine, feed, "before", "1.0.0", world.clock.of("job"))
    entry = ledger.entry(State.REPORTED)
    open_since = min([entry.at - BESIDE, *(one.at for one in ledger.unsettled())])
    ledger.append([replace(entry, detail=Report(number, entry.at, open_since).to_json())])


def _task(world: World, run: JobRun, task: Try, process: Process, lane: str) -> BaseException | None:
    feed = next(name for name, job_id in world.feeds.jobs if job_id == run.job_id)

    def listed() -> None:
        task.has_listed = True
        world.listings.append((run.job_id, world.moment))

    def work() -> None:
        opened = _opened(world, process, feed, str(run.run_id), run.path, lane, listed)
        opened = replace(opened, operation=run.operation)
        if task.key == "stage_load":
            loads.stage_load(opened)
        elif task.key == "target_load":
            loads.target_load(opened)
        else:
            results = {key: run.last(key).result.lower() for key in ("stage_load", "target_load")}
            report.report(opened, results)

    end = survived(work)
    if isinstance(end, NotAllWellError):
        world.texts.append(str(end))
        world.spoken.add(str(run.run_id))
    elif end is not None and not isinstance(end, Died):
        world.texts.append(f"{task.key} failed: {end!r}")
    return end


def _opened(
    world: World, process: Process, feed: str, run_id: str, named: str, lane: str, listed: Callable[[], None]
) -> Run:
    """As `pipeline_jobs.run.open_run` does it, on the machine of the lane."""
    contract = next(one for one in world.contracts if one.feed == feed)
    clock = world.clock.of(lane)
    engine = cast(Engine, StepEngine(world.engine(lane), process))
    return Run(
        contract=contract,
        contracts=world.contracts,
        engine=engine,
        ledger=Ledger(engine, feed, run_id, contract.version, clock),
        volume=StepVolume(world.lake_folder, world.landing, process, listed),
        scratch=_scratch(world, process),
        clock=clock,
        named=named,
        withheld=Withheld(world.folder / "errors" / f"{process.name}-{len(world.processes)}.txt"),
        operation=None,
    )


def _scratch(world: World, process: Process) -> Path:
    folder = world.folder / "control" / f"{process.name}-{len(world.processes)}"
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder

"""What people do to runs, as steps of a history."""

from dataclasses import dataclass

from .steps import STOCK_JOB
from .world import World


@dataclass(frozen=True)
class Start:
    """Somebody starts a run by hand."""

    def do(self, world: World) -> str:
        run_id = world.workspace.run_now(STOCK_JOB, "", f"by hand {len(world.workspace.runs)}")
        return f"run {run_id} is started by hand"


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
    """The newest run that is over goes out of the list.

    One whose loads did not succeed stays: nobody is to wipe out the only trace of a run that is to be made good, and
    the sweep could not know of it.
    """

    def do(self, world: World) -> str:
        runs = [run for run in world.workspace.of(STOCK_JOB) if run.is_over and not run.deleted]
        if not runs or not runs[-1].seen().has_loaded or runs[-1].seen().is_silenced:
            return ""
        world.workspace.delete(runs[-1])
        return f"run {runs[-1].run_id} is deleted"

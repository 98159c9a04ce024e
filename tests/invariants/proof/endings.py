"""How every history ends: what was delayed is delivered, and sweeps and runs go on until nothing changes."""

from datetime import timedelta

from .function_side import deliver, sweep
from .job_side import run_all, run_notebook
from .world import World

_ROUNDS = 12
_REDELIVERIES = 4
_REPETITIONS = 4


def settle(world: World) -> None:
    """No fault comes any more; a bounded number of rounds must be enough.

    Who saw a notebook end badly runs it again: no run sends a mail for it, and no sweep knows of it.
    """
    for _ in range(_REDELIVERIES):
        for parcel in world.inbox:
            if not parcel.acked and not parcel.lost:
                deliver(world, parcel)
        run_all(world)
    for feed in sorted(world.unfinished):
        run_notebook(world, feed)
    _operate_again(world)
    for _ in range(_ROUNDS):
        # Beyond the grace, and beyond the hour for what failed.
        world.clock.forward(timedelta(minutes=61))
        known = len(world.workspace.runs)
        well = sweep(world)
        run_all(world)
        if well and len(world.workspace.runs) == known:
            if not _waits(world):
                return
            world.clock.forward(timedelta(days=1))  # placeholders may stand that long
    world.violations.append(f"it does not come to rest: after {_ROUNDS} sweeps there is still something to do")


def _operate_again(world: World) -> None:
    """Who saw an operation end badly says it again."""
    for _ in range(_REPETITIONS):
        told = [(run, run.operation) for run in world.workspace.runs if run.operation is not None]
        if not told or all(told[-1][0].last(key).result == "SUCCESS" for key in ("stage_load", "target_load")):
            return
        run, operation = told[-1]
        world.operate(run.job_id, operation)
        run_all(world)
    world.violations.append(f"an operation does not come to its end in {_REPETITIONS} repetitions")


def _waits(world: World) -> bool:
    blobs = list(world.ground.client.list_blobs(world.landing, versions=True))
    source = [path for path in (world.lake_folder / "source").rglob("*") if path.is_file()]
    return bool(blobs or source)

"""What a piece of work costs: of this process and all that it started, the engine's server among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter, thread_time, time

import psutil

_EVERY = 0.02


@dataclass(slots=True)
class Cost:
    """`cpu` and `wall` in seconds; `peak` in bytes, the greatest sum of resident memory that was seen, `started` the
    greatest without this process, and `own` this process's greatest.
    """

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0
    started: int = 0
    own: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """Filled when the block ends; without what it costs to look."""
    cost, ended, looking = Cost(), Event(), [0.0]

    def watch() -> None:
        while not ended.wait(_EVERY):
            own, *children = (_resident(process) for process in _family())
            cost.peak, cost.started = max(cost.peak, own + sum(children)), max(cost.started, sum(children))
            cost.own = max(cost.own, own)
        looking[0] = thread_time()

    watcher = Thread(target=watch, daemon=True)
    cpu, wall = _cpu(), perf_counter()
    watcher.start()
    try:
        yield cost
    finally:
        cost.wall = perf_counter() - wall
        ended.set()
        watcher.join()
        cost.cpu = _cpu() - cpu - looking[0]


def since_the_start() -> Cost:
    """Of this process as a whole until now, and of what it started; without the peak."""
    return Cost(_cpu(), time() - psutil.Process().create_time())


def cpu_of(process: psutil.Process) -> float:
    """Seconds until now, of all that it has started, too."""
    return sum(_spent(one) for one in (process, *process.children(recursive=True)))


def _family() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _cpu() -> float:
    return cpu_of(psutil.Process())


def _spent(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0  # a child that has ended is counted by its parent


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

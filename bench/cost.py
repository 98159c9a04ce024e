"""What a piece of work costs: of this process and all that it started, the engine's server among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter, time

import psutil

_EVERY = 0.02


@dataclass(slots=True)
class Cost:
    """`cpu` and `wall` in seconds, `peak` in bytes: the greatest sum of resident memory that was seen."""

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """Filled when the block ends."""
    cost, ended = Cost(), Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            cost.peak = max(cost.peak, sum(_resident(process) for process in _family()))

    watcher = Thread(target=watch, daemon=True)
    cpu, wall = _cpu(), perf_counter()
    watcher.start()
    try:
        yield cost
    finally:
        cost.wall, cost.cpu = perf_counter() - wall, _cpu() - cpu
        ended.set()
        watcher.join()


def since_the_start() -> Cost:
    """Of this process as a whole until now, and of what it started; without the peak."""
    return Cost(_cpu(), time() - psutil.Process().create_time())


def _family() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _cpu() -> float:
    # A child that has ended is counted by its parent.
    return sum(sum(process.cpu_times()[:4]) for process in _family())


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

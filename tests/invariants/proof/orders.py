"""Every order in which the events of a few files may arrive, each not at all, once or twice."""

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from random import Random

from .files import Content, Record
from .steps import Deliver, RunAll, Step, Sweep, Upload, Wait

FILES = (
    Content((Record(1, 1, 1), Record(2, 2, 2))),
    Content((Record(1, 3, 3), Record(2, dead=True, day=3), Record(3, bad=True), Record(3, 4, 1))),
    Content((Record(2, 5, 1), Record(3, 6, 1))),
    Content((Record(1, dead=True, day=2), Record(2, 7, 3), Record(3, 8, 1))),
)
"""New rows, newer ones with a delete, older ones that come too late, and ties that only the files' order settles."""
MOST = 3
"""Of more files than these there are thousands of orders: of so many all are played, of all files a sample."""
SAMPLE = 400


def events(count: int) -> Iterator[tuple[int, ...]]:
    """Of so many files, by their numbers: 3 orders of one, 19 of two, 271 of three, 7,365 of four."""
    for often in product(range(3), repeat=count):
        arriving = [number for number, times in enumerate(often) for _ in range(times)]
        yield from sorted(set(permutations(arriving)))


def every_order(count: int) -> Iterator[list[Step]]:
    """Of so many files, uploaded in one order, with a run behind each event, and with none before all have arrived.

    What has no event is left to the sweep, which comes in the end.
    """
    for order in events(count):
        yield [*_uploads(count), *(step for number in order for step in (Deliver(number), RunAll()))]
        if len(order) > 1:
            yield [*_uploads(count), *map(Deliver, order)]


def sampled(number: int, seed: int) -> list[Step]:
    """Some order of all files, some of whose events have a run behind them; a sweep comes among them, too."""
    random = Random(f"{seed}/{number}")
    order = [file for file in range(len(FILES)) for _ in range(random.randrange(3))]
    random.shuffle(order)
    steps: list[Step] = [step for file in order for step in _arrival(file, followed=random.random() < 0.5)]
    place = random.randrange(len(steps) + 1)
    return [*_uploads(len(FILES)), *steps[:place], Wait(), Sweep(), *steps[place:]]


def all_orders(seed: int) -> list[list[Step]]:
    """As `make invariants` plays them: 977."""
    every = [steps for count in range(1, MOST + 1) for steps in every_order(count)]
    return every + [sampled(number, seed) for number in range(SAMPLE)]


def _uploads(count: int) -> list[Step]:
    return [Upload(content, f"f{number}") for number, content in enumerate(FILES[:count])]


def _arrival(file: int, *, followed: bool) -> Sequence[Step]:
    return (Deliver(file), RunAll()) if followed else (Deliver(file),)

"""Every order in which the events of a few files may arrive, each not at all, once or twice."""

from collections.abc import Iterator
from itertools import permutations, product

from .files import Content, Record
from .steps import Deliver, RunAll, Step, Upload

FILES = (
    Content((Record(1, 1, 1), Record(2, 2, 2))),
    Content((Record(1, 3, 3), Record(2, dead=True, day=3), Record(3, bad=True), Record(3, 4, 1))),
    Content((Record(2, 5, 1), Record(3, 6, 1))),
    Content((Record(1, dead=True, day=2), Record(2, 7, 3), Record(3, 8, 1))),
)
"""New rows, newer ones with a delete, older ones that come too late, and ties that only the files' order settles."""


def every_order(count: int) -> Iterator[list[Step]]:
    """Of so many files, uploaded in one order; what has no event is left to the sweep, which comes in the end.

    A run follows each event that arrives for the first time; the duplicates arrive behind all of them.
    """
    uploads: list[Step] = [Upload(content, f"f{number}") for number, content in enumerate(FILES[:count])]
    for often in product(range(3), repeat=count):
        sent = [number for number in range(count) if often[number]]
        again: list[Step] = [Deliver(number) for number in sent if often[number] == 2]
        for order in permutations(sent):
            first = [step for number in order for step in (Deliver(number), RunAll())]
            yield [*uploads, *first, *again]

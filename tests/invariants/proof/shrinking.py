"""A shorter history that breaks a promise, from a long one: less is left out until nothing more can be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .at_once import AtOnce
from .files import Content, Record
from .steps import Deliver, Direct, Notebook, Step, Sweep, Task, Upload

_MOST_TRIES = 150


def shrunk(steps: Sequence[Step], is_broken: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """Tries a bounded number of simpler histories, and keeps each that is broken still."""
    best, tries = list(steps), 0
    found = True
    while found and tries < _MOST_TRIES:
        found = False
        for simpler in _simpler(best):
            tries += 1
            if tries > _MOST_TRIES:
                break
            if is_broken(simpler):
                best, found = simpler, True
                break
    return best


def _simpler(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Halves first, then without one step, then with one that says less."""
    half = len(steps) // 2
    if half > 1:
        yield list(steps[half:])
        yield list(steps[:half])
    for at in reversed(range(len(steps))):
        yield [*steps[:at], *steps[at + 1 :]]
    for at, step in enumerate(steps):
        for less in _less(step):
            yield [*steps[:at], less, *steps[at + 1 :]]


def _less(step: Step) -> Iterator[Step]:
    if isinstance(step, Deliver | Task | Sweep | Notebook | AtOnce) and step.faults:
        yield replace(step, faults=())
    if isinstance(step, AtOnce):
        if len(step.whos) > 2:
            yield from (replace(step, whos=(*step.whos[:at], *step.whos[at + 1 :])) for at in range(len(step.whos)))
        if step.order:
            yield replace(step, order=step.order[: len(step.order) // 2])
            yield replace(step, order=step.order[:-1])
    if isinstance(step, Upload | Direct) and step.content.records:
        for content in _less_content(step.content):
            yield replace(step, content=content)


def _less_content(content: Content) -> Iterator[Content]:
    records = content.records
    for at, record in enumerate(records):
        yield replace(content, records=(*records[:at], *records[at + 1 :]))
        if record != Record():
            yield replace(content, records=(*records[:at], Record(), *records[at + 1 :]))

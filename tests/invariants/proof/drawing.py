"""Histories drawn at random: by numbers that anybody gives, a generator with a seed or hypothesis."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from pipeline_jobs.operations.operation import Do

from .at_once import AtOnce
from .files import UNROUTED, Content, Record
from .interventions import Cancel, DeleteRun, Repair, Start
from .operations import Fault, Mode
from .oracle import PRICES, STOCK
from .steps import (
    Again,
    Ask,
    Deliver,
    Direct,
    Lose,
    NewContract,
    Notebook,
    Remove,
    RunAll,
    Skew,
    Step,
    Sweep,
    Task,
    Upload,
    Wait,
)

T = TypeVar("T")
Choose = Callable[[int], int]
"""Any number from 0 to below the one that is given."""

_LONGEST = 8
_MODES = (*(Mode.FAILS, Mode.LOST, Mode.DIES, Mode.DIED) * 3, Mode.HALF, Mode.CONFLICT, Mode.ENGINE_GONE)
_OF_A_FUNCTION = (*_MODES, *[Mode.STALE] * 3)
_OF_A_TASK, _OF_AN_EVENT, _OF_A_SWEEP, _OF_TWO_TASKS = 32, 5, 9, 60
_AT_ONCE = (
    *(("task", "notebook"), ("task", "twin"), ("run", "notebook"), ("run", "event"), ("event", "sweep")),
    *(("run", "sweep"), ("run", "notebook", "event"), ("sweep", "event", "event")),
)
_LAGS = (0, 0, 0, 1, 3)
_MACHINES = ("function", "job", "notebook", "twin", "storage", "workspace")


def history(choose: Choose) -> list[Step]:
    """An upload or two whose events mostly arrive, then anything."""
    steps = [step for _ in range(1 + choose(2)) for step in _sent(choose)]
    for _ in range(2 + choose(_LONGEST)):
        steps += _of(choose, _ANYTHING)(choose)
    return steps


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """As hypothesis draws and shrinks them."""
    return history(lambda below: draw(st.integers(0, below - 1)))


def _of(choose: Choose, things: Sequence[T]) -> T:
    return things[choose(len(things))]


def _record(choose: Choose) -> Record:
    is_dead, is_bad = choose(4) == 3, choose(5) == 4
    return Record(1 + choose(3), 1 + choose(9), 1 + choose(3), dead=is_dead, bad=is_bad)


def _content(choose: Choose) -> Content:
    kind = choose(12)
    if kind == 11:
        return Content(fault="header")
    if kind == 10:
        return _of(choose, (Content(fault="empty"), Content(feed=UNROUTED, fault="unrouted"), Content()))
    records = tuple(_record(choose) for _ in range(1 + choose(4)))
    return Content(records, PRICES) if kind == 9 else Content(records)


def _faults(choose: Choose, among: int, tenths: int, modes: Sequence[Mode] = _MODES) -> tuple[Fault, ...]:
    if choose(10) < 10 - tenths:
        return ()
    return (Fault(choose(among), _of(choose, modes)),)


def _sent(choose: Choose) -> list[Step]:
    """A new file, and its event."""
    return [
        Upload(_content(choose), _of(choose, "abcd")),
        Deliver(-1, _faults(choose, _OF_AN_EVENT, 2, _OF_A_FUNCTION)),
    ]


def _event(choose: Choose) -> list[Step]:
    return [Deliver(choose(4), _faults(choose, _OF_AN_EVENT, 4, _OF_A_FUNCTION), _of(choose, _LAGS))]


def _task(choose: Choose) -> list[Step]:
    return [Task(_faults(choose, _OF_A_TASK, 6))]


def _run(choose: Choose) -> list[Step]:
    """Its tasks, one of them in trouble, and those that are tried again."""
    tasks: list[Step] = [Task(), Task(), Task()]
    place = choose(len(tasks))
    tasks[place] = Task((Fault(choose((30, 34, 9)[place]), _of(choose, _MODES)),))
    return tasks


def _at_once(choose: Choose) -> list[Step]:
    stays, is_between = 1 + choose(6), choose(4) == 3
    order = tuple(who for _ in range(5 + choose(20)) for who in [choose(3)] * (1 + choose(stays)))
    if is_between:  # all that one does, between two operations of the other
        order = (*[0] * choose(_OF_TWO_TASKS), *[1] * _OF_TWO_TASKS)
    feed = PRICES if choose(6) == 5 else STOCK
    return [AtOnce(_of(choose, _AT_ONCE), order, _faults(choose, _OF_TWO_TASKS, 3), feed)]


def _seldom(choose: Choose) -> list[Step]:
    draws: tuple[Callable[[], Step], ...] = (
        lambda: Direct(Content(tuple(_record(choose) for _ in range(1 + choose(2))))),
        lambda: Direct(_of(choose, (Content(fault="header"), Content(feed=UNROUTED, fault="unrouted")))),
        lambda: Remove(_of(choose, "abcd")),
        lambda: Lose(choose(2)),
        lambda: Cancel(newest=choose(2) == 1),
        DeleteRun,
        Start,
        NewContract,
        lambda: Again(choose(4)),
        lambda: Ask(_of(choose, (Do.RETRACT, Do.REPLAY)), choose(4)),
        lambda: Ask(_of(choose, (Do.RETRACT, Do.REPLAY)), choose(4)),
        lambda: Wait(_of(choose, (1, 11, 61, 1500))),
        lambda: Skew(_of(choose, _MACHINES), choose(41) - 20),
    )
    return [_of(choose, draws)()]


def _notebook(choose: Choose) -> list[Step]:
    return [Notebook(_faults(choose, _OF_TWO_TASKS, 6))]


def _sweep(choose: Choose) -> list[Step]:
    return [Sweep(_faults(choose, _OF_A_SWEEP, 5, _OF_A_FUNCTION), _of(choose, _LAGS))]


def _plain(choose: Choose) -> list[Step]:
    return [RunAll() if choose(2) else Repair()]


_ANYTHING: tuple[Callable[[Choose], list[Step]], ...] = (
    *(_sent, _sent, _event, _task, _task, _run, _run, _at_once, _at_once, _at_once, _seldom, _seldom, _seldom),
    *(_notebook, _sweep, _plain, _plain),
)

"""Six short stories that together come to every operation of the product."""

from pipeline_jobs.operations.operation import Do, Operation

from .feeds import STRICT, WIDENED
from .files import UNROUTED, Content, Record
from .operations import Fault, Mode
from .oracle import PRICES
from .steps import (
    Again,
    Deliver,
    Direct,
    Lose,
    NewContract,
    Operate,
    Past,
    RunAll,
    Step,
    Sweep,
    Task,
    Undo,
    Upload,
    Wait,
)

_MOST_BAD = Content((Record(1, bad=True), Record(2, bad=True), Record(3, 1, 1)))
_WEEK = 8 * 24 * 60
# Appending fails, and so does judging these rows, though nothing at all can be judged: it is the files' own doing.
# First both files together, then the first of them alone.
_UNREADABLE = (
    *(Fault(number, Mode.LOST, "stage: append") for number in (0, 1)),
    *(Fault(number, Mode.FAILS, "compute") for number in (1, 3)),
)

A_DAY: tuple[Step, ...] = (
    Upload(Content((Record(1, 1, 1), Record(2, 5, 2), Record(3, 1, 1))), "a"),
    Deliver(0),
    Upload(Content((Record(1, 2, 3), Record(2, dead=True, day=3), Record(3, bad=True))), "b"),
    Deliver(1),
    Upload(Content(fault="header"), "c"),
    Deliver(2),
    Deliver(0),  # a duplicate
    RunAll(),
    Upload(Content((Record(2, 9, 1), Record(1, 7, 2))), "late"),
    Deliver(3, (Fault(0, Mode.FAILS, "event: newest run"),)),
    Deliver(3),  # it comes again
    Upload(_MOST_BAD, "bad"),
    Lose(0),
    Upload(Content((Record(3, 2, 2),)), "again"),
    Upload(Content((Record(3, 3, 2),)), "again"),
    Deliver(6),
    Deliver(5),
    Direct(Content((Record(1, 8, 2),))),
    Upload(Content(fault="empty"), "slow"),
    Deliver(7),
    Upload(Content((Record(1, 4, 3),)), "slow"),
    Deliver(8),
    Upload(Content((Record(1, 4), Record(1, 4)), PRICES), "p"),
    *(Upload(Content(feed=UNROUTED, fault="unrouted"), name) for name in ("x", "y", "z")),
    Deliver(10),
    Wait(11),
    Deliver(11),
    Sweep(),
    RunAll(),
)
"""Good, updated, deleted, late, rejected by function and job, overwritten, duplicated, forgotten, put in by hand."""

ANOTHER_CONTRACT: tuple[Step, ...] = (
    Past(98),
    Upload(Content((Record(1, 1, 1), Record(2, 2, 2, bad=True))), "a"),
    Deliver(0),
    Task((Fault(0, Mode.LOST, "stage: append"),)),
    RunAll(),
    Wait(_WEEK),
    Direct(Content(feed=UNROUTED, fault="unrouted")),
    Sweep(),
    RunAll(),
    Upload(Content((Record(1, 2, 2),)), "b"),
    Deliver(1),
    Upload(Content((Record(1, 3, 3), Record(2, bad=True))), "c"),
    Deliver(2),
    Task(),
    NewContract(),
    RunAll(),
    Wait(25 * 60),
    Sweep(),
    RunAll(),
)
"""A retry, the upkeep of the hundredth run, and a contract that changes between two tasks."""

HARD_TO_READ: tuple[Step, ...] = (
    Upload(Content((Record(1, 1, 1),)), "a"),
    Deliver(0),
    Upload(Content((Record(2, 1, 1),)), "b"),
    Deliver(1),
    Task(_UNREADABLE),
    RunAll(),
    Upload(Content((Record(2, 2, 2),)), "c"),
    Deliver(2),
    Task((Fault(0, Mode.ENGINE_GONE),)),
    RunAll(),
)
"""Files that cannot be read together, one that cannot be read at first, and one that the engine does not survive."""

ANOTHER_ORDER: tuple[Step, ...] = (
    Upload(Content((Record(1, 9, 1), Record(2, 5, 2), Record(3, 1, 1))), "a"),
    Deliver(0),
    Upload(Content((Record(1, 2, 3), Record(2, 4, dead=True, day=3), Record(3, bad=True))), "b"),
    Deliver(1),
    RunAll(),
    Operate(Operation(Do.REBUILD)),
    RunAll(),
    Upload(Content((Record(3, 7, dead=True, day=1), Record(4, 1, 1))), "c"),
    Deliver(2),
    RunAll(),
    NewContract(3),
    Upload(Content((Record(4, 2, 2),)), "waits"),
    Deliver(3),
    RunAll(),
    Operate(Operation(Do.SWAP)),
    RunAll(),
    Upload(Content((Record(2, 3, 3), Record(4, 1, 3), Record(1, 8, dead=True, day=3))), "late"),
    Deliver(4),
    RunAll(),
)
"""A rebuild that is compared, a contract under which nothing of the tables can stay, and the swap that lets it in."""

UNDONE: tuple[Step, ...] = (
    Upload(Content((Record(1, 1, 1), Record(2, 5, 2), Record(3, 1, 1, dead=True), Record(5, 1, 1))), "a"),
    Deliver(0),
    RunAll(),
    Upload(Content((Record(1, 2, 3), Record(2, dead=True, day=3), Record(3, 4, 2), Record(4, 1, 1))), "wrong"),
    Deliver(1),
    Upload(_MOST_BAD, "bad"),
    Deliver(2),
    RunAll(),
    Upload(Content((Record(5, 2, 2), Record(1, 7, 2))), "b"),
    Deliver(3),
    Undo(Do.RETRACT, ("file 2",)),
    Upload(Content((Record(2, 9, 1), Record(3, 9, 1), Record(4, 9, 1))), "late"),
    Deliver(4),
    RunAll(),
    Undo(Do.REPLAY, ("file 2", "file 3")),
    Undo(Do.REPLAY, ("file 4",)),
    Undo(Do.RETRACT, ("file 1", "file 4")),
)
"""Files that are taken out with the newest row, a deletion and a key of their own, and files that go in again."""

SELDOM: tuple[Step, ...] = (
    NewContract(STRICT),
    Upload(Content((Record(1, 1, 1), Record(2, bad=True))), "strict"),
    Deliver(0),
    RunAll(),
    NewContract(WIDENED),
    Undo(Do.REPLAY, ("file 1",)),
    Upload(Content(fault="header"), "missed"),
    Lose(),
    Upload(Content((Record(1, 2, 2),)), "late"),
    Wait(2),
    Deliver(2),
    Wait(11),
    Sweep(),
    RunAll(),
    Upload(Content((Record(1, 4), Record(2, 5)), PRICES), "p"),
    Deliver(3),
    RunAll(),
    Again(3),
    Deliver(4),
    Sweep(),
    RunAll(),
)
"""Rejected, and let in by the next contract, which widens a column; missed with a fault; late; due; resent."""

SCENARIOS: dict[str, tuple[Step, ...]] = {
    "a day": A_DAY,
    "another contract": ANOTHER_CONTRACT,
    "hard to read": HARD_TO_READ,
    "another order": ANOTHER_ORDER,
    "undone": UNDONE,
    "seldom": SELDOM,
}

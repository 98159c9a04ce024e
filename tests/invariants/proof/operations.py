"""Processes that reach operations by name, and what may befall them there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from pipeline_jobs.errors import CommitConflictError

T = TypeVar("T")


class Mode(StrEnum):
    """What befalls an operation; a process that is killed does nothing more, not even what stands in a `finally`."""

    FAILS = "fails before"
    LOST = "answer lost"
    DIES = "killed before"
    DIED = "killed after"
    HALF = "killed half done"
    CONFLICT = "another is faster"
    ENGINE_GONE = "engine gone"
    STALE = "a change behind"


LOOKING = frozenset({Mode.FAILS, Mode.DIES})
LISTING = LOOKING | {Mode.STALE}
ACTING = frozenset({Mode.FAILS, Mode.LOST, Mode.DIES, Mode.DIED})
COPYING = ACTING | {Mode.HALF}
COMMITTING = ACTING | {Mode.CONFLICT}
APPENDING = ACTING | {Mode.ENGINE_GONE}
KILLS = frozenset({Mode.DIES, Mode.DIED, Mode.HALF})


class Died(BaseException):
    """The process is gone: nothing of the product may catch it."""


class _Stale(Exception):  # no error: it is answered
    """The answer is to be an old one."""


class Trouble(Exception):
    """What a service answers when it does not answer as it should."""


@dataclass(frozen=True, slots=True)
class Fault:
    """At the process's operation of this number, counted from 0, or the next that knows the mode.

    With a name, only operations of that name are counted.
    """

    at: int
    mode: Mode
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """An operation that a process came to, and what may befall it there."""

    name: str
    modes: frozenset[Mode]


def _alone() -> None:
    """Nobody else is at work."""


def _nothing(_: Reached) -> Mode | None:
    return None


@dataclass
class Process:
    """One process of the product. `reached` are its operations so far, `struck` those where a fault came true.

    `turn` is called before each of them: where others are at work, too, it may let them go first. `plan` is asked then,
    and knows what befalls the whole history. One that `is_misled` was answered what had been so a change before.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    turn: Callable[[], None] = _alone
    plan: Callable[[Reached], Mode | None] = _nothing
    reached: list[Reached] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    is_dead: bool = False
    lost_engine: bool = False
    is_misled: bool = False
    ghosts: list[object] = field(default_factory=list)

    def do(
        self,
        name: str,
        action: Callable[[], T],
        modes: frozenset[Mode] = ACTING,
        *,
        trouble: type[Exception] = Trouble,
        half: Callable[[], object] | None = None,
    ) -> T:
        """The operation, or what befalls it; a mode that it does not know is none."""
        mode = self._reach(name, modes)
        if mode is None:
            return action()
        self.struck.append(f"{name}: {mode}")
        if mode is Mode.CONFLICT:
            raise CommitConflictError(name)
        if mode is Mode.STALE:
            raise _Stale
        if mode is Mode.HALF and half is not None:
            half()
        if mode in (Mode.LOST, Mode.DIED):
            action()
        self.is_dead = mode in KILLS
        self.lost_engine = self.lost_engine or mode is Mode.ENGINE_GONE
        raise Died(name) if self.is_dead else trouble(f"{name}: {mode}")

    def look(self, name: str, action: Callable[[], T], *, trouble: type[Exception] = Trouble) -> T:
        """An operation that has no effect."""
        return self.do(name, action, LOOKING, trouble=trouble)

    def listing(self, name: str, action: Callable[[int], T], behind: int, *, trouble: type[Exception] = Trouble) -> T:
        """As `look`, where an answer may be old: `action` takes by how many changes, `behind` are some in any case."""
        self.is_misled = self.is_misled or behind > 0
        try:
            return self.do(name, lambda: action(behind), LISTING, trouble=trouble)
        except _Stale:
            self.is_misled = True
            return action(behind + 1)

    @contextmanager
    def keep(self, name: str, opened: AbstractContextManager[T]) -> Iterator[T]:
        """A block that is left behind as it is when the process is killed in it."""
        self.ghosts.append(opened)
        kept = self.do(name, opened.__enter__, LOOKING | {Mode.DIED})
        try:
            yield kept
        except Died:
            raise
        except BaseException as error:
            opened.__exit__(type(error), error, error.__traceback__)
            raise
        else:
            opened.__exit__(None, None, None)

    def _reach(self, name: str, modes: frozenset[Mode]) -> Mode | None:
        if self.is_dead:
            raise Died(name)
        self.turn()
        self.reached.append(Reached(name, modes))
        planned = self.plan(self.reached[-1])
        if planned is not None:
            return planned
        count = {"": len(self.reached) - 1, name: sum(one.name == name for one in self.reached) - 1}
        due = [fault for fault in self.faults if fault.at <= count.get(fault.name, -1) and fault.mode in modes]
        self.faults = tuple(fault for fault in self.faults if fault not in due[:1])
        return due[0].mode if due else None

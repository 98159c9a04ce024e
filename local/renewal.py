"""Looks after a running stack's folder of contracts, so that a new or corrected one needs no restart."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from contracts.contract import ContractError
from local.errors import CannotStart
from local.snapshot import Snapshot

_AS_BEFORE = "the contracts of before stay in force"


class Taker(Protocol):
    """What this needs of a stack."""

    in_force: Snapshot

    def take(self, snapshot: Snapshot) -> Sequence[str]:
        """As `local.stack.Stack.take`."""


class Renewal:
    """One folder of contracts and the stack that works with it; `tell` hears a line for whatever becomes of a change.

    A change is taken at the second look that finds it the same: somebody may be writing at the first.
    """

    def __init__(self, stack: Taker, tell: Callable[[str], object]) -> None:
        self._stack = stack
        self._tell = tell
        self._seen = self._settled = stack.in_force
        self._trouble = ""

    def look(self) -> None:
        """Takes what has changed and is whole and good; says once what is wrong, or that a restart is needed."""
        try:
            now = Snapshot.of(self._stack.in_force.folder)
        except FileNotFoundError:
            return  # it went away between listing and reading: the next look sees what has come of it
        except OSError as error:
            self._tell_once(f"the contracts cannot be read, {_AS_BEFORE}: {error}")
            return
        self._trouble = ""
        is_whole, self._seen = now == self._seen, now
        if is_whole and now != self._settled:
            self._settled = now
            for line in self._taken(now):
                self._tell(line)

    def _tell_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._tell(trouble)

    def _taken(self, now: Snapshot) -> Iterator[str]:
        changes = ", ".join(now.changes(self._stack.in_force)) or "they are as they were"
        try:
            advice = self._stack.take(now) if now != self._stack.in_force else ()
        except ContractError as error:
            yield f"{changes}: there are mistakes, and {_AS_BEFORE}"
            yield from error.problems
        except (CannotStart, TimeoutError) as error:
            yield f"{changes}: the functions did not come back, restart the stack: {error}"
        else:
            yield f"{changes}: in force"
            yield from advice

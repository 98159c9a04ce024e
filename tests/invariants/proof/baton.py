"""Several processes at once, and yet the same each time: one goes on at a time, and hands over at its operations."""

from collections.abc import Callable, Sequence
from threading import Semaphore, Thread

_PATIENCE = 120.0


class Baton:
    """`order` says at each operation who goes on, as a number among those who are still at work.

    Once it is used up, whoever has the baton keeps it to his end.
    """

    def __init__(self, order: Sequence[int]) -> None:
        self._order = list(order)
        self._lanes: list[Semaphore] = []
        self._going: list[int] = []
        self._done = Semaphore(0)

    def run(self, works: Sequence[Callable[[Callable[[], None]], None]]) -> None:
        """Each work is told what to call at its operations; all have ended when this returns.

        A work must not raise: what it has to say it keeps.
        """
        self._lanes = [Semaphore(0) for _ in works]
        self._going = list(range(len(works)))
        threads = [Thread(target=self._lane, args=(number, work), daemon=True) for number, work in enumerate(works)]
        for thread in threads:
            thread.start()
        self._lanes[self._next()].release()
        for thread in threads:
            thread.join(_PATIENCE)
            assert not thread.is_alive(), "a process waits for a baton that nobody holds"

    def _lane(self, number: int, work: Callable[[Callable[[], None]], None]) -> None:
        self._lanes[number].acquire()
        try:
            work(lambda: self._hand_over(number))
        finally:
            self._going.remove(number)
            if self._going:
                self._lanes[self._next()].release()

    def _hand_over(self, number: int) -> None:
        if not self._order:
            return
        chosen = self._next()
        if chosen != number:
            self._lanes[chosen].release()
            self._lanes[number].acquire()

    def _next(self) -> int:
        drawn = self._order.pop(0) if self._order else 0
        return self._going[drawn % len(self._going)]

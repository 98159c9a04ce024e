"""What was answered last: however many ask for the same, it is made once a version."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

_MOST = 64
Answer = TypeVar("Answer")


class Kept(Generic[Answer]):
    """The newest `most` answers, each with the version that it is of."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Hashable, Future[Answer]]] = OrderedDict()

    def get(self, key: Hashable, version: Hashable, make: Callable[[], Answer]) -> Answer:
        """Made by the first who asks, for whom the others wait; raises for all of them what `make` raises."""
        with self._lock:
            known = self._known.get(key)
            is_new = known is None or known[0] != version
            future: Future[Answer] = Future() if is_new or known is None else known[1]
            self._known[key] = (version, future)
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        if is_new:
            try:
                future.set_result(make())
            except BaseException as error:
                self._forget(key, future)
                future.set_exception(error)
                raise
        return future.result()

    def _forget(self, key: Hashable, future: "Future[Answer]") -> None:
        """What failed is asked for again."""
        with self._lock:
            if key in self._known and self._known[key][1] is future:
                del self._known[key]

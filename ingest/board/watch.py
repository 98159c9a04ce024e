"""One look at a time for however many viewers, and none where nobody looks."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ingest.board.now import Now, ask
from ingest.board.pulse import Pulse, Signs
from ingest.targets.options import sentence_of
from ingest.targets.target import Target

log = logging.getLogger(__name__)

_ALL_EVERY = 60.0
"""Seconds after which everything is asked for again: what is due by the clock, and what gave no sign."""


class Watch:
    """The newest answer, and its version, which grows with each change, from wherever a start begins it.

    It looks every so many seconds at most; a page that is asked for waits no longer than `patience` for a look.
    """

    def __init__(
        self, target: Target, every: float, patience: float = 0.6, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._target = target
        self._pulse = Pulse.of(target)
        self._every = every
        self._patience = patience
        self._clock = clock
        self._changed = threading.Condition()
        self._looking = threading.Lock()
        self._viewers = 0
        self._is_watched = False
        self._looked = self._asked = float("-inf")
        self._signs: Signs | None = None
        self._versions: dict[str, int] = {}
        self.now: Now | None = None
        # Of each start its own, so that no open page takes what another server counted for what this one has shown.
        self.version = secrets.randbits(48)
        self.trouble = ""

    @contextmanager
    def viewing(self) -> Iterator[None]:
        """As long as somebody is within, one thread looks."""
        with self._changed:
            self._viewers += 1
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="board-watch", daemon=True).start()
        try:
            yield
        finally:
            with self._changed:
                self._viewers -= 1

    def wait(self, seen: int, seconds: float) -> int:
        """The version once it is another than the one that was seen, or after so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, seconds)
            return self.version

    def changed_since(self, seen: int) -> list[str]:
        """The feeds that have changed since that version."""
        with self._changed:
            return sorted(feed for feed, version in self._versions.items() if version > seen)

    def version_of(self, feed: str) -> int:
        """The version with which the feed changed last."""
        with self._changed:
            return self._versions.get(feed, 0)

    def fresh(self) -> None:
        """For a page that is asked for: where nobody watches, a look is made first, and waited for a while."""
        with self._changed:
            if self._is_watched and self.now is not None:
                return
        look = threading.Thread(target=self.look, name="board-look", daemon=True)
        look.start()
        look.join(self._patience)

    def look(self) -> None:
        """Asks for what has changed, unless somebody has just done so; `trouble` says why that cannot be."""
        with self._looking:
            if self._clock() - self._looked < self._every:
                return
            try:
                self._take()
            except Exception as error:  # noqa: BLE001  # the next look is another chance, and the page shows what it is
                self._trouble_is(error)
            self._looked = self._clock()

    def _take(self) -> None:
        signs, before = self._pulse.take(), self._signs
        is_time = self.now is None or before is None or self._clock() - self._asked >= _ALL_EVERY
        if is_time or signs != before:
            changed = self._pulse.changed(before, signs) if before else set[str]()
            found = ask(self._target, datetime.now(UTC), self.now, self._target.feeds if is_time else changed)
            self._signs = signs
            if is_time:
                self._asked = self._clock()
            self._publish(found, changed)
        elif self.trouble:
            self._publish(self.now, ())

    def _publish(self, found: Now | None, changed: Collection[str]) -> None:
        with self._changed:
            is_news = found is not None and (self.now is None or not self.now.is_like(found))
            if not (is_news or changed or self.trouble):
                return
            self.version += 1
            unlike = found.feeds_unlike(self.now) if found and self.now else set(self._target.feeds)
            self._versions |= dict.fromkeys({*unlike, *changed}, self.version)
            self.now, self.trouble = found, ""
            self._changed.notify_all()

    def _trouble_is(self, error: Exception) -> None:
        sentence = sentence_of(error)
        if sentence is None:
            sentence = f"the board could not ask: {type(error).__name__}; its log has more"
            log.error("a look failed", exc_info=error)
        with self._changed:
            if sentence != self.trouble:
                self.version += 1
                self.trouble = sentence
                self._changed.notify_all()

    def _watch(self) -> None:
        while self._is_viewed():
            began = self._clock()
            self.look()
            # Half of the time at most is spent on it, however long it takes.
            time.sleep(max(self._every, self._clock() - began))

    def _is_viewed(self) -> bool:
        with self._changed:
            self._is_watched = self._viewers > 0
            return self._is_watched

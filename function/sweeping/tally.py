"""What one sweep has seen, and what it has left to the next."""

from dataclasses import dataclass, field
from datetime import datetime

from function.event import LandedObject
from function.logs import log_sweep


@dataclass(slots=True)
class Tally:
    """What the sweep's own line says; `oldest` is the time of the oldest object in landing, `left` what was due, and
    `feeds_left` the feeds that it did not come to.

    Where the listing of landing was `cut`, all of this is of what it came to.
    """

    waiting: int = 0
    oldest: datetime | None = None
    left: int = 0
    feeds_left: set[str] = field(default_factory=set)
    failed: int = 0
    cut: bool = False

    def see(self, landed: LandedObject) -> None:
        self.waiting += 1
        self.oldest = min(self.oldest or landed.finalized_at, landed.finalized_at)

    def leave(self, feed: str) -> None:
        """A piece of the sweep that time did not suffice for: of a feed, or of a file or folder."""
        if feed:
            self.feeds_left.add(feed)
        else:
            self.left += 1

    def log(self, now: datetime, milliseconds: float) -> None:
        log_sweep(
            waiting=self.waiting,
            oldest=(now - self.oldest).total_seconds() if self.oldest else 0.0,
            left=self.left,
            feeds_left=len(self.feeds_left),
            failed=self.failed,
            milliseconds=milliseconds,
            cut=self.cut,
        )

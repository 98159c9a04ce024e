"""Time as an argument, so that a test can say what time it is."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware time."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

"""How long an invocation may take, and one call within it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from function.errors import DeadlineNear


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of one outbound call, in seconds; what they add up to is the longest that it can take.

    `attempt` is for one try, `retries` for how long another may begin, `pause` for one wait between two.
    """

    attempt: float
    retries: float
    pause: float

    @classmethod
    def within(cls, total: float) -> "CallLimits":
        """A sixth of the invocation's time, so that the five calls of a plain event fit even at their slowest."""
        return cls(attempt=total / 15, retries=total / 15, pause=total / 30)

    @property
    def longest(self) -> float:
        return self.attempt + self.retries + self.pause


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of one invocation on a monotonic clock, in seconds."""

    at: float
    limits: CallLimits
    clock: Callable[[], float]

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        return cls(clock() + seconds, CallLimits.within(seconds), clock)

    @property
    def remaining(self) -> float:
        return self.at - self.clock()

    def halfway(self) -> "Deadline":
        """The middle of what is left."""
        return Deadline(self.clock() + self.remaining / 2, self.limits, self.clock)

    @property
    def is_near(self) -> bool:
        """Whether a call that takes its longest would end too late."""
        return self.remaining < self.limits.longest

    def call(self) -> CallLimits:
        """The limits of a call that begins now; raises DeadlineNear where it might end too late."""
        if self.is_near:
            raise DeadlineNear(f"{self.remaining:.1f} s are left, a call may take {self.limits.longest:.1f} s")
        return self.limits

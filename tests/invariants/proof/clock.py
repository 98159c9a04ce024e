"""The time of each machine of a history."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_TICK = timedelta(milliseconds=7)


@dataclass
class WorldClock:
    """One time that only a history moves, a little with each look; a machine's clock may be ahead of it, or behind."""

    time: datetime = BEGIN
    ahead: defaultdict[str, timedelta] = field(default_factory=lambda: defaultdict(timedelta))

    def now(self, machine: str) -> datetime:
        self.time += _TICK
        return self.time + self.ahead[machine]

    def forward(self, by: timedelta) -> None:
        self.time += by

    def of(self, machine: str) -> "MachineClock":
        return MachineClock(self, machine)


@dataclass(frozen=True, slots=True)
class MachineClock:
    """As the job asks for the time."""

    world: WorldClock
    machine: str

    def now(self) -> datetime:
        return self.world.now(self.machine)

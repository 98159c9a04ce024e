"""Looking for a history that breaks a promise; one that does is told as short as it gets."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from .drawing import history
from .ground import Ground
from .history import played
from .shrinking import shrunk
from .steps import Step


class Search:
    """`tick` is called for each history with whether it only shrinks one that broke a promise."""

    def __init__(self, ground: Ground, template: Path | None, tick: Callable[[bool], None]) -> None:
        self._ground = ground
        self._template = template
        self._tick = tick

    def stories(self, numbers: Sequence[int], seed: int) -> Iterator[str]:
        """Of the histories of these numbers, those that break a promise; goes on behind each."""
        for number in numbers:
            steps = history(Random(f"{seed}/{number}").randrange)
            self._tick(False)
            story = self._broken(steps)
            if story:
                shortest = shrunk(steps, self._shrinks)
                again = self._broken(shortest) or f"{story}\n(played again it went well: not the history alone decides)"
                yield f"{again}\n(history {number} of SEED={seed})"

    def _shrinks(self, steps: Sequence[Step]) -> bool:
        self._tick(True)
        return bool(self._broken(steps))

    def _broken(self, steps: Sequence[Step]) -> str:
        outcome = played(self._ground, steps, self._template)
        return outcome.story if outcome.wrong else ""

"""One history from its steps to the checks, and how a failing one is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .checks import check
from .endings import settle
from .ground import Ground
from .steps import Step, play
from .world import World, new_world


class Broken(AssertionError):
    """A promise does not hold; the text is the story."""


@dataclass(frozen=True)
class Played:
    """How often something befell a process, and what was wrong in the end."""

    struck: tuple[str, ...]
    wrong: tuple[str, ...]
    story: str


def played(ground: Ground, steps: Sequence[Step], template: Path | None = None) -> Played:
    """The steps in a new world, then its end."""
    with new_world(ground, template) as world:
        play(world, steps)
        settle(world)
        wrong = check(world)
        struck = tuple(what for process in world.processes for what in process.struck)
        return Played(struck, tuple(wrong), story(world, steps, wrong))


def hold(ground: Ground, steps: Sequence[Step], template: Path | None = None) -> Played:
    """As `played`; raises Broken where a promise does not hold."""
    found = played(ground, steps, template)
    if found.wrong:
        raise Broken(found.story)
    return found


def story(world: World, steps: Sequence[Step], wrong: Sequence[str]) -> str:
    lines = [f"{number}. {line}" for number, line in enumerate(world.story, 1)]
    lines += ["and then, once everything had come to rest:", *(f"  WRONG: {sentence}" for sentence in wrong)]
    lines += ["to play it again:", *(f"    {step!r}," for step in steps)]
    return "\n".join(lines)

"""Every operation of the scenarios, and everything that may befall it there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from .checks import check
from .endings import settle
from .ground import Ground
from .history import Broken, story
from .operations import Mode, Reached
from .scenarios import SCENARIOS
from .steps import play
from .world import new_world

EACH = 3
"""Of an operation that a scenario comes to more often these many occurrences are struck."""


@dataclass(frozen=True)
class Case:
    """In a scenario, what befalls its n-th operations: one, or a pair."""

    scenario: str
    strikes: tuple[tuple[int, str, Mode], ...]

    @property
    def struck(self) -> tuple[str, Mode]:
        """The operation that the case is about."""
        _, name, mode = self.strikes[0]
        return name, mode

    def __str__(self) -> str:
        return f"{self.scenario}: " + ", then ".join(f"{name} ({at}) {mode}" for at, name, mode in self.strikes)


def undisturbed(ground: Ground, scenario: str) -> list[Reached]:
    """The operations that a scenario comes to, in their order; raises Broken if it does not even end well by itself."""
    with new_world(ground) as world:
        play(world, SCENARIOS[scenario])
        reached = world.reached()
        settle(world)
        wrong = check(world)
        if wrong:
            raise Broken(story(world, SCENARIOS[scenario], wrong))
        return reached


def every_case(scenario: str, reached: Sequence[Reached], each: int = EACH) -> list[Case]:
    """Every operation in every mode, the first occurrences of each."""
    seen: Counter[str] = Counter()
    cases = []
    for at, one in enumerate(reached, 1):
        seen[one.name] += 1
        if seen[one.name] <= each:
            cases += [Case(scenario, ((at, one.name, mode),)) for mode in sorted(one.modes)]
    return cases


def one_of_each(cases: Iterable[Case]) -> list[Case]:
    """A mode for each operation, another for the next: a sample in which every operation stands once."""
    by_name: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_name[case.struck[0]].append(case)
    return [found[number % len(found)] for number, found in enumerate(by_name.values())]


def pairs(cases: Sequence[Case], seed: int) -> Iterator[Case]:
    """Two that befall one scenario, without end if there are cases; the second may find that everything has moved."""
    random = Random(seed)
    while cases:
        one, other = random.choice(cases), random.choice(cases)
        if one.scenario == other.scenario and one.strikes[0][0] != other.strikes[0][0]:
            yield Case(one.scenario, tuple(sorted(one.strikes + other.strikes)))


def strike(ground: Ground, case: Case) -> list[str]:
    """What was struck in truth; raises Broken where a promise does not hold."""
    with new_world(ground) as world:
        world.plan = {at: mode for at, _, mode in case.strikes}
        play(world, SCENARIOS[case.scenario])
        world.plan = {}
        settle(world)
        wrong = check(world)
        if wrong:
            raise Broken(f"{case}\n{story(world, SCENARIOS[case.scenario], wrong)}")
        return [what for process in world.processes for what in process.struck]


def table(outcomes: Iterable[tuple[Case, bool]]) -> str:
    """Operations by modes: how many cases of each, and whether one of them broke a promise."""
    counts: defaultdict[tuple[str, Mode], list[bool]] = defaultdict(list)
    for case, is_well in outcomes:
        counts[case.struck].append(is_well)
    names = sorted({name for name, _ in counts})
    width = max(map(len, names), default=0)
    lines = [" " * width + "".join(f"  {mode:>17}" for mode in Mode)]
    for name in names:
        cells = (_cell(counts.get((name, mode), [])) for mode in Mode)
        lines.append(f"{name:<{width}}" + "".join(f"  {cell:>17}" for cell in cells))
    return "\n".join(lines)


def _cell(outcomes: Sequence[bool]) -> str:
    if not outcomes:
        return "-"
    return f"{len(outcomes)} well" if all(outcomes) else f"{outcomes.count(False)} of {len(outcomes)} BROKEN"

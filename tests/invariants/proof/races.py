"""Races: two runs of a feed started together, round after round, with nothing in their way and nothing made up."""

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from .racing import Course

RACERS = 2


@dataclass(frozen=True)
class Race:
    """What came of some rounds: how many rows are lost or doubled, of how many; `story` is empty where all is well."""

    rounds: int
    lost: int = 0
    rows: int = 0
    story: str = ""


def races(engine: str, url: str, root: Path, rounds: Sequence[int], seed: int) -> Iterator[Race]:
    """All rounds by threads of this process, then all by processes; each round as it ends, then what stands in the end.

    Where a round does not end well, the rest of its kind is left.
    """
    for kind in ("threads", "processes") if rounds else ():
        course = Course(root / f"races_in_{kind}", engine, url, Random(f"{seed}/{kind}/{rounds[0]}"))
        with course.racers(RACERS, in_threads=kind == "threads") as racers:
            for number in rounds:
                try:
                    course.round(racers, f"{number}")
                except AssertionError:
                    yield Race(1, story=f"round {number} in {kind} (SEED={seed}):\n{traceback.format_exc()}")
                    break
                yield Race(1)
        lost, rows = course.lost()
        yield Race(0, lost, rows, f"{lost} of {rows} rows are lost in {kind} (SEED={seed})" if lost else "")

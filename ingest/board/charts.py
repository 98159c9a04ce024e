"""Days as bars and lines, as plain SVG: places are attributes, colours the style sheet's, all has its words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 88.0
_GAP = 0.22


@dataclass(frozen=True, slots=True)
class Bar:
    """A place in the picture; `kind` is its class, `words` what it says to who points at it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """Through the middles of days, `points` as SVG has them; `kind` is its class."""

    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`most` is what the full height stands for; `first` and `last` are the ends of the axis of days.

    A day that a line goes through has a bar without a colour, for who points at it.
    """

    title: str
    bars: tuple[Bar, ...]
    most: str
    first: str
    last: str
    lines: tuple[Line, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(bar.height for bar in self.bars)


def stacked(
    title: str, names: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]], words: Sequence[str], most: str
) -> Chart:
    """A bar for each name, of one part on top of the other; `parts` are (kind, values), `words` are of a whole bar."""
    totals = [sum(values) for values in zip(*(values for _, values in parts), strict=True)]
    scale = HEIGHT / max([*totals, 0.0]) if any(totals) else 0.0
    step = WIDTH / max(1, len(names))
    bars: list[Bar] = []
    for number, said in enumerate(words):
        top = HEIGHT
        for kind, values in parts:
            height = max(1.5, values[number] * scale) if values[number] else 0.0
            top -= height
            bars.append(
                Bar(round(number * step, 2), round(top, 2), round(step * (1 - _GAP), 2), round(height, 2), kind, said)
            )
    first, last = (names[0], names[-1]) if names else ("", "")
    return Chart(title, tuple(bars), most, first, last)


def lined(
    title: str,
    names: Sequence[str],
    parts: Sequence[tuple[str, Sequence[float | None]]],
    words: Sequence[str],
    most: str,
) -> Chart:
    """A line for each part, broken where a day has no value; a single day between two such is a short stroke."""
    greatest = max((value for _, values in parts for value in values if value is not None), default=0.0)
    scale = (HEIGHT - 3) / greatest if greatest else 0.0
    step = WIDTH / max(1, len(names))
    lines = tuple(
        Line(" ".join(_points(run, step, scale)), kind) for kind, values in parts for run in _runs(values) if scale
    )
    pointed = tuple(
        Bar(round(number * step, 2), 0.0, round(step, 2), HEIGHT, "point", said)
        for number, said in enumerate(words)
        if scale and any(values[number] is not None for _, values in parts)
    )
    first, last = (names[0], names[-1]) if names else ("", "")
    return Chart(title, pointed, most, first, last, lines)


def _points(run: Sequence[tuple[int, float]], step: float, scale: float) -> Iterator[str]:
    places = [((number + 0.5) * step, HEIGHT - 1.5 - value * scale) for number, value in run]
    if len(places) == 1:
        [(x, y)] = places
        places = [(x - step / 3, y), (x + step / 3, y)]
    yield from (f"{x:.2f},{y:.2f}" for x, y in places)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Of days behind each other that have a value."""
    run: list[tuple[int, float]] = []
    for number, value in enumerate(values):
        if value is not None:
            run.append((number, value))
        elif run:
            yield run
            run = []
    if run:
        yield run

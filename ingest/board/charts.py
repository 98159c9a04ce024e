"""Days as bars, as plain SVG: places are attributes, colours are the style sheet's, every bar has its words."""

from collections.abc import Sequence
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
class Chart:
    """`most` is what the full height stands for; `marks` are the ends of the axis of days."""

    title: str
    bars: tuple[Bar, ...]
    most: str
    first: str
    last: str

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

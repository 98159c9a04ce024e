"""What loading costs, as a picture."""

from pathlib import Path
from statistics import median

from matplotlib.figure import Figure

from bench.results import ROWS, Results


def draw(results: Results, file: Path) -> None:
    """CPU seconds, of each row and contender a bar."""
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    shown = [row for row in ROWS if not row.of]
    height = 0.8 / len(results.rounds)
    for at, name in enumerate(results.rounds):
        bars = [(place, results.values(row, name, "cpu")) for place, row in enumerate(shown)]
        drawn = [(place + at * height, median(values)) for place, values in bars if values]
        axes.barh([y for y, _ in drawn], [x for _, x in drawn], height, label=name)
    axes.set_yticks([place + 0.4 for place in range(len(shown))], [row.title for row in shown])
    axes.invert_yaxis()
    axes.set_xlabel("CPU seconds")
    axes.legend()
    figure.savefig(file, metadata={"Date": None})

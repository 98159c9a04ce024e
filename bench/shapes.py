"""`.venv-bench/bin/python -m bench.shapes [SHAPE …]`: what stage_load and the first target_load cost, by what waits:
many small files, large and packed ones, ragged and wide ones.

Each in a process and on an engine of its own (`bench.waiting`), behind a warm-up of a thousand rows. CPU seconds are
those of driver and engine; memory is the greatest that either held at work, and what the engine kept when it had
nothing to do any more. Of several rounds the medians are shown.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.data import Orders
from bench.waiting import WAITING, WARM_UP, wide_names
from local.environment import of_children
from pipeline_jobs.engines import READERS

_MILLION = 1_000_000
_WIDE_ROWS = 200
_OF_6_MB = 55_000
_AT_ONCE = 100_000
_FIGURES: Mapping[str, Callable[[Any], float]] = {  # of the line of bench.waiting
    "stage CPU s": lambda told: told["stage"]["cpu"],
    "stage s": lambda told: told["stage"]["wall"],
    "merge CPU s": lambda told: told["merge"]["cpu"],
    "merge s": lambda told: told["merge"]["wall"],
    "stage MB": lambda told: told["stage"]["started"] / 1e6,
    "merge MB": lambda told: told["merge"]["started"] / 1e6,
    "kept MB": lambda told: told["kept"] / 1e6,
    "tasks' stage MB": lambda told: told["stage"]["own"] / 1e6,
    "tasks' merge MB": lambda told: told["merge"]["own"] / 1e6,
    "files of the stage": lambda told: told["parts"],
}


@dataclass(frozen=True, slots=True)
class Shape:
    """`write` makes the files, of a size by a scale."""

    write: Callable[[Orders, float], object]
    columns: int = 0
    is_huge: bool = False


def _orders(files: int, rows: int, ending: str = ".csv", *, is_huge: bool = False) -> Shape:
    """The larger of the two shrinks with the scale."""

    def write(orders: Orders, scale: float) -> object:
        if files > rows:
            return orders.files(_scaled(files, scale), rows, ending)
        return orders.files(files, _scaled(rows, scale), ending)

    return Shape(write, is_huge=is_huge)


def _ragged(rows: int) -> Shape:
    """Every row has a cell too many, and is bad."""

    def write(orders: Orders, scale: float) -> object:
        path = orders.file("ragged.csv", 1)
        row = path.read_bytes().splitlines()[1] + b",more\n"
        count = _scaled(rows, scale)
        with path.open("ab") as file:
            for begin in range(0, count, _AT_ONCE):
                file.write(row * min(_AT_ONCE, count - begin))
        return path

    return Shape(write)


def _wide(columns: int) -> Shape:
    def write(orders: Orders, scale: float) -> object:
        del scale  # the columns are what costs
        rows = (",".join(str(row * columns + at) for at in range(columns)) for row in range(_WIDE_ROWS))
        return (orders.folder / "wide.csv").write_text("\n".join((",".join(wide_names(columns)), *rows)) + "\n")

    return Shape(write, columns)


def _scaled(count: int, scale: float) -> int:
    return max(1, round(count * scale))


SHAPES: Mapping[str, Shape] = {
    "1 file of 100,000 rows": _orders(1, 100_000),
    "1,000 files of 100 rows": _orders(1000, 100),
    "500 files of 1 row": _orders(500, 1),
    "100 files of 6 MB": _orders(100, _OF_6_MB),
    "100 files of 6 MB as one": _orders(1, 100 * _OF_6_MB),
    "200 gzip files, 1.2 GB unpacked": _orders(200, _OF_6_MB, ".csv.gz"),
    "1 million rows": _orders(1, _MILLION),
    "1.5 million rows": _orders(1, 1_500_000),
    "7.5 million rows": _orders(1, 7_500_000),
    "10 million rows": _orders(1, 10 * _MILLION),
    "32 million rows": _orders(1, 32 * _MILLION),
    "10 million rows in gzip": _orders(1, 10 * _MILLION, ".csv.gz"),
    "105 million rows in gzip": _orders(1, 105 * _MILLION, ".csv.gz", is_huge=True),
    "20 million ragged rows": _ragged(20 * _MILLION),
    **{f"200 rows of {columns:,} columns": _wide(columns) for columns in (100, 250, 500, 1000)},
}


def main() -> int:
    asked = _parser().parse_args()
    names = asked.shapes or [name for name, shape in SHAPES.items() if asked.huge or not shape.is_huge]
    measured: dict[str, list[Any]] = {name: [] for name in names}
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as folder:
        orders = Orders.drawn(Path(folder) / "data", of_children(os.environ, Path(folder)), min(1.0, 10 * asked.scale))
        for number in range(1, asked.rounds + 1):
            for name in names:
                sys.stderr.write(f"round {number} of {asked.rounds}: {name}\n")
                measured[name].append(_once(SHAPES[name], orders, asked.scale, asked.reader))
    sys.stdout.write(f"| what waits | {' | '.join(_FIGURES)} |\n|---|{'---:|' * len(_FIGURES)}\n")
    sys.stdout.writelines(_line(name, told) for name, told in measured.items())
    return 0


def _once(shape: Shape, orders: Orders, scale: float, reader: str) -> Any:  # the line of bench.waiting, as JSON has it
    with TemporaryDirectory(dir=orders.folder.parent) as name:
        folder = Path(name)
        replace(orders, folder=folder).file(WARM_UP, 1000)
        (folder / WAITING).mkdir()
        shape.write(replace(orders, folder=folder / WAITING), scale)
        options = [
            *(("--columns", str(shape.columns)) if shape.columns else ()),
            *(("--reader", reader) if reader else ()),
        ]
        command = [sys.executable, "-m", "bench.waiting", name, *options]
        environment = of_children(os.environ, folder)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)  # noqa: S603  # our own module
        return json.loads(done.stdout.splitlines()[-1])


def _line(name: str, rounds: Sequence[Any]) -> str:  # lines of bench.waiting
    figures = (median(figure(told) for told in rounds) for figure in _FIGURES.values())
    shown = (
        f"{of:,.0f}" if "s" not in title.split() else f"{of:.2f}" for title, of in zip(_FIGURES, figures, strict=True)
    )
    return f"| {name} | {' | '.join(shown)} |\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.shapes", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of how many rows or files there are")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--reader", choices=READERS, default="", help="who reads the files (as the engine has it)")
    parser.add_argument("--huge", action="store_true", help="those, too, that take 20 GB and an hour")
    parser.add_argument("--work", type=Path, help="a folder for data and tables (the system's for temporary files)")
    parser.add_argument(
        "shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(SHAPES)}; all but the huge if none is named"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: this project and its peers load the same files in turn, and what it costs is put side by side."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from bench.contenders import OURS, PEERS
from bench.data import make_files
from bench.pages import RESULTS
from bench.plot import draw
from bench.results import Costs, Results
from bench.rows import hold_equal
from local.environment import of_children

_QUICK_SCALE, _QUICK_ROUNDS = 0.1, 2


def main() -> int:
    asked = _parser().parse_args()
    scale = asked.scale or (_QUICK_SCALE if asked.quick else 1.0)
    rounds = asked.rounds or (_QUICK_ROUNDS if asked.quick else 5)
    names = [OURS, *(name for name in asked.peers or PEERS if name != OURS)]
    console = Console()
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
        files = make_files(Path(name) / "data", scale, of_children(os.environ, Path(name)))
        contest = Rounds(Path(name) / "data")
        measured: dict[str, list[Costs]] = {contender: [] for contender in names}
        for number in range(1, rounds + 1):
            for contender in names:
                console.print(f"round {number} of {rounds}: {contender}", highlight=False)
                measured[contender].append(contest.one(contender))
        results = Results(scale, _records(files.changes), _records(files.orders), measured)
    console.print("CPU seconds; in brackets, how many times as much this project took:")
    console.print(Markdown("\n".join(results.table("cpu"))))
    if asked.quick or asked.peers or asked.scale or asked.rounds:
        console.print("Not kept: bench/results/ has whole measurements alone, of all peers, rows and rounds.")
    else:
        results.save(RESULTS)
        draw(results, RESULTS / "loading.svg")
        console.print("Kept in bench/results/.")
    return 0


@dataclass(slots=True)
class Rounds:
    """Each contender at work on the same files, in new processes and an empty folder each time."""

    data: Path
    _digest: str = ""

    def one(self, name: str) -> Costs:
        """Warm and cold; raises DifferentRows."""
        costs: dict[str, Mapping[str, float]] = {}
        for options in ((), ("--cold",)):
            with TemporaryDirectory(dir=self.data.parent) as place:
                told = self._worker(name, place, *options)
            costs |= told["costs"]
            hold_equal({"those before it": self._digest, name: told["digest"]})
            self._digest = self._digest or told["digest"]
        return costs

    def _worker(self, name: str, place: str, *options: str) -> Any:  # the worker's line, as JSON has it
        command = [sys.executable, "-m", "bench.worker", name, str(self.data), place, *options]
        environment = {**of_children(os.environ, self.data.parent), **PEERS[name].environment}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)  # noqa: S603  # our own module
        return json.loads(done.stdout.splitlines()[-1])


def _records(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines) - 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench", description=f"{__doc__} Kept is what was measured whole, with none of these but --work."
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows and two rounds")
    parser.add_argument("--scale", type=float, help="TPC-H's; 1 is 1.5 million orders")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--work", type=Path, help="a folder for data and tables (the system's for temporary files)")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)}; all of them if none is named")
    return parser


if __name__ == "__main__":
    sys.exit(main())

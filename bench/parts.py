"""`make bench PART="…"`: the measurements that are named, one after the other, each in a process of its own.

What each prints becomes its page in `bench/results/`, with machine and versions. One that fails leaves the page as it
was and the others at work; the exit code says so at the end. Kept is what was measured whole: with none of the options.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.pages import RESULTS, keep

ALL = "all"


@dataclass(frozen=True, slots=True)
class Part:
    """A module that prints what it measured in Markdown, and the progress on its other output.

    `quick` are the options of a look of minutes; a part that `keeps` writes its results itself.
    """

    title: str
    module: str
    quick: tuple[str, ...] = ()
    keeps: bool = False


PARTS: Mapping[str, Part] = {
    "loading": Part("What loading costs", "bench", ("--quick",), keeps=True),
    "floor": Part("What of it is the engine's own", "bench.floor", ("--scale", "0.05", "--rounds", "1")),
    "shapes": Part("What its shape costs", "bench.shapes", ("--scale", "0.01")),
    "batches": Part("What a batch costs by the size of its target", "bench.batches", ("--scale", "0.1")),
    "event": Part("What an event costs", "bench.event", ("--events", "2", "--rows", "1000")),
    "function": Part("How many events the function takes", "bench.function", ("--events", "30", "--rounds", "2")),
    "untidied": Part("What many runs leave", "bench.untidied", ("--runs", "20", "--rounds", "1")),
    "year": Part("What a year costs", "bench.year", ("--months", "1", "2", "--feeds", "10", "--commits", "40")),
    "notebook": Part("What the job costs on Spark", "bench.notebook", ("--scale", "0.01", "--rounds", "1")),
    "operating": Part("What asking costs", "bench.operating", ("--files", "1000", "--rounds", "1")),
    "board": Part("How soon the board answers", "bench.board", ("--files", "1000", "--feeds", "5", "--rounds", "1")),
    "undoing": Part("What undoing costs", "bench.undoing", ("--rows", "50")),
    "bombs": Part("What bombs cost", "bench.bombs", ("one row", "100,000 columns")),
}


def main() -> int:
    arguments, options = _split(sys.argv[1:])
    asked = _parser().parse_args(arguments)
    names = list(PARTS) if ALL in asked.parts else list(dict.fromkeys(asked.parts))
    if asked.quick:
        sys.stderr.write("Nothing of a quick look is kept.\n")
    failed = measure({name: PARTS[name] for name in names}, RESULTS, options, is_quick=asked.quick)
    if failed:
        sys.stderr.write(f"Not measured: {', '.join(failed)}. What bench/results/ has of them is as it was.\n")
    return 1 if failed else 0


def measure(parts: Mapping[str, Part], results: Path, options: Sequence[str] = (), *, is_quick: bool) -> list[str]:
    """Those that failed; of the others, measured whole, the page is in `results`."""
    failed = []
    for number, (name, part) in enumerate(parts.items(), start=1):
        told = [*(part.quick if is_quick else ()), *options]
        sys.stderr.write(f"part {number} of {len(parts)}: {name} {' '.join(told)}\n")
        began = perf_counter()
        exit_code, measured = _run(part.module, told)
        seconds = perf_counter() - began
        if exit_code:
            failed.append(name)
        elif not (told or is_quick or part.keeps):
            keep(results, name, part.title, measured)
        sys.stderr.write(f"{name}: {'failed' if exit_code else 'measured'} after {seconds:.0f} s\n")
    return failed


def _run(module: str, options: Sequence[str]) -> tuple[int, str]:
    """Its exit code and what it printed, which is shown as it comes."""
    command = [sys.executable, "-u", "-m", module, *options]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as child:  # noqa: S603  # our own modules
        for line in child.stdout or ():
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
    return child.returncode, "".join(lines)


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is asked of this module, and behind `--` what is handed to each part."""
    if "--" not in arguments:
        return arguments, ()
    at = list(arguments).index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='make bench PART="…"', description=__doc__, epilog="Options behind `--` are handed to each part."
    )
    parser.add_argument("--quick", action="store_true", help="each part at a small scale")
    parser.add_argument("parts", nargs="+", metavar="PART", choices=[*PARTS, ALL], help=f"{', '.join(PARTS)}, or {ALL}")
    return parser


if __name__ == "__main__":
    sys.exit(main())

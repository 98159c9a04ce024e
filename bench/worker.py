"""One contender, once over all files, in a process of its own: `python -m bench.worker NAME DATA FOLDER [--cold]`.

Prints one line of JSON: of each step what it cost, and the digest of the target's rows.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench.contenders import COLD, PEERS, STEPS, Contender, opened
from bench.cost import Cost, measured, since_the_start
from bench.files import Files
from bench.rows import digest


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cold", action="store_true", help="without a warm-up; the process is measured from its start")
    asked = parser.parse_args()
    with opened(asked.name)() as begin:
        if not asked.cold:
            warm_up = begin(_new(asked.folder / "warm_up"))
            for _ in range(2):
                _load(warm_up, Files.in_folder(asked.data).warm_up)
        contender = begin(_new(asked.folder / "measured"))
        costs = measured_steps(contender, Files.in_folder(asked.data))
        if asked.cold:
            costs = {COLD: since_the_start()}
        rows = contender.rows()
        sys.stdout.write(json.dumps({"costs": {k: asdict(v) for k, v in costs.items()}, "digest": digest(rows)}) + "\n")
        sys.stdout.flush()


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _load(contender: Contender, file: Path) -> None:
    contender.stage(file)
    contender.target()


def measured_steps(contender: Contender, files: Files) -> dict[str, Cost]:
    """Of each of STEPS what it costs."""
    work: tuple[Callable[[], None], ...] = (
        lambda: contender.stage(files.orders),
        contender.target,
        lambda: contender.stage(files.changes),
        contender.target,
    )
    costs = {}
    for step, do in zip(STEPS, work, strict=True):
        with measured() as costs[step]:
            do()
    return costs


if __name__ == "__main__":
    main()

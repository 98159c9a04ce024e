"""`python -m tests.mutants [NAME …]`: is each mutant killed by the tests that it names?"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .laboratory import Laboratory
from .mutant import Mutant, Result
from .tables import MUTANTS
from .trial import opened

_ROOT = Path(__file__).parents[2]
_WIDTH = 100


def main(argv: Sequence[str]) -> int:
    """0 if all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of mutants; without any, all of them")
    parser.add_argument("--workers", type=int, default=2, help="how many copies are at work at a time")
    parser.add_argument("--check", action="store_true", help="only look whether the table fits code and tests")
    parser.add_argument("--list", action="store_true", help="only list the mutants, with why they matter")
    parser.add_argument("--table", type=Path, help="a JSON file of mutants in place of the project's own")
    arguments = parser.parse_args(argv)
    mutants = MUTANTS if arguments.table is None else _read(arguments.table)
    unknown = set(arguments.names) - {mutant.name for mutant in mutants}
    if unknown:
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in mutants if not arguments.names or mutant.name in arguments.names]
    if arguments.list:
        _say(*(f"{mutant.name}: {mutant.why}" for mutant in chosen))
        return 0
    if arguments.check:
        return _check(chosen)
    with opened(_ROOT, max(1, arguments.workers), _progress) as trial:
        results = trial.results(chosen)
    _say("", *_table(results))
    return int(not all(result.is_good for result in results))


def _read(path: Path) -> tuple[Mutant, ...]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Mutant(**{**row, "killed_by": tuple(row.get("killed_by", ()))}) for row in rows)


def _check(mutants: Sequence[Mutant]) -> int:
    names = [mutant.name for mutant in mutants]
    problems = [f"{name}: the name is taken" for name in sorted({name for name in names if names.count(name) > 1})]
    problems += [problem for mutant in mutants for problem in mutant.problems(_ROOT)]
    with TemporaryDirectory(prefix="mutants-") as folder:
        missing = Laboratory(_ROOT, Path(folder)).missing(
            sorted({node for mutant in mutants for node in mutant.killed_by})
        )
    _say(*problems, *(f"there is no test {node}" for node in missing))
    return int(bool(problems or missing))


def _progress(result: Result, number: int, of: int) -> None:
    _say(f"[{number:>{len(str(of))}}/{of}] {result.verdict:<10} {result.seconds:5.1f} s  {result.mutant.name}")


def _table(results: Sequence[Result]) -> list[str]:
    """A line each, what is wrong last; behind it why the mutant matters, or what has to be done about it."""
    widest = max(len(result.mutant.name) for result in results)
    lines = []
    for result in sorted(results, key=lambda result: not result.is_good):
        detail = result.detail if len(result.detail) <= _WIDTH or not result.is_good else result.detail[:_WIDTH] + "…"
        lines.append(f"{result.mutant.name:<{widest}}  {result.verdict:<10}  {detail}")
    counted = {verdict: sum(one.verdict is verdict for one in results) for verdict in {one.verdict for one in results}}
    return [*lines, "", ", ".join(f"{number} {verdict}" for verdict, number in sorted(counted.items()))]


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

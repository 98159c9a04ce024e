"""`python -m contracts check`: what `ingest check` finds, in an environment without its libraries for the terminal."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.checking.check import check_folder
from contracts.loader import PACKAGED
from contracts.printable import printable

_CHECK = """Check contracts: against the standard's own schema, then against this project's language (see
docs/contract-language.md), each alone and all together. Prints one line for each problem and exits 1,
or for each feed a line, with one for each format of its columns, and exits 0."""


def main(argv: Sequence[str]) -> int:
    """0 if all is well, 1 with problems, 2 where the folder cannot be read."""
    folder: Path = _parser().parse_args(argv).folder
    if not folder.is_dir():
        sys.stderr.write(f"python -m contracts check: {folder} is not a folder\n")
        return 2
    try:
        result = check_folder(folder)
    except OSError as error:
        sys.stderr.write(
            f"python -m contracts check: {printable(str(error.filename))} cannot be read: {error.strerror}\n"
        )
        return 2
    lines = [str(finding) for finding in result.findings] or [line for one in result.checked for line in one.lines]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if result.findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contracts", description="The feeds' contracts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="name everything that is wrong with contracts", description=_CHECK)
    check.add_argument(
        "folder", nargs="?", type=Path, default=PACKAGED, help="where *.odcs.yaml stand (default: the packaged ones)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

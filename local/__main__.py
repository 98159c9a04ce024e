"""The cloud on one machine: `python -m local --help`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.contract import ContractError
from contracts.printable import printable_lines
from local.errors import CannotStart
from local.settings import ENGINES, ROOT, StackSettings, Sweeping

DESCRIPTION = "The ingestion on one machine: storage, events, functions, jobs and engine, without a cloud."
EXAMPLES = """examples:
  python -m local demo                                   see the whole story
  python -m local up                                     keep a stack running, then in another terminal:
  python -m local put samples/customers_2026-03-02.csv   send a file the whole way
  python -m local sql "select * from customers limit 5"  look at the tables
  python -m local storage --root DIR --port 4443         the storage alone, as an emulator
  python -m local workspace --port 4444                  the Jobs API alone
"""


def main(argv: Sequence[str]) -> int:
    """Runs one command; 0 when it did what was asked, 1 for a file or demo that failed, 2 for a wrong use."""
    if argv and argv[0] == "storage":
        from local.storage.command import main as storage  # noqa: PLC0415  # each command imports only what it needs

        return storage(argv[1:])
    if argv and argv[0] == "workspace":
        from local.workspace.command import main as workspace  # noqa: PLC0415  # each command imports only what it needs

        return workspace(argv[1:], os.environ)
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except (CannotStart, ContractError) as error:
        sys.stderr.write(f"{printable_lines(str(error))}\n")
        return 2
    except KeyboardInterrupt:
        return 130  # as a shell has it for Ctrl-C


def _up(options: argparse.Namespace) -> int:
    from local.up import up  # noqa: PLC0415  # each command imports only what it needs

    sweeping = Sweeping(every=options.sweep_every, grace=options.sweep_grace, retry=options.sweep_retry)
    settings = StackSettings(
        options.root.absolute(),
        options.port,
        options.feeds.absolute(),
        sweeping,
        engine=options.engine,
        publishes=options.publish,
    )
    watched = options.watch.absolute() if options.watch else None
    return up(settings, os.environ, watched, has_board=options.board)


def _put(options: argparse.Namespace) -> int:
    from local.sending.put import put  # noqa: PLC0415  # each command imports only what it needs

    return put(options.root.absolute(), options.file, options.object or f"daily/{options.file.name}", options.timeout)


def _sql(options: argparse.Namespace) -> int:
    from local.sql import sql  # noqa: PLC0415  # each command imports only what it needs

    return sql(options.root.absolute(), options.query)


def _demo(options: argparse.Namespace) -> int:
    from local.demo.command import demo  # noqa: PLC0415  # each command imports only what it needs

    return demo((options.root / "demo").absolute(), os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m local",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    rooted = argparse.ArgumentParser(add_help=False)
    rooted.add_argument("--root", type=Path, default=ROOT, help=f"the folder that keeps everything ({ROOT})")

    _add_up(commands, rooted)

    command = commands.add_parser("put", parents=[rooted], help="send a file the whole way and say what became of it")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("object", nargs="?", metavar="OBJECT", help="its name in the bucket (daily/<name of FILE>)")
    command.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="how long to follow it (120)")
    command.set_defaults(run=_put)

    command = commands.add_parser("sql", parents=[rooted], help="ask the tables of the running stack")
    command.add_argument("query", metavar="QUERY")
    command.set_defaults(run=_sql)

    command = commands.add_parser("demo", parents=[rooted], help="act out a week of a shop and check every table")
    command.set_defaults(run=_demo)

    commands.add_parser("storage", help="the storage alone, as an emulator for anybody")
    commands.add_parser("workspace", help="the Jobs API alone")
    return parser


def _add_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", rooted: argparse.ArgumentParser) -> None:
    command = commands.add_parser("up", parents=[rooted], help="keep a stack running; Ctrl-C ends it")
    command.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="the first of seven ports in a row (8080), the last two the board's and BigQuery's; 0: free ones",
    )
    command.add_argument(
        "--feeds", type=Path, default=StackSettings(ROOT).feeds, help="the folder of contracts (feeds/)"
    )
    command.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help=f"what the job runs on ({ENGINES[0]})")
    command.add_argument("--sweep-every", type=float, default=60.0, metavar="SECONDS", help="between two sweeps (60)")
    command.add_argument(
        "--sweep-grace", type=float, default=120.0, metavar="SECONDS", help="age of a missed file in landing (120)"
    )
    command.add_argument(
        "--sweep-retry", type=float, default=60.0, metavar="SECONDS", help="until a failed run is tried again (60)"
    )
    command.add_argument(
        "--watch",
        type=Path,
        metavar="FOLDER",
        help="upload what is dropped there, once it is complete, by its name there",
    )
    command.add_argument(
        "--no-board", dest="board", action="store_false", help="without the pages that show the files move"
    )
    command.add_argument(
        "--publish",
        action="store_true",
        help="publish the targets into a local BigQuery as well, which `make readers` brings",
    )
    command.set_defaults(run=_up)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_529:
        raise argparse.ArgumentTypeError(f"{port} is not a port that six more can follow")
    return port


if __name__ == "__main__":
    os.umask(0o077)  # whatever the commands and their children write is for their user alone
    sys.exit(main(sys.argv[1:]))

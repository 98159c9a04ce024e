"""`python -m local workspace`: the workspace alone, until Ctrl-C."""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from local.workspace.notices import Notice
from local.workspace.server import WorkspaceServer, default_token


def main(argv: Sequence[str]) -> int:
    """Serve until interrupted; 0 then, 2 where the port or the folder cannot be had."""
    parser = argparse.ArgumentParser("python -m local workspace", description="The Databricks Jobs API on one machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--root", type=Path, default=Path(".local-stack/workspace"), help="folder that keeps jobs, runs and logs"
    )
    parser.add_argument("--token", default=default_token, help="the token that clients must bring")
    parser.add_argument(
        "--python",
        type=Path,
        help="interpreter of an environment that has the wheel; tasks run there and import nothing from here "
        "(default: the environment of this command)",
    )
    options = parser.parse_args(argv)
    if options.python is not None and not os.access(options.python, os.X_OK):
        sys.stderr.write(f"workspace: {options.python} is no interpreter that can be run\n")
        return 2
    server = WorkspaceServer(
        options.root, options.port, options.token, on_notice=_show, python=_absolute(options.python)
    )
    try:
        server.start()
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"workspace: cannot serve port {options.port} from {options.root}: {error}\n")
        return 2
    try:
        _say(f"Workspace on {server.url}, token {server.token}, kept in {options.root}. Ctrl-C ends it.")
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()
    return 0


def _absolute(python: Path | None) -> Path | None:
    """Tasks are started in another folder; not resolved, because a link is what makes it that environment's."""
    return python and python.absolute()


def _show(notice: Notice) -> None:
    _say(f"To {', '.join(notice.addresses + notice.webhooks)}: {notice.subject}\n{notice.text}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

"""`python -m local workspace`: the workspace alone, until Ctrl-C."""

import argparse
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
    options = parser.parse_args(argv)
    server = WorkspaceServer(options.root, options.port, options.token, on_notice=_show)
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


def _show(notice: Notice) -> None:
    _say(f"To {', '.join(notice.addresses + notice.webhooks)}: {notice.subject}\n{notice.text}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

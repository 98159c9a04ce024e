"""`python -m local workspace`: the workspace alone, until Ctrl-C."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.printable import printable, printable_lines
from local.environment import of_children
from local.interrupts import until_interrupted
from local.workspace.access import FederationPolicy, ServicePrincipal
from local.workspace.notices import Notice
from local.workspace.server import WorkspaceServer

SECRET = "DATABRICKS_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_SIGNING_IN = f"""a service principal may sign in besides, as function and databricks-sdk do:
  by a secret            --client-id ID, and the secret in the variable {SECRET}
  by Google's ID tokens  --client-id ID --audience AUDIENCE --subject ACCOUNT, as its federation policy has them;
                         the token's signature is not checked
Once a job has permissions, the principal needs CAN_MANAGE_RUN on it to start a run.
"""


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve until interrupted; 0 then, 2 where the port or the folder cannot be had."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.python is not None and not os.access(options.python, os.X_OK):
        sys.stderr.write(f"workspace: {options.python} is no interpreter that can be run\n")
        return 2
    home: Path = options.root.absolute() / "home"
    server = WorkspaceServer(
        options.root,
        options.port,
        task_environment=of_children(environment, home),
        on_notice=show_notice,
        python=_absolute(options.python),
        principal=_principal(parser, options, environment.get(SECRET, "")),
    )
    try:
        home.mkdir(parents=True, exist_ok=True)
        server.start()
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"workspace: cannot serve port {options.port} from {options.root}: {error}\n")
        return 2
    try:
        _say(f"Workspace on {server.url}, kept in {options.root}, its token in the file token there. Ctrl-C ends it.")
        until_interrupted()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m local workspace",
        description="The Databricks Jobs API on one machine. Clients bring its token, another one at each start, from "
        "the file token of --root.",
        epilog=_SIGNING_IN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--root", type=Path, default=Path(".local-stack/workspace"), help="folder that keeps jobs, runs and logs"
    )
    parser.add_argument(
        "--python",
        type=Path,
        help="interpreter of an environment that has the wheel; tasks run there and import nothing from here "
        "(default: the environment of this command)",
    )
    parser.add_argument("--client-id", default="", metavar="ID", help="application id of a service principal")
    parser.add_argument("--audience", default="", help="whom the ID tokens that stand for it must be made for")
    parser.add_argument("--subject", default="", metavar="ACCOUNT", help="whose ID tokens stand for it")
    return parser


def _principal(parser: argparse.ArgumentParser, options: argparse.Namespace, secret: str) -> ServicePrincipal | None:
    if bool(options.audience) != bool(options.subject):
        parser.error("--audience and --subject are needed together")
    if not options.client_id:
        if options.audience:
            parser.error("--client-id is needed: whom the ID tokens stand for")
        return None
    if not (options.audience or secret):
        parser.error(f"--client-id needs a way to sign in: {SECRET}, or --audience and --subject")
    policy = FederationPolicy(options.audience, options.subject) if options.audience else None
    return ServicePrincipal(options.client_id, policy, secret)


def _absolute(python: Path | None) -> Path | None:
    """Tasks are started in another folder; not resolved, because a link is what makes it that environment's."""
    return python and python.absolute()


def show_notice(notice: Notice) -> None:
    """What people would get, as they would see it."""
    head = f"To {', '.join(notice.addresses + notice.webhooks)}: {notice.subject}"
    _say(f"{printable(head)}\n{printable_lines(notice.text)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

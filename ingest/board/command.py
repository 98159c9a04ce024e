"""`ingest board`: the pages, served until Ctrl-C."""

import signal
import threading
from typing import Annotated

import typer

from ingest.output import say
from ingest.targets.errors import TargetError
from ingest.targets.options import on_target
from ingest.targets.target import Target

PORT = 8085
_NEEDS = 'the pages need Flask: install the package as "gcs-databricks-ingest[cli,sail]"'


@on_target
def board(
    target: Target,
    *,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="Where to listen. Elsewhere than here, a token is in the address."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 takes a free one.")] = PORT,
    allow_changes: Annotated[
        bool,
        typer.Option(
            "--allow-changes", help="Have files retracted and replayed, feeds rebuilt, too; a token is in the address."
        ),
    ] = False,
    allow_uploads: Annotated[
        bool, typer.Option("--allow-uploads", help="At a local stack: take files that are dropped onto the page.")
    ] = False,
) -> None:
    """Show in a browser how files move, and what became of each.

    Nothing is kept: the pages say what the ledger, the buckets and the runs say. They look twice a second at a local
    stack, every 5 seconds at a deployment, not at all while no page is open; without --allow-… they change nothing.

    Ends with 0 after Ctrl-C.
    """
    try:
        from ingest.board.serving import serving  # noqa: PLC0415  # the other commands do without it
    except ModuleNotFoundError as error:
        if error.name not in ("flask", "werkzeug", "jinja2", "markupsafe"):
            raise
        raise TargetError(_NEEDS) from error
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with serving(target, host, port, may_change=allow_changes, may_upload=allow_uploads) as where:
        say(f"The board is at {where.address} - Ctrl-C ends it.")
        while not ended.wait(0.5):  # in pieces: Python's own handler runs in this thread alone, as soon as it looks up
            pass

"""The commands of `ingest`, put together."""

from importlib.metadata import version
from typing import Annotated

import typer

from ingest.check import check
from ingest.diff import diff
from ingest.new import new
from ingest.operating.rejects import rejects
from ingest.operating.status import status
from ingest.operating.trace import trace
from ingest.output import console
from ingest.rebuilding.command import rebuild
from ingest.try_ import try_
from ingest.undoing.command import maintain, replay, retract

_HELP = """From a file to a feed, and what becomes of it.

A feed is one kind of file, described by one contract (docs/adding-a-feed.md). The commands end with 0 if all is well,
1 if there is something to tell, 2 if they were called wrongly."""

app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(new)
app.command("try")(try_)
app.command()(check)
app.command()(diff)
app.command()(status)
app.command()(trace)
app.command()(rejects)
app.command()(rebuild)
app.command()(retract)
app.command()(replay)
app.command()(maintain)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # the signature of typer's callbacks
    if wanted:
        console().print(f"ingest {version('gcs-databricks-ingest')}")
        raise typer.Exit


@app.callback()
def _of_all(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Options before the command."""

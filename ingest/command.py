"""The commands of `ingest`, put together."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from ingest.output import console

_COMMANDS = {
    "new": "ingest.new:new",
    "try": "ingest.try_:try_",
    "check": "ingest.check:check",
    "diff": "ingest.diff:diff",
    "status": "ingest.operating.status:status",
    "trace": "ingest.operating.trace:trace",
    "rejects": "ingest.operating.rejects:rejects",
    "board": "ingest.board.command:board",
    "rebuild": "ingest.rebuilding.command:rebuild",
    "retract": "ingest.undoing.command:retract",
    "replay": "ingest.undoing.command:replay",
    "backfill": "ingest.operating.backfill:backfill",
    "sweep": "ingest.operating.sweep:sweep",
    "warehouse": "ingest.warehouse.command:warehouse",
    "maintain": "ingest.undoing.command:maintain",
}
"""In the order of the help, each with its module and function: whoever asks for one does not wait for the others."""
_HELP = """From a file to a feed, and what becomes of it.

A feed is one kind of file, described by one contract (docs/adding-a-feed.md). The commands end with 0 if all is well,
1 if there is something to tell, 2 if they were called wrongly."""

_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """Imports a command's module once it is asked for."""

    def list_commands(self, _: Any) -> list[str]:
        return list(_COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # Typer's own suggestion knows the commands that are imported alone.
        if args[0] not in _COMMANDS and not ctx.resilient_parsing:
            from contracts.suggestions import did_you_mean  # noqa: PLC0415  # a wrong word alone needs it

            ctx.fail(f"there is no command {args[0]!r}; {did_you_mean(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        module, function = _COMMANDS[cmd_name].split(":")
        alone = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=_SETTINGS)
        alone.command(cmd_name)(getattr(import_module(module), function))
        return get_command(alone)


app = typer.Typer(
    cls=_Commands,
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # the signature of typer's callbacks
    if wanted:
        from ingest.version import version_line  # noqa: PLC0415  # it costs more than all else that every command needs

        console().print(version_line())
        raise typer.Exit


@app.callback()
def _of_all(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say version and commit, and end.")
    ] = False,
) -> None:
    """Options before the command."""

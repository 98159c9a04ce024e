"""`ingest status`: how each feed stands."""

from typing import Annotated

import typer
from rich.console import Group

from ingest.output import console, say_json, table
from ingest.targets.options import on_target
from ingest.targets.target import Target


@on_target
def status(
    target: Target,
    feed: Annotated[str | None, typer.Argument(metavar="FEED", show_default=False, help="One feed alone.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Show how each feed stands: its last run.

    Ends with 0 if every last run went well, with 1 if one did not.
    """
    feeds = [target.contract(feed).feed] if feed else [contract.feed for contract in target.contracts]
    last = {name: next(iter(target.jobs.newest(name)), None) for name in feeds if name in target.jobs.ids}
    if as_json:
        say_json({"feeds": [{"feed": name, "last_run": run} for name, run in last.items()]})
    else:
        rows = [(name, run.state, run.page) if run else (name, "", "") for name, run in last.items()]
        console().print(Group(table(("feed", "last run", "page"), rows)))
    raise typer.Exit(0 if all(run is None or run.is_well or not run.is_over for run in last.values()) else 1)

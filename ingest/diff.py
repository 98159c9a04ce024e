"""`ingest diff`: what a contract's next version does to the tables that are there."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.contract import Contract, ContractError
from contracts.loader import load_contract
from ingest.output import note, say, say_json, wrong_use
from pipeline_jobs.state.changes import Effect, changes


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", show_default=False, help="The contract as it is deployed.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", show_default=False, help="Its next version.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Say what a contract's next version does: compatible, needs a rebuild, loses what is kept, refused.

    By the same rules by which the job's tasks hold their tables to the contract, where the target has rows; into an
    empty target everything goes. What reads keys or their order otherwise, which no task stops by, needs a rebuild as
    well. A rebuild (docs/job.md) shows what a version makes of the rows that are there. What deletes rows of the stage
    table or originals, or lets nobody read them, loses what is kept: no rebuild brings it back.

    Ends with 0 if all changes are compatible, with 1 if one is not.
    """
    before, after = _loaded(old), _loaded(new)
    found = changes(before, after)
    worst = max((one.effect for one in found), key=list(Effect).index, default=Effect.COMPATIBLE)
    if as_json:
        say_json({"effect": worst, "changes": found})
    else:
        for one in sorted(found, key=lambda one: (-list(Effect).index(one.effect), one.what)):
            say(f"{one.effect}: {one.what}")
        say(f"{after.feed} {before.version} to {after.version}: {worst if found else 'no change'}", "bold")
    raise typer.Exit(0 if worst is Effect.COMPATIBLE else 1)


def _loaded(path: Path) -> Contract:
    """Whether it is good in all else is for `ingest check` to say."""
    try:
        return load_contract(path)
    except ContractError as error:
        for problem in error.problems:
            note(f"{path.name}: {problem}")
        raise typer.Exit(1) from error
    except OSError as error:
        raise wrong_use(f"{path} cannot be read: {error.strerror}") from error

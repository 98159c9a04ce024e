"""The commands: which files, what it would do, and the run that does it, held against the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from contracts.files.reasons import Reason
from ingest.output import note, note_lines, say, say_json, wrong_use
from ingest.targets.jobs import Run
from ingest.targets.options import on_target
from ingest.targets.progress import telling
from ingest.targets.target import Target
from ingest.undoing.effect import effect, why_no_retract
from ingest.undoing.files import Known, begun, known, meant
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State

_WELL = ("SUCCESS", "SUCCESS_WITH_FAILURES")
_IN = (State.MERGED, State.DUPLICATE)

_Files = Annotated[
    list[str], typer.Argument(metavar="FILE…", show_default=False, help="Identity, object name, generation, or a part.")
]
_All = Annotated[bool, typer.Option("--all", help="Every file that FILE is a part of, not only one.")]
_Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Who and why, for the ledger.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a run has left behind of the files: `left` are those that are not as they should be."""

    run: Run
    files: tuple[Known, ...]
    left: tuple[Known, ...]
    why: str

    @property
    def is_well(self) -> bool:
        return not self.left and bool(self.run.tasks) and all(task.state in _WELL for task in self.run.tasks)


@on_target
def retract(
    target: Target,
    files: _Files,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only what it would do is shown.")] = False,
    every: _All = False,
    said: _Note = "",
    as_json: _Json = False,
) -> None:
    """Take files out of their feed's table again: each of their keys becomes what the other files say.

    In the feed's job, before what waits is loaded. The files stay in the archive; `ingest replay` has them go in again.

    Ends with 0 if it is done, with 1 if the run has something to tell, or without --yes.
    """
    chosen = meant(target, files, every=every)
    why = why_no_retract(chosen)
    if why:
        raise wrong_use(why)
    operation = Operation(Do.RETRACT, tuple(one.file for one in chosen), note=said)
    _text(operation)  # what would be refused with --yes is not shown without it
    would = effect(target, target.contract(chosen[0].feed), chosen)
    if not yes:
        if as_json:
            say_json({"done": False, "files": chosen, "effect": would})
        else:
            _say_files(chosen)
            for line in would.sentences:
                say(line)
            say("Nothing is done yet: say --yes")
        raise typer.Exit(1)
    ended = _done(target, chosen[0].feed, operation, {State.RETRACTED})
    taken = f"files that were taken out: {len(chosen)}; {would.removed} rows of them stood in the table before"
    _tell(ended, chosen, taken, as_json=as_json)


@on_target
def replay(
    target: Target,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE…]", show_default=False, help="As for `ingest retract`.")
    ] = None,
    *,
    feed: Annotated[str, typer.Option("--feed", metavar="FEED", help="All rejected files of a feed, instead.")] = "",
    reason: Annotated[Reason | None, typer.Option("--reason", help="With --feed: those of this reason alone.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", help="With --feed: those that were rejected since then (UTC).")
    ] = None,
    every: _All = False,
    as_json: _Json = False,
) -> None:
    """Have files go in again, as the generations that they are: rejected, merged or retracted ones.

    In the feed's job, by the contract of today. The place of a file in the order stays what it was.

    Ends with 0 if they are merged, with 1 if the run has something to tell.
    """
    if bool(files) == bool(feed) or (not feed and (reason or since)):
        raise wrong_use("say which: either FILE…, or --feed FEED with --reason and --since")
    if feed:
        operation = Operation(Do.REPLAY, reason=reason, since=_in_utc(since) if since else None)
        ended = _done(target, target.contract(feed).feed, operation, _IN)
        _tell(ended, ended.files, f"rejected files that went in again: {len(ended.files)}", as_json=as_json)
    chosen = meant(target, files or [], every=every)
    operation = Operation(Do.REPLAY, tuple(one.file for one in chosen))
    ended = _done(target, chosen[0].feed, operation, _IN)
    _tell(ended, chosen, f"files that went in again: {len(chosen)}", as_json=as_json)


def _in_utc(since: datetime) -> datetime:
    """As somebody writes it, in UTC unless it says otherwise; a wrong use where no calendar has it."""
    try:
        return (since if since.tzinfo else since.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise wrong_use(f"--since {since.isoformat()} is before the first year there is in UTC") from error


@on_target
def maintain(
    target: Target,
    feed: Annotated[str | None, typer.Argument(metavar="FEED", show_default=False, help="One feed alone.")] = None,
    *,
    as_json: _Json = False,
) -> None:
    """Have tables tidied now: small files joined, what is not needed any more removed, as the contracts keep it.

    In each feed's job, beside what waits. Ends with 0 if it is done, with 1 if a run has something to tell.
    """
    feeds = (
        [target.contract(feed).feed] if feed else [one.feed for one in target.contracts if one.feed in target.jobs.ids]
    )
    ended = {name: _done(target, name, Operation(Do.MAINTAIN), set()) for name in feeds}
    if as_json:
        say_json(
            {"feeds": {name: {"done": one.is_well, "run": one.run, "why": one.why} for name, one in ended.items()}}
        )
    for name, one in ended.items() if not as_json else ():
        note_lines(one.why)
        say(f"{name}: {'tidied' if one.is_well else f'the run ended {one.run.state}'}")
    raise typer.Exit(0 if all(one.is_well for one in ended.values()) else 1)


def _done(target: Target, feed: str, operation: Operation, right: Collection[State]) -> _Ended:
    """The run, and whether the ledger has the operation's files in one of the states that are `right`."""
    run_id = target.jobs.run_now(feed, _text(operation), token=uuid4().hex)
    note(f"run {run_id} of the feed's job: {target.jobs.page_of(feed, run_id)}")
    run = target.jobs.wait(run_id, told=telling())
    files = known(target, operation.files or begun(target, run_id))
    left = tuple(one for one in files if one.state not in right)
    return _Ended(run, tuple(files), left, target.jobs.said_by(run))


def _text(operation: Operation) -> str:
    """As a run takes it; where none would, the use was wrong."""
    try:
        return operation.text()
    except WrongParametersError as error:
        raise wrong_use(str(error)) from error


def _tell(ended: _Ended, files: Sequence[Known], done: str, *, as_json: bool) -> None:
    """`files` are those that were meant; told of as the run has left them."""
    if as_json:
        now = {one.file: one for one in ended.files}
        after = [now.get(one.file, one) for one in files]
        say_json({"done": ended.is_well, "run": ended.run, "files": after, "left": ended.left, "why": ended.why})
    else:
        note_lines(ended.why)
        _say_files(ended.left)
        say(done if ended.is_well else "the run has something to tell: see above", "bold")
    raise typer.Exit(0 if ended.is_well else 1)


def _say_files(files: Sequence[Known]) -> None:
    for one in files:
        say(f"{one.file}  {one.state or 'not settled yet'}  {one.detail}".rstrip())

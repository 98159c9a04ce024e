"""`ingest trace`: the whole way of a file."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, identity, is_placeholder
from ingest.operating.journey import MOST, Journey, Unseen, feed_in_landing, journey, unseen_beside
from ingest.operating.ledger import EVER, Found, LedgerReader
from ingest.operating.times import age, lasted, utc
from ingest.operating.waiting import Landed, feed_in_source
from ingest.output import console, fitting, note, refuse_no_name, say, say_json
from ingest.targets.options import on_target
from ingest.targets.target import Target
from pipeline_jobs.state.history import Entry, History, State

_RECENT = timedelta(days=30)
_NEVER = "never seen; the landing bucket has no such object"


@on_target
def trace(
    target: Target,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Its name, a part of it, its generation, or gs://BUCKET/NAME#GENERATION.",
        ),
    ],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Look at the whole ledger at once, not at 30 days of it first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Follow a file: uploaded, tried, staged, merged or rejected, where it is, and the rows that are its own now.

    Several files of that name are listed, the newest first, each as it has to be named to be followed. A file that no
    run has seen is looked for in landing, in source/ and among what was rejected, and told of beside those that runs
    have seen, unless one is named by its generation or its identity.

    Ends with 0 for a file that is merged, with 1 for one that is not, for several, and for none.
    """
    refuse_no_name(file)
    now = datetime.now(UTC)
    found = _found(target, file, now, everything=everything)
    others = unseen_beside(target, file, found, now - _RECENT)
    of = journey(target, found[0]) if len(found) == 1 else None
    if as_json:
        say_json(_answer(target, file, found, of, others))
    elif of is not None:
        _tell_one(target, of, now)
    elif found:
        _tell_several(found)
    if not as_json:
        _tell_unseen(target, others, now, file if not found else "")
    is_merged = of is not None and History.of(of.entries).is_in(State.MERGED, State.DUPLICATE)
    raise typer.Exit(0 if is_merged and others.is_empty else 1)


def _found(target: Target, text: str, now: datetime, *, everything: bool) -> list[Found]:
    ledger = LedgerReader(target.tables)
    named = ledger.named(text)
    if named is not None:
        return [named]
    return ledger.first_found(text, [EVER] if everything else [now - _RECENT, EVER], MOST)


def _tell_one(target: Target, of: Journey, now: datetime) -> None:
    say(of.file, "bold")
    if of.place:
        say(f"  feed {of.feed}, uploaded {utc(of.place.finalized_at)} UTC ({age(of.place.finalized_at, now)} ago)")
    out = console()
    rows = [_step(entry, of) for entry in of.entries]
    for shown in fitting(("at (UTC)", "after", "what", "rows", "run"), rows, out):
        out.print(shown)
    for run_id in dict.fromkeys(entry.run_id for entry in of.entries if _is_of_a_job(target, entry)):
        say(f"  run {run_id}: {target.jobs.page_of(of.feed, int(run_id))}")
    for entry in of.entries:
        if entry.reason or entry.detail:
            say(f"  {utc(entry.at)}  {': '.join(filter(None, (entry.state, entry.reason, entry.detail)))}", "yellow")
    _tell_places(target, of)
    if not of.place or of.place.generation:
        say(f"  its deliveries, by event or by sweep, are in the functions' log: {log_command(target, of.file)}")


def log_command(target: Target, file: str) -> str:
    """What shows each delivery of the file: a log has what neither ledger nor lake does, when it was admitted and why
    not, by the event or by the sweep.
    """
    named = json.dumps(file)
    if target.logs is not None:
        logs = (shlex.quote(str(target.logs / f"{name}.log")) for name in ("on_object_finalized", "on_sweep"))
        return f"grep -F {shlex.quote(named)} {' '.join(logs)}"
    return f"gcloud logging read {shlex.quote(f'jsonPayload.file={named}')} --freshness=30d --order=asc"


def _tell_places(target: Target, of: Journey) -> None:
    for copy in of.copies:
        say(f"  {copy.where:<9} {copy.name} ({copy.size:,} bytes, since {utc(copy.at)} UTC)")
    if not of.copies:
        say("  there is no copy of it in landing, source/, archive/ or rejected/", "yellow")
    if of.rejection and not any(entry.state is State.REJECTED for entry in of.entries):
        say(f"  {_rejected(of.rejection)}", "yellow")
    say(f"  {owned(target, of)}")


def owned(target: Target, of: Journey) -> str:
    """How many rows of the target are the file's, or why nobody says."""
    if of.rows_owned is not None:
        return f"{of.rows_owned:,} rows of the target are its own now"
    if of.feed == UNROUTED:
        return "it is no feed's, and no table has rows of it"
    if of.feed not in target.feeds:
        return (
            f"no contract here describes the feed {of.feed}, so that its table is not looked at: name its contracts "
            "with --feeds"
        )
    return "there is no target table"


def _step(entry: Entry, of: Journey) -> tuple[str, str, str, str, str]:
    after = lasted((entry.at - of.place.finalized_at).total_seconds()) if of.place else ""
    counts = (
        (entry.rows_read, "read"),
        (entry.rows_blank, "blank"),
        (entry.rows_good, "good"),
        (entry.rows_bad, "bad"),
        (entry.rows_warned, "warned of"),
    )
    rows = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    return utc(entry.at), after, entry.state.value, rows, entry.run_id


def _is_of_a_job(target: Target, entry: Entry) -> bool:
    return entry.run_id.isdecimal() and entry.feed in target.jobs.ids


def _tell_several(found: list[Found]) -> None:
    rows = [(utc(one.last), one.feed, one.state, one.file) for one in found]
    out = console()
    for shown in fitting(("last (UTC)", "feed", "state", "file"), rows, out):
        out.print(shown)
    note(f"{'the newest ' if len(found) == MOST else ''}{len(found)} files: name one of them in quotes to follow it")


def _tell_unseen(target: Target, of: Unseen, now: datetime, text: str) -> None:
    """The text is that of which no run has seen any file; empty beside one that a run has seen."""
    if not text and not of.is_empty:
        say("of that name, too, and no run has seen it yet:", "yellow")
    for one in of.landing:
        name = identity(target.landing.name, one.name, one.generation)
        say(f"{name}: still in landing, since {utc(one.at)} UTC ({age(one.at, now)}): {why_there(target, one)}")
    for path in of.source:
        say(f"{path}: waits in source/, and no run has tried it yet: {what_next(target, path)}")
    for rejection in of.rejected:
        say(f"{rejection.identity}: {_rejected(rejection)}", "yellow")
    if text and of.is_empty:
        say(f"{text}: {_NEVER}", "yellow")


def why_there(target: Target, one: Landed) -> str:
    if is_placeholder(one.name, one.size):
        return "it is a placeholder (empty, by its name, or a piece of an upload), which is rejected after a day"
    feed = feed_in_landing(target, one)
    if feed == UNROUTED:
        return "no feed claims its name, or two do; the function rejects it to rejected/_unrouted"
    return f"it is the feed {feed}'s, and its event has not been handled; the sweep takes it up"


def what_next(target: Target, path: str) -> str:
    """Of a file in source/ that no run has tried."""
    if feed_in_source(path, target.contracts) == UNROUTED:
        return "no feed here takes it from that folder, so that no run loads it; the sweep rejects it after a day"
    return "the feed's next run loads it"


def _rejected(rejection: Rejection) -> str:
    said = f"{rejection.reason}: {rejection.detail}"
    return f"rejected by the {rejection.by}, {utc(rejection.at)} UTC: {said}"


def _answer(target: Target, text: str, found: list[Found], of: Journey | None, others: Unseen) -> dict[str, Any]:
    unseen = _unseen_described(target, others)
    if of is not None:
        return {**_described(target, of), "unseen": unseen}
    if found:
        files = [{"file": one.file, "feed": one.feed, "state": one.state, "last": one.last} for one in found]
        return {"files": files, "unseen": unseen}
    return {"file": text, "seen": _NEVER if others.is_empty else None, **unseen}


def _described(target: Target, of: Journey) -> dict[str, Any]:
    return {
        "file": of.file,
        "feed": of.feed,
        "uploaded": of.place and of.place.finalized_at,
        "entries": [
            {
                "at": entry.at,
                "state": entry.state,
                "run_id": entry.run_id,
                "run_page": target.jobs.page_of(entry.feed, int(entry.run_id)) if _is_of_a_job(target, entry) else None,
                "attempt": entry.attempt,
                "rows_read": entry.rows_read,
                "rows_blank": entry.rows_blank,
                "rows_good": entry.rows_good,
                "rows_bad": entry.rows_bad,
                "reason": entry.reason,
                "detail": entry.detail,
                "contract_version": entry.contract_version,
            }
            for entry in of.entries
        ],
        "copies": of.copies,
        "rejection": of.rejection,
        "rows_owned": of.rows_owned,
        "deliveries": log_command(target, of.file),
    }


def _unseen_described(target: Target, of: Unseen) -> dict[str, Any]:
    return {
        "landing": [
            {
                "file": identity(target.landing.name, one.name, one.generation),
                "at": one.at,
                "feed": feed_in_landing(target, one),
            }
            for one in of.landing
        ],
        "source": of.source,
        "rejected": of.rejected,
    }

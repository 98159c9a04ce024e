"""`ingest status`: how each feed stands."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from contracts.printable import printable
from ingest.operating.ledger import Counts
from ingest.operating.standing import Overview, Standing, overview
from ingest.operating.times import age, lasted, utc
from ingest.operating.waiting import Waiting
from ingest.output import console, fitting, say, say_json, wrong_use
from ingest.targets.options import on_target
from ingest.targets.target import Target

_LOOK_EVERY = 5.0
_HEADER = ("feed", "waiting", "files", "rows", "rejected", "bad rows", "lag", "last file", "expected", "last run")


@on_target
def status(
    target: Target,
    feed: Annotated[str | None, typer.Argument(metavar="FEED", show_default=False, help="One feed alone.")] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every 5 seconds, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Show how each feed stands.

    Waiting are files in landing and in source/, and for how long the oldest does. Files and rows merged, files
    rejected and bad rows kept out are of today (UTC) and of seven days. The lag is from upload to merged, its median
    and its worst. Of one FEED also what its last run said, where that ended badly.

    Ends with 0 if all is well, with 1 if there is something to tell: a failed run, a file that waits for more than an
    hour, a file that is due and has not come, files rejected or rows kept out today, files that are no feed's, a feed
    that has a job there and no contract here.
    """
    feeds = [target.contract(feed).feed] if feed else [contract.feed for contract in target.contracts]
    if watch and as_json:
        raise wrong_use("--watch is for people: ask for --json again and again instead")
    if watch:
        _watch(lambda: overview(target, feeds, datetime.now(UTC)))
        return
    found = overview(target, feeds, datetime.now(UTC))
    last = found.feeds[0].run if feed else None
    said = target.jobs.said_by(last) if last and last.is_over and not last.is_well else ""
    if as_json:
        say_json({**_described(found), "last_run_said": said})
    else:
        told = _told(found)
        console().print(Group(*_tables(found, console()), *([Text()] if told else []), *told))
        for line in ("", "the last run said:", *said.split("\n")) if said else ():
            say(line)
    raise typer.Exit(0 if found.is_well else 1)


def _watch(look: Callable[[], Overview]) -> None:
    """Until Ctrl-C, which ends it well."""
    out = console()
    with suppress(KeyboardInterrupt), Live(console=out, auto_refresh=False, screen=out.is_terminal) as live:
        while True:
            seen = look()
            # What is to be told comes first: a screen that is too small is cut at its end.
            live.update(Group(*_told(seen), *_tables(seen, out)), refresh=True)
            time.sleep(_LOOK_EVERY)


def _tables(found: Overview, out: Console) -> list[Table]:
    return fitting(_HEADER, [_row(one, found.at) for one in (*found.feeds, *found.foreign)], out)


def _told(found: Overview) -> list[Text]:
    lines = [f"{one.feed}: {sentence}" for one in (*found.feeds, *found.foreign) for sentence in one.tell]
    if found.nobodys.files:
        lines.append(f"{found.nobodys.files} objects in landing are no feed's by their names, or two feeds'")
    if found.unrouted.files:
        lines.append(f"no feed's, or two feeds', of seven days ({found.unrouted.files}), the newest:")
        lines += [f"  {utc(one.at)}  {one.identity}: {one.reason}: {one.detail}" for one in found.unrouted.newest]
    return [Text(printable(line), style="yellow") for line in lines]


def _row(one: Standing, now: datetime) -> tuple[str, ...]:
    today, week, work = one.work.today, one.work.week, one.work
    lag = "" if work.median is None or work.worst is None else f"{lasted(work.median)}, {lasted(work.worst)}"
    waits = ", ".join(
        f"{name} {of.files} ({age(of.oldest, now)})"
        for name, of in (("landing", one.landing), ("source", one.source))
        if of.files
    )
    unmerged = f"unmerged {work.unmerged}" if work.unmerged else ""
    last = f"{work.last.state} {age(work.last.at, now)} ago" if work.last else ""
    run = f"{one.run.state} {age(one.run.ended or one.run.started, now)} ago" if one.run else ""
    return (
        one.feed,
        ", ".join(filter(None, (waits, unmerged))) or "-",
        f"{today.files_merged} / {week.files_merged}",
        f"{today.rows_merged:,} / {week.rows_merged:,}",
        f"{today.files_rejected} / {week.files_rejected}{f' + {one.untold}' if one.untold else ''}",
        f"{today.rows_quarantined:,} / {week.rows_quarantined:,}",
        lag or "-",
        last or "none in 7 d",
        f"overdue {age(one.overdue.due, now)}" if one.overdue else "-",
        run or "none",
    )


def _described(found: Overview) -> dict[str, Any]:
    return {
        "at": found.at,
        "well": found.is_well,
        "feeds": [_feed_described(one) for one in found.feeds],
        "not_described": [_feed_described(one) for one in found.foreign],
        "landing_of_no_feed": _waiting_described(found.nobodys),
        "unrouted": {
            "files": found.unrouted.files,
            "newest": found.unrouted.newest,
        },
    }


def _feed_described(one: Standing) -> dict[str, Any]:
    work = one.work
    return {
        "feed": one.feed,
        "tell": one.tell,
        "landing": _waiting_described(one.landing),
        "source": _waiting_described(one.source),
        "unmerged": work.unmerged,
        "today": _counts_described(work.today),
        "week": _counts_described(work.week),
        "lag_seconds": {"median": work.median, "worst": work.worst},
        "last_file": work.last and {"file": work.last.file, "at": work.last.at, "state": work.last.state},
        "rejected_not_entered": one.untold,
        "overdue": one.overdue and {"due": one.overdue.due, "none_since": one.overdue.since},
        "last_run": one.run
        and {
            "run_id": one.run.run_id,
            "state": one.run.state,
            "started": one.run.started,
            "ended": one.run.ended,
            "page": one.run.page,
        },
    }


def _waiting_described(waiting: Waiting) -> dict[str, Any]:
    return {"files": waiting.files, "oldest": waiting.oldest}


def _counts_described(counts: Counts) -> dict[str, int]:
    return {
        name: getattr(counts, name) for name in ("files_merged", "files_rejected", "rows_merged", "rows_quarantined")
    }

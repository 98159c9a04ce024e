"""How a feed stands, put together from what waits, the ledger and its job."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.expected import Overdue, last_period, overdue
from contracts.names.paths import UNROUTED
from ingest.operating.ledger import LedgerReader, Work
from ingest.operating.waiting import (
    Unrouted,
    Waiting,
    came_since,
    landed,
    rejected_names,
    rejecting,
    unrouted,
    waiting_in_landing,
    waiting_in_source,
)
from ingest.targets.jobs import Run
from ingest.targets.target import Target

WEEK = timedelta(days=7)
UNTOLD = timedelta(days=2)
"""A run of the feed has entered by then what the functions rejected."""
LONG = timedelta(hours=1)
"""A file that waits longer was missed by the event, by the sweep, and by a run."""
_AT_ONCE = 8
_NOT_DESCRIBED = (
    "it has a job, and no contract here: this ingest is of another version than the deployment; name its contracts "
    "with --feeds"
)
_NOBODYS = (
    "files wait in that folder of source/ ({}), and no run will load them: no feed with a job or a contract has it; "
    "_unrouted is source/ itself"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one feed; `tell` are sentences, none if all is well. `run` is None before the first, and without a job;
    `untold` files were rejected, and are not in the ledger yet.
    """

    feed: str
    landing: Waiting
    source: Waiting
    work: Work
    run: Run | None
    overdue: Overdue | None
    tell: tuple[str, ...]
    untold: int = 0

    def with_untold(self, files: int) -> "Standing":
        """The same with so many files that the functions have rejected, and that no run has entered yet."""
        what = f"files were rejected that no run has entered yet ({files}): ingest rejects {self.feed}"
        return replace(self, untold=files, tell=(*self.tell, what)) if files else self

    def lacking(self, missing: Overdue | None) -> "Standing":
        """The same with a file that is due and has not come, if there is one."""
        return replace(self, overdue=missing, tell=(*self.tell, f"{missing}: ask its producer")) if missing else self


@dataclass(frozen=True, slots=True)
class Overview:
    """Of all feeds at one moment; `nobodys` waits in landing and is no feed's. `foreign` are not described here: feeds
    that have a job there, and folders of source/; they are asked for with all feeds alone.
    """

    at: datetime
    feeds: tuple[Standing, ...]
    nobodys: Waiting
    unrouted: Unrouted
    foreign: tuple[Standing, ...] = ()

    @property
    def is_well(self) -> bool:
        told = any(one.tell for one in (*self.feeds, *self.foreign))
        return not (told or self.nobodys.files or self.unrouted.files)


@dataclass(frozen=True, slots=True)
class Answers:
    """By feed: what waits, what the ledger says of a week, the last run."""

    landing: Mapping[str, Waiting]
    source: Mapping[str, Waiting]
    work: Mapping[str, Work]
    runs: Mapping[str, Run]

    def standing(self, feed: str, now: datetime, *, has_job: bool) -> Standing:
        waiting = (self.landing.get(feed, Waiting()), self.source.get(feed, Waiting()))
        return standing(feed, *waiting, self.work.get(feed, Work()), self.runs.get(feed), now, has_job=has_job)

    def foreign(self, deployed: Collection[str], described: Collection[str]) -> tuple[Standing, ...]:
        """What is deployed, or has files in source/, and is not described here: nothing is known of what it expects."""
        return tuple(
            Standing(
                feed,
                Waiting(),
                self.source.get(feed, Waiting()),
                self.work.get(feed, Work()),
                self.runs.get(feed),
                None,
                (_NOT_DESCRIBED if feed in deployed else _NOBODYS.format(self.source[feed].files),),
            )
            for feed in sorted({*deployed, *self.source}.difference(described))
        )


def overview(
    target: Target,
    feeds: Sequence[str],
    now: datetime,
    before: Overview | None = None,
    changed: Collection[str] = (),
) -> Overview:
    """Asks buckets, tables and jobs at the same time.

    With an overview from `before` it asks for the runs and the names of the feeds alone that have `changed` since.
    """
    known = {one.feed: one for one in before.feeds if one.feed not in changed} if before else {}
    asked = [feed for feed in feeds if feed not in known]
    foreign = set(target.jobs.ids).difference(target.feeds) if set(feeds).issuperset(target.feeds) else None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        in_landing = pool.submit(lambda: waiting_in_landing(landed(target.landing), target.contracts))
        in_source = pool.submit(waiting_in_source, target.lake, target.contracts)
        nobodys = pool.submit(unrouted, target.lake, now - WEEK)
        work = pool.submit(LedgerReader(target.tables).work, now - WEEK, today)
        runs = pool.submit(target.jobs.last, [*asked, *sorted(foreign or ())])
        rejected = pool.submit(_not_entered_of_all, target, asked, now)
        missing = {feed: pool.submit(_overdue, target, feed, now) for feed in asked}
        untold = rejected.result()
        last = {feed: one.run for feed, one in known.items() if one.run} | runs.result()
        of = Answers(in_landing.result(), in_source.result(), work.result(), last)
        standings = tuple(
            of.standing(feed, now, has_job=feed in target.jobs.ids)
            .lacking(known[feed].overdue if feed in known else missing[feed].result())
            .with_untold(known[feed].untold if feed in known else untold.get(feed, 0))
            for feed in feeds
        )
        others = () if foreign is None else of.foreign(foreign, target.feeds)
        return Overview(now, standings, of.landing.get(UNROUTED, Waiting()), nobodys.result(), others)


def _not_entered_of_all(target: Target, feeds: Collection[str], now: datetime) -> dict[str, int]:
    """Of each feed of which something was rejected at all."""
    asked = rejecting(target.lake).intersection(feeds)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(asked, pool.map(lambda feed: _not_entered(target, feed, now), asked), strict=True))


def _not_entered(target: Target, feed: str, now: datetime) -> int:
    """How many files the functions have rejected that no run has entered in the ledger: the sweep starts one."""
    since = now - UNTOLD
    names = rejected_names(target.lake, target.landing.name, feed, since)
    return len(set(names) - LedgerReader(target.tables).entered_as_rejected(feed, since)) if names else 0


def _overdue(target: Target, feed: str, now: datetime) -> Overdue | None:
    """By the names in the lake; a feed that expects nothing is not looked for."""
    contract = target.contract(feed)
    period = None if contract.is_retired else last_period(contract, now)
    return overdue(contract, came_since(target.lake, feed, period[0]), now) if period else None


def standing(
    feed: str, landing: Waiting, source: Waiting, work: Work, run: Run | None, now: datetime, *, has_job: bool = True
) -> Standing:
    """With what there is to tell of it."""
    tell: list[str] = [] if has_job else ["it has no job: deploy it"]
    for waiting, where in ((landing, "landing"), (source, "source/")):
        if waiting.oldest is not None and now - waiting.oldest > LONG:
            tell.append(f"files wait in {where} since {waiting.oldest:%Y-%m-%d %H:%M} UTC: see its runs, and the sweep")
    if run is not None and run.is_over and not run.is_well:
        tell.append(f"the last run ended {run.state}: {run.page}")
    if work.today.files_rejected:
        tell.append(f"files were rejected today ({work.today.files_rejected}): ingest rejects {feed}")
    if work.today.rows_quarantined:
        tell.append(f"bad rows were kept out today ({work.today.rows_quarantined:,}): ingest rejects {feed}")
    return Standing(feed, landing, source, work, run, None, tuple(tell))

"""What events have missed: files left in landing, files in source/ without a run, runs that failed, untold rejections.

Safe beside live events and beside itself, for it does what an event does; bounded by the invocation's deadline and
by a number of objects, of each feed the oldest first.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol, TypeVar

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.names.paths import UNROUTED, is_piece, is_placeholder
from contracts.names.routing import route
from function.admission import Admission
from function.config import Feeds
from function.deadline import Deadline
from function.errors import DeadlineNear, SweepIncomplete
from function.event import LandedObject
from function.listed import SourceFile, Version
from function.logs import log_outcome
from function.outcome import Outcome
from function.runs import Run
from function.sweeping.missing import Lake, Missing
from function.sweeping.tally import Tally
from function.sweeping.turns import Turns, feeds_by_name
from function.sweeping.untold import Rejected, has_untold
from function.sweeping.waiting import Source, Waiting, of_another_feed, rejected_place, source_identity

T = TypeVar("T")

MOST_OBJECTS = 500
_OF_A_RETRY = 60
"""By so small a part of the time between two runs clocks of storage and workspace may differ: a minute, as deployed."""


class Landing(Protocol):
    """What the sweep needs of the landing bucket."""

    def landed_versions(self, until: Deadline) -> Iterator[Version]:
        """Every generation, noncurrent ones too; raises DeadlineNear where there are more than can be listed."""

    def delete_landed(self, landed: LandedObject) -> None:
        """Takes this generation out of landing, if it is there."""


class Runs(Protocol):
    """What the sweep needs of the Jobs API."""

    def recent_runs(self, job_id: int) -> tuple[Run, ...]:
        """The last runs of a job with their tasks."""


@dataclass(frozen=True, slots=True)
class Ages:
    """How old something must be: a missed file, a run that failed or may have told enough, a placeholder."""

    grace: timedelta
    retry: timedelta
    placeholder: timedelta


@dataclass(frozen=True, slots=True)
class Sweep:
    """One call of the sweep; `admission` and everything else share its deadline."""

    landing: Landing
    source: Source
    rejected: Rejected
    expected: Lake
    runs: Runs
    admission: Admission
    feeds: Feeds
    landing_bucket: str
    ages: Ages
    deadline: Deadline
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic

    def run(self) -> None:
        """Raises SweepIncomplete after everything else is done, if an object or a feed failed."""
        began, tally = self.clock(), Tally()
        self._do(tally, partial(self._sweep_landing, tally))
        self._do(tally, partial(self._sweep_source, tally))
        self._look_for_missing(tally, began)
        tally.log(self.now(), 1000 * (self.clock() - began))
        if tally.failed:
            raise SweepIncomplete(f"{tally.failed} objects or feeds could not be swept; the log names each")

    def _do(
        self,
        tally: Tally,
        work: Callable[[], Outcome | None],
        *,
        file: str = "",
        feed: str = "",
        until: Deadline | None = None,
    ) -> bool:
        """One piece of the sweep, whose failure stops no other; logs its outcome, if it has one. Whether it is done.

        Of the pieces before a deadline of theirs those that it is too late for are left, like all behind the last one.
        """
        if until and until.is_near:
            tally.leave(feed)
            return False
        began = self.clock()
        error: Exception | None = None
        try:
            outcome = work()
        except DeadlineNear:
            tally.leave(feed)
            return False
        except Exception as failure:  # noqa: BLE001  # the pieces are isolated: each is logged, and run() raises
            tally.failed += 1
            outcome, error = Outcome.failed(failure, feed), failure
        if outcome:
            log_outcome(outcome, file, 1000 * (self.clock() - began), error)
        return error is None

    def _sweep_landing(self, tally: Tally) -> None:
        """For half of the time that the listing has left: the feeds need the rest."""
        turns = self._due(tally)
        until = self.deadline.halfway()
        for feed, version in turns.taken(seed=self.now().timestamp()):
            if until.is_near:
                return
            tally.left -= 1
            if not self._do(tally, partial(self._settle, version), file=version.landed.identity):
                turns.failed.add(feed)

    def _due(self, tally: Tally) -> Turns:
        """What is old enough to be settled, of all that half of the time suffices to list; everything is counted."""
        turns, feed_of = Turns(MOST_OBJECTS), feeds_by_name(self.feeds.contracts)
        try:
            for version in self.landing.landed_versions(self.deadline.halfway()):
                tally.see(version.landed)
                stays = is_placeholder(version.landed.name, version.landed.size) and not _is_replaced(version)
                if self._is_older(version.landed.finalized_at, self.ages.placeholder if stays else self.ages.grace):
                    tally.left += 1
                    turns.add(feed_of(version.landed.name), version)
        except DeadlineNear:
            tally.cut = True
            tally.left += 1
        return turns

    def _settle(self, version: Version) -> Outcome:
        landed = version.landed
        if _is_replaced(version):
            self.landing.delete_landed(landed)
            return Outcome.dropped()
        if not is_placeholder(landed.name, landed.size):
            return self.admission.admit(landed)
        if not version.is_live and is_piece(landed.name):
            self.landing.delete_landed(landed)
            return Outcome.given_up()
        if not version.is_live:
            return self.admission.set_aside(landed, self._feed_of(landed.name))
        fault = FileRejected(Reason.PLACEHOLDER, f"it is still a placeholder after {self.ages.placeholder}")
        return self.admission.reject(landed, self._feed_of(landed.name), fault)

    def _feed_of(self, name: str) -> str:
        try:
            return route(name, self.feeds.contracts).feed
        except FileRejected:
            return UNROUTED

    def _sweep_source(self, tally: Tally) -> None:
        """Each part for half of the time that is left, so that however much there is of one, the next has some."""
        waiting, until = Waiting.found(self.source, self.feeds), self.deadline.halfway()
        for folder in self._turned(waiting.strange):
            self._do(tally, partial(waiting.look_into, folder), until=until)
        until = self.deadline.halfway()
        feeds = self._turned(contract.feed for contract in self.feeds.contracts)
        for feed in sorted(feeds, key=waiting.is_expected, reverse=True):
            self._do(tally, partial(self._follow, feed, waiting), feed=feed, until=until)
        until = self.deadline.halfway()
        for file, fault in waiting.unclaimed:
            if self._is_older(file.changed_at, self.ages.placeholder):
                name = source_identity(file, self.landing_bucket)
                # Told before it leaves: no later sweep would find it, if this one died in between.
                if self._do(tally, partial(self._put_aside, name, file, fault), file=name, until=until):
                    self._do(tally, partial(self.source.delete_from_source, file), file=name)

    def _look_for_missing(self, tally: Tally, began: float) -> None:
        missing = Missing(self.expected, lambda outcome: log_outcome(outcome, "", 1000 * (self.clock() - began)))
        for contract in self._turned(self.feeds.contracts):
            self._do(tally, partial(missing.look, contract, self.now()), feed=contract.feed)

    def _turned(self, pieces: Iterable[T]) -> list[T]:
        """In another order with each call: where time does not suffice for all, it is not always the same that wait."""
        turned = list(pieces)
        Random(self.now().timestamp()).shuffle(turned)  # noqa: S311  # nothing is kept secret by it
        return turned

    def _follow(self, feed: str, waiting: Waiting) -> Outcome | None:
        """The runs are asked for first: what one that was over by then has left in the feed's folder does wait."""
        runs = self.runs.recent_runs(self.feeds.job_id(feed))
        waiting.look_into(feed)
        return self._start_run(feed, runs, waiting.path_of(feed))

    def _start_run(self, feed: str, runs: Sequence[Run], path: str | None) -> Outcome | None:
        """A run for a feed without an active one, if a file waits, the last has not loaded or a rejection is untold."""
        if not all(run.is_over for run in runs):
            return None
        last = max(runs, key=_ended_at, default=None)
        if last and not last.has_loaded:
            if not self._is_older(_ended_at(last), self.ages.retry):
                return None
        elif path is None and not self._has_untold(feed, runs, last):
            return None
        run_id = self.admission.dispatch.ensure_run(self.feeds.job_id(feed), path or "", first_time=False)
        return Outcome.started(feed, run_id)

    def _has_untold(self, feed: str, runs: Sequence[Run], last: Run | None) -> bool:
        """Asked only where a run may be started for it: at most one an hour, whoever started the last."""
        if not all(self._is_older(run.started_at, self.ages.retry) for run in runs):
            return False
        if last and last.is_silenced:
            return True
        folders = (feed, UNROUTED) if feed == self.feeds.teller else (feed,)
        ages = {"placeholder_age": self.ages.placeholder, "clocks_differ": self.ages.retry / _OF_A_RETRY}
        return any(has_untold(self.rejected, folder, runs, now=self.now(), **ages) for folder in folders)

    def _put_aside(self, name: str, file: SourceFile, fault: FileRejected) -> Outcome:
        """Copies it to rejected/, unless another feed has this generation: then it is only a copy that was left."""
        other = of_another_feed(file, self.feeds)
        if other is not None and self.admission.has(other):
            return Outcome.gone(other.feed, None)
        place = rejected_place(file, self.feeds)
        reason = Rejection.of(name, fault, self.now(), "sweep").to_json()
        self.source.copy_out_of_source(file, place.rejected_path(), place.reason_path(), reason)
        return Outcome.rejected(place.feed, fault)

    def _is_older(self, moment: datetime, age: timedelta) -> bool:
        return self.now() - moment >= age


def _is_replaced(version: Version) -> bool:
    """Whether it is an empty generation behind a newer one, or one that was deleted: nothing is lost with it."""
    return version.landed.size == 0 and not version.is_live


def _ended_at(run: Run) -> datetime:
    return run.ended_at or datetime.min.replace(tzinfo=UTC)

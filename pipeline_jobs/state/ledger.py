"""The file ledger: one append-only table of what became of every file, and the states that follow from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.files.reasons import FileRejected
from pipeline_jobs.clock import Clock
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.state.entries.at_hand import AtHand
from pipeline_jobs.state.entries.behind import behind
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.entries.ends import last_ends
from pipeline_jobs.state.entries.left_open import left_open, left_open_of
from pipeline_jobs.state.entries.merged import merged_attempts
from pipeline_jobs.state.entries.reports import NO_REPORT, Report
from pipeline_jobs.state.entries.rows import EPOCH, TICK, entries_of, is_since, ledger_schema, to_records
from pipeline_jobs.state.entries.untold import rows_for_untold, untold
from pipeline_jobs.state.history import (
    ACCEPTED,
    OPEN,
    OPERATED,
    REPLAY,
    TRANSIENT,
    VERDICTS,
    Entry,
    History,
    State,
    counting_in,
    histories_of,
)

TABLE = "file_ledger"

BESIDE = timedelta(days=2)
"""No task is at work longer than that: of what is younger, one beside may not know, or have more to enter."""
_A_RUN = timedelta(days=7)
"""From the first entry of a run, with all its repairs, to the last, unless others of its feed come in between."""
_AT_A_TIME = 1000
_RECENT = BESIDE + timedelta(days=2)
"""How far back a task looks when it begins: to all that its feed's last report of the last two days has left open."""


class Ledger:
    """The ledger of one feed as one run reads and writes it: in the table of all feeds, or one of its own."""

    def __init__(
        self, engine: Engine, feed: str, run_id: str, contract_version: str, clock: Clock, table: str = TABLE
    ) -> None:
        self._engine, self._table, self._feed = engine, table, feed
        self.run_id = run_id
        self._contract_version = contract_version
        self._clock = clock
        self._seq = 0
        engine.create(table, ledger_schema(), cluster_by=("at",), is_merged_into=False)
        engine.evolve(table, ledger_schema())
        recent = clock.now() - _RECENT
        self._at_hand = AtHand.read(self._own(recent), recent)
        self._ends = last_ends(self._at_hand, self._own, run_id, contract_version)
        # A run's time is never below that of the feed's last entry, whatever the clocks of two machines say.
        self._earliest = self._ends.last if self._ends else EPOCH

    @property
    def last_at(self) -> datetime:
        """When the feed's last entry was made; 1970 where there is none."""
        return self._earliest

    def entry(self, state: State, **values: Any) -> Entry:  # fields of Entry
        """A new entry of this run, not yet in the ledger; of its feed, unless `values` name another."""
        self._seq += 1
        self._earliest = max(self._clock.now(), self._earliest + TICK)
        entry = Entry(self._earliest, self._seq, self._feed, state, self.run_id)
        return replace(entry, **{"contract_version": self._contract_version, **values})

    def rejection(self, fault: FileRejected, **values: Any) -> Entry:  # fields of Entry
        """As `entry`, with the fault as its reason."""
        return self.entry(State.REJECTED, reason=fault.reason.value, detail=fault.detail, **values)

    def append(self, entries: Sequence[Entry]) -> None:
        """In one commit; verdicts on files of the feed behind all that others have entered of it by then."""
        if any(entry.state in VERDICTS and entry.feed == self._feed for entry in entries):
            entries = behind(entries, self._own(entries[0].at))
            self._earliest = max(self._earliest, entries[-1].at)
        if entries:
            self._at_hand = self._at_hand.outdated()
            self._engine.append_records(self._table, to_records(entries))

    def histories(self, files: Sequence[str], feed: str = "", *, since: datetime | None = None) -> dict[str, History]:
        """The history of each of these files, the feed's own or `feed`'s; what this run enters comes behind it.

        Nothing was entered of any of them before `since` (`entries.bounds`); None where that is not known.
        """
        of_files = F.col("file").isin(list(files))
        return histories_of(self._read(self._of(feed or self._feed, since).filter(of_files)) if files else [], files)

    def histories_as_opened(self, files: Sequence[str], since: datetime | None) -> dict[str, History]:
        """As above, without what was entered since the run opened the ledger."""
        at_hand = self._at_hand.reaching(since)
        return self.histories(files, since=since) if at_hand is None else histories_of(at_hand, files)

    def states(self) -> list[Entry]:
        """The entry that counts of every file that has one, oldest first."""
        entries = self._read(self._own().filter(F.col("file").isNotNull() & ~F.col("state").isin(*TRANSIENT)))
        return counting_in(histories_of(entries, {str(entry.file) for entry in entries}), *State)

    def recent(self, *states: State) -> list[Entry]:
        """Entries of these states since the last report's run began, as far as they were there when this run began."""
        since = self._ends.recent_since(BESIDE) if self._ends else self._at_hand.since
        at_hand = self._at_hand.reaching(since)
        if at_hand is None:
            return entries_of(self._own(since).filter(F.col("state").isin(*states)))
        return [entry for entry in at_hand if entry.state in states]

    def has_seen(self, path: str) -> bool:
        """Whether any run has tried or settled a file that stood at this path of the lake."""
        return not self._own().filter(F.col("path") == path).limit(1).isEmpty()

    def accepted_as(self, names: Sequence[str]) -> list[Entry]:
        """The entries that count of the accepted files of these names (`Entry.name`), oldest first."""
        name = F.expr("substring(file, 1, length(file) - length(substring_index(file, '#', -1)) - 1)")
        files: set[str] = set()
        for first in range(0, len(names), _AT_A_TIME):
            is_of_them = (F.col("state") == State.STAGED) & name.isin(list(names[first : first + _AT_A_TIME]))
            files |= {row["file"] for row in self._own().filter(is_of_them).select("file").distinct().collect()}
        return self.in_state(sorted(files), *ACCEPTED)

    def entered(self, *states: State) -> list[Entry]:
        """This run's entries of these states, in whichever task, in order."""
        found = self._own().filter(F.col("state").isin(*states) & (F.col("run_id") == self.run_id))
        return sorted(entries_of(found), key=lambda entry: entry.order)

    def newest(self, most: int) -> list[str]:
        """The files that something happened to last."""
        last = self._own().filter(F.col("file").isNotNull()).groupBy("file").agg(F.max("at").alias("at"))
        return [row["file"] for row in last.orderBy(F.col("at").desc(), "file").limit(most).select("file").collect()]

    def staged(self, *, is_whole: bool = False) -> list[Entry]:
        """The entries that count of the files that are staged and not merged, oldest first.

        Looked for since the last report left something open, or in all that was ever entered. Until this run enters
        something, what was entered since it opened the ledger may be left to the run that did.
        """
        return [entry for entry in self.unsettled(is_whole=is_whole) if entry.state is State.STAGED]

    def unsettled(self, *, is_whole: bool = False) -> list[Entry]:
        """The entries that count of files that a run still has to merge, to take out, to put in again or to load again:
        those staged, retracting, retracted for a replay, reopened. Looked for as `staged` does.
        """
        since = None if is_whole else self._ends.open_since if self._ends else self._at_hand.since
        recent = self._at_hand.reaching(since)
        found = left_open(self._own(since)) if recent is None else left_open_of(recent)
        entered = entered_since(found.values())
        theirs = None if is_whole else self._at_hand.reaching(entered)
        if theirs is None:
            open_files = self.in_state([*found], *OPEN, since=entered)
        else:
            open_files = counting_in(histories_of(theirs, [*found]), *OPEN)
        return [entry for entry in open_files if entry.state is not State.RETRACTED or entry.reason == REPLAY]

    def finalized_since(self, since: datetime) -> list[datetime]:
        """When the files were finalized that something was entered of since then, each perhaps several times."""
        return [entry.place.finalized_at for entry in entries_of(self._own(since).filter(F.col("path").isNotNull()))]

    def merged_attempts(self) -> DataFrame:
        """The attempts whose rows stand in the target, in the one column `attempt`: merged, and not undone since."""
        return merged_attempts(self._own())

    def missing(self, staged: DataFrame) -> list[Entry]:
        """The entries that count of merged files with good rows, less those whose `_attempt` is in `staged`."""
        merged = self._own().filter((F.col("state") == State.MERGED) & (F.col("rows_good") > 0))
        there = staged.select("_attempt").distinct()
        gone = merged.join(there, F.col("attempt") == F.col("_attempt"), how="left_anti").select("attempt").collect()
        return self.of_attempts([row["attempt"] for row in gone], State.MERGED)

    def in_state(self, files: Sequence[str], *states: State, since: datetime | None = None) -> list[Entry]:
        """The entries that count of those files that are in one of these states, oldest first; `since` as above."""
        found: list[Entry] = []
        for first in range(0, len(files), _AT_A_TIME):
            found += counting_in(self.histories(files[first : first + _AT_A_TIME], since=since), *states)
        return sorted(found, key=lambda entry: entry.order)

    def of_attempts(self, attempts: Sequence[int], *states: State) -> list[Entry]:
        """The entries that count of files in one of these states, by one of these attempts, oldest first."""
        files: set[str] = set()
        for first in range(0, len(attempts), _AT_A_TIME):
            of_attempts = self._own().filter(F.col("attempt").isin(attempts[first : first + _AT_A_TIME]))
            files |= {row["file"] for row in of_attempts.select("file").distinct().collect()}
        known = set(attempts)
        return [entry for entry in self.in_state(sorted(files), *states) if entry.attempt in known]

    def rejected(self, reason: str | None, since: datetime | None) -> list[Entry]:
        """The entries that count of rejected files: of that reason, and rejected since then, where these are said."""
        rejected = self._own(since).filter(F.col("state") == State.REJECTED)
        if reason is not None:
            rejected = rejected.filter(F.col("reason") == reason)
        files = [row["file"] for row in rejected.select("file").distinct().collect()]
        found = self.in_state(files, State.REJECTED)
        return [one for one in found if reason in (None, one.reason) and (since is None or one.at >= since)]

    def undone(self, state: State, since: datetime, *, as_opened: bool = False) -> list[Entry]:
        """The entries of that state, retracting or retracted, since then, but for those of swaps; oldest first.

        `as_opened` leaves out what was entered since the run opened the ledger.
        """
        recent = self._at_hand.reaching(since) if as_opened else None
        if recent is not None:
            return [entry for entry in recent if entry.state is state and entry.reason in OPERATED]
        is_of_an_operation = (F.col("state") == state) & F.col("reason").isin(*OPERATED)
        return sorted(entries_of(self._own(since).filter(is_of_an_operation)), key=lambda entry: entry.order)

    @property
    def last_report(self) -> Report:
        """Of other runs than this, when it began; NO_REPORT where there is none."""
        return (self._ends.report if self._ends else None) or NO_REPORT

    def reported(self, began: Entry, told: Sequence[Entry], meaning: str | None, *, is_whole: bool) -> Entry:
        """`began` as what says that the feed's next report was made, by a contract of that meaning: an entry that was
        made before anything was looked at which was `told`.

        What is open is looked for since the last one, and by a whole one in all that was ever entered.
        """
        last, unsettled = self.last_report, self.unsettled(is_whole=is_whole)
        open_since = min([began.at - BESIDE, *(one.at for one in unsettled)])
        of_others = [entry for entry in told if entry.run_id != self.run_id]
        made = Report(last.number + 1, began.at, open_since, told=last.telling(of_others, began.at))
        return replace(began, meaning=meaning, detail=made.to_json())

    def untold(self) -> list[Entry]:
        """What this run's report has to tell, in order: what it did itself, and others did of which no report told."""
        since = self.last_report.untold_since
        rows = rows_for_untold(self._own(min(since, self._earliest - _A_RUN)), self.run_id, since)
        found = untold(entries_of(rows), self.run_id, since)
        return [one for one in found if one.run_id == self.run_id or not self.last_report.has_told(one)]

    def _read(self, rows: DataFrame) -> list[Entry]:
        """What this run enters comes behind them."""
        entries = entries_of(rows)
        self._earliest = max([self._earliest, *(entry.at for entry in entries)])
        return entries

    def _own(self, since: datetime | None = None) -> DataFrame:
        return self._of(self._feed, since)

    def _of(self, feed: str, since: datetime | None = None) -> DataFrame:
        entries = self._engine.read(self._table).filter(F.col("feed") == feed)
        return entries if since is None else entries.filter(is_since(since))

"""The file ledger: one append-only table of what became of every file, and the states that follow from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegerType, LongType, StringType, StructField, StructType, TimestampType

from contracts.files.reasons import FileRejected
from pipeline_jobs.clock import Clock
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.state.history import REBUILT, REPLAY, RESENT, RETRACT, TRANSIENT, Entry, History, Reports, State

TABLE = "file_ledger"

_TICK = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SETTLING = timedelta(minutes=1)
"""How long an entry may take from its making until every reader sees it."""
_AT_A_TIME = 1000


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
        engine.create(table, _spark_schema(), cluster_by=("at",), is_merged_into=False)
        engine.evolve(table, _spark_schema())
        # A run's time is never below that of the feed's last entry, whatever the clocks of two machines say.
        latest = self._own().agg(F.max(F.unix_micros("at")).alias("at")).first()
        self._earliest = _EPOCH if latest is None or latest["at"] is None else _moment(latest["at"])

    @property
    def last_at(self) -> datetime:
        """When the feed's last entry was made; 1970 where there is none."""
        return self._earliest

    def entry(self, state: State, **values: Any) -> Entry:  # fields of Entry
        """A new entry of this run, not yet in the ledger; of its feed, unless `values` name another."""
        self._seq += 1
        self._earliest = max(self._clock.now(), self._earliest + _TICK)
        entry = Entry(self._earliest, self._seq, self._feed, state, self.run_id)
        return replace(entry, **{"contract_version": self._contract_version, **values})

    def rejection(self, fault: FileRejected, **values: Any) -> Entry:  # fields of Entry
        """As `entry`, with the fault as its reason."""
        return self.entry(State.REJECTED, reason=fault.reason.value, detail=fault.detail, **values)

    def append(self, entries: Sequence[Entry]) -> None:
        """In one commit."""
        if entries:
            columns = {field.name: [getattr(entry, field.name) for entry in entries] for field in fields(Entry)}
            self._engine.append_records(self._table, pa.table(columns, schema=_ARROW))

    def histories(self, files: Sequence[str], feed: str = "") -> dict[str, History]:
        """The history of each of these files, the feed's own or `feed`'s; what this run enters comes behind it."""
        found: dict[str, list[Entry]] = {file: [] for file in files}
        if files:
            for entry in _entries(self._of(feed or self._feed).filter(F.col("file").isin(list(files)))):
                found[str(entry.file)].append(entry)
                self._earliest = max(self._earliest, entry.at)
        return {file: History.of(entries) for file, entries in found.items()}

    def states(self) -> list[Entry]:
        """The entry that counts of every file that has one, oldest first."""
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in _entries(self._own().filter(F.col("file").isNotNull() & ~F.col("state").isin(*TRANSIENT))):
            found[str(entry.file)].append(entry)
        states = (History.of(entries).state for entries in found.values())
        return sorted((state for state in states if state is not None), key=lambda entry: entry.order)

    def has_seen(self, path: str) -> bool:
        """Whether any run has tried or settled a file that stood at this path of the lake."""
        return not self._own().filter(F.col("path") == path).limit(1).isEmpty()

    def accepted_as(self, names: Sequence[str]) -> list[Entry]:
        """The entries that count of the accepted files of these names (`Entry.name`), oldest first."""
        name = F.expr("substring(file, 1, length(file) - length(substring_index(file, '#', -1)) - 1)")
        staged = self._own().filter((F.col("state") == State.STAGED) & name.isin(list(names)))
        histories = self.histories([row["file"] for row in staged.select("file").distinct().collect()])
        states = [history.state for history in histories.values() if history.is_in(State.STAGED, State.MERGED)]
        return sorted((state for state in states if state is not None), key=lambda entry: entry.order)

    def entered(self, *states: State) -> list[Entry]:
        """This run's entries of these states, in whichever task, in order."""
        found = self._own().filter(F.col("state").isin(*states) & (F.col("run_id") == self.run_id))
        return sorted(_entries(found), key=lambda entry: entry.order)

    def newest(self, most: int) -> list[str]:
        """The files that something happened to last."""
        last = self._own().filter(F.col("file").isNotNull()).groupBy("file").agg(F.max("at").alias("at"))
        return [row["file"] for row in last.orderBy(F.col("at").desc(), "file").limit(most).select("file").collect()]

    def staged(self) -> list[Entry]:
        """The entries that count of the files that are staged and not merged, oldest first."""
        staged = self._own().filter(F.col("state") == State.STAGED).select("file", "attempt")
        merged = self._own().filter(F.col("state").isin(State.MERGED, State.RETRACTED))
        merged = merged.select(F.col("file").alias("merged_file"), F.col("attempt").alias("merged_attempt"))
        same_attempt = F.col("attempt").eqNullSafe(F.col("merged_attempt"))
        is_same = (F.col("file") == F.col("merged_file")) & same_attempt
        open_files = staged.join(merged, is_same, how="left_anti").select("file").distinct().collect()
        histories = self.histories([row["file"] for row in open_files])
        states = [history.state for history in histories.values() if history.is_in(State.STAGED)]
        return sorted((state for state in states if state is not None), key=lambda entry: entry.order)

    def paths_since(self, moment: datetime) -> list[str]:
        """Where in the lake the files stood that something was entered of since then."""
        is_recent = (F.unix_micros("at") > (moment - _EPOCH) // _TICK) & F.col("path").isNotNull()
        return [row["path"] for row in self._own().filter(is_recent).select("path").distinct().collect()]

    def merged_attempts(self) -> DataFrame:
        """The attempts whose rows stand in the target, in the one column `attempt`: merged, and not undone since."""
        merged = self._own().filter(F.col("state") == State.MERGED).select("attempt")
        undone = self._own().filter(F.col("state").isin(State.REOPENED, State.RETRACTED))
        undone = undone.select(F.col("attempt").alias("undone"))
        return merged.join(undone, F.col("attempt") == F.col("undone"), how="left_anti")

    def missing(self, staged: DataFrame) -> list[Entry]:
        """The entries that count of merged files with good rows, less those whose `_attempt` is in `staged`."""
        merged = self._own().filter((F.col("state") == State.MERGED) & (F.col("rows_good") > 0))
        there = staged.select("_attempt").distinct()
        gone = merged.join(there, F.col("attempt") == F.col("_attempt"), how="left_anti").select("attempt").collect()
        return self.of_attempts([row["attempt"] for row in gone], State.MERGED)

    def in_state(self, files: Sequence[str], *states: State) -> list[Entry]:
        """The entries that count of those files that are in one of these states, oldest first."""
        found: list[Entry] = []
        for first in range(0, len(files), _AT_A_TIME):
            histories = self.histories(files[first : first + _AT_A_TIME]).values()
            found += [history.state for history in histories if history.state and history.is_in(*states)]
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
        rejected = self._own().filter(F.col("state") == State.REJECTED)
        if reason is not None:
            rejected = rejected.filter(F.col("reason") == reason)
        if since is not None:
            rejected = rejected.filter(F.unix_micros("at") >= (since - _EPOCH) // _TICK)
        files = [row["file"] for row in rejected.select("file").distinct().collect()]
        found = self.in_state(files, State.REJECTED)
        return [one for one in found if reason in (None, one.reason) and (since is None or one.at >= since)]

    def undoing(self) -> list[Entry]:
        """The entries that count of files that are being taken out, or were in order to go in again and have not."""
        begun = self._own().filter(F.col("state") == State.RETRACTING).select("file", "attempt")
        is_for_good = (F.col("state") == State.RETRACTED) & ~F.col("reason").eqNullSafe(REPLAY)
        ended = self._own().filter(is_for_good | (F.col("state") == State.REOPENED))
        ended = ended.select(F.col("file").alias("ended_file"), F.col("attempt").alias("ended_attempt"))
        same_attempt = F.col("attempt").eqNullSafe(F.col("ended_attempt"))
        is_same = (F.col("file") == F.col("ended_file")) & same_attempt
        files = begun.join(ended, is_same, how="left_anti").select("file").distinct().collect()
        found = self.in_state([row["file"] for row in files], State.RETRACTING, State.RETRACTED)
        return [entry for entry in found if entry.state is State.RETRACTING or entry.reason == REPLAY]

    def undone(self, state: State, since: datetime) -> list[Entry]:
        """The entries of that state, retracting or retracted, since then, but for those of swaps; oldest first."""
        is_recent = F.unix_micros("at") >= (since - _EPOCH) // _TICK
        is_of_an_operation = (F.col("state") == state) & F.col("reason").isin(RETRACT, REPLAY, RESENT)
        return sorted(_entries(self._own().filter(is_recent & is_of_an_operation)), key=lambda entry: entry.order)

    def last_report(self) -> Reports:
        """Of other runs than this."""
        reports = self._reports().filter(F.col("run_id") != self.run_id)
        at = F.unix_micros("at")
        is_of_today = (F.col("contract_version") == self._contract_version) & F.col("meaning").isNotNull()
        said = F.max(F.when(is_of_today, F.struct(at.alias("at"), "meaning"))).getField("meaning")
        [found] = reports.agg(F.count(F.lit(1)).alias("number"), F.max(at).alias("at"), said.alias("said")).collect()
        return Reports(found["number"], found["at"] or 0, found["said"])

    def untold(self, since: int) -> list[Entry]:
        """What this run's report has to tell, in order: all that the run did itself, and what was entered after
        `since` (microseconds since 1970) by runs that have not reported.

        Such an entry may have been made a moment before it could be read, so a little before counts, too.
        """
        own = self._own().filter(F.col("file").isNotNull())
        # What a swap says again of each file was told before.
        own = own.filter(~F.col("reason").eqNullSafe(REBUILT))
        is_recent = F.unix_micros("at") > since - _SETTLING // _TICK
        reported = self._reports().select(F.col("run_id").alias("reported")).distinct()
        of_others = own.filter((F.col("run_id") != self.run_id) & is_recent)
        unreported = of_others.join(reported, F.col("run_id") == F.col("reported"), how="left_anti")
        entries = [*_entries(own.filter(F.col("run_id") == self.run_id)), *_entries(unreported)]
        return sorted(entries, key=lambda entry: entry.order)

    def _reports(self) -> DataFrame:
        return self._own().filter(F.col("state") == State.REPORTED)

    def _own(self) -> DataFrame:
        return self._of(self._feed)

    def _of(self, feed: str) -> DataFrame:
        return self._engine.read(self._table).filter(F.col("feed") == feed)


_TYPES: dict[str, tuple[DataType, pa.DataType]] = {
    "at": (TimestampType(), pa.timestamp("us", tz="UTC")),
    "seq": (IntegerType(), pa.int32()),
    **dict.fromkeys(("generation", "attempt"), (LongType(), pa.int64())),
    **dict.fromkeys(("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned"), (LongType(), pa.int64())),
}
_TEXT: tuple[DataType, pa.DataType] = (StringType(), pa.string())
_ARROW = pa.schema([pa.field(field.name, _TYPES.get(field.name, _TEXT)[1]) for field in fields(Entry)])


def _spark_schema() -> StructType:
    return StructType([StructField(field.name, _TYPES.get(field.name, _TEXT)[0]) for field in fields(Entry)])


def _entries(rows: DataFrame) -> list[Entry]:
    # As microseconds: a driver would turn timestamps into its own local time.
    names = [field.name for field in fields(Entry)]
    collected = rows.select(F.unix_micros("at").alias("at"), *names[1:]).collect()
    return [_entry(row.asDict()) for row in collected]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "at": _moment(row["at"]), "state": State(row["state"])})


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _TICK

"""The file ledger: one append-only table of what became of every file, and the states that follow from it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegerType, LongType, StringType, StructField, StructType, TimestampType

from pipeline_jobs.clock import Clock
from pipeline_jobs.engines.engine import Engine

TABLE = "file_ledger"

_TICK = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class State(StrEnum):
    ATTEMPTED = "attempted"
    FAILED = "failed"
    RELEASED = "released"
    STAGED = "staged"
    MERGED = "merged"
    REJECTED = "rejected"
    RETRACTED = "retracted"
    REOPENED = "reopened"
    REPORTED = "reported"


TRANSIENT = frozenset({State.ATTEMPTED, State.FAILED, State.RELEASED})
"""States of an attempt: they do not undo what stands before them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger; rows are counts of records, `generation` is 0 for a file put there directly."""

    at: datetime
    seq: int
    feed: str
    state: State
    run_id: str
    file: str | None = None
    generation: int | None = None
    path: str | None = None
    rows_read: int | None = None
    rows_good: int | None = None
    rows_bad: int | None = None
    reason: str | None = None
    detail: str | None = None
    contract_version: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger says of one file: its state (None: not known), and the runs that tried since then in vain."""

    state: Entry | None = None
    runs: frozenset[str] = frozenset()

    @property
    def attempts(self) -> int:
        """A run whose task was retried counts once."""
        return len(self.runs)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "History":
        """From all entries of one file, in any order."""
        state: Entry | None = None
        runs: set[str] = set()
        for entry in sorted(entries, key=lambda entry: (entry.at, entry.seq)):
            if entry.state is State.RELEASED:
                runs.discard(entry.run_id)
            elif entry.state in TRANSIENT:
                runs.add(entry.run_id)
            else:
                state, runs = entry, set()
        return cls(state, frozenset(runs))

    def is_in(self, *states: State) -> bool:
        return self.state is not None and self.state.state in states


@dataclass(frozen=True, slots=True)
class Reports:
    """How many reports a feed has had, and when the last one was (microseconds since 1970; 0: never)."""

    number: int
    at: int


class Ledger:
    """The ledger of one feed as one run reads and writes it."""

    def __init__(self, engine: Engine, feed: str, run_id: str, contract_version: str, clock: Clock) -> None:
        self._engine = engine
        self._feed = feed
        self.run_id = run_id
        self._contract_version = contract_version
        self._clock = clock
        self._seq = 0
        engine.create(TABLE, _spark_schema(), cluster_by=("at",))
        # A run's time is never below that of the feed's last entry, whatever the clocks of two machines say.
        latest = self._own().agg(F.max(F.unix_micros("at")).alias("at")).first()
        self._earliest = _EPOCH if latest is None or latest["at"] is None else _moment(latest["at"])

    def entry(self, state: State, file: str | None = None, **values: Any) -> Entry:  # fields of Entry
        """A new entry of this run, not yet in the ledger."""
        self._seq += 1
        self._earliest = max(self._clock.now(), self._earliest + _TICK)
        entry = Entry(self._earliest, self._seq, self._feed, state, self.run_id, file)
        return replace(entry, contract_version=self._contract_version, **values)

    def append(self, entries: Sequence[Entry]) -> None:
        """In one commit."""
        if entries:
            columns = {field.name: [getattr(entry, field.name) for entry in entries] for field in fields(Entry)}
            self._engine.append_records(TABLE, pa.table(columns, schema=_ARROW))

    def histories(self, files: Sequence[str]) -> dict[str, History]:
        """The history of each of these files."""
        found: dict[str, list[Entry]] = {file: [] for file in files}
        if files:
            for entry in _entries(self._own().filter(F.col("file").isin(list(files)))):
                found[str(entry.file)].append(entry)
        return {file: History.of(entries) for file, entries in found.items()}

    def staged(self) -> list[Entry]:
        """The entries of the files that are staged and not merged, oldest first."""
        lasting = self._own().filter(F.col("file").isNotNull() & ~F.col("state").isin([*TRANSIENT]))
        latest = lasting.groupBy("file").agg(F.max(F.struct(*_ordered())).alias("last")).select("last.*")
        return sorted(_entries(latest.filter(F.col("state") == State.STAGED)), key=lambda entry: (entry.at, entry.seq))

    def last_report(self) -> "Reports":
        """Of other runs than this."""
        reports = self._own().filter((F.col("state") == State.REPORTED) & (F.col("run_id") != self.run_id))
        found = reports.agg(F.count(F.lit(1)).alias("number"), F.max(F.unix_micros("at")).alias("at")).first()
        return Reports(0, 0) if found is None else Reports(found["number"], found["at"] or 0)

    def since(self, at: int) -> list[Entry]:
        """Everything that happened to the feed's files after that time (microseconds since 1970), in order."""
        entries = _entries(self._own().filter(F.col("file").isNotNull() & (F.unix_micros("at") > at)))
        return sorted(entries, key=lambda entry: (entry.at, entry.seq))

    def _own(self) -> DataFrame:
        return self._engine.read(TABLE).filter(F.col("feed") == self._feed)


_TYPES: dict[str, tuple[DataType, pa.DataType]] = {
    "at": (TimestampType(), pa.timestamp("us", tz="UTC")),
    "seq": (IntegerType(), pa.int32()),
    **dict.fromkeys(("generation", "rows_read", "rows_good", "rows_bad"), (LongType(), pa.int64())),
}
_TEXT: tuple[DataType, pa.DataType] = (StringType(), pa.string())
_ARROW = pa.schema([pa.field(field.name, _TYPES.get(field.name, _TEXT)[1]) for field in fields(Entry)])


def _spark_schema() -> StructType:
    return StructType([StructField(field.name, _TYPES.get(field.name, _TEXT)[0]) for field in fields(Entry)])


def _ordered() -> Iterator[Column]:
    """The columns in the order of Entry, which begins with what orders entries: at, seq."""
    return (F.col(field.name) for field in fields(Entry))


def _entries(rows: DataFrame) -> list[Entry]:
    # As microseconds: a driver would turn timestamps into its own local time.
    names = [field.name for field in fields(Entry)]
    collected = rows.select(F.unix_micros("at").alias("at"), *names[1:]).collect()
    return [_entry(row.asDict()) for row in collected]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "at": _moment(row["at"]), "state": State(row["state"])})


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _TICK

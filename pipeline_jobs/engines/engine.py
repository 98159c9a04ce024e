"""What the job asks of an engine; one adapter each, and nothing else knows how they differ."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, StructType

from pipeline_jobs.engines.rewriting.slices import WHOLE, Slice
from pipeline_jobs.engines.versions.version import Versions
from pipeline_jobs.reading.request import CellsRequest


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A batch's smallest and greatest value of a key column, so that files outside it need not be read.

    The values are the engine's own text of them (times in UTC), `sql_type` is what to cast them back to; `rows` is how
    many rows the batch has.
    """

    column: str
    sql_type: str
    low: str
    high: str
    rows: int


@dataclass(frozen=True, slots=True)
class Merge:
    """SCD type 1 by a guard: a source row counts where its `order` is not below the target's.

    `source` has `columns` and a boolean `_deleted`, at most one row for each value of `key`. Matched rows are
    updated, or deleted where `_deleted`; the others are inserted unless `_deleted`. What comes has NULL in the target's
    other columns.

    Rows of the files `yielding` stand back for whatever the source says of their key, also for a row without an order
    (`_deleted`, and NULL in the columns that are not its key), which says that nothing else is known of it.

    `keys` are read faster than the source and have its keys, perhaps several times and others beside: an engine may lay
    out by them what is written.

    `pieces`, where there are any, have each row of the source once, and none of them more than the engine's
    `most_rows`: it may write down one after the other. `rows` is how many the source has at least, if somebody counted.

    `slices` have each key once: what is asked of batch and target together is asked of one after the other.
    """

    target: str
    source: DataFrame
    key: tuple[str, ...]
    order: tuple[str, ...]
    columns: tuple[str, ...]
    yielding: tuple[str, ...] = ()
    keys: DataFrame | None = None
    pieces: tuple[DataFrame, ...] = ()
    rows: int = 0
    slices: tuple[Slice, ...] = (WHOLE,)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that decide: key and order, each once."""
        return tuple(dict.fromkeys((*self.key, *self.order)))

    def with_source(self, source: DataFrame) -> "Merge":
        return replace(self, source=source)

    def written_down(self, source: DataFrame, slices: tuple[Slice, ...]) -> "Merge":
        """With all of its pieces in one source."""
        return replace(self, source=source, pieces=(), slices=slices)


@dataclass(frozen=True, slots=True)
class MergeCommit:
    """One version of a table that a merge made, whoever's: its rows, those of the version before, its own numbers."""

    version: int
    before: int
    after: int
    inserted: int
    deleted: int

    @property
    def adds_up(self) -> bool:
        return self.after == self.before + self.inserted - self.deleted


class Engine(Protocol):
    """Tables go by their bare name; catalog, schema or warehouse folder are the adapter's."""

    @property
    def most_rows(self) -> int | None:
        """How many rows of a batch it should hold at once; None where it puts down on the disk what is too much."""

    def cells(self, request: CellsRequest) -> DataFrame:
        """The cells of the files, as `CellsRequest.schema` has them; reads when the frame is used."""

    def reference(self, table: str) -> str:
        """The table as SQL names it, quoted."""

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str], *, is_merged_into: bool) -> None:
        """An empty table, unless there is one; another session may do the same at the same time.

        Of two merges at once into a table that `is_merged_into`, the second to commit fails, unless the outcome is
        that of one after the other.
        """

    def exists(self, table: str) -> bool:
        """False only where no table is: who cannot tell raises the engine's error."""

    def replace(
        self,
        table: str,
        rows: DataFrame,
        cluster_by: Sequence[str],
        properties: Mapping[str, str],
        *,
        is_merged_into: bool,
    ) -> None:
        """Makes a table that is there what the rows are, their columns included, in one commit.

        Its history and the rights on it stay; of its properties at least these are set when it returns, each as
        `set_property` has it. Raises CommitConflictError.
        """

    def drop(self, table: str) -> None:
        """Takes the table away, with its history; nothing where there is none."""

    def evolve(self, table: str, schema: StructType) -> None:
        """Adds the columns that the table lacks, at its end."""

    def widen(self, table: str, kinds: Mapping[str, DataType]) -> bool:
        """Gives columns a wider type without writing their rows anew; false, with nothing changed, where the engine
        does not do that. Raises CommitConflictError.
        """

    def properties(self, table: str) -> Mapping[str, str]:
        """The table's properties; none where there is no table."""

    def set_property(self, table: str, name: str, value: str) -> None:
        """Name and value are of letters, digits and ` .:_-` alone."""

    def read(self, table: str) -> DataFrame: ...

    def frame(self, records: pa.Table) -> DataFrame:
        """A few records made by the driver, as the engine's."""

    def no_rows(self, schema: StructType) -> DataFrame: ...

    def append_records(self, table: str, records: pa.Table) -> None:
        """A few records made by the driver; other sessions may append to the same table at the same time."""

    def append(self, table: str, rows: DataFrame, columns: Sequence[str] = ()) -> None:
        """In one commit; other sessions may append to the same table at the same time.

        `columns` are the rows' own, if the caller knows them: the engine would plan the rows once more to say them.
        """

    def compute(self, rows: DataFrame) -> None:
        """Evaluates every cell of the rows and keeps none."""

    def kept(self, merge: Merge) -> AbstractContextManager[Merge]:
        """The merge with a source that is the same each time that it is evaluated, for as long as the block lasts.

        In the slices in which the engine wants to be asked, and without the pieces.
        """

    def set_aside(self, rows: DataFrame, folder: Path) -> DataFrame:
        """The rows written down in a folder that is not there yet, and read from it from then on."""

    def merge(self, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        """In one commit, or none where nothing applies; `merge.source` must be `kept`, `keys` are its own.

        Gives every version that merges have made of the target since just before, this one and others'. Raises
        CommitConflictError, with nothing changed, where another session was faster.
        """

    def versions(self, table: str) -> Versions:
        """What a table that is there was at its versions."""

    def discard(self, table: str, attempts: Sequence[int]) -> None:
        """Takes out the rows of these attempts; raises CommitConflictError."""

    def publish_view(self, name: str, query: str) -> None:
        """A view for people, where the engine keeps views; else for who works in this session."""

    def size(self, table: str) -> int:
        """Of the rows that it has now, in bytes."""

    def is_scattered(self, table: str) -> bool:
        """Whether so many of its files are small that a few questions to it cost more than to join them."""

    def compact(self, table: str) -> None:
        """Joins small files, beside sessions that append; raises CommitConflictError where another did the same."""

    def maintain(self, table: str, *, is_read_by_version: bool = True, is_merged_into: bool = False) -> None:
        """Joins small files, clusters what is new, and removes files that no version of the last week needs.

        Of a table that is merged into, files of some size stay apart: a merge writes whole files anew. Of a table that
        nobody asks what it was, an engine may keep versions for as long as a question takes, and files that no version
        has named for as long as a task does. Raises CommitConflictError where another session changed those files
        meanwhile.
        """

    @property
    def leftovers(self) -> Path | None:
        """The folder of what a process that dies may leave of a batch, of a merge's parts or of a dropped table, each
        under a name of its own; None where a store or the engine's server has such things.
        """

    def is_lost(self) -> bool:
        """Whether the session is gone, and the engine's process perhaps with it."""

    def close(self) -> None: ...

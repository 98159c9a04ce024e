"""What the job asks of an engine; one adapter each, and nothing else knows how they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from pipeline_jobs.reading.request import CellsRequest


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one file in a stage table: the number prunes, the identity is exact."""

    generation: int
    file: str


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The batch's smallest and greatest value of a key column, so that files outside it need not be read.

    The values are the engine's own text of them (times in UTC), `sql_type` is what to cast them back to.
    """

    column: str
    sql_type: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Merge:
    """SCD type 1 by a guard: a source row counts where its `order` is not below the target's.

    `source` has `columns` and a boolean `_deleted`, at most one row for each value of `key`. Matched rows are
    updated, or deleted where `_deleted`; the others are inserted unless `_deleted`.
    """

    target: str
    source: DataFrame
    key: tuple[str, ...]
    order: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """Rows of the target before and after, and what the engine says it did in between."""

    before: int
    after: int
    inserted: int
    deleted: int


class Engine(Protocol):
    """Tables go by their bare name; catalog, schema or warehouse folder are the adapter's."""

    def cells(self, request: CellsRequest) -> DataFrame:
        """The cells of the files, as `CellsRequest.schema` has them; reads when the frame is used."""

    def reference(self, table: str) -> str:
        """The table as SQL names it, quoted."""

    def create(self, table: str, schema: StructType, cluster_by: Sequence[str]) -> None:
        """An empty table, unless there is one; another session may do the same at the same time."""

    def evolve(self, table: str, schema: StructType) -> None:
        """Adds the columns that the table lacks, at its end."""

    def read(self, table: str) -> DataFrame: ...

    def append_records(self, table: str, records: pa.Table) -> None:
        """A few records made by the driver; other sessions may append to the same table at the same time."""

    def replace(self, table: str, rows: DataFrame, slices: Sequence[Slice]) -> None:
        """`rows` become all that the table has of these slices, in one commit where there was nothing."""

    def compute(self, rows: DataFrame) -> None:
        """Evaluates every cell of the rows and keeps none."""

    def delete(self, table: str, slices: Sequence[Slice]) -> None: ...

    def merge(self, merge: Merge) -> MergeCounts:
        """Raises ConservationError, with the target as it was, where the counts do not add up."""

    def publish_view(self, name: str, query: str) -> None:
        """A view for people, where the engine keeps views; else for who works in this session."""

    def maintain(self, table: str) -> None:
        """Joins small files, clusters what is new, and removes files that no version of the last week needs."""

    def close(self) -> None: ...

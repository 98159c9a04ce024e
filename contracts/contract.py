"""What a contract says, as values: parsed once by `contracts.loader`, frozen from there on."""

import re
from dataclasses import dataclass, replace
from datetime import time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal

from contracts.notation.cleansing import Step
from contracts.printable import printable
from contracts.types import ColumnType

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
"""The names that a contract may give: of feeds, tables, columns, rules, views and what stands in their SQL."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FILE_ORDER = ("_finalized_at", "_generation", "_file", "_row")
"""What every target has behind its contract's columns, and what makes the order of a feed's rows total behind those of
`sequenceBy`.
"""
REBUILT = "__rebuild"
"""What the name of a table that a rebuild makes beside a feed's own has behind the target's."""
FileFormat = Literal["csv", "jsonLines", "fixedWidth", "excel", "parquet"]
Bound = Decimal | str
"""A limit of a column: a number as an exact decimal, a date or timestamp as its ISO 8601 text."""


class ContractError(ValueError):
    """A contract cannot be used; `problems` names everything that is wrong with it, a sentence each."""

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(printable(f"{source}: {problem}") for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read from the file; the tokens are a boolean's words, in lower case.

    `position` are the first and the last character of its cells in a line of fixed width, from 1.
    """

    name: str
    source_name: str
    type: ColumnType
    required: bool
    optional: bool
    cleanse: tuple[Step, ...]
    null_tokens: tuple[str, ...] | None
    default: str | None
    minimum: Bound | None
    maximum: Bound | None
    min_length: int | None
    max_length: int | None
    pattern: str | None
    enum: tuple[str, ...]
    format: str | None
    classification: str | None
    true_tokens: tuple[str, ...]
    false_tokens: tuple[str, ...]
    position: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class DerivedColumn:
    """A column computed once the newest row of each key is known; never in the file."""

    name: str
    type: ColumnType
    expression: str
    classification: str | None


@dataclass(frozen=True, slots=True)
class RowRule:
    """A predicate over the typed row: false makes it a bad row, or one that is warned of; NULL does not."""

    id: str
    predicate: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    """Another feed's target, joined on its whole primary key: (own column, its key column) pairs."""

    table: str
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A view of aggregates over the target."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class BadRowLimit:
    """Above either, the file is rejected as a whole; None is no limit. `share` is a fraction of 1."""

    share: Decimal | None
    count: int | None

    def is_exceeded(self, bad: int, rows: int) -> bool:
        over_share = self.share is not None and rows > 0 and Decimal(bad) > self.share * rows
        return over_share or (self.count is not None and bad > self.count)


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days rows stay in the stage table, files in archive/ and in rejected/; None is for ever."""

    stage_days: int | None
    archive_days: int | None
    rejected_days: int | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """When files are due: every so many `hours` from midnight UTC, or `by` a time of day in an IANA time zone.

    `weekdays` (0 is Monday) or `month_days` (1 to 31) say on which days, neither every day. A file may be late by
    `latency` before anybody is told.
    """

    hours: int | None
    by: time
    time_zone: str
    weekdays: tuple[int, ...]
    month_days: tuple[int, ...]
    latency: timedelta

    def __str__(self) -> str:
        later = f", {self.latency} later at most" if self.latency else ""
        if self.hours is not None:
            return f"a file every {self.hours} h{later}"
        days = [WEEKDAYS[day] for day in self.weekdays] or [f"the {day}." for day in self.month_days]
        return f"a file by {self.by:%H:%M} {self.time_zone} on {', '.join(days) or 'every day'}{later}"


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How the feed's files are written.

    `escape` is None where a quote is doubled; `pivot_year` is the first of the hundred years that two digits may mean.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    null_tokens: tuple[str, ...]
    date_formats: tuple[str, ...]
    timestamp_formats: tuple[str, ...]
    time_zone: str
    locale: str = "en"
    pivot_year: int | None = None


@dataclass(frozen=True)
class Contract:
    """One feed: how its files look, what a good row is, and what becomes of it.

    `max_file_size` is in bytes, `max_future` how far a sequence value may lie after finalized_at; `resent` says what a
    file with the name and the bytes of an accepted one is.
    """

    feed: str
    version: str
    table: str
    columns: tuple[Column | DerivedColumn, ...]
    key: tuple[str, ...]
    sequence: tuple[str, ...]
    delete_when: str | None
    rules: tuple[RowRule, ...]
    is_retired: bool
    file_pattern: str
    csv: CsvDialect
    resent: Literal["skip", "load"]
    unknown_columns: Literal["rescue", "reject"]
    max_bad_rows: BadRowLimit
    max_file_size: int | None
    max_future: timedelta | None
    retention: Retention
    expected: Expectation | None
    cluster_by: tuple[str, ...]
    lookups: tuple[Lookup, ...]
    summaries: tuple[Summary, ...]
    file_format: FileFormat = "csv"

    @cached_property
    def file_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if isinstance(column, Column))

    @cached_property
    def derived_columns(self) -> tuple[DerivedColumn, ...]:
        return tuple(column for column in self.columns if isinstance(column, DerivedColumn))

    @property
    def stage_table(self) -> str:
        return f"{self.table}_stage"

    @property
    def rejects_view(self) -> str:
        return f"{self.table}_rejects"

    @property
    def tombstones_table(self) -> str:
        return f"{self.table}_tombstones"

    @property
    def published_table(self) -> str:
        """In a warehouse, beside the published target: what of it is published."""
        return f"{self.table}_published"

    @property
    def rebuilt(self) -> "Contract":
        """The same feed into tables beside its own: what its archive gives today."""
        return replace(self, table=f"{self.table}{REBUILT}", summaries=())

    @property
    def rebuild_ledger(self) -> str:
        """The ledger of those tables."""
        return f"{self.rebuilt.table}_ledger"

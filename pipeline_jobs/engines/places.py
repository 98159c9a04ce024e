"""Where an engine's tables stand, and so what SQL calls them."""

import re
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Protocol
from uuid import uuid4

from contracts.contract import REBUILT
from pipeline_jobs.engines.literals import quoted
from pipeline_jobs.errors import WrongParametersError

_LOCATION = re.compile(r"(gs|s3|abfss)://[A-Za-z0-9._@-]+(/[A-Za-z0-9._-]+)*", re.ASCII)
SMALL = 16 * 1024**2
"""Bytes: no engine joins files of that size into larger ones more often than once."""


def spare(files: int, size: int) -> int:
    """How many of a table's files, `size` bytes in all, it has more than it needs."""
    return files - size // SMALL


def scratch(warehouse: Path) -> Path:
    """The folder in a warehouse for what is no table, or none yet, or none any more."""
    return warehouse / "_scratch"


def remove(warehouse: Path, table: str) -> None:
    """A table that is a folder: at once no more a table, whenever a death comes in between."""
    away = scratch(warehouse) / uuid4().hex
    away.parent.mkdir(parents=True, exist_ok=True)
    try:
        (warehouse / table).rename(away)
    except FileNotFoundError:
        return
    rmtree(away, ignore_errors=True)


class Place(Protocol):
    @property
    def warehouse(self) -> Path | None:
        """The folder of the tables; None where a catalog has them."""

    def reference(self, table: str) -> str:
        """The table as SQL names it, quoted."""

    def view_statements(self, name: str, query: str) -> tuple[str, ...]:
        """What makes a view of this query, or has the one that is there read by it from now on."""

    def address(self, table: str) -> str | None:
        """Where the table's files are, for readers that do not ask the catalog; None where that is nobody's business.

        Of letters, digits and `:/._@-` alone.
        """


@dataclass(frozen=True, slots=True)
class WarehouseFolder:
    """A folder a table. No catalog keeps views there: they are the session's own."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder

    def path(self, table: str) -> str:
        return str(self.folder / table)

    def reference(self, table: str) -> str:
        return f"delta.{quoted(self.path(table))}"

    def view_statements(self, name: str, query: str) -> tuple[str, ...]:
        return (f"CREATE OR REPLACE TEMPORARY VIEW {quoted(name)} AS {query}",)

    def address(self, table: str) -> None:  # noqa: ARG002  # a place that somebody else might know it by
        return None


@dataclass(frozen=True, slots=True)
class CatalogSchema:
    """A schema of a catalog: Unity Catalog's, or one that Spark knows by itself.

    `tables_location` is the folder of its tables in a store, each under its own name (external tables); empty where the
    catalog gives them places of its own (managed tables). Raises WrongParametersError for what is no such folder.
    """

    catalog: str
    schema: str
    tables_location: str = ""

    def __post_init__(self) -> None:
        if self.tables_location and not _LOCATION.fullmatch(self.tables_location):
            raise WrongParametersError(
                f"tables_location {self.tables_location!r} must be a folder in a store, such as gs://BUCKET/tables, "
                "of letters, digits and ._@-/ and without a slash at its end; or empty, for managed tables"
            )

    @property
    def warehouse(self) -> None:
        return None

    def reference(self, table: str) -> str:
        return ".".join(quoted(name) for name in (self.catalog, self.schema, table))

    def view_statements(self, name: str, query: str) -> tuple[str, ...]:
        # A view that is replaced loses the rights that people have on it, one that is altered keeps them:
        # https://docs.databricks.com/gcp/en/sql/language-manual/sql-ref-syntax-ddl-alter-view#parameters
        view = self.reference(name)
        return f"CREATE VIEW IF NOT EXISTS {view} AS {query}", f"ALTER VIEW {view} AS {query}"

    def address(self, table: str) -> str | None:
        # Not of a rebuild's tables: they are dropped, and dropping an external table leaves its files, which would be
        # the rows of the next one.
        if not self.tables_location or REBUILT in table:
            return None
        return f"{self.tables_location}/{table}"

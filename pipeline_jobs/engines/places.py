"""Where an engine's tables stand, and so what SQL calls them."""

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Protocol
from uuid import uuid4

from pipeline_jobs.engines.literals import quoted

SMALL = 16 * 1024**2
"""Bytes: no engine joins files of that size into larger ones more often than once."""


def spare(files: int, size: int) -> int:
    """How many of a table's files, `size` bytes in all, it has more than it needs."""
    return files - size // SMALL


SCRATCH = "_scratch"
"""The folder in a warehouse for what is no table, or none yet, or none any more."""


def remove(warehouse: Path, table: str) -> None:
    """A table that is a folder: at once no more a table, whenever a death comes in between."""
    away = warehouse / SCRATCH / uuid4().hex
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

    def view_head(self, name: str) -> str:
        """What stands before the query that makes a view, or makes it anew."""


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

    def view_head(self, name: str) -> str:
        return f"CREATE OR REPLACE TEMPORARY VIEW {quoted(name)}"


@dataclass(frozen=True, slots=True)
class CatalogSchema:
    """A schema of a catalog: Unity Catalog's, or one that Spark knows by itself."""

    catalog: str
    schema: str

    @property
    def warehouse(self) -> None:
        return None

    def reference(self, table: str) -> str:
        return ".".join(quoted(name) for name in (self.catalog, self.schema, table))

    def view_head(self, name: str) -> str:
        return f"CREATE OR REPLACE VIEW {self.reference(name)}"

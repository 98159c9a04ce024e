"""Files of a table exchanged for others in one commit, which holds only for the version that was looked at."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction
from pyspark.sql.types import StructField, StructType

from pipeline_jobs.engines.rewriting.parts import TouchedFile
from pipeline_jobs.errors import CommitConflictError

_CHECKPOINT = 10
"""Versions from one checkpoint to the next, as other writers of Delta have it; a reader goes through those between."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file at `path` with the statistics of the log that it was written with, as JSON."""

    path: Path
    size: int
    written_at: int
    stats: str

    @property
    def rows(self) -> int:
        return int(json.loads(self.stats)["numRecords"])


def written_files(table: Path) -> list[WrittenFile]:
    """The files of a table that appends alone have made; empty ones are left out."""
    commits = sorted((table / "_delta_log").glob("*.json"))
    adds = [action["add"] for commit in commits for action in _actions(commit) if "add" in action]
    files = [WrittenFile(table / unquote(of["path"]), of["size"], of["modificationTime"], of["stats"]) for of in adds]
    return [file for file in files if file.rows]


def written_columns(table: Path) -> StructType:
    """Of a table that appends alone have made."""
    first = _actions(table / "_delta_log" / f"{0:020}.json")
    [columns] = [action["metaData"]["schemaString"] for action in first if "metaData" in action]
    return _columns(columns)


def columns_of(table: DeltaTable) -> StructType:
    """At the version that it is of."""
    return _columns(table.schema().to_json())


def _columns(of_log: str) -> StructType:
    # Names and types are as Spark writes them; what else Sail notes of a column, it does not read.
    fields = StructType.fromJson(json.loads(of_log)).fields
    return StructType([StructField(field.name, field.dataType) for field in fields])


def _actions(commit: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]


def exchange(table: DeltaTable, folder: Path, gone: Sequence[TouchedFile], come: Sequence[WrittenFile]) -> None:
    """Moves what comes into the table's folder, and commits. Raises CommitConflictError where the table has a newer
    version than `table` is of, whatever it changed: two appends of one key would conflict in no engine's eyes.

    What was moved for a commit that failed stays until upkeep: an error does not say that nothing was committed.
    """
    now = time.time_ns() // 1_000_000
    for file in come:
        file.path.rename(folder / file.path.name)
    adds = [AddAction(file.path.name, file.size, {}, file.written_at, True, file.stats) for file in come]
    removes = [RemoveAction(file.path, True, now, file.size, {}) for file in gone]
    try:
        table.create_write_transaction(
            [*adds, *removes], "append", table.schema(), commit_properties=CommitProperties(max_commit_retries=0)
        )
    except CommitFailedError as error:
        raise CommitConflictError("another session changed a table at the same time") from error
    table.update_incremental()
    checkpoint_if_due(table)


def checkpoint_if_due(table: DeltaTable) -> None:
    """For whoever has just committed: delta-rs by itself leaves the first at version 99."""
    if table.version() % _CHECKPOINT == 0:
        table.create_checkpoint()

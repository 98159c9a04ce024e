"""Versions of a folder's table by delta-rs: Sail keeps no change feed, and finds no version before a checkpoint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from pipeline_jobs.engines.versions.version import GONE, Version


@dataclass(frozen=True, slots=True)
class FolderVersions:
    """`path` is the table's folder."""

    path: str

    def keep_changes(self) -> None:
        """Two versions are held against each other, as they are."""

    def newest(self) -> Version:
        table = DeltaTable(self.path)
        return Version(str(table.metadata().id), table.version())

    def count(self, number: int) -> int:
        return self.counts(number, number)[0]

    def counts(self, before: int, after: int) -> tuple[int, int]:
        """The rows of two versions."""
        query = "SELECT (SELECT count(*) FROM earlier) AS before, (SELECT count(*) FROM later) AS after"
        [counted] = self._ask(query, earlier=before, later=after)
        return int(counted.column("before")[0].as_py()), int(counted.column("after")[0].as_py())

    def whole(self, number: int, folder: Path) -> Iterator[pa.RecordBatch]:
        del folder
        return self._ask("SELECT * FROM later", later=number)

    def changed(self, key: Sequence[str], since: int, until: int, folder: Path) -> Iterator[pa.RecordBatch] | None:
        del folder
        if self._is_replaced(since, until) or not self._has_files(since):
            return None
        return self._changed(key, since, until)

    def _has_files(self, number: int) -> bool:
        """Whether nobody has removed them yet, or that part of the log."""
        try:
            of_log = pa.table(DeltaTable(self.path, version=number).get_add_actions()).column("path").to_pylist()
        except DeltaError:
            return False
        return all((Path(self.path) / unquote(str(path))).exists() for path in of_log)

    def _is_replaced(self, since: int, until: int) -> bool:
        """Whether all rows were put there anew in between: perhaps by another key, which old rows have in common."""
        commits = DeltaTable(self.path, version=until).history(until - since)
        return any(commit.get("operationParameters", {}).get("mode") == "Overwrite" for commit in commits)

    def _changed(self, key: Sequence[str], since: int, until: int) -> Iterator[pa.RecordBatch]:
        before, now = self._names(since), self._names(until)
        rows = ", ".join(map(_quoted, now))
        rows_before = ", ".join(_quoted(name) if name in before else f"NULL AS {_quoted(name)}" for name in now)
        keys = ", ".join(map(_quoted, key))
        # Quoted names of columns, and our own words.
        changed = (
            f"SELECT {rows}, false AS {GONE} FROM (SELECT {rows} FROM later EXCEPT SELECT {rows_before} FROM earlier)"  # noqa: S608  # see above
        )
        gone = f"SELECT {keys}, true AS {GONE} FROM (SELECT {keys} FROM earlier EXCEPT SELECT {keys} FROM later)"  # noqa: S608  # see above
        for query in (changed, gone):
            yield from self._ask(query, earlier=since, later=until)

    def _names(self, number: int) -> list[str]:
        return [field.name for field in DeltaTable(self.path, version=number).schema().fields]

    def _ask(self, query: str, **versions: int) -> Iterator[pa.RecordBatch]:
        builder = QueryBuilder()
        for name, number in versions.items():
            builder = builder.register(name, DeltaTable(self.path, version=number))
        for batch in builder.execute(query):
            yield pa.record_batch(batch)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

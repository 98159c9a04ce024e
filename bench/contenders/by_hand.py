"""What those that are written by hand share: a staging table that grows, and delta-rs' merge by key."""

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from bench.contenders import COLUMNS, KEY

FILE = "_file"


class DeltaTables:
    """A staging table and a target in a folder, of so many files."""

    def __init__(self, folder: Path, files: int = 0) -> None:
        self.stage, self.target = str(folder / "stage"), str(folder / "target")
        self.files = files

    def append(self, rows: pa.Table) -> None:
        """To the staging table, as those of the next file: `rows` have a column FILE with its number."""
        write_deltalake(self.stage, rows, mode="append")

    def merge(self, rows: pa.Table) -> None:
        """Into the target, which is made with the first rows."""
        if not DeltaTable.is_deltatable(self.target):
            write_deltalake(self.target, rows.schema.empty_table())
        merger = DeltaTable(self.target).merge(rows, f"t.{KEY} = s.{KEY}", source_alias="s", target_alias="t")
        merger.when_matched_update_all().when_not_matched_insert_all().execute()

    def rows(self) -> pa.Table:
        return DeltaTable(self.target).to_pyarrow_table(columns=list(COLUMNS))

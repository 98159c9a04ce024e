"""The limit: the same bytes read and written, and nothing asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from bench.contenders import COLUMNS, Begin


class Parquet:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stage(self, file: Path) -> None:
        rows = pyarrow.csv.read_csv(file, convert_options=pyarrow.csv.ConvertOptions(column_types=pa.schema(COLUMNS)))
        pyarrow.parquet.write_table(rows, self._folder / f"{file.stem}.parquet")

    def target(self) -> None:
        """It has none."""

    def rows(self) -> None:
        return None


@contextmanager
def opened() -> Iterator[Begin]:
    yield Parquet

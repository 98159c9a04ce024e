"""dlt: the file as a resource, Delta tables in a folder, merged by key. It stages and merges in one step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.csv
from deltalake import DeltaTable

from bench.contenders import COLUMNS, KEY, Begin


class Dlt:
    def __init__(self, folder: Path) -> None:
        self._tables = folder / "tables"
        self._pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=str(folder / "pipelines"),
            destination=dlt.destinations.filesystem(bucket_url=self._tables.as_uri()),
            dataset_name="bench",
        )
        self._file = Path()

    def stage(self, file: Path) -> None:
        self._file = file

    def target(self) -> None:
        convert = pyarrow.csv.ConvertOptions(column_types=pa.schema(COLUMNS))

        orders = dlt.resource(
            lambda: iter([pyarrow.csv.read_csv(self._file, convert_options=convert)]),
            name="orders",
            table_format="delta",
            primary_key=KEY,
            write_disposition={"disposition": "merge", "strategy": "upsert"},
        )
        self._pipeline.run(orders).raise_on_failed_jobs()

    def rows(self) -> pa.Table:
        return DeltaTable(str(self._tables / "bench" / "orders")).to_pyarrow_table(columns=list(COLUMNS))


@contextmanager
def opened() -> Iterator[Begin]:
    yield Dlt

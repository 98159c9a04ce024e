"""DuckDB reads, casts and picks; deltalake writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from bench.contenders import Begin
from bench.contenders.by_hand import DeltaTables

_TYPES = {
    "o_orderkey": "BIGINT",
    "o_custkey": "BIGINT",
    "o_orderstatus": "VARCHAR",
    "o_totalprice": "DECIMAL(15,2)",
    "o_orderdate": "DATE",
    "o_orderpriority": "VARCHAR",
    "o_clerk": "VARCHAR",
    "o_shippriority": "INTEGER",
    "o_comment": "VARCHAR",
}


class DuckDB:
    def __init__(self, tables: DeltaTables, connection: duckdb.DuckDBPyConnection) -> None:
        self._tables = tables
        self._connection = connection

    def stage(self, file: Path) -> None:
        self._tables.files += 1
        rows = self._connection.sql(
            "SELECT *, $number::INTEGER AS _file FROM read_csv($file, header = true, columns = $types)",
            params={"number": self._tables.files, "file": str(file), "types": _TYPES},
        )
        self._tables.append(rows.to_arrow_table())

    def target(self) -> None:
        staged = DeltaTable(self._tables.stage).to_pyarrow_dataset()
        self._connection.register("staged", staged)
        newest = self._connection.sql(
            "SELECT DISTINCT ON (o_orderkey) * EXCLUDE _file FROM staged WHERE _file = $number",
            params={"number": self._tables.files},
        )
        self._tables.merge(newest.to_arrow_table())

    def rows(self) -> pa.Table:
        return self._tables.rows()


@contextmanager
def opened() -> Iterator[Begin]:
    with duckdb.connect() as connection:
        yield lambda folder: DuckDB(DeltaTables(folder), connection)

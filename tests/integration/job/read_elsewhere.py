"""A program of `.venv-readers`: reads Delta tables by the clients that others use, and says of each what it got.

`python read_elsewhere.py OUT FOLDER …` writes OUT/<reader>.<folder>.arrow, a stream with the table's rows, or
OUT/<reader>.<folder>.refused, the class of the error and its text.
"""

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder


def by_delta_rs(folder: str) -> pa.Table:
    rows: pa.Table = DeltaTable(folder).to_pyarrow_table()
    return rows


def by_delta_rs_sql(folder: str) -> pa.Table:
    return pa.table(QueryBuilder().register("t", DeltaTable(folder)).execute("SELECT * FROM t").read_all())


def by_polars(folder: str) -> pa.Table:
    rows: pa.Table = pl.scan_delta(folder).collect().to_arrow()
    return rows


def by_duckdb(folder: str) -> pa.Table:
    """By its extension `delta`, which DuckDB loads if its maker has signed it."""
    package = find_spec("duckdb_ext")
    assert package is not None
    [root] = package.submodule_search_locations or []
    with duckdb.connect(config={"extension_directory": str(Path(root, "extensions"))}) as connection:
        connection.execute("LOAD delta")
        rows: pa.Table = connection.execute("SELECT * FROM delta_scan($folder)", {"folder": folder}).fetch_arrow_table()
        return rows


READERS: Mapping[str, Callable[[str], pa.Table]] = {
    "delta-rs": by_delta_rs,
    "delta-rs, SQL": by_delta_rs_sql,
    "polars": by_polars,
    "DuckDB": by_duckdb,
}


def write(rows: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)


if __name__ == "__main__":
    out = Path(sys.argv[1])
    for reader, read in READERS.items():
        for folder in map(Path, sys.argv[2:]):
            try:
                rows = read(str(folder))
            except Exception as error:  # noqa: BLE001  # that a client refuses a table is what is asked here
                (out / f"{reader}.{folder.name}.refused").write_text(f"{type(error).__name__}: {error}", "utf-8")
            else:
                write(rows, out / f"{reader}.{folder.name}.arrow")

"""Makes the files of a measurement from TPC-H's orders, as `tpchgen-cli` draws them."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from bench.files import Files

_EVERY_KEY = 10
_NEW_SHARE = 100
_WARM_UP = 1000


def make_files(folder: Path, scale: float, environment: Mapping[str, str]) -> Files:
    """In a new folder, the same each time; `scale` 1 is 1.5 million orders, 165 MB."""
    folder.mkdir()
    made = Files.in_folder(folder)
    program = Path(sys.executable).parent / "tpchgen-cli"
    command: list[str | Path] = [program, "csv", "-s", f"{scale:g}", "--tables", "orders", "--output-dir", folder]
    subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603  # this environment's program, and numbers
    orders = pl.read_csv(made.orders, schema_overrides={"o_totalprice": pl.String})
    orders.head(_WARM_UP).write_csv(made.warm_up)
    _changes(orders).write_csv(made.changes)
    return made


def _changes(orders: pl.DataFrame) -> pl.DataFrame:
    changed = orders.gather_every(_EVERY_KEY)
    above = orders["o_orderkey"].max()
    new = orders.gather_every(_NEW_SHARE).with_columns(pl.col("o_orderkey") + above)
    return pl.concat([changed, new]).with_columns(o_orderstatus=pl.lit("F"), o_clerk=pl.lit("Clerk#000000000"))

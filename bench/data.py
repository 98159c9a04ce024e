"""Makes the files of a measurement from TPC-H's orders, as `tpchgen-cli` draws them."""

import gzip
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.files import Files

_EVERY_KEY = 10
_NEW_SHARE = 100
_WARM_UP = 1000
_AS_TEXT = {"o_totalprice": pl.String}
_KEYS = 6_000_000
"""What the keys of the orders stay below, and the next ones begin above."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Makes files in `folder` of TPC-H's orders, over and over with other keys: as many rows as are asked for."""

    folder: Path
    orders: pl.LazyFrame
    count: int

    @classmethod
    def drawn(cls, folder: Path, environment: Mapping[str, str], scale: float = 1.0) -> "Orders":
        """1.5 million by that scale, in a new folder."""
        orders = pl.scan_csv(make_files(folder, scale, environment).orders, schema_overrides=_AS_TEXT)
        return cls(folder, orders, orders.select(pl.len()).collect().item())

    def file(self, name: str, rows: int, before: int = 0) -> Path:
        """Of those behind the first `before`; no key comes twice, and keys grow. By gzip, where the name says so."""
        path, written = self.folder / name, 0
        with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as file:
            while written < rows:
                turn, start = divmod(before + written, self.count)
                piece = self._turn(turn).slice(start, rows - written).collect()
                piece.write_csv(file, include_header=written == 0)
                written += len(piece)
        return path

    def turns(self, times: int) -> pl.LazyFrame:
        """As many rows as so many times the orders, with the keys that `file` has given them."""
        return pl.concat([self._turn(turn) for turn in range(times)])

    def _turn(self, number: int) -> pl.LazyFrame:
        return self.orders.with_columns(pl.col("o_orderkey") + number * _KEYS)

    def files(self, count: int, rows: int, ending: str = ".csv") -> list[Path]:
        return [self.file(f"orders-{number}{ending}", rows, number * rows) for number in range(count)]


def make_files(folder: Path, scale: float, environment: Mapping[str, str]) -> Files:
    """In a new folder, the same each time; `scale` 1 is 1.5 million orders, 165 MB."""
    folder.mkdir()
    made = Files.in_folder(folder)
    program = Path(sys.executable).parent / "tpchgen-cli"
    command: list[str | Path] = [program, "csv", "-s", f"{scale:g}", "--tables", "orders", "--output-dir", folder]
    subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603  # this environment's program, and numbers
    orders = pl.read_csv(made.orders, schema_overrides=_AS_TEXT)
    orders.head(_WARM_UP).write_csv(made.warm_up)
    _changes(orders).write_csv(made.changes)
    return made


def _changes(orders: pl.DataFrame) -> pl.DataFrame:
    changed = orders.gather_every(_EVERY_KEY)
    above = orders["o_orderkey"].max()
    new = orders.gather_every(_NEW_SHARE).with_columns(pl.col("o_orderkey") + above)
    return pl.concat([changed, new]).with_columns(o_orderstatus=pl.lit("F"), o_clerk=pl.lit("Clerk#000000000"))

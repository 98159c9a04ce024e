"""`.venv-bench/bin/python -m bench.shapes [SHAPE …]`: what stage_load and the first target_load cost, by what waits:
many small files, large and packed ones, and wide ones.

Each on an engine of its own, behind a warm-up of a thousand rows. CPU seconds are those of driver and engine; memory is
the greatest that the engine held at work, `kept` what it held when it had nothing to do any more.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from psutil import Process

from bench.contenders.ingest_contender import Ingest, orders_contract, sail_server
from bench.cost import Cost, measured
from bench.data import Orders, packed
from contracts.contract import Contract
from contracts.parsing.parse import parse_contract
from local.environment import of_children

_MILLION = 1_000_000
_WIDE_ROWS = 200
_OF_6_MB = 55_000


@dataclass(frozen=True, slots=True)
class Shape:
    write: Callable[[Orders], list[Path]]
    contract: Contract


def _wide(columns: int) -> Shape:
    names = [f"column_{number}" for number in range(columns)]

    def write(orders: Orders) -> list[Path]:
        path = orders.folder / "wide.csv"
        rows = (",".join(str(row * columns + at) for at in range(columns)) for row in range(_WIDE_ROWS))
        path.write_text("\n".join((",".join(names), *rows)) + "\n")
        return [path]

    key = {"primaryKey": True, "primaryKeyPosition": 1}
    properties = [{"name": name, "physicalType": "bigint", **(key if at == 0 else {})} for at, name in enumerate(names)]
    document = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "wide",
        "name": "wide",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "wide", "properties": properties}],
        "customProperties": [{"property": "filePattern", "value": "wide/*.csv"}],
    }
    return Shape(write, parse_contract(document, "bench"))


def _shapes() -> Mapping[str, Shape]:
    orders = orders_contract()

    def of(write: Callable[[Orders], list[Path]]) -> Shape:
        return Shape(write, orders)

    return {
        "1 file of 100,000 rows": of(lambda of: of.files(1, 100_000)),
        "1,000 files of 100 rows": of(lambda of: of.files(1000, 100)),
        "500 files of 1 row": of(lambda of: of.files(500, 1)),
        "100 files of 6 MB": of(lambda of: of.files(100, _OF_6_MB)),
        "200 gzip files, 1.2 GB unpacked": of(lambda of: packed(of.files(200, _OF_6_MB))),
        "1 million rows": of(lambda of: of.files(1, _MILLION)),
        "10 million rows": of(lambda of: of.files(1, 10 * _MILLION)),
        "32 million rows": of(lambda of: of.files(1, 32 * _MILLION)),
        "10 million rows in gzip": of(lambda of: packed(of.files(1, 10 * _MILLION))),
        **{f"200 rows of {columns:,} columns": _wide(columns) for columns in (100, 250, 500, 1000)},
    }


def main() -> int:
    shapes = _shapes()
    asked = _parser(shapes).parse_args()
    sys.stdout.write(
        "| what waits | stage CPU s | merge CPU s | stage MB | merge MB | kept MB | files of the stage |\n"
    )
    sys.stdout.write(f"|{'---|' * 7}\n")
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
        orders = Orders.drawn(Path(name) / "data", of_children(os.environ, Path(name)))
        for shape in asked.shapes or shapes:
            with TemporaryDirectory(dir=name) as folder:
                sys.stdout.write(_line(shape, shapes[shape], replace(orders, folder=Path(folder))))
                sys.stdout.flush()
    return 0


def _line(name: str, shape: Shape, orders: Orders) -> str:
    warm_up = orders.file("warm_up.csv", 1000)
    files = shape.write(orders)
    with sail_server() as url:
        _load(Ingest(orders.folder / "warm_up", url, orders_contract()), [warm_up])
        feed = Ingest(orders.folder / "measured", url, shape.contract)
        staged, merged = _load(feed, files)
        kept = sum(child.memory_info().rss for child in Process().children(recursive=True))
    parts = len(feed.table(shape.contract.stage_table).file_uris())
    memory = " | ".join(f"{size / 1e6:,.0f}" for size in (staged.started, merged.started, kept))
    return f"| {name} | {staged.cpu:.2f} | {merged.cpu:.2f} | {memory} | {parts} |\n"


def _load(feed: Ingest, files: list[Path]) -> tuple[Cost, Cost]:
    with measured() as staged:
        feed.stage(*files)
    with measured() as merged:
        feed.target()
    return staged, merged


def _parser(shapes: Mapping[str, Shape]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.shapes", description=__doc__)
    parser.add_argument("--work", type=Path, help="a folder for data and tables (the system's for temporary files)")
    parser.add_argument(
        "shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(shapes)}; all of them if none is named"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

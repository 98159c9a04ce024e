"""`.venv-bench/bin/python -m bench.floor`: what of a load is the engine's own, in CPU seconds of driver and engine.

Of a stage: the same orders to a Delta table by Sail alone, by this project's reader with plain casts, and judged. Of a
first load: the target's columns read from a stage of this project's and written, by Sail alone. Of a merge of changes:
all files of a target of this project's read and written, which is what changes scattered over its keys come to.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bench.contenders.ingest_contender import Ingest, orders_contract, sail_server
from bench.cost import Cost, measured
from bench.data import make_files
from contracts.contract import Contract
from local.environment import of_children
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.request import CellsFile, CellsRequest

_MOST_BYTES = 1 << 40


def main() -> int:
    asked = _parser().parse_args()
    contract = orders_contract()
    with TemporaryDirectory(prefix="bench-floor-") as name, sail_server() as url:
        folder = Path(name)
        orders = make_files(folder / "data", asked.scale, of_children(os.environ, folder)).orders
        ours = Ingest(folder / "ours", url, contract)
        ours.stage(orders)
        ours.target()
        with closing(SailEngine(url, folder / "warehouse")) as engine:
            ways = {**_ways(engine, contract, orders, folder), **_of_tables(engine, contract, ours)}
            least = dict.fromkeys(ways, Cost(inf, inf))
            for number in range(1, asked.rounds + 1):
                sys.stderr.write(f"round {number} of {asked.rounds}\n")
                for at, (way, rows) in enumerate(ways.items()):
                    with measured() as cost:
                        rows().write.format("delta").save(str(folder / f"table-{number}-{at}"))
                    least[way] = min(least[way], cost, key=lambda one: one.cpu)
    sys.stdout.write(f"The least of {asked.rounds} rounds.\n\n| | CPU s | s |\n|---|---:|---:|\n")
    for way, cost in least.items():
        sys.stdout.write(f"| {way} | {cost.cpu:.2f} | {cost.wall:.2f} |\n")
    return 0


def _of_tables(engine: SailEngine, contract: Contract, ours: Ingest) -> Mapping[str, Callable[[], DataFrame]]:
    """Where nothing is compared, counted or proved."""
    target = ours.table(contract.table)
    stage = ours.table(contract.stage_table).table_uri
    columns = [field.name for field in target.schema().fields]

    def read(table: str) -> DataFrame:
        return engine.session.read.format("delta").load(table)

    return {
        "first load: Sail alone, the stage's rows with the target's columns": lambda: read(stage).select(*columns),
        "merge of changes: Sail alone, the target's rows": lambda: read(target.table_uri),
    }


def _ways(engine: SailEngine, contract: Contract, orders: Path, folder: Path) -> Mapping[str, Callable[[], DataFrame]]:
    types = {column.name: column.type.sql for column in contract.file_columns}
    header = tuple(types)
    control = str(folder / "control.json")
    file = CellsFile(str(orders), "orders/orders.csv#1", 1, 1, 0, control, header, _MOST_BYTES)
    request = CellsRequest.of((file,), contract)

    def by_sail(of: Mapping[str, str]) -> DataFrame:
        schema = ", ".join(f"{name} {kind}" for name, kind in of.items())
        return engine.session.read.schema(schema).option("header", "true").option("multiLine", "true").csv(str(orders))

    def cast(texts: DataFrame) -> DataFrame:
        return texts.select(*(F.col(name).cast(kind).alias(name) for name, kind in types.items()))

    return {
        "stage: Sail's reader, the types given": lambda: by_sail(types),
        "stage: Sail's reader, texts cast to the types": lambda: cast(by_sail(dict.fromkeys(types, "string"))),
        "stage: our reader, texts cast to the types": lambda: cast(engine.cells(request)),
        "stage: our reader, each cell judged": lambda: judge(engine.cells(request), contract, datetime.now(UTC)),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of TPC-H: 1 is 1.5 million orders")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`.venv-bench/bin/python -m bench.floor`: what of a stage is the engine's own, in CPU seconds of driver and engine.

The same orders to a Delta table by Sail alone, by this project's reader with plain casts, and judged.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bench.contenders.ingest_contender import orders_contract, sail_server
from bench.cost import measured
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
    with TemporaryDirectory(prefix="bench-floor-") as name:
        orders = make_files(Path(name) / "data", asked.scale, of_children(os.environ, Path(name))).orders
        with _engine(Path(name)) as engine:
            ways = _ways(engine, contract, orders, Path(name))
            least = dict.fromkeys(ways, float("inf"))
            for number in range(asked.rounds):
                for at, (way, rows) in enumerate(ways.items()):
                    with measured() as cost:
                        rows().write.format("delta").save(str(Path(name) / f"table-{number}-{at}"))
                    least[way] = min(least[way], cost.cpu)
    sys.stdout.write("| | CPU s |\n|---|---:|\n")
    for way, cpu in least.items():
        sys.stdout.write(f"| {way} | {cpu:.1f} |\n")
    return 0


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
        "Sail's reader, the types given": lambda: by_sail(types),
        "Sail's reader, texts cast to the types": lambda: cast(by_sail(dict.fromkeys(types, "string"))),
        "our reader, texts cast to the types": lambda: cast(engine.cells(request)),
        "our reader, each cell judged": lambda: judge(engine.cells(request), contract, datetime.now(UTC)),
    }


@contextmanager
def _engine(folder: Path) -> Iterator[SailEngine]:
    with sail_server() as url:
        engine = SailEngine(url, folder / "warehouse")
        try:
            yield engine
        finally:
            engine.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of TPC-H: 1 is 1.5 million orders")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())

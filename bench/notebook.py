"""`python -m bench.notebook`: the job on Spark with Delta Lake, beside the plain notebook that people write.

Both work through one Spark Connect server, which compiles as Java and Spark do by themselves: the local stack's is set
up for small data and a quick start. The orders are those of `make bench`, the rounds interleaved, behind a whole one
that warms up; CPU seconds are those of the server, of the Python that it starts, and of the driver.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession

from bench.contenders import STEPS, Contender
from bench.contenders.ingest_contender import Ingest, orders_contract
from bench.contenders.plain_notebook import PlainNotebook
from bench.cost import Cost
from bench.data import make_files
from bench.files import Files
from bench.rows import digest, hold_equal
from bench.worker import measured_steps
from local.engines import PROJECT, spark_server
from local.environment import of_children
from local.processes import ChildProcess, accepts_connections, free_ports
from pipeline_jobs.engines import READERS

_PATIENCE = 300.0
_TUNING = {"spark.sql.shuffle.partitions": "2", "spark.databricks.delta.snapshotPartitions": "2"}
"""As many as the server has cores: Spark's own 200 and Delta's 50 are a cluster's."""
OURS, PLAIN = "this project's job", "the plain notebook"
_WHOLE = "all four"

Costs = Mapping[str, Cost]
"""Of each step."""


def main() -> int:
    asked = _parser().parse_args()
    logging.disable(logging.WARNING)
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
        folder = Path(name)
        files = make_files(folder / "data", asked.scale, of_children(os.environ, folder))
        with _server(folder) as url:
            session = SparkSession.builder.remote(url).create()
            contenders: Mapping[str, Callable[[Path], Contender]] = {
                PLAIN: lambda place: PlainNotebook(place, session),
                OURS: lambda place: Ingest(place, url, orders_contract(), "spark", asked.reader),
            }
            rounds = [_round(contenders, files, folder, number) for number in range(asked.rounds + 1)]
            session.stop()
    sys.stdout.write("\n".join(_table(rounds[1:], asked.scale)))
    return 0


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Its address with its token."""
    [port] = free_ports(0, 1)
    server = spark_server(port, folder, _TUNING)
    # The workers that read files are to be of these modules, whatever the environment has installed.
    environment = {**of_children(os.environ, folder), **server.environment, "PYTHONPATH": str(PROJECT)}
    child = ChildProcess("spark", server.command, environment, folder / "engine.log")
    try:
        child.wait_until(lambda: accepts_connections(port), _PATIENCE)
        yield server.url_with_token
    finally:
        child.wait()


def _round(
    contenders: Mapping[str, Callable[[Path], Contender]], files: Files, folder: Path, number: int
) -> Mapping[str, Costs]:
    """What each contender's steps cost, on new tables; raises DifferentRows."""
    costs: dict[str, Costs] = {}
    rows = {}
    for who, begin in contenders.items():
        with TemporaryDirectory(dir=folder) as place:
            contender = begin(Path(place))
            costs[who] = measured_steps(contender, files)
            rows[who] = digest(contender.rows())
        told = ", ".join(f"{step} {cost.cpu:.1f}" for step, cost in costs[who].items())
        sys.stderr.write(f"{f'round {number}' if number else 'to warm up'}: {who}: CPU seconds: {told}\n")
    hold_equal(rows)
    return costs


def _table(rounds: Sequence[Mapping[str, Costs]], scale: float) -> Iterator[str]:
    yield f"Median of {len(rounds)} rounds at scale {scale:g}: CPU seconds of server and driver, in brackets seconds;"
    yield "and the median of the rounds' ratios."
    yield ""
    yield f"| | {PLAIN} | {OURS} | times the CPU | times the seconds |"
    yield "|---|---:|---:|---:|---:|"
    for step in (*STEPS, _WHOLE):
        plain, ours = ([_of(one[who], step) for one in rounds] for who in (PLAIN, OURS))
        cells = (
            *(
                f"{median(cost.cpu for cost in costs):.2f} ({median(cost.wall for cost in costs):.2f})"
                for costs in (plain, ours)
            ),
            f"{median(b.cpu / a.cpu for a, b in zip(plain, ours, strict=True)):.2f}",
            f"{median(b.wall / a.wall for a, b in zip(plain, ours, strict=True)):.2f}",
        )
        yield f"| {step} | {' | '.join(cells)} |"
    yield ""


def _of(costs: Costs, step: str) -> Cost:
    if step != _WHOLE:
        return costs[step]
    return Cost(sum(cost.cpu for cost in costs.values()), sum(cost.wall for cost in costs.values()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.notebook", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.2, help="of TPC-H: 1 is 1.5 million orders")
    parser.add_argument("--rounds", type=int, default=5, help="behind one that warms up")
    parser.add_argument("--reader", choices=READERS, default="", help="who reads our files (as the engine has it)")
    parser.add_argument("--work", type=Path, help="where files and tables are, for a while")
    return parser


if __name__ == "__main__":
    sys.exit(main())

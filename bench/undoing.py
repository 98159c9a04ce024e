"""`python -m bench.undoing`: what taking one file out costs, beside loading all files again.

Driver and engine are one process, whose CPU seconds count. The files' keys are spread over all of the table, or each
file has its own neighbourhood, as where keys grow with time.
"""

import argparse
import logging
import random
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]  # it ships no types

from bench.runs import parameters
from contracts.contract import Contract
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.run import open_run
from pipeline_jobs.steps import merge, stage

_FILES, _TAKEN, _TEXTS = 200, 100, 8
_START = datetime(2026, 1, 1, tzinfo=UTC)
_COLUMNS = {
    "id": "bigint",
    "version": "int",
    **{f"text_{n}": "string" for n in range(_TEXTS)},
    "amount": "decimal(12,2)",
}
_CONTRACT = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "things",
    "name": "things",
    "version": "1.0.0",
    "status": "active",
    "schema": [
        {
            "name": "things",
            "properties": [
                {
                    "name": name,
                    "physicalType": kind,
                    **({"primaryKey": True, "primaryKeyPosition": 1} if name == "id" else {}),
                }
                for name, kind in _COLUMNS.items()
            ],
        }
    ],
    "customProperties": [
        {"property": "filePattern", "value": "things/*.csv"},
        {"property": "sequenceBy", "value": ["version"]},
        {"property": "deleteWhen", "value": "text_0 = 'gone'"},
    ],
}


def main() -> int:
    asked = _parser().parse_args()
    logging.disable(logging.WARNING)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    url = f"sc://127.0.0.1:{server.listening_address[1]}"
    contract = parse_contract(_CONTRACT, "bench")
    for spread in (True, False):
        for _ in range(asked.rounds):
            with TemporaryDirectory(prefix="bench-", dir=asked.work) as name:
                loaded, taken = _round(Path(name), url, contract, asked.rows, spread=spread)
            kind = "spread keys" if spread else "keys that grow"
            sys.stdout.write(f"{kind}: load {loaded:.2f} s, retract one {taken:.2f} s, {100 * taken / loaded:.1f} %\n")
    return 0


def _round(folder: Path, url: str, contract: Contract, rows: int, *, spread: bool) -> tuple[float, float]:
    files = _put(folder / "lake", rows, spread=spread)
    with _spent() as loaded:
        _run(folder, url, contract, "load", None)
    with _spent() as taken:
        _run(folder, url, contract, "retract", Operation(Do.RETRACT, (files[_TAKEN],)))
    return loaded(), taken()


def _put(lake: Path, rows: int, *, spread: bool) -> list[str]:
    """Files in which a key comes twice on the average, in source/; their identities."""
    chance, identities = random.Random(7), []  # noqa: S311  # the same files each time
    for number in range(_FILES):
        file = LakeFile("things", _START + timedelta(minutes=number), number + 1, f"things/{number}.csv")
        path = lake / file.path("source")
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8") as written:
            written.write(",".join(_COLUMNS) + "\n")
            for row in range(rows):
                key = chance.randrange(_FILES * rows // 2) if spread else number * rows // 2 + chance.randrange(rows)
                texts = ",".join(f"text {key % 97} of {text}" for text in range(_TEXTS))
                written.write(f"{key},{number},{texts},{row}.25\n")
        identities.append(file.identity("landing"))
    return identities


def _run(folder: Path, url: str, contract: Contract, run_id: str, operation: Operation | None) -> None:
    told = parameters(folder, "things", url, run_id, operation=operation.text() if operation else "")
    with open_run(told, (contract,)) as run:
        stage.stage_load(run)
        merge.target_load(run)


@contextmanager
def _spent() -> Iterator[Callable[[], float]]:
    """The CPU seconds of the block, once it has ended."""
    before, found = _cpu(), list[float]()
    yield lambda: found[0]
    found.append(_cpu() - before)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.undoing", description=__doc__)
    parser.add_argument("--rows", type=int, default=5000, help="of each of the 200 files")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--work", type=Path, help="where the files are, for a while")
    return parser


if __name__ == "__main__":
    sys.exit(main())

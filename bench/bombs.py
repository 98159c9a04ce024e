"""`python -m bench.bombs`: what files cost that are made to cost much, beside a file of one row.

Each is staged by a run of its own on an engine of its own, which reads it. Memory is the greatest that the engine held,
as the system counts it; CPU seconds are those of engine and driver.
"""

import argparse
import gzip
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.runs import parameters
from contracts.contract import Contract
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from local.engines import engine_server
from local.processes import accepts_connections, free_ports
from pipeline_jobs.run import open_run
from pipeline_jobs.steps import stage

_MIB, _GB = 1024 * 1024, 1000 * 1000 * 1000
_HEAD = b"id,value\n"
_FILE = LakeFile("things", datetime(2026, 1, 1, tzinfo=UTC), 1, "things/bomb.csv")
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
                {"name": "id", "physicalType": "bigint", "primaryKey": True, "primaryKeyPosition": 1},
                {"name": "value", "physicalType": "string"},
            ],
        }
    ],
    "customProperties": [{"property": "filePattern", "value": "things/*.csv"}],
}


@dataclass(slots=True)
class Cost:
    """CPU seconds, and the engine's greatest memory in bytes; filled when the engine has ended."""

    cpu: float = 0.0
    peak: int = 0


def _written(head: bytes, piece: bytes, times: int, tail: bytes = b"") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(head)
            for _ in range(times):
                file.write(piece)
            file.write(tail)

    return write


def _zipped(piece: bytes, size: int) -> Callable[[Path], None]:
    """Of `size` bytes unpacked; in members, since to pack all of it takes longer than to read it."""
    member = piece * (16 * _MIB // len(piece))
    return _written(gzip.compress(_HEAD), gzip.compress(member), size // len(member))


_BOMBS: Mapping[str, Callable[[Path], None]] = {
    "one row": _written(_HEAD, b"1,a\n", 1),
    "gzip of 10 GB of zeros": _zipped(b"\0", 10 * _GB),
    "gzip of 10 GB of one letter": _zipped(b"0", 10 * _GB),
    "gzip of 10 GB of line ends": _zipped(b"\n", 10 * _GB),
    "a line of 1 GB": _written(_HEAD + b"1,", b"x" * _MIB, _GB // _MIB),
    "a quoted line of 1 GB": _written(_HEAD + b'1,"', b'x\n""' * (_MIB // 4), _GB // _MIB, b'"\n'),
    "a cell of 200 MB": _written(_HEAD + b'1,"', b"x" * _MIB, 200, b'"\n2,b\n'),
    "100,000 columns": _written(b"id", b",column", 99_999, b"\n1\n"),
    "a row of 100,000 cells": _written(_HEAD, b"1,", 100_000, b"\n2,b\n"),
}


def main() -> int:
    asked = _parser().parse_args()
    logging.disable(logging.WARNING)
    contract = parse_contract(_CONTRACT, "bench")
    sys.stdout.write("| file | bytes | becomes | CPU s | memory, MB |\n|---|---|---|---|---|\n")
    for name in asked.bombs or _BOMBS:
        with TemporaryDirectory(prefix="bench-") as folder:
            size, verdict, cost = _staged(Path(folder), contract, _BOMBS[name])
        sys.stdout.write(f"| {name} | {size:,} | {verdict} | {cost.cpu:.1f} | {cost.peak / _MIB:.0f} |\n")
        sys.stdout.flush()
    return 0


def _staged(folder: Path, contract: Contract, write: Callable[[Path], None]) -> tuple[int, str, Cost]:
    path = folder / "lake" / _FILE.path("source")
    path.parent.mkdir(parents=True)
    write(path)
    size = path.stat().st_size
    cost = Cost()
    with _engine(folder, cost) as url, open_run(parameters(folder, "things", url, "1"), (contract,)) as run:
        stage.stage_load(run)
        identity = _FILE.identity("landing")
        word = run.ledger.histories([identity])[identity].word
    verdict = "" if word is None else word.reason or f"{word.state}, good {word.rows_good}, bad {word.rows_bad}"
    return size, verdict, cost


@contextmanager
def _engine(folder: Path, cost: Cost) -> Iterator[str]:
    [port] = free_ports(0, 1)
    server = engine_server("sail", port, folder)
    before = _cpu(resource.getrusage(resource.RUSAGE_SELF))
    command, environment = server.command, dict(server.environment)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603  # our own command
    try:
        while not accepts_connections(port):
            if process.poll() is not None:
                raise RuntimeError("the engine did not start")
        yield server.url
    finally:
        process.terminate()
        _, process.returncode, used = os.wait4(process.pid, 0)
        cost.cpu = _cpu(used) + _cpu(resource.getrusage(resource.RUSAGE_SELF)) - before
        cost.peak = used.ru_maxrss * 1024


def _cpu(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.bombs", description=__doc__)
    parser.add_argument(
        "bombs", nargs="*", metavar="BOMB", help=f"of {', '.join(_BOMBS)}; all of them if none is named"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

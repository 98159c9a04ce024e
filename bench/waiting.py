"""What one run costs that finds a folder's files waiting, in a process of its own: `python -m bench.waiting FOLDER`.

Prints one line of JSON: of stage_load and of target_load what each cost, what the engine holds afterwards, and how many
files the stage has.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from psutil import Process

from bench.contenders.ingest_contender import Ingest, orders_contract, sail_server
from bench.cost import Cost, measured
from contracts.contract import Contract
from contracts.parsing.parse import parse_contract
from pipeline_jobs.engines import READERS

WARM_UP, WAITING = "warm_up.csv", "waiting"
"""In the folder: a file of orders, and the folder of those that are measured."""


def wide_names(columns: int) -> list[str]:
    """The header of a wide file; the first is its key."""
    return [f"column_{number}" for number in range(columns)]


def wide_contract(columns: int) -> Contract:
    """Of files of so many columns, all of them numbers."""
    key = {"primaryKey": True, "primaryKeyPosition": 1}
    properties = [
        {"name": name, "physicalType": "bigint", **(key if at == 0 else {})}
        for at, name in enumerate(wide_names(columns))
    ]
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
    return parse_contract(document, "bench")


def main() -> int:
    asked = _parser().parse_args()
    contract = wide_contract(asked.columns) if asked.columns else orders_contract()
    files = sorted((asked.folder / WAITING).iterdir())
    with sail_server() as url:
        _load(Ingest(asked.folder / "warm", url, orders_contract(), reader=asked.reader), [asked.folder / WARM_UP])
        feed = Ingest(asked.folder / "measured", url, contract, reader=asked.reader)
        staged, merged = _load(feed, files)
        kept = sum(child.memory_info().rss for child in Process().children(recursive=True))
    parts = len(feed.table(contract.stage_table).file_uris())
    told = {"stage": asdict(staged), "merge": asdict(merged), "kept": kept, "parts": parts}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 0


def _load(feed: Ingest, files: list[Path]) -> tuple[Cost, Cost]:
    with measured() as staged:
        feed.stage(*files)
    with measured() as merged:
        feed.target()
    return staged, merged


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--columns", type=int, default=0, help="of wide files; orders unless it is given")
    parser.add_argument("--reader", choices=READERS, default="", help="who reads the files (as the engine has it)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""This project: the job's own tasks in one warm process, over a server of Sail."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake import DeltaTable

from bench.contenders import COLUMNS, Begin
from bench.runs import parameters
from contracts.contract import Contract
from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.engines import engine_server
from local.environment import of_children
from local.processes import ChildProcess, accepts_connections, free_ports
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.steps import merge, stage

_FEEDS = Path(__file__).parents[1] / "feeds"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PATIENCE = 60.0


class Ingest:
    """One feed, of whose contract the files are; `reader` is who reads them, empty for the engine's usual one."""

    def __init__(self, folder: Path, url: str, contract: Contract, engine: str = "sail", reader: str = "") -> None:
        self.folder = folder
        self._url = url
        self._contract = contract
        self._engine, self._reader = engine, reader
        self.files = 0
        for name in ("lake/source", "scratch", "warehouse/main"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def copied(self, folder: Path) -> "Ingest":
        """As it is now, in a folder that is not there yet; by links, for nobody changes a file of a table in place."""
        shutil.copytree(self.folder, folder, copy_function=os.link)
        copy = Ingest(folder, self._url, self._contract, self._engine, self._reader)
        copy.files = self.files
        return copy

    def stage(self, *files: Path) -> None:
        for file in files:
            self._drop(file)
        self.do(stage.stage_load)

    def target(self) -> None:
        self.do(merge.target_load)

    def _drop(self, file: Path) -> None:
        # As the function copies it; a hard link, for that copy is the cloud's work.
        self.files += 1
        landed = LakeFile(self._contract.feed, _START + timedelta(minutes=self.files), self.files, file.name)
        path = self.folder / "lake" / landed.path("source")
        path.parent.mkdir(parents=True)
        path.hardlink_to(file)

    def table(self, name: str) -> DeltaTable:
        return DeltaTable(str(self.folder / "warehouse" / "main" / name))

    def rows(self) -> pa.Table:
        return self.table(self._contract.table).to_pyarrow_table(columns=list(COLUMNS))

    def do(self, task: Callable[[Run], None]) -> None:
        run_id = f"bench-{self.files}"
        told = parameters(self.folder, self._contract.feed, self._url, run_id, engine=self._engine, reader=self._reader)
        with open_run(told, (self._contract,)) as run:
            task(run)


@contextmanager
def opened() -> Iterator[Begin]:
    contract = orders_contract()
    with sail_server() as url:
        yield lambda folder: Ingest(folder, url, contract)


def orders_contract() -> Contract:
    [contract] = load_contracts(_FEEDS)
    return contract


@contextmanager
def sail_server() -> Iterator[str]:
    """Its address, of a server that ends with the block."""
    [port] = free_ports(0, 1)
    with TemporaryDirectory(prefix="bench-engine-") as name:
        server = engine_server("sail", port, Path(name))
        environment = {**of_children({}, Path(name)), **server.environment}
        child = ChildProcess("sail", server.command, environment, Path(name) / "engine.log")
        try:
            child.wait_until(lambda: accepts_connections(port), _PATIENCE)
            yield server.url_with_token
        finally:
            child.end()
            child.wait()

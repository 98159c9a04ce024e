"""This project: the job's own tasks in one warm process, over a server of Sail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake import DeltaTable

from bench.contenders import COLUMNS, Begin
from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.engines import engine_server
from local.environment import of_children
from local.processes import ChildProcess, accepts_connections, free_ports
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.steps import merge, stage

FEED = "bench_orders"
_FEEDS = Path(__file__).parents[1] / "feeds"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PATIENCE = 60.0


class Ingest:
    """`reader` is who reads the files, empty for the engine's usual one."""

    def __init__(self, folder: Path, url: str, engine: str = "sail", reader: str = "") -> None:
        self._folder = folder
        self._url = url
        self._engine, self._reader = engine, reader
        self._contracts = load_contracts(_FEEDS)
        self._files = 0
        for name in ("lake/source", "scratch", "warehouse/main"):
            (folder / name).mkdir(parents=True)

    def stage(self, file: Path) -> None:
        self._drop(file)
        self._do(stage.stage_load)

    def target(self) -> None:
        self._do(merge.target_load)

    def _drop(self, file: Path) -> None:
        # As the function copies it; a hard link, for that copy is the cloud's work.
        self._files += 1
        landed = LakeFile(FEED, _START + timedelta(minutes=self._files), self._files, f"orders/{file.name}")
        path = self._folder / "lake" / landed.path("source")
        path.parent.mkdir(parents=True)
        path.hardlink_to(file)

    def rows(self) -> pa.Table:
        return DeltaTable(str(self._folder / "warehouse" / "main" / FEED)).to_pyarrow_table(columns=list(COLUMNS))

    def _do(self, task: Callable[[Run], None]) -> None:
        values = {
            "feed": FEED,
            "catalog": str(self._folder / "warehouse"),
            "schema": "main",
            "volume": str(self._folder / "lake"),
            "scratch_volume": str(self._folder / "scratch"),
            "landing_bucket": "landing",
            "engine": self._engine,
            "engine_url": self._url,
            "reader": self._reader,
            "run_id": f"bench-{self._files}",
        }
        with open_run(
            Parameters.parse([f"--{name}={value}" for name, value in values.items()]), self._contracts
        ) as run:
            task(run)


@contextmanager
def opened() -> Iterator[Begin]:
    with sail_server() as url:
        yield lambda folder: Ingest(folder, url)


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

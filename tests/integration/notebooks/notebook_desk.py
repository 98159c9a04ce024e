"""A lake and a warehouse for the notebooks, and for what they show."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

SAMPLES = Path(__file__).parents[3] / "samples"
LANDING = "landing"
_FIRST = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)


@dataclass
class NotebookDesk:
    """A lake, a warehouse and a scratch folder, on an engine that runs."""

    folder: Path
    server: "Server"
    samples: Path = SAMPLES
    _drops: int = 0

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse" / "shop"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def variables(self) -> dict[str, str]:
        """What a person sets outside Databricks; the feed is the notebooks' own."""
        return {f"INGEST_{name.upper()}": value for name, value in self._given().items() if name != "feed"}

    def put(self, sample: str) -> str:
        """A sample in source/ as the function admits it, each a day younger than the one before; its identity."""
        self._drops += 1
        moment = _FIRST + timedelta(days=self._drops)
        file = LakeFile("orders", moment, 1_700_000_000_000_000 + self._drops, f"daily/{sample}")
        target = self.lake / file.path("source")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((self.samples / sample).read_bytes())
        return file.identity(LANDING)

    def run(self, run_id: str = "1") -> AbstractContextManager[Run]:
        return open_run(self.parameters(run_id), load_contracts())

    def parameters(self, run_id: str = "1") -> Parameters:
        return Parameters.parse([f"--{name}={value}" for name, value in {**self._given(), "run_id": run_id}.items()])

    def files(self) -> list[str]:
        """Every file of lake and warehouse, by its path: tables are their data files and commits."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def _given(self) -> dict[str, str]:
        return {
            "feed": "orders",
            "catalog": str(self.folder / "warehouse"),
            "schema": "shop",
            "volume": str(self.lake),
            "scratch_volume": str(self.scratch),
            "landing_bucket": LANDING,
            "engine": self.server.kind,
            "engine_url": self.server.url,
        }


def _desk(folder: Path, server: "Server") -> NotebookDesk:
    for name in ("lake/source", "scratch"):
        (folder / name).mkdir(parents=True)
    return NotebookDesk(folder, server)


@pytest.fixture
def notebooks(start_engine: "Callable[[str], Server]", tmp_path: Path) -> NotebookDesk:
    """On the embedded engine: a kernel's time is enough for one."""
    return _desk(tmp_path / "stack", start_engine("sail"))


@pytest.fixture
def previews(server: "Server", tmp_path: Path) -> NotebookDesk:
    """On each engine, without a kernel."""
    return _desk(tmp_path / "stack", server)

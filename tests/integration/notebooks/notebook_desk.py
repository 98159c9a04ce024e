"""Notebooks run as a person runs them outside Databricks: in a kernel, their widgets' values in the environment."""

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Read when jupyter_core is imported, which else warns that its folders are going to move.
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

import nbformat
from nbclient import NotebookClient

from feeds.loader import load_contracts
from feeds.paths import LakeFile
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from engine_servers import Server

ROOT = Path(__file__).parents[3]
NOTEBOOKS = ROOT / "notebooks"
SAMPLES = ROOT / "samples"
LANDING = "landing"
_FIRST = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
_PATIENCE = 120

Shown = list[dict[str, str]]
"""A table as it was shown: its rows by the names of its columns, each value as its text."""


class _Table(HTMLParser):
    """The texts of the cells of one HTML table, the frame's own index left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data

    def shown(self) -> Shown:
        _, *names = self.rows[0]
        return [dict(zip(names, row[1:], strict=True)) for row in self.rows[1:]]


@dataclass(frozen=True, slots=True)
class Executed:
    """A notebook after its run: everything that it put out, and the table of each cell that showed one, by its id."""

    text: str
    tables: dict[str, Shown]


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

    def put(self, sample: str) -> str:
        """A sample in source/ as the function admits it, each a day younger than the one before; its identity."""
        self._drops += 1
        moment = _FIRST + timedelta(days=self._drops)
        file = LakeFile("orders", moment, 1_700_000_000_000_000 + self._drops, f"daily/{sample}")
        target = self.lake / file.path("source")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((self.samples / sample).read_bytes())
        return file.identity(LANDING)

    def execute(self, notebook: str) -> Executed:
        """Runs a notebook as it is stored; raises CellExecutionError."""
        stored = nbformat.read(NOTEBOOKS / notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has none
        client = NotebookClient(stored, timeout=_PATIENCE, resources={"metadata": {"path": str(NOTEBOOKS)}})
        done = client.execute(env=self._environment())
        cells = {cell.id: cell.outputs for cell in done.cells if cell.cell_type == "code"}
        pages = {cell: _page(outputs) for cell, outputs in cells.items()}
        tables = {cell: _Table(page).shown() for cell, page in pages.items() if page}
        return Executed(json.dumps(cells, ensure_ascii=False), tables)

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

    def _environment(self) -> dict[str, str]:
        widgets = {f"INGEST_{name.upper()}": value for name, value in self._given().items() if name != "feed"}
        # The kernel's history stays out of the home folder.
        return {**os.environ, **widgets, "IPYTHONDIR": str(self.folder.parent / "ipython")}


def _page(outputs: list[Any]) -> str:
    return "".join(output.data["text/html"] for output in outputs if output.output_type == "display_data")


def _desk(folder: Path, server: "Server") -> NotebookDesk:
    for name in ("lake/source", "scratch"):
        (folder / name).mkdir(parents=True)
    return NotebookDesk(folder, server)


@pytest.fixture
def notebooks(start_engine: "Callable[[str], Server]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookDesk:
    """On the embedded engine: a kernel's time is enough for one."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return _desk(tmp_path / "stack", start_engine("sail"))


@pytest.fixture
def previews(server: "Server", tmp_path: Path) -> NotebookDesk:
    """On each engine, without a kernel."""
    return _desk(tmp_path / "stack", server)

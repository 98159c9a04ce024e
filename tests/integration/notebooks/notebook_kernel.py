"""The kernel of the notebooks, made by the commands of docs/notebooks.md, and runs of stored notebooks in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
_ON_PAGE = "$PWD/.local-stack/kernel"
_BIN = Path(sys.executable).parent
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

    @classmethod
    def read(cls, path: Path) -> "Executed":
        code = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        pages = {cell["id"]: _page(cell["outputs"]) for cell in code}
        tables = {cell: _Table(page).shown() for cell, page in pages.items() if page}
        return cls(json.dumps([cell["outputs"] for cell in code], ensure_ascii=False), tables)


@dataclass(frozen=True, slots=True)
class Kernel:
    """An environment with IPython beside the packages of this test run, and an empty home for who works in it."""

    folder: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """That of a person with this kernel: whatever Jupyter keeps for a user or finds in one's home is in `home`."""
        return {
            "PATH": f"{_BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_PATH": str(self.folder / "share" / "jupyter"),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def commands(self, block: str) -> str:
        """A block of the page, with this kernel for its."""
        assert _ON_PAGE in block
        return block.replace(_ON_PAGE, str(self.folder))

    def execute(self, notebook: Path, variables: Mapping[str, str]) -> Executed:
        """Runs a notebook as it is stored, its widgets' values in the environment; its own file stays as it is."""
        output = self.home / notebook.name
        command = ["jupyter", "execute", f"--timeout={_PATIENCE}", f"--output={output.with_suffix('')}", str(notebook)]
        _run(command, {**self.environment(), **variables})
        return Executed.read(output)


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    """Made once, as the page says."""
    if not shutil.which("bash"):
        pytest.skip("the page's commands need bash")
    folder = tmp_path_factory.mktemp("notebooks")
    kernel = Kernel(folder / "kernel", folder / "home")
    kernel.home.mkdir()
    making = (ROOT / "docs" / "notebooks.md").read_text("utf-8").split("```sh\n")[1].split("```")[0]
    # How this machine reaches the package index is in its environment.
    environment = {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}"}
    _run(["bash", "-euo", "pipefail", "-c", kernel.commands(making)], environment)
    return kernel


def _run(command: list[str], environment: dict[str, str]) -> None:
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * _PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _page(outputs: list[dict[str, Any]]) -> str:
    """The HTML that a cell displayed."""
    return "".join("".join(one["data"]["text/html"]) for one in outputs if one["output_type"] == "display_data")

"""The stored notebooks: what a Git folder imports, without a trace of a run, and without logic of their own."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

Cell = dict[str, Any]


def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _code(path: Path) -> list[Cell]:
    return [cell for cell in _content(path)["cells"] if cell["cell_type"] == "code"]


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


def test_there_is_one_for_each_load() -> None:
    """stage_load and target_load."""
    assert [path.name for path in NOTEBOOKS] == ["orders_stage_load.ipynb", "orders_target_load.ipynb"]


@every_notebook
def test_a_notebook_is_stored_without_what_a_run_leaves(path: Path) -> None:
    """No outputs, no counts; the same bytes again when it is saved unchanged."""
    content = _content(path)

    assert [(cell["outputs"], cell["execution_count"]) for cell in _code(path)] == [([], None)] * len(_code(path))
    assert path.read_text("utf-8") == json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    assert "widgets" not in content["metadata"]


@every_notebook
def test_a_notebook_imports_as_python(path: Path) -> None:
    """Format 4.5 with the language in its metadata; each cell is named for what it does."""
    content = _content(path)
    names = [cell["id"] for cell in content["cells"]]

    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["language_info"]["name"] == "python"
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() for name in names)
    assert content["cells"][0]["cell_type"] == "markdown"


@every_notebook
def test_a_notebook_is_thin(path: Path) -> None:
    """It calls the package: no functions, classes, loops or SQL of its own."""
    sources = [_source(cell) for cell in _code(path) if not _source(cell).startswith("%")]
    logic = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try)

    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]

    assert [ast.unparse(node) for node in nodes if isinstance(node, logic)] == []
    assert "sql(" not in "".join(sources)


@every_notebook
def test_a_notebook_installs_what_the_package_asks_for(path: Path) -> None:
    """The versions are the package's own; where the environment has them, the cell is left out."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]

    [install] = [cell for cell in _code(path) if _source(cell).startswith("%pip")]

    assert _source(install) in {f'%pip install --quiet "{requirement}"' for requirement in wanted}
    assert install["metadata"]["tags"] == ["skip-execution"]


def test_the_kernel_s_packages_stay_out_of_the_environment_of_the_tasks() -> None:
    """Where IPython can be imported, pyspark imports it: a second more for each process of a task."""
    kernels = _pinned("notebooks.txt")
    tasks = _pinned("dev.txt")

    assert {"ipykernel", "ipython"} <= kernels.keys() - tasks.keys()
    assert {name: kernels[name] for name in kernels.keys() & tasks.keys() if kernels[name] != tasks[name]} == {}


def _pinned(lock: str) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / lock).read_text("utf-8"), re.MULTILINE))

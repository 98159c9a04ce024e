"""The wheel as a file: what is in it, and that the same sources give the same bytes."""

import os
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.wheel.wheel_environment import Sources

pytest_plugins = ["tests.integration.wheel.wheel_environment"]

ROOT = Path(__file__).parents[3]


def test_the_same_sources_give_the_same_bytes(wheel: Path, sources: "Sources") -> None:
    """From another folder, of another age, and by a user with another umask."""
    for path in sources.folder.rglob("*"):
        os.utime(path, (0, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)

    again = sources.build(umask=0o077)

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_names_the_commit_that_last_changed_what_is_in_it(sources: "Sources") -> None:
    """So that it stays the same, byte for byte, when anything else is committed; what is not committed is said."""
    (sources.folder / ".gitignore").write_text("build\ndist\n*.egg-info\n__pycache__\n")
    first = _committed(sources.folder)
    wheel = sources.build()
    built, made_at = wheel.read_bytes(), wheel.stat().st_mtime_ns
    (sources.folder / "README.md").write_text("something else")
    second = _committed(sources.folder)

    again = sources.build()

    assert first != second
    assert zipfile.ZipFile(again).read("ingest/commit").decode().strip() == first
    assert again.read_bytes() == built
    assert again.stat().st_mtime_ns == made_at  # by which a bundle takes a wheel for another one
    (sources.folder / "contracts" / "types.py").touch()
    (sources.folder / "contracts" / "not_committed.py").write_text("")
    assert zipfile.ZipFile(sources.build()).read("ingest/commit").decode().strip() == f"{first} with changes"


def _committed(folder: Path) -> str:
    git = ["git", "-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "one"]):
        subprocess.run([*git, *words], cwd=folder, check=True, capture_output=True, timeout=20)
    done = subprocess.run([*git, "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, timeout=20)
    return done.stdout.decode().strip()


def test_a_module_that_is_gone_is_not_in_the_next_wheel(sources: "Sources") -> None:
    """Nothing of an earlier build stays."""
    passing = sources.folder / "contracts" / "passing.py"
    passing.touch()
    first = zipfile.ZipFile(sources.build()).namelist()
    passing.unlink()

    second = zipfile.ZipFile(sources.build()).namelist()

    assert set(first) - set(second) == {"contracts/passing.py"}


def test_the_wheel_holds_the_job_its_definition_the_contracts_and_the_command_line(wheel: Path) -> None:
    """And nothing of the function, the local stack or the tests."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    expected = [*(ROOT / "feeds").glob("*.odcs.yaml"), ROOT / "pipeline_jobs" / "workflow" / "job.json"]
    expected += [
        path for package in ("contracts", "ingest", "pipeline_jobs") for path in (ROOT / package).rglob("*.py")
    ]
    board = ROOT / "ingest" / "board"  # what its pages are made of
    expected += [path for folder in ("static", "templates") for path in (board / folder).rglob("*") if path.is_file()]
    assert names == {path.relative_to(ROOT).as_posix() for path in expected}


def test_the_wheel_asks_for_what_the_project_says(wheel: Path) -> None:
    """The entry points are the tasks, and PySpark is not asked for: Databricks has its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    archive = zipfile.ZipFile(wheel)
    [metadata] = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    [entry_points] = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))

    asked = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist") or []

    names = {text.split(">")[0].split("<")[0] for text in asked if "extra ==" not in text}
    assert names == {"pyarrow", "pyyaml", "sqlglot"}
    assert archive.read(entry_points).decode().split() == [
        "[console_scripts]",
        *(word for name, target in sorted(project["scripts"].items()) for word in (name, "=", target)),
    ]


@pytest.mark.parametrize("task", ["report", "stage_load", "target_load"])
def test_every_task_of_the_job_is_an_entry_point_of_the_wheel(task: str, wheel: Path) -> None:
    """As the job's definition names it."""
    archive = zipfile.ZipFile(wheel)
    [entry_points] = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))

    assert f"{task} = pipeline_jobs.entrypoints:{task}" in archive.read(entry_points).decode()

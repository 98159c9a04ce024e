"""The job's wheel, built by `make wheel`, and an environment that has it beside what Databricks has."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVERLESS = Path(__file__).with_name("serverless-4.txt")
_SOURCES = ("Makefile", "LICENSE", "pyproject.toml", "contracts", "feeds", "ingest", "pipeline_jobs")


@dataclass(frozen=True, slots=True)
class Sources:
    """A folder with what the wheel is made of, and how."""

    folder: Path

    @classmethod
    def copied(cls, to: Path) -> "Sources":
        """Those of this checkout, in another folder."""
        to.mkdir(parents=True)
        for name in _SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, to / name)
        return cls(to)

    def build(self, umask: int = 0o022) -> Path:
        """`make wheel` there, by the environment of this test run."""
        environment = Path(sys.prefix)
        # -o: that environment is taken as it is, however old it is beside the copied sources.
        command = ["make", "wheel", f"VENV={environment}", "-o", str(environment / ".installed")]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, umask=umask, timeout=120)
        [wheel] = (self.folder / "dist").glob("*.whl")
        return wheel


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """A copy for one test."""
    return Sources.copied(tmp_path / "else" / "where")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return Sources.copied(tmp_path_factory.mktemp("wheel") / "sources").build()


@pytest.fixture(scope="session")
def databricks_python(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The interpreter of an environment that has what serverless has, and the wheel; nothing else can be imported.

    The wheel is installed without an index: whatever it asks for must be there.
    """
    environment = tmp_path_factory.mktemp("databricks") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    # Compiling what no task imports would take most of the time.
    _pip(python, "install", "--no-compile", "--require-hashes", "--requirement", str(SERVERLESS))
    _pip(python, "install", "--no-compile", "--no-index", str(wheel))
    _pip(python, "check")
    return python


def _pip(python: Path, *arguments: str) -> None:
    """The pip of this test run, working on another environment; what it says is told where it fails."""
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [sys.executable, "-m", "pip", "--python", str(python), *arguments]
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

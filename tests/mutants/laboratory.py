"""Copies of the checkout in temporary folders, one a worker: the tests run there, and the checkout stays as it is."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from .mutant import Mutant
from .outcomes import Outcome, read

_LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv*", ".local-stack", ".*_cache", "__pycache__", "*.egg-info", "build", "dist")
)
_OTHERS = (".venv-readers", ".venv-spark")
_PATIENCE = 600.0


class Laboratory:
    """Where tests are run: the checkout at `place`; `folder` is for what it keeps."""

    def __init__(self, place: Path, folder: Path) -> None:
        self._place = place
        self._folder = folder
        self._running: subprocess.Popen[str] | None = None

    @classmethod
    def of_a_copy(cls, root: Path, folder: Path) -> "Laboratory":
        """One in which mutants can be tried, for its place is a copy."""
        copy = folder / "copy"
        shutil.copytree(root, copy, ignore=_LEFT_OUT)
        for name in _OTHERS:
            if (root / name).exists():
                # Some tests ask programs of that environment, which stays as it is.
                (copy / name).symlink_to((root / name).resolve())
        return cls(copy, folder)

    def run(self, nodes: Sequence[str]) -> dict[str, Outcome]:
        """The outcomes of these tests on the place as it is, of those that ran."""
        if not nodes:
            return {}
        outcomes = self._folder / f"{uuid4().hex}.jsonl"
        self._pytest("-p", "tests.mutants.outcomes", f"--outcomes={outcomes}", *nodes)
        return read(outcomes)

    def run_with(self, mutant: Mutant) -> dict[str, Outcome]:
        """The outcomes of the mutant's tests on a copy with the mutant; raises ValueError where it has no place."""
        path = self._place / mutant.file
        before = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied(self._place), encoding="utf-8")
        try:
            return self.run(mutant.killed_by)
        finally:
            path.write_text(before, encoding="utf-8")

    def missing(self, nodes: Sequence[str]) -> list[str]:
        """Those that pytest does not collect."""
        files = sorted({node.partition("::")[0] for node in nodes})
        known = set(self._pytest("--collect-only", *files).splitlines())
        return [node for node in nodes if node not in known]

    def _pytest(self, *arguments: str) -> str:
        """What it said. Nothing is compiled ahead: a mutant may have size and second of what it replaces."""
        said = {"PYTHONPATH": str(self._place), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "9999", "SPARK_TESTS": "all"}
        process = self._running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                f"--basetemp={self._folder / 'tmp'}",
                *arguments,
            ],
            cwd=self._place,
            env={**os.environ, **said},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.close()
            raise
        return output

    def close(self) -> None:
        """Ends what still runs."""
        if self._running and self._running.poll() is None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

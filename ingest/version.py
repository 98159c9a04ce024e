"""Which version this is, and of which commit."""

import subprocess
from importlib.metadata import version
from pathlib import Path
from shutil import which

_HERE = Path(__file__).parent
_UNKNOWN = "unknown"
_SECONDS = 5.0


def version_line() -> str:
    """`ingest 0.1.0, commit …`: of a wheel the last that changed what is in it, of a checkout the one that it is at."""
    return f"ingest {version('gcs-databricks-ingest')}, commit {commit_of(_HERE)}"


def commit_of(package: Path) -> str:
    """What `make wheel` wrote beside the modules; of a checkout what git says; `unknown` where neither is to be had."""
    written = package / "commit"
    if written.is_file():
        return written.read_text("utf-8").strip()
    if not (package.parent / ".git").exists():
        return _UNKNOWN
    commit, changes = (_git(package.parent, *words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain")))
    return f"{commit}{' with changes' if changes else ''}" if commit else _UNKNOWN


def _git(folder: Path, *words: str) -> str:
    """What it prints; empty where there is no git, or no commit."""
    git = which("git")
    if git is None:
        return ""
    environment = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = [git, "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  # constant words, and this package's folder
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

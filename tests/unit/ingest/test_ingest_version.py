"""`ingest --version` names what it was built from."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.command import app
from ingest.version import commit_of


def _git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one commit."""
    (tmp_path / "ingest").mkdir()
    (tmp_path / "ingest" / "module.py").touch()
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message", "one")
    return tmp_path


def test_the_command_says_version_and_commit() -> None:
    """On one line."""
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.stdout.startswith("ingest 0.")
    assert ", commit " in result.stdout
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize(("word", "told"), [("stauts", "did you mean status?"), ("blub", "known are backfill, board,")])
def test_a_command_that_there_is_not_is_told_with_the_one_that_was_meant(word: str, told: str) -> None:
    """Or with all of them, where none is near."""
    refused = CliRunner().invoke(app, [word, "--json"])

    assert refused.exit_code == 2
    assert f"there is no command '{word}'; {told}" in refused.stderr


def test_a_checkout_says_its_commit_and_whether_it_was_changed(checkout: Path) -> None:
    """What runs there is what is in the files."""
    clean = commit_of(checkout / "ingest")
    (checkout / "ingest" / "module.py").write_text("changed")

    changed = commit_of(checkout / "ingest")

    assert clean == _git(checkout, "rev-parse", "HEAD")
    assert changed == f"{clean} with changes"


def test_a_wheel_says_what_was_written_into_it(checkout: Path) -> None:
    """Wherever it is installed."""
    (checkout / "ingest" / "commit").write_text("0123456789abcdef\n")

    assert commit_of(checkout / "ingest") == "0123456789abcdef"


def test_what_nobody_knows_is_said_so(tmp_path: Path) -> None:
    """An environment may lie below somebody else's checkout, whose commit it is not."""
    package = tmp_path / "site-packages" / "ingest"
    package.mkdir(parents=True)
    _git(tmp_path, "init", "--quiet")

    assert commit_of(package) == "unknown"


def test_a_checkout_without_a_commit_is_unknown(tmp_path: Path) -> None:
    """It has just been made."""
    (tmp_path / "ingest").mkdir()
    _git(tmp_path, "init", "--quiet")

    assert commit_of(tmp_path / "ingest") == "unknown"

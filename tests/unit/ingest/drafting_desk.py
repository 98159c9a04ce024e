"""Drafts of a file, as `ingest new` writes them."""

from pathlib import Path

from typer.testing import CliRunner, Result

from contracts.contract import Contract
from contracts.loader import load_contract
from ingest.command import app


def run_ingest(*arguments: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], input=answers)


def drafted_from(tmp_path: Path, content: str | bytes, name: str = "things.csv") -> Contract:
    """The draft as the loader reads it; it passes the check."""
    done = draft_of(tmp_path, content, name)
    assert done.exit_code == 0, done.output
    (tmp_path / "draft.odcs.yaml").write_text(done.stdout, encoding="utf-8")
    return load_contract(tmp_path / "draft.odcs.yaml")


def draft_of(tmp_path: Path, content: str | bytes, name: str = "things.csv") -> Result:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return run_ingest("new", path)

"""docs/deploy.md: what its commands say of a run that failed."""

import re
import subprocess
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("cli", "jq", "code"),
    [
        ("echo '{}'; exit 0", "exit 0", 0),
        ("echo '{}'; exit 0", "exit 1", 1),
        ("exit 1", "exit 0", 1),
    ],
    ids=[
        "the run ended well",
        "the run ended otherwise",
        "the CLI gave up: it prints nothing, and jq 1.6 accepts that",
    ],
)
def test_nobody_goes_on_after_tables_that_were_not_made(cli: str, jq: str, code: int, tmp_path: Path) -> None:
    """The step fails where the CLI fails, and where jq does not find a success."""
    [step] = [block for block in re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "setup_job" in block]
    for name, does in (("databricks", cli), ("jq", jq), ("terraform", "echo 7")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)

    ended = subprocess.run(
        ["bash", "-c", step], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, timeout=20, check=False
    )

    assert ended.returncode == code

"""The entry points as a task's process runs them: what stands in its output and its error, and what does not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.loader import PACKAGED
from pipeline_jobs.state.ledger import TABLE

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

ROOT = PACKAGED.parent
# Not JSON: both engines say so of a table's log, and where.
BROKEN = '{"commitInfo": Jane Doe, 4 Elm Street'
WRONG_RULE = "reflect('java.lang.Math', 'abs', total_price) > 0"


def _task(name: str, server: "Server", root: Path, feeds: Path = PACKAGED) -> "subprocess.CompletedProcess[str]":
    arguments = {
        "feed": "orders",
        "catalog": root / "warehouse",
        "schema": "main",
        "volume": root / "lake",
        "scratch_volume": root / "scratch",
        "landing_bucket": "landing",
        "engine": server.kind,
        "engine_url": server.url,
        "run_id": "7",
    }
    # A file: where there is none, pyspark takes the process for a shell and looks for a Spark to show errors with.
    script = root / "task.py"
    script.write_text(f"from pipeline_jobs.entrypoints import {name}\n{name}()\n")
    return subprocess.run(
        [sys.executable, str(script), *(f"--{name}={value}" for name, value in arguments.items())],
        cwd=ROOT,
        # Not that of the tests, in which a session of theirs leaves its marks.
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FEEDS_FOLDER": str(feeds)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("server", ["sail"], indirect=True)
@pytest.mark.parametrize("name", ["stage_load", "setup"])
def test_an_engine_s_words_stay_behind(name: str, server: "Server", tmp_path: Path) -> None:
    """The task ends with a class, a place and a file; the file has the rest."""
    log = tmp_path / "warehouse" / "main" / TABLE / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text(BROKEN)

    ended = _task(name, server, tmp_path)

    [kept] = (tmp_path / "scratch" / "errors").iterdir()
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode == 1
    assert last.startswith("pipeline_jobs.errors.TaskFailedError: ")
    assert last.endswith(f"is kept for operators in {kept}")
    assert "Traceback" in kept.read_text()
    said = kept.read_text().strip().splitlines()[-1].partition(": ")[2]
    assert said
    assert said not in ended.stdout + ended.stderr


@pytest.mark.parametrize("server", ["sail"], indirect=True)
@pytest.mark.parametrize("name", ["stage_load", "target_load", "report", "setup"])
def test_a_contract_that_the_check_refuses_is_refused_by_each_task(name: str, server: "Server", tmp_path: Path) -> None:
    """Before anything is asked of the engine: there is no way around the check."""
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    for path in PACKAGED.glob("*.odcs.yaml"):
        text = path.read_text("utf-8")
        (feeds / path.name).write_text(text.replace(_rule_of(text), WRONG_RULE) if path.name[:6] == "orders" else text)

    ended = _task(name, server, tmp_path, feeds)

    assert ended.returncode == 1
    assert "orders: row rule " in ended.stderr
    assert "uses reflect, which not every engine computes alike" in ended.stderr
    assert not (tmp_path / "warehouse").exists()


def _rule_of(contract: str) -> str:
    """The first row rule of a contract as it is written."""
    return next(line for line in contract.splitlines() if "implementation:" in line).partition(": ")[2]

"""The contracts of a local stack are parsed ahead of its tasks."""

import shutil
import sys
from pathlib import Path

import pytest

from contracts.loader import PACKAGED, load_contracts
from local.stack import AHEAD
from local.workspace.processes import TaskProcesses
from local.workspace.runs import Result
from local.workspace.task import Work

_READS = """
import contracts.loader, pathlib, sys
from pipeline_jobs.entrypoints import contracts_in_force

def read():
    contracts.loader.parse_yaml = None
    pathlib.Path(sys.argv[1]).write_text(" ".join(contract.feed for contract in contracts_in_force()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is done ahead of a task")
def test_a_task_parses_no_contract_that_stands_as_the_stack_found_it(tmp_path: Path) -> None:
    """Also where hundreds of feeds have one."""
    feeds, said = tmp_path / "feeds", tmp_path / "said"
    shutil.copytree(PACKAGED, feeds)
    (tmp_path / "reads.py").write_text(_READS)
    environment = {"PYTHONPATH": str(tmp_path), "FEEDS_FOLDER": str(feeds)}
    processes = TaskProcesses(environment, AHEAD, tmp_path / "preload.log", None)
    processes.open()
    try:
        work = Work(1, "reads", "read", (str(said),), str(tmp_path / "log"), str(tmp_path / "failure"))

        assert processes.start(work).wait(60).result is Result.SUCCESS
    finally:
        processes.close()

    assert (tmp_path / "preload.log").read_text() == ""
    assert said.read_text().split() == [contract.feed for contract in load_contracts(feeds)]

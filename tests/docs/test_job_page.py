"""What the page about the job says is done here, word by word."""

import json
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.parameters import Parameters
from pipeline_jobs.workflow.job import DEFINITION

if TYPE_CHECKING:
    from tests.integration.wheel.wheel_environment import Sources

pytest_plugins = ["tests.integration.wheel.wheel_environment"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "job.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_build_print_and_create(sources: "Sources", databricks_python: Path) -> None:
    """From the wheel to four jobs on a workspace whose tasks have an environment of their own.

    That environment is the one of the wheel's tests, which is made in the same three steps.
    """
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.skip("the page's commands need bash and curl")
    for name in ("local", "samples", "tests"):
        (sources.folder / name).symlink_to(ROOT / name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = Path(sys.prefix)
    script = "set -euo pipefail\ntrap 'kill $(jobs -p); wait' EXIT\n" + "\n".join(BLOCKS)
    script = script.replace("4444", str(port))
    # This test's environment is taken as it is, however old it is beside the copied sources.
    script, steps = re.subn(
        r"^(python -m venv \.venv-job|\.venv-job/bin/pip install .*)$", "", script, flags=re.MULTILINE
    )
    (sources.folder / ".venv-job").symlink_to(databricks_python.parents[1])
    script = script.replace("make wheel", f"make wheel VENV={environment} -o {environment}/.installed")

    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=sources.folder,
        env={"PATH": f"{environment}/bin:/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert steps == 3
    assert ended.returncode == 0, ended.stdout + ended.stderr
    made = [path.name for path in (sources.folder / ".local-stack" / "job" / "jobs").glob("*.json")]
    kept = {int(name.removesuffix(".json")) for name in made}
    assert {int(number) for number in re.findall(r'"job_id": ?(\d+)', ended.stdout)} == kept
    assert len(kept) == 4
    printed = {name: json.loads((sources.folder / f"{name}.json").read_text()) for name in ("hourly", "arrival")}
    assert printed["hourly"]["schedule"]["timezone_id"] == "Europe/Berlin"
    assert printed["arrival"]["trigger"]["file_arrival"]["url"] in PAGE


def test_the_page_names_every_parameter_and_every_task() -> None:
    """And no other; those that a run can say come last."""
    definition = json.loads(DEFINITION.read_text("utf-8"))
    first, second, *_ = re.findall(r"^\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)

    parameters = [name for row in second.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    tasks = [name for row in first.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]

    of_tasks = {"run_id", "stage_result", "target_result"}
    assert parameters == [field.name for field in fields(Parameters) if field.name not in of_tasks]
    assert parameters[-2:] == [parameter["name"] for parameter in definition["parameters"]]
    assert sorted(tasks) == [task["task_key"] for task in definition["tasks"]]

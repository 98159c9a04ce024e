"""A workspace server, the real databricks-sdk before it, and a small distribution whose entry points it runs."""

import json
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import BaseRun, Run, RunOutput, RunTask

from local.workspace.access import ServicePrincipal
from local.workspace.faults import LostConnection, Passage, Refusal
from local.workspace.notices import Notice
from local.workspace.server import WorkspaceServer

patience = 20.0

metadata = "Metadata-Version: 2.1\nName: parcel-service\nVersion: 1.0\n"

entry_points = """[console_scripts]
succeed = parcel_service:succeed
fail = parcel_service:fail
need = parcel_service:need
hold = parcel_service:hold
leave = parcel_service:leave
tell = parcel_service:tell
"""

module = """
import json, os, pathlib, subprocess, sys

def note(notebook=None):
    with open(notebook or os.environ["NOTEBOOK"], "a") as file:
        file.write(json.dumps(sys.argv) + "\\n")

def argument(name):
    return next(text.split("=", 1)[1] for text in sys.argv if text.startswith(f"--{name}="))

def succeed():
    note()
    print("all", "parcels")

def fail():
    note()
    print("before the end")
    raise ValueError("the parcel is empty\\nsend it again")

def need():
    note()
    if not pathlib.Path(argument("file")).exists():
        raise FileNotFoundError("no parcel")

def hold():
    pathlib.Path(argument("gate") + ".pid").write_text(str(os.getpid()))
    with open(argument("gate")) as gate:
        gate.read()
    note(pathlib.Path(argument("gate")).with_name("notebook.jsonl"))

def leave():
    subprocess.Popen(["cat"], stdin=open(argument("gate")))
    sys.exit("left in a hurry")

def tell():
    print(json.dumps(dict(os.environ)))
"""


class Gate:
    """A named pipe that a task's process waits at; the test hears when it has come, and lets it pass."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._arrived = threading.Event()
        self._descriptor = -1
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        # Opening for writing waits until a reader has opened.
        self._descriptor = os.open(self.path, os.O_WRONLY)
        self._arrived.set()

    def reached(self) -> int:
        """Wait until a process stands at the gate; gives its process id."""
        assert self._arrived.wait(patience), f"nobody came to {self.path.name}"
        pid = self.path.with_name(f"{self.path.name}.pid")
        return int(pid.read_text()) if pid.exists() else 0

    def let_pass(self) -> None:
        """Open the gate."""
        os.close(self._descriptor)

    def abandoned(self) -> bool:
        """Wait until no process stands at the gate any more."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLERR)
        gone = bool(poll.poll(patience * 1000))
        self.let_pass()
        return gone


@dataclass
class Desk:
    """What a test has at hand: the server, a client of it, the notices that it sent, and a folder."""

    folder: Path
    notices: list[Notice] = field(default_factory=list)
    faults: list[tuple[str, str, Refusal | LostConnection]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    server: WorkspaceServer = field(init=False)
    client: WorkspaceClient = field(init=False)

    def strike(self, passage: Passage) -> Refusal | LostConnection | None:
        """Give the next fault that a test has planned as (when, end of the path, fault)."""
        if passage.when == "before":
            self.requests.append(f"{passage.method} {passage.path}")
        for planned in self.faults:
            if passage.when == planned[0] and passage.path.endswith(planned[1]):
                self.faults.remove(planned)
                return planned[2]
        return None

    def gate(self, name: str = "gate") -> Gate:
        """Make a gate for one task."""
        return Gate(self.folder / name)

    def job(self, *tasks: dict[str, Any], **settings: Any) -> int:
        """Create a job from the JSON of jobs/create; gives its id."""
        body = {"name": "parcels", "tasks": list(tasks)} | settings
        answer = self.client.api_client.do("POST", "/api/2.2/jobs/create", body=body)
        assert isinstance(answer, dict)
        return int(answer["job_id"])

    def start(self, job_id: int, **parameters: str) -> int:
        """Run a job; gives the run's id."""
        return int(self.client.jobs.run_now(job_id, job_parameters=parameters or None).run_id)

    def run(self, job_id: int, **parameters: str) -> Run:
        """Run a job and wait until the workspace is idle."""
        return self.ended(self.start(job_id, **parameters))

    def ended(self, run_id: int) -> Run:
        """Wait until the workspace is idle; gives that run."""
        assert self.server.wait_until_idle(patience), "the run did not end"
        return self.client.jobs.get_run(run_id)

    @staticmethod
    def task(key: str, entry_point: str, *after: str, **settings: Any) -> dict[str, Any]:
        """Describe a task of the distribution: its key, its entry point, the keys of the tasks before it."""
        named = settings.pop("parameters", {})
        wheel = {"package_name": "parcel_service", "entry_point": entry_point, "named_parameters": named}
        before = [{"task_key": other} for other in after]
        return {"task_key": key, "depends_on": before, "python_wheel_task": wheel} | settings

    @staticmethod
    def states(run: Run | BaseRun) -> dict[str, str]:
        """Give the result of each task, or its life cycle while it has none, and those of the run under `run`."""
        states = {task.task_key: task.state for task in run.tasks or []} | {"run": run.state}
        shown = {key: state.result_state or state.life_cycle_state for key, state in states.items() if state}
        return {key: state.value for key, state in shown.items() if state}

    @staticmethod
    def task_run(run: Run | BaseRun, key: str) -> RunTask:
        """Give the task of that key in a run."""
        return next(task for task in run.tasks or [] if task.task_key == key)

    def output(self, run: Run, key: str) -> RunOutput:
        """Give the output of a task."""
        return self.client.jobs.get_run_output(self.task_run(run, key).run_id or 0)

    def calls(self) -> list[list[str]]:
        """Give the command lines of the entry points that took note, in their order."""
        path = self.folder / "notebook.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distribution")
    info = folder / "parcel_service-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(metadata)
    (info / "entry_points.txt").write_text(entry_points)
    (folder / "parcel_service.py").write_text(module)
    return folder


@pytest.fixture
def open_desk(tmp_path: Path, distribution: Path) -> Iterator[Callable[..., Desk]]:
    """A function that starts a server on the test's folder; calling it again is the next start of the same one."""
    with ExitStack() as open_servers:

        def start(
            before_task: Callable[[str, int], object] = lambda _key, _run_id: None,
            principal: ServicePrincipal | None = None,
        ) -> Desk:
            desk = Desk(tmp_path)
            desk.server = WorkspaceServer(
                tmp_path / "workspace",
                task_environment={"PYTHONPATH": str(distribution), "NOTEBOOK": str(tmp_path / "notebook.jsonl")},
                on_notice=desk.notices.append,
                faults=desk.strike,
                preload=("parcel_service",),
                before_task=before_task,
                principal=principal,
            )
            open_servers.enter_context(desk.server)
            desk.client = WorkspaceClient(host=desk.server.url, token=desk.server.token)
            return desk

        yield start


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A running workspace."""
    return open_desk()

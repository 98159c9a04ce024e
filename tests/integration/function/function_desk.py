"""The functions in processes of their own, before the local storage and workspace, which keep what they are asked."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import BaseRun
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.events import Event
from local.storage import Fault, Faults, Moment, Operation, StorageServer
from local.storage import Refusal as StorageRefusal
from local.workspace.access import FederationPolicy, ServicePrincipal
from local.workspace.faults import Fault as WorkspaceFault
from local.workspace.faults import Passage
from local.workspace.server import WorkspaceServer

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0
PRINCIPAL = ServicePrincipal("desk-principal", FederationPolicy("the-desk", "function-account"), "desk-secret")
_HEADER = ",".join(column.source_name for column in load_contracts()[0].file_columns)

_ENTRY_POINTS = """[console_scripts]
stage_load = desk_service:stage_load
target_load = desk_service:target_load
"""
_MODULE = """
import os, pathlib, sys

def stage_load():
    feed = next(text for text in sys.argv if text.startswith("--feed=")).removeprefix("--feed=")
    folder = pathlib.Path(os.environ["LAKE"])
    for path in sorted((folder / "source" / feed).rglob("*")):
        if path.is_file():
            target = folder / "archive" / path.relative_to(folder / "source")
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

def target_load():
    if (pathlib.Path(os.environ["LAKE"]) / "broken").exists():
        raise ValueError("the target is broken")
"""


@dataclass
class Function:
    """One target under functions-framework; `log` is what it wrote to stdout."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The HTTP status that the event was answered with."""
        answer = urllib3.request("POST", self.url, body=body, headers=headers, retries=False, timeout=PATIENCE)
        return int(answer.status)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def send(self, event: Event) -> tuple[int, dict[str, Any]]:
        """The answer to an event in binary mode, and the one line that it left."""
        before = len(self.lines())
        status = self.post(event.body, event.headers)
        [line] = self.lines()[before:]
        return status, line


@dataclass
class Desk:
    """Both servers with a client each, the jobs of the shipped feeds, and what was asked of the servers."""

    folder: Path
    asked: list[str] = field(default_factory=list)
    storage_faults: Faults = lambda _operation, _moment: None
    workspace_faults: Callable[[Passage], WorkspaceFault | None] = lambda _passage: None
    open: ExitStack = field(default_factory=ExitStack)
    events: list[Event] = field(default_factory=list)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    may_begin: threading.Event = field(default_factory=threading.Event)
    storage: StorageServer = field(init=False)
    workspace: WorkspaceServer = field(init=False)
    bucket: Any = field(init=False)
    lake: Any = field(init=False)
    jobs: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        self.may_begin.set()
        self.open.callback(self._end_processes)
        self.storage = self.open.enter_context(
            StorageServer(
                self.folder / "storage", plain={"lake"}, on_finalized=self._finalized, faults=self._storage_asked
            )
        )
        self.storage.create_bucket("landing", versioning=True)
        self.storage.create_bucket("lake")
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has no types here
        client = Client(project="desk", credentials=nobody, client_options={"api_endpoint": self.storage.url})
        self.bucket, self.lake = client.bucket("landing"), client.bucket("lake")
        environment = {"PYTHONPATH": str(_distribution(self.folder)), "LAKE": str(self.lake_folder)}
        self.workspace = self.open.enter_context(
            WorkspaceServer(
                self.folder / "workspace",
                task_environment=environment,
                faults=self._workspace_asked,
                preload=(),
                before_task=lambda _key, _run_id: self.may_begin.wait(PATIENCE),
                principal=PRINCIPAL,
            )
        )
        self.jobs = {contract.feed: self._job(contract.feed) for contract in load_contracts()}
        self.asked.clear()

    @property
    def lake_folder(self) -> Path:
        return self.folder / "storage" / "lake"

    @property
    def client(self) -> WorkspaceClient:
        return WorkspaceClient(host=self.workspace.url, token=self.workspace.token)

    def function(self, target: str = "on_object_finalized", **environment: str) -> Function:
        """Starts a target, with this environment besides the usual one, and waits until it answers."""
        port = _free_port()
        log = self.folder / f"{target}-{port}.log"
        command = [sys.executable, "-m", "functions_framework", "--target", target, "--host", "127.0.0.1"]
        with log.open("wb") as stdout:
            process = subprocess.Popen(
                [*command, "--port", str(port)], cwd=ROOT, env=self.environment(**environment), stdout=stdout
            )
        self.processes.append(process)
        _wait_for(lambda: _answers(port, process))
        return Function(f"http://127.0.0.1:{port}/", process, log)

    def environment(self, **changed: str) -> dict[str, str]:
        usual = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "STORAGE_EMULATOR_HOST": self.storage.url,
            "LANDING_BUCKET": "landing",
            "LAKE_BUCKET": "lake",
            "FEED_JOBS": json.dumps(self.jobs),
            "DATABRICKS_HOST": self.workspace.url,
            "DATABRICKS_TOKEN": self.workspace.token,
            "SWEEP_GRACE_SECONDS": "0.001",
            "TIMEOUT_SECONDS": "30",
        }
        return usual | changed

    @contextmanager
    def pending(self) -> Iterator[None]:
        """No task begins meanwhile: a run of this desk would end between two questions of one call."""
        self.may_begin.clear()
        try:
            yield
        finally:
            self.may_begin.set()

    def drop(self, name: str, content: bytes) -> Event:
        """Uploads to landing; gives the event of that generation, which nobody delivers."""
        self.bucket.blob(name).upload_from_string(content)
        self.asked.clear()
        return self.events[-1]

    def landing(self) -> list[str]:
        return sorted(blob.name for blob in self.bucket.list_blobs(versions=True))

    def in_lake(self, area: str) -> list[str]:
        folder = self.lake_folder / area
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    @staticmethod
    def place(event: Event, feed: str = "customers") -> str:
        """Where an admitted generation stands below source/ or archive/, a rejected one below rejected/."""
        resource = json.loads(event.body)
        moment = datetime.fromisoformat(resource["timeCreated"])
        file = LakeFile(feed, moment, int(resource["generation"]), resource["name"])
        return file.path("source").removeprefix("source/")

    @staticmethod
    def rows(count: int = 0) -> bytes:
        """A file of the feed customers."""
        return "\n".join([_HEADER, *("C00001,x" for _ in range(count)), ""]).encode()

    def runs(self, feed: str = "customers") -> list[BaseRun]:
        """The runs of a feed's job once the workspace is idle, the newest first."""
        assert self.workspace.wait_until_idle(PATIENCE)
        return list(self.client.jobs.list_runs(job_id=self.jobs[feed], expand_tasks=True))

    def _end_processes(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)

    def _finalized(self, resource: dict[str, Any]) -> None:
        if resource["bucket"] == "landing":
            self.events.append(Event.finalized(resource))

    def _storage_asked(self, operation: Operation, moment: Moment) -> Fault | StorageRefusal | None:
        if moment is Moment.BEFORE:
            self.asked.append(operation.kind)
        return self.storage_faults(operation, moment)

    def _workspace_asked(self, passage: Passage) -> WorkspaceFault | None:
        if passage.when == "before":
            self.asked.append(passage.path.rpartition("/jobs/")[2])
        return self.workspace_faults(passage)

    def _job(self, feed: str) -> int:
        tasks = [_task("stage_load"), _task("target_load") | {"depends_on": [{"task_key": "stage_load"}]}]
        body = {
            "name": f"ingest {feed}",
            "tasks": tasks,
            "queue": {"enabled": True},
            "parameters": [{"name": "feed", "default": feed}, {"name": "path", "default": ""}],
        }
        answer = self.client.api_client.do("POST", "/api/2.2/jobs/create", body=body)
        assert isinstance(answer, dict)
        return int(answer["job_id"])


def _task(name: str) -> dict[str, Any]:
    return {"task_key": name, "python_wheel_task": {"package_name": "desk_service", "entry_point": name}}


def _distribution(folder: Path) -> Path:
    info = folder / "distribution" / "desk_service-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: desk-service\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    (info.parent / "desk_service.py").write_text(_MODULE)
    return info.parent


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "functions-framework ended"
    try:
        urllib3.request("GET", f"http://127.0.0.1:{port}/", retries=False, timeout=1)
    except urllib3.exceptions.HTTPError:
        return False
    return True


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Both servers; a test leaves landing, source/ and the faults as it found them."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    with desk.open:
        desk.start()
        yield desk


@pytest.fixture(scope="session")
def function(desk: Desk) -> Function:
    """The function, with its usual environment."""
    return desk.function()

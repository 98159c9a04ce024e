"""A local stack, and the command line before it, as an operator has them."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types
from typer.testing import CliRunner, Result

from contracts.loader import PACKAGED
from ingest.command import app
from local.settings import LAKE, LANDING, StackSettings, Sweeping
from local.stack import Stack
from local.workspace.notices import Notice

PATIENCE = 120.0


@dataclass
class StackDesk:
    """The stack runs in this process, sweeps by itself once an hour alone, and tells its notices to `notices`."""

    stack: Stack
    notices: list[Notice] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.stack.settings.root

    @property
    def client(self) -> Client:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
        url = self.stack.running.storage_url
        return Client(project="local", credentials=nobody, client_options={"api_endpoint": url})

    def put(self, name: str, content: str | bytes) -> int:
        """Uploads to landing and waits until all is settled; gives the generation."""
        blob = self.client.bucket(LANDING).blob(name)
        blob.upload_from_string(content, content_type="text/csv")
        self.settle()
        return int(blob.generation)

    def put_into_lake(self, path: str, content: str | bytes) -> None:
        """What a person puts into the lake bucket; nothing is started by it."""
        self.client.bucket(LAKE).blob(path).upload_from_string(content)

    def settle(self) -> None:
        """Waits until every event is acknowledged, and no run is active."""
        self.stack.delivery.wait_until_idle(PATIENCE)
        assert self.stack.workspace.wait_until_idle(PATIENCE), "runs are still active"

    def run_now(self, job_id: int) -> int:
        """A run of the job, once it is over."""
        running = self.stack.running
        client = WorkspaceClient(host=running.workspace_url, token=running.token, auth_type="pat")
        run_id = int(client.jobs.run_now(job_id).bind()["run_id"])
        self.settle()
        return run_id

    def ingest(self, *arguments: str, environment: Mapping[str, str] = os.environ, width: int = 120) -> Result:
        """A command in this process, at this stack."""
        variables = {**environment, "INGEST_ROOT": str(self.root), "COLUMNS": str(width)}
        return CliRunner().invoke(app, arguments, env=variables, prog_name="ingest")

    def answer(self, *arguments: str) -> Any:  # what JSON holds
        """The same with --json: its answer, whatever the exit code, which must not be 2."""
        result = self.ingest(*arguments, "--json")
        assert result.exit_code in (0, 1), result.output
        return json.loads(result.stdout)


@contextmanager
def running_stack(root: Path, feeds: Path = PACKAGED, placeholder: float = 86400.0) -> Iterator[StackDesk]:
    """For a module's tests together: it takes seconds to start."""
    notices: list[Notice] = []
    sweeping = Sweeping(every=3600.0, grace=0.001, retry=0.001, placeholder=placeholder)
    settings = StackSettings(root, feeds=feeds, sweeping=sweeping)
    with Stack(settings, os.environ, on_notice=notices.append) as stack:
        yield StackDesk(stack, notices)

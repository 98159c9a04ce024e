"""What a local stack leaves to be seen: files, tables, runs and logs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import RunTask
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from local.events import Event
from local.sending.journey import Journey, follow
from local.sending.upload import connect
from local.settings import LANDING, SCHEMA
from local.stack import Stack
from local.tables import Tables


@dataclass(frozen=True, slots=True)
class Dropped:
    """One upload: its place in the lake, its event, its bytes."""

    file: LakeFile
    event: Event
    content: bytes

    @property
    def identity(self) -> str:
        return self.file.identity(LANDING)


class Traces:
    """A stack, started by `opened`, with clients of it."""

    # The results of stage_load, target_load and report.
    WELL = ("SUCCESS", "SUCCESS", "SUCCESS")
    TOLD = ("SUCCESS", "SUCCESS", "FAILED")
    TARGET_FAILED = ("SUCCESS", "FAILED", "FAILED")

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = stack.settings
        self.contracts = load_contracts(stack.settings.feeds)

    @contextmanager
    def opened(self) -> Iterator[Self]:
        with self.stack as stack:
            self.client: Client = connect(stack.running.storage_url)
            self.jobs = WorkspaceClient(host=stack.running.workspace_url, token=stack.running.token).jobs
            with self.tables(self.settings.warehouse) as self._tables:
                yield self

    def tables(self, warehouse: Path) -> Tables:
        """Those of a folder, through the engine of the stack."""
        at = self.stack.running
        return Tables(at.engine, at.engine_url, warehouse / SCHEMA, lambda: self.contracts)

    def waiting(self) -> list[str]:
        """What stands in landing, noncurrent generations too, and in source/."""
        landed = [f"{blob.name}#{blob.generation}" for blob in self.client.list_blobs(LANDING, versions=True)]
        source = self.settings.lake / "source"
        return landed + [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]

    def in_lake(self, path: str) -> bytes | None:
        """The bytes of a file in the lake, if it is there."""
        file = self.settings.lake / path
        return file.read_bytes() if file.exists() else None

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The answer of the engine, as Python values by column."""
        return self._tables.arrow(query).to_pylist()

    def quantities(self, prefix: str) -> dict[str, int]:
        """What the target says of the articles whose sku begins so."""
        rows = self.rows(f"SELECT sku, quantity FROM stock WHERE sku LIKE '{prefix}%'")
        return {row["sku"]: row["quantity"] for row in rows}

    def ledger(self, dropped: Dropped) -> list[dict[str, Any]]:
        """What the ledger says of a file, in order."""
        rows = [row for row in self._tables.ledger() if row["file"] == dropped.identity]
        return sorted(rows, key=lambda row: (row["at"], row["seq"]))

    def journey(self, dropped: Dropped) -> Journey:
        return follow(dropped.file, LANDING, self.settings.lake, self._tables.ledger())

    def results(self, run_id: int | str) -> tuple[str, ...]:
        """The results of stage_load, target_load and report, each in its last try."""
        tries = {task.task_key: task.state for task in self._tries(run_id)}
        states = (tries.get(key) for key in ("stage_load", "target_load", "report"))
        return tuple(state.result_state.value if state and state.result_state else "" for state in states)

    def newest_run(self, feed: str) -> int:
        """The id of the run of a feed that was started last."""
        newest = next(iter(self.jobs.list_runs(job_id=self.stack.running.jobs[feed], limit=1)))
        return int(newest.run_id or 0)

    def log_lines(self, target: str = "on_object_finalized") -> list[dict[str, Any]]:
        """What a function logged; its server's own lines are no JSON."""
        return _json_lines(self.settings.logs / f"{target}.log")

    def task_log(self, run_id: int | str, task: str) -> list[dict[str, Any]]:
        """What the last try of a task logged."""
        newest = {one.task_key: one.run_id for one in self._tries(run_id)}[task]
        return _json_lines(self.settings.workspace / "logs" / f"{newest}.log")

    def everything_told(self) -> dict[str, str]:
        """All logs, runs, notices and reason files by their path, and the ledger."""
        folders = (self.settings.logs, self.settings.workspace, self.settings.lake / "rejected")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        texts = {str(path): path.read_text(errors="replace") for path in files if path.suffix != ".csv"}
        return texts | {"ledger": str(self._tables.ledger())}

    def _tries(self, run_id: int | str) -> list[RunTask]:
        """Of every task, the last one last."""
        return sorted(self.jobs.get_run(int(run_id)).tasks or [], key=lambda task: task.attempt_number or 0)


def _json_lines(log: Path) -> list[dict[str, Any]]:
    """What else stands there was written by servers and libraries."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]

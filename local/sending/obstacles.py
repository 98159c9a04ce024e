"""What stands in a file's way, as the local cloud notes it: in the functions' log and the runs of its feed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from contracts.names.paths import LakeFile
from local.processes import serves_functions
from local.running import RunningStack
from local.settings import LANDING, StackSettings

_TASKS = ("stage_load", "target_load")
_WELL = ("SUCCESS", "UPSTREAM_FAILED", "UPSTREAM_CANCELED", "EXCLUDED")
"""Results of a task that say nothing of their own."""
_PAGE = 24


@dataclass(slots=True)
class Obstacles:
    """Those of one file, each told once; `log_from` is how long the function's log was before the upload, in bytes."""

    running: RunningStack
    settings: StackSettings
    file: LakeFile
    log_from: int
    _told: set[str] = field(default_factory=set)

    def new(self, admitted_to: str = "") -> Iterator[str]:
        """Sentences that have not been told; `admitted_to` is the feed that the function put the file to, once it has.

        Raises NotRunning, OSError, urllib3's HTTPError where the stack has gone.
        """
        found = self._of_runs(admitted_to) if admitted_to else self._of_function()
        for key, sentence in found:
            if key not in self._told:
                self._told.add(key)
                yield sentence

    def _of_function(self) -> Iterator[tuple[str, str]]:
        if not serves_functions(self.running.function_url):
            yield "silent", f"the function does not answer, see {self._function_log}"
        identity = self.file.identity(LANDING)
        for line in self._function_lines():
            if line.get("file") == identity and line.get("outcome") == "failed":
                why = f"{line.get('reason')}: {line.get('detail', '')}"
                yield why, f"the function failed on it, and gets it again: {why}; its log is {self._function_log}"

    @property
    def _function_log(self) -> Path:
        return function_log(self.settings)

    def _function_lines(self) -> Iterator[Mapping[str, Any]]:
        """What the function has logged since then, as far as it is whole lines of JSON: others write there, too."""
        with self._function_log.open("rb") as log:
            log.seek(self.log_from)
            for line in log:
                try:
                    document = json.loads(line)
                except ValueError:
                    continue
                if isinstance(document, dict):
                    yield document

    def _of_runs(self, feed: str) -> Iterator[tuple[str, str]]:
        """Tries of the loading tasks that did not succeed, in the runs of its feed that ended after it came."""
        since = round(self.file.finalized_at.timestamp() * 1000)
        if feed not in self.running.jobs:
            # The stack has taken a contract since, or is about to write that down.
            self.running = RunningStack.on(self.settings.root)
        job_id = self.running.jobs.get(feed)
        if job_id is None:
            return
        for run in self._ask("jobs/runs/list", job_id=job_id, limit=_PAGE).get("runs", ()):
            if run["end_time"] and run["end_time"] < since:
                continue
            whole = self._ask("jobs/runs/get", run_id=run["run_id"], include_history="true")
            for task in reversed(whole.get("tasks", ())):
                result = task["state"].get("result_state", "SUCCESS")
                if task["task_key"] in _TASKS and result not in _WELL and task["end_time"] >= since:
                    yield str(task["run_id"]), self._failure(run["run_id"], task, result)

    def _failure(self, run_id: int, task: Mapping[str, Any], result: str) -> str:
        output = self._ask("jobs/runs/get-output", run_id=task["run_id"])
        said = output.get("error") or task["state"]["state_message"] or "it said nothing"
        log = self.settings.workspace / "logs" / f"{task['run_id']}.log"
        return f"run {run_id}: {task['task_key']} ended as {result}: {said}; its log is {log}"

    def _ask(self, what: str, **query: int | str) -> dict[str, Any]:
        answer = urllib3.request(
            "GET",
            f"{self.running.workspace_url}/api/2.2/{what}",
            fields={name: str(value) for name, value in query.items()},
            headers={"Authorization": f"Bearer {self.running.token}"},
            retries=False,
            timeout=10.0,
        )
        if answer.status != 200:
            raise RuntimeError(f"{what}: HTTP {answer.status}")
        document: dict[str, Any] = answer.json()
        return document


def function_log(settings: StackSettings) -> Path:
    """Where the function that takes the events writes."""
    return settings.logs / "on_object_finalized.log"

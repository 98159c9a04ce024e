"""The Jobs API, as far as a function asks it, whose runs cost nothing: each is over as soon as it was asked for.

So the newest run never loads what comes next, and each event asks for a run. The answers are the local workspace's.
"""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from local.deployment import deployment
from local.settings import StackSettings
from local.storage.connections import KeepAliveServer
from local.workspace import progress
from local.workspace.identifiers import Identifiers
from local.workspace.permissions import USER
from local.workspace.runs import Result
from local.workspace.settings import Job, JobSettings
from local.workspace.starts import created
from local.workspace.wire import run_json
from pipeline_jobs.workflow.job import job_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JOB_ID = 1
LIST, RUN_NOW = "/api/2.2/jobs/runs/list", "/api/2.2/jobs/run-now"


class InstantJobs:
    """The job of one feed, from `start()` to `stop()`; `asked` counts the requests to the API by their paths."""

    def __init__(self, feed: str, folder: Path) -> None:
        definition = job_settings(feed, deployment(StackSettings(folder), "sc://127.0.0.1:1"))
        self.asked: Counter[str] = Counter()
        self._ids = Identifiers(time.time)
        self._job = Job(JOB_ID, self._ids.now(), JobSettings.parse(definition), USER)
        self._by_token: dict[str, int] = {}
        self._newest: dict[str, Any] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._server = KeepAliveServer(self._listening, self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._listening.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, status = environ["PATH_INFO"], "200 OK"
        with self._lock:
            if path.startswith("/api/"):
                self.asked[path] += 1
            if path == LIST:
                content: dict[str, Any] = {"runs": [self._newest] if self._newest else [], "has_more": False}
            elif path == RUN_NOW:
                content = {"run_id": self._started(json.loads(environ["wsgi.input"].read())["idempotency_token"])}
            else:
                content, status = {"error_code": "ENDPOINT_NOT_FOUND", "message": path}, "404 Not Found"
        body = json.dumps(content).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _started(self, token: str) -> int:
        """The run that the token stands for, ended as if it had loaded what was there."""
        if token not in self._by_token:
            now = self._ids.now()
            run = progress.begin(created(self._ids.new(), self._job, (), token, now, self._ids.new), now)
            for task in run.settings.tasks:
                attempt = run.latest(task.key)
                if not attempt.ended:
                    run = progress.advance(run.having(attempt.end(Result.SUCCESS, now)), now)
            self._by_token[token] = run.run_id
            self._newest = run_json(replace(run, end_time=now), self.url, with_tasks=True)
        return self._by_token[token]

"""The workspace as a server on the loopback address."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.guard import Guard
from local.warehouse.statements import Statements
from local.workspace.access import Access, ServicePrincipal
from local.workspace.api import application, forbidden
from local.workspace.faults import Faults, FaultyWay, no_faults
from local.workspace.files import Files
from local.workspace.identifiers import Identifiers
from local.workspace.jobs import Jobs
from local.workspace.notices import Notice
from local.workspace.processes import TaskProcesses
from local.workspace.records import Records
from local.workspace.run_requests import RunRequests
from local.workspace.scheduler import Hooks, Scheduler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

host = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Answers requests without a line in the log for each."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:
        """Close the connection: the server would wait for the next request on it, and the client for an answer."""
        super().connection_dropped(error, environ)
        self.close_connection = True


@dataclass
class WorkspaceServer:
    """A Databricks workspace, as far as jobs go, kept in the folder `root`.

    `port` 0 takes a free one. Clients must bring `token`, another one at each start; while the server runs it stands in
    `<root>/token`, which its user alone can read. `task_environment` is all that tasks have of one; `preload`
    are the modules that are imported once for all of them, ahead of work. `on_notice` hears of each run that ended
    badly, `faults` may strike each request, `before_task` is called with a task's key and task run id while it is still
    PENDING. `python` is the interpreter of the environment that tasks run in, as a wheel installed on Databricks has
    its own; None is the environment of this process. `principal` may sign in for tokens of its own, besides `token`.
    Schedules and triggers of jobs are kept and shown, and never start a run. `statements` answer SQL; without any, the
    workspace has no warehouse.
    """

    root: Path
    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    task_environment: Mapping[str, str] = field(default_factory=dict)
    on_notice: Callable[[Notice], object] = lambda _: None
    faults: Faults = no_faults
    preload: Sequence[str] = ("pipeline_jobs.entrypoints",)
    before_task: Callable[[str, int], object] = lambda _key, _run_id: None
    python: Path | None = None
    principal: ServicePrincipal | None = None
    statements: Statements | None = None
    _parts: "_Parts" = field(init=False, repr=False)

    def start(self) -> None:
        """Take port and folder, read what it keeps, and answer; raises OSError where either is another's."""
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, self.port))
            listener.listen(128)
            self.port = listener.getsockname()[1]
            self._parts = _Parts.of(self, listener)
        self._parts.open()

    def stop(self) -> None:
        """End every task and process, and the server. Runs that were active are lost, as after a death."""
        self._parts.close()

    def revoke_tokens(self) -> None:
        """End all tokens that were issued to the principal, before their time."""
        self._parts.access.revoke()

    @property
    def url(self) -> str:
        """The address that clients take for DATABRICKS_HOST."""
        return f"http://{host}:{self.port}"

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until no run is active and every notice is delivered; False if that takes longer than `timeout` s."""
        return self._parts.scheduler.wait_until_idle(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@dataclass(frozen=True)
class _Parts:
    """What exists between start and stop."""

    records: Records
    access: Access
    scheduler: Scheduler
    processes: TaskProcesses
    http: BaseWSGIServer
    thread: threading.Thread

    @classmethod
    def of(cls, server: WorkspaceServer, listener: socket.socket) -> Self:
        records = Records(server.root)
        records.open()
        records.keep_token(server.token)
        ids = Identifiers(time.time)
        processes = TaskProcesses(server.task_environment, server.preload, records.logs / "preload.log", server.python)
        scheduler = Scheduler(records, processes, ids, Hooks(server.on_notice, server.before_task))
        jobs = Jobs(records, ids)
        files = Files(server.root / "files")
        access = Access(server.token, server.principal, time.time)
        app = application(access, jobs, RunRequests(jobs, scheduler, records, ids), records, files, server.statements)
        # The socket is bound here and handed over, because werkzeug ends the whole process where a port is taken.
        http = make_server(
            host,
            server.port,
            Guard(FaultyWay(app, server.faults), forbidden),
            threaded=True,
            request_handler=QuietHandler,
            fd=listener.fileno(),
        )
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        return cls(records, access, scheduler, processes, http, thread)

    def open(self) -> None:
        self.processes.open()
        self.scheduler.open()
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
        self.scheduler.close()
        self.processes.close()
        self.records.close()

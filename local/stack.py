"""The whole cloud on one machine: started in order, in parallel where it can be, and ended without a trace."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from contracts.checking.check import checked_contracts
from contracts.contract import Contract
from local.delivery import EventDelivery, Plan, undisturbed
from local.deployment import DeployedJobs, deployment
from local.engines import EngineServer, engine_server
from local.environment import of_children
from local.errors import RootUnusable
from local.events import Event
from local.private import make_private_folder
from local.processes import ChildProcess, accepts_connections, free_ports, serves_functions
from local.running import RunningStack, alone_on
from local.schedule import SweepSchedule
from local.settings import LAKE, LANDING, SCHEMA, StackSettings
from local.storage.errors import RootUnusableError
from local.storage.faults import Faults as StorageFaults
from local.storage.faults import no_faults as no_storage_faults
from local.storage.resource import ObjectResource
from local.storage.server import StorageServer
from local.supervisor import Death, Supervisor
from local.warehouse.reading import Namespace
from local.warehouse.statements import Answering, Statements
from local.workspace.faults import Faults as WorkspaceFaults
from local.workspace.faults import no_faults as no_workspace_faults
from local.workspace.notices import Notice
from local.workspace.server import WorkspaceServer

_START_WITHIN = 60.0
_SESSION = "pyspark.sql.connect.session"  # what pyspark imports no sooner than it connects
_SPARES = 3  # a run has three tasks


@dataclass(frozen=True, slots=True)
class Disturbances:
    """What befalls a stack: events on their way (`plan`), requests to its two servers, a task before it begins."""

    plan: Plan = undisturbed
    storage: StorageFaults = no_storage_faults
    workspace: WorkspaceFaults = no_workspace_faults
    before_task: Callable[[str, int], object] = lambda _key, _run_id: None


def to_nobody(_: object) -> None:
    """Nobody listens."""


class Stack:
    """Storage, Jobs API, engine, both functions, event delivery and the sweep's schedule, over one folder.

    Of `environment` the children get what `local.environment` lists; `on_notice` hears what people would get,
    `on_object` of each new object in any bucket, `on_death` of an engine that ended, which is started anew: a file
    may kill it. Entering raises CannotStart with what stands in the way; tables, files, jobs and runs of an earlier
    start are found again.
    """

    def __init__(
        self,
        settings: StackSettings,
        environment: Mapping[str, str],
        *,
        disturbances: Disturbances = Disturbances(),
        on_notice: Callable[[Notice], object] = to_nobody,
        on_object: Callable[[ObjectResource], object] = to_nobody,
        on_death: Callable[[Death], object] = to_nobody,
    ) -> None:
        self.settings = settings
        self._environment = of_children(environment, settings.home)
        self._disturbances = disturbances
        self._on_notice = on_notice
        self._on_object = on_object
        self._on_death = on_death
        self._open = ExitStack()

    def __enter__(self) -> "Stack":
        with self._open:
            self._start()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _start(self) -> None:
        contracts = checked_contracts(self.settings.feeds)
        self._make_folders()
        self._log_to(self.settings.logs / "stack.log")
        self._open.enter_context(alone_on(self.settings.root))
        self._function_port, self._sweep_port, storage, workspace, engine = free_ports(self.settings.first_port, 5)
        self.delivery = EventDelivery(
            f"http://127.0.0.1:{self._function_port}/", plan=self._disturbances.plan, retries=self.settings.retries
        )
        self._storage = self._started_storage(storage)
        server = engine_server(self.settings.engine, engine, self.settings.engine_folder)
        self._start_engine(server)
        self.workspace = self._started_workspace(workspace, server.for_clients, self._statements(server, contracts))
        jobs = DeployedJobs(self.workspace.url, self.workspace.token).put(
            (contract.feed for contract in contracts), deployment(self.settings, server.url)
        )
        self._start_functions(jobs)
        self.running = RunningStack(
            storage_url=self._storage.url,
            workspace_url=self.workspace.url,
            token=self.workspace.token,
            engine=self.settings.engine,
            engine_url=server.url_with_token,
            function_url=f"http://127.0.0.1:{self._function_port}",
            sweep_url=f"http://127.0.0.1:{self._sweep_port}",
            feeds=str(self.settings.feeds),
            jobs=jobs,
        )
        self._engine.wait_until(lambda: accepts_connections(engine), _START_WITHIN)
        self._supervisor.start()
        self._open.callback(self._supervisor.end)  # the first of all that is done in the end
        self.running.write(self.settings.root)

    def _make_folders(self) -> None:
        try:
            for folder in self.settings.folders:
                make_private_folder(folder)
        except OSError as error:
            raise RootUnusable(self.settings.root, error.strerror or type(error).__name__) from error

    def _log_to(self, path: Path) -> None:
        """What this process has to say, of events that failed above all, goes where the children's output goes."""
        handler = logging.FileHandler(path)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger = logging.getLogger("local")
        logger.addHandler(handler)
        self._open.callback(handler.close)
        self._open.callback(logger.removeHandler, handler)

    def _started_storage(self, port: int) -> StorageServer:
        faults = self._disturbances.storage
        storage = StorageServer(self.settings.storage, port, plain=(LAKE,), on_finalized=self._announce, faults=faults)
        try:
            self._open.enter_context(storage)
        except RootUnusableError as error:
            raise RootUnusable(self.settings.root, str(error)) from error
        storage.create_bucket(LANDING, versioning=True)
        storage.create_bucket(LAKE)
        return storage

    def _announce(self, resource: ObjectResource) -> None:
        self._on_object(resource)
        if resource["bucket"] == LANDING:
            self.delivery.publish(Event.finalized(resource))

    def _start_engine(self, server: EngineServer) -> None:
        environment = {**self._environment, **server.environment}
        start = partial(ChildProcess, "engine", server.command, environment, self.settings.logs / "engine.log")
        self._engine = start()
        self._supervisor = Supervisor(self._engine, start, on_death=self._on_death)
        self._open.callback(self._supervisor.stop)

    def _statements(self, server: EngineServer, contracts: Iterable[Contract]) -> Statements:
        """What answers SQL of the stack's tables."""
        folder = self.settings.warehouse / SCHEMA

        def connect() -> Answering:
            from local.tables import Tables  # noqa: PLC0415  # pyspark is for a stack that is asked alone

            return Tables(self.settings.engine, server.url_with_token, folder, contracts)

        here = Namespace(str(self.settings.warehouse), SCHEMA)
        return self._open.enter_context(Statements(here, connect))

    def _started_workspace(self, port: int, of_engine: Mapping[str, str], statements: Statements) -> WorkspaceServer:
        tasks = {**self._environment, **of_engine, "FEEDS_FOLDER": str(self.settings.feeds)}
        workspace = WorkspaceServer(
            self.settings.workspace,
            port,
            task_environment=tasks,
            on_notice=self._on_notice,
            faults=self._disturbances.workspace,
            before_task=self._disturbances.before_task,
            preload=("pipeline_jobs.entrypoints", f"pipeline_jobs.engines.{self.settings.engine}", _SESSION),
            spares=_SPARES,
            statements=statements,
        )
        return self._open.enter_context(workspace)

    def _start_functions(self, jobs: Mapping[str, int]) -> None:
        """Both targets, the events for the one and the schedule of the other; ready when this returns."""
        sweep_url = f"http://127.0.0.1:{self._sweep_port}/"
        function = self._started_function("on_object_finalized", self._function_port, jobs)
        sweep = self._started_function("on_sweep", self._sweep_port, jobs)
        for child, port in ((function, self._function_port), (sweep, self._sweep_port)):
            child.wait_until(lambda url=f"http://127.0.0.1:{port}": serves_functions(url), _START_WITHIN)  # type: ignore[misc]  # mypy cannot infer a lambda's default
        self.delivery.start()
        schedule = SweepSchedule(sweep_url, every=self.settings.sweeping.every)
        schedule.start()
        self._open.callback(self._end_functions, schedule, (function, sweep))

    def _end_functions(self, schedule: SweepSchedule, children: Sequence[ChildProcess]) -> None:
        """Nothing new begins, what is being handled comes to an end."""
        schedule.end()
        self.delivery.end()
        for child in children:
            child.end()
        schedule.stop()
        self.delivery.stop()

    def _started_function(self, target: str, port: int, jobs: Mapping[str, int]) -> ChildProcess:
        sweeping = self.settings.sweeping
        environment = {
            **self._environment,
            "STORAGE_EMULATOR_HOST": self._storage.url,
            "LANDING_BUCKET": LANDING,
            "LAKE_BUCKET": LAKE,
            "FEED_JOBS": json.dumps(jobs),
            "FEEDS_FOLDER": str(self.settings.feeds),
            "DATABRICKS_HOST": self.workspace.url,
            "DATABRICKS_TOKEN": self.workspace.token,
            "SWEEP_GRACE_SECONDS": str(sweeping.grace),
            "SWEEP_RETRY_SECONDS": str(sweeping.retry),
            "PLACEHOLDER_SECONDS": str(sweeping.placeholder),
            "TIMEOUT_SECONDS": str(self.settings.answer_within),
        }
        command = [sys.executable, "-m", "local.functions", target, str(port)]
        child = ChildProcess(target, command, environment, self.settings.logs / f"{target}.log")
        self._open.callback(child.wait)
        return child

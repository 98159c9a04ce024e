"""The whole cloud on one machine: started in order, in parallel where it can be, and ended without a trace."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from contracts.contract import Contract
from local.delivery import EventDelivery, Plan, undisturbed
from local.deployment import DeployedJobs, deployment
from local.engines import EngineServer, engine_server
from local.environment import of_children
from local.errors import RootUnusable
from local.events import Event
from local.private import make_private_folder
from local.processes import ChildProcess, accepts_connections, free_ports
from local.publishing import local_bigquery, put_tables
from local.running import RunningStack, alone_on
from local.serving import Functions, Target
from local.settings import LAKE, LANDING, SCHEMA, StackSettings
from local.snapshot import Snapshot, versions_not_raised
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
AHEAD = ("pipeline_jobs.entrypoints", "pyspark.sql.connect.session", "pipeline_jobs.tasks.ahead")
"""What tasks import, what pyspark imports no sooner than it connects, and the contracts of all feeds."""


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
        self.running: RunningStack
        self.in_force: Snapshot
        self._contracts: tuple[Contract, ...] = ()
        self._bigquery = ""
        self._functions: Functions

    def __enter__(self) -> "Stack":
        with self._open:
            self._start()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self, snapshot: Snapshot) -> Sequence[str]:
        """Works with these contracts from now on: first the jobs, then the functions, which are started anew.

        Gives a sentence for each that changed without its version, or cannot be published any more. Raises
        ContractError for contracts with mistakes, which change nothing; CannotStart and TimeoutError where the
        functions do not come back: the stack has to be restarted.
        """
        contracts = snapshot.checked()
        feeds = snapshot.put_in_force(self.settings.contracts)
        advice = versions_not_raised(self._contracts, contracts)
        if self._bigquery:
            advice += put_tables(self._bigquery, contracts)
        jobs = self._deployed(contracts)
        self._functions.renew(feeds.resolve(), jobs)
        self.in_force, self._contracts = snapshot, contracts
        self.running = replace(self.running, jobs=jobs, contracts=str(feeds.resolve()))
        self.running.write(self.settings.root)
        return advice

    def _start(self) -> None:
        self.in_force = Snapshot.of(self.settings.feeds)
        self._contracts = self.in_force.checked()
        self._make_folders()
        self._log_to(self.settings.logs / "stack.log")
        self._open.enter_context(alone_on(self.settings.root))
        feeds = self.in_force.put_in_force(self.settings.contracts)
        function, sweep, storage, workspace, engine = free_ports(self.settings.first_port, 5)
        targets = Target("on_object_finalized", function), Target("on_sweep", sweep)
        self.delivery = EventDelivery(f"{targets[0].url}/", plan=self._disturbances.plan, retries=self.settings.retries)
        self._storage = self._started_storage(storage)
        self._server = engine_server(self.settings.engine, engine, self.settings.engine_folder)
        self._start_engine(self._server)
        if self.settings.publishes:
            self._bigquery = self._open.enter_context(local_bigquery(self.settings, self._environment))
            put_tables(self._bigquery, self._contracts)
        self.workspace = self._started_workspace(workspace, feeds)
        jobs = self._deployed(self._contracts)
        self._functions = self._served(targets)
        self._functions.start(feeds.resolve(), jobs)
        self.running = RunningStack(
            storage_url=self._storage.url,
            workspace_url=self.workspace.url,
            token=self.workspace.token,
            engine=self.settings.engine,
            engine_url=self._server.url_with_token,
            function_url=targets[0].url,
            sweep_url=targets[1].url,
            feeds=str(self.settings.feeds),
            contracts=str(feeds.resolve()),
            jobs=jobs,
            bigquery_url=self._bigquery,
        )
        self._engine.wait_until(lambda: accepts_connections(engine), _START_WITHIN)
        self._supervisor.start()
        self._open.callback(self._supervisor.end)  # the first of all that is done in the end
        self.running.write(self.settings.root)

    def _deployed(self, contracts: Iterable[Contract]) -> dict[str, int]:
        """The job of each feed."""
        deployed = DeployedJobs(self.workspace.url, self.workspace.token)
        return deployed.put((contract.feed for contract in contracts), deployment(self.settings, self._server.url))

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

    def _statements(self) -> Statements:
        """What answers SQL of the stack's tables, with the views of the contracts in force."""
        folder = self.settings.warehouse / SCHEMA

        def connect() -> Answering:
            from local.tables import Tables  # noqa: PLC0415  # pyspark is for a stack that is asked alone

            # As they were read: to read hundreds of them again for each question takes seconds.
            return Tables(self.settings.engine, self._server.url_with_token, folder, lambda: self._contracts)

        here = Namespace(str(self.settings.warehouse), SCHEMA)
        return self._open.enter_context(Statements(here, connect))

    def _started_workspace(self, port: int, feeds: Path) -> WorkspaceServer:
        tasks = {**self._environment, **self._server.for_clients, "FEEDS_FOLDER": str(feeds)}
        if self._bigquery:
            tasks["BIGQUERY_EMULATOR_HOST"] = self._bigquery.removeprefix("http://")
        workspace = WorkspaceServer(
            self.settings.workspace,
            port,
            task_environment=tasks,
            on_notice=self._on_notice,
            faults=self._disturbances.workspace,
            before_task=self._disturbances.before_task,
            preload=(*AHEAD, f"pipeline_jobs.engines.{self.settings.engine}"),
            statements=self._statements(),
        )
        return self._open.enter_context(workspace)

    def _served(self, targets: tuple[Target, Target]) -> Functions:
        sweeping = self.settings.sweeping
        environment = {
            **self._environment,
            "STORAGE_EMULATOR_HOST": self._storage.url,
            "LANDING_BUCKET": LANDING,
            "LAKE_BUCKET": LAKE,
            "DATABRICKS_HOST": self.workspace.url,
            "DATABRICKS_TOKEN": self.workspace.token,
            "SWEEP_GRACE_SECONDS": str(sweeping.grace),
            "SWEEP_RETRY_SECONDS": str(sweeping.retry),
            "PLACEHOLDER_SECONDS": str(sweeping.placeholder),
            "TIMEOUT_SECONDS": str(self.settings.answer_within),
        }
        functions = Functions(
            targets,
            environment,
            self.settings.logs,
            self.delivery,
            sweep_every=sweeping.every,
            answer_within=self.settings.answer_within,
        )
        self._open.callback(functions.end)
        return functions

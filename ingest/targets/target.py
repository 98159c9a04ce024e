"""The target of a command: contracts, tables, buckets and jobs of one deployment."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.contract import Contract
from contracts.loader import PACKAGED, load_contracts
from ingest.targets.deployment import Places, jobs_of_feeds
from ingest.targets.errors import TargetError
from ingest.targets.jobs import Jobs
from ingest.targets.sdk import connect_local, connect_profile, lean
from ingest.targets.stack import LocalStack
from ingest.targets.storage import anonymous_client, default_client
from ingest.targets.tables import Tables

if TYPE_CHECKING:
    from databricks.sdk.core import ApiClient
    from google.cloud.storage import Bucket, Client  # type: ignore[import-untyped]  # it ships no types


@dataclass(frozen=True, slots=True)
class Choice:
    """Which target a person chose; None and empty are what is found by itself."""

    target: str | None = None
    root: Path = Path()
    profile: str | None = None
    deployment: str | None = None
    warehouse: str | None = None
    feeds: Path | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the commands work on, the very same on a laptop and on Databricks.

    `warehouse_is_chosen` says that nobody named `tables.warehouse`; `name` is local or databricks, `logs` the folder of
    a stack's.
    """

    name: str
    contracts: tuple[Contract, ...]
    tables: Tables
    landing: "Bucket"
    lake: "Bucket"
    jobs: Jobs
    warehouse_is_chosen: bool
    logs: Path | None = None

    @property
    def feeds(self) -> tuple[str, ...]:
        return tuple(contract.feed for contract in self.contracts)

    def contract(self, feed: str) -> Contract:
        """Raises TargetError for a feed that no contract describes."""
        for contract in self.contracts:
            if contract.feed == feed:
                return contract
        raise TargetError(f"there is no feed {feed}; the contracts name {', '.join(self.feeds)}")


def open_local(choice: Choice) -> Target:
    """A running stack's; raises TargetError, ContractError, and what the clients raise."""
    stack = LocalStack.on(choice.root)
    client = anonymous_client(stack.storage_url)
    return _opened("local", choice, stack.feeds, connect_local(stack.workspace_url, stack.token), client)


def open_databricks(choice: Choice) -> Target:
    """A workspace's; raises TargetError, ContractError, and what the clients raise."""
    return _opened("databricks", choice, PACKAGED, connect_profile(choice.profile), default_client())


def _opened(name: str, choice: Choice, feeds: Path, api: "ApiClient", storage: "Client") -> Target:
    contracts = load_contracts(choice.feeds or feeds)
    with lean():
        from databricks.sdk.service.jobs import JobsAPI  # noqa: PLC0415  # only what asks pays for it
        from databricks.sdk.service.sql import StatementExecutionAPI  # noqa: PLC0415  # as above
    jobs = JobsAPI(api)  # type: ignore[no-untyped-call]  # the SDK leaves its constructors bare
    names = {job.job_id or 0: (job.settings and job.settings.name) or "" for job in jobs.list(limit=100)}
    ids = jobs_of_feeds(names, choice.deployment)
    places = _places(jobs, ids)
    statements = StatementExecutionAPI(api)  # type: ignore[no-untyped-call]  # the SDK leaves its constructors bare
    warehouse = choice.warehouse or _first_warehouse(api)
    return Target(
        name=name,
        contracts=contracts,
        tables=Tables(statements, warehouse, places.catalog, places.schema),
        landing=storage.bucket(places.landing_bucket),
        lake=storage.bucket(_lake_bucket(api, places)),
        jobs=Jobs(jobs, ids, api._cfg.host or ""),  # noqa: SLF001  # the SDK has no other way to its address
        warehouse_is_chosen=not choice.warehouse,
        logs=choice.root / "logs" if name == "local" else None,
    )


def _places(jobs: "JobsAPI", ids: dict[str, int]) -> Places:
    """All jobs of a deployment work in the same."""
    feed, job_id = next(iter(ids.items()))
    job = jobs.get(job_id)
    for task in (job.settings and job.settings.tasks) or []:
        if task.python_wheel_task is not None:
            return Places.of(task.python_wheel_task.parameters or (), (job.settings and job.settings.name) or feed)
    raise TargetError(f"the job of {feed} has no task of this package")


def _first_warehouse(api: "ApiClient") -> str:
    """One that runs rather than one that would have to be started."""
    with lean():
        from databricks.sdk.service.sql import State, WarehousesAPI  # noqa: PLC0415  # as above
    warehouses = WarehousesAPI(api)  # type: ignore[no-untyped-call]  # the SDK leaves its constructors bare
    found = list(warehouses.list())
    running = [one for one in found if one.state is State.RUNNING]
    if not found:
        raise TargetError("you may use no SQL warehouse there: ask for CAN_USE on one, and name it with --warehouse")
    return (running or found)[0].id or ""


def _lake_bucket(api: "ApiClient", places: Places) -> str:
    """The bucket behind the volume: its folder's name where it is a folder, as a stack's is."""
    if "/" in places.volume:
        return Path(places.volume).name
    with lean():
        from databricks.sdk.service.catalog import VolumesAPI  # noqa: PLC0415  # as above
    volumes = VolumesAPI(api)  # type: ignore[no-untyped-call]  # the SDK leaves its constructors bare
    location = volumes.read(f"{places.catalog}.{places.schema}.{places.volume}").storage_location or ""
    if not location.startswith("gs://"):
        raise TargetError(f"the volume {places.volume} lies in {location!r}, which is no Cloud Storage bucket")
    return location.removeprefix("gs://").partition("/")[0]


if TYPE_CHECKING:
    from databricks.sdk.service.jobs import JobsAPI

"""One run of one feed's job: what its tasks share, and how it is opened from parameters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from contracts.checking.language import hold_to_language
from contracts.contract import Contract
from pipeline_jobs.clock import Clock, SystemClock
from pipeline_jobs.engines import Connection, connected
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import Operation
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.state.ledger import Ledger
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.withheld import Withheld, own_words


@dataclass(frozen=True, slots=True)
class Run:
    """`contracts` are all feeds', `named` is the file in the lake that the run was started for (or empty), `operation`
    what it does beside loading what waits.

    `scratch` is a folder of the run's own, `withheld` takes what an engine says of an error.
    """

    contract: Contract
    contracts: tuple[Contract, ...]
    engine: Engine
    ledger: Ledger
    volume: Volume
    scratch: Path
    clock: Clock
    named: str
    withheld: Withheld
    operation: Operation | None


@contextmanager
def open_run(
    parameters: Parameters, contracts: tuple[Contract, ...], withheld: Withheld | None = None
) -> Iterator[Run]:
    """The run, connected to its engine; its folder in the scratch volume is there as long as the run is open.

    Of an error that leaves the block, what an engine said stays in `withheld`. Raises WrongParametersError,
    EngineUnreachableError, TaskFailedError; ContractError where the feed's contract is not as the language has it,
    before anything of it reaches an engine.
    """
    contract = next((one for one in contracts if one.feed == parameters.feed), None)
    if contract is None:
        known = ", ".join(one.feed for one in contracts)
        raise WrongParametersError(f"there is no contract of the feed {parameters.feed!r}; there are {known}")
    hold_to_language((contract,), contracts)
    withheld = withheld or Withheld(parameters.new_errors_path())
    clock = SystemClock()
    with (
        own_words(withheld),
        _scratch_folder(parameters) as scratch,
        connected(connection(parameters, scratch)) as engine,
    ):
        yield Run(
            contract=contract,
            contracts=contracts,
            engine=engine,
            ledger=Ledger(engine, contract.feed, parameters.run_id, contract.version, clock),
            volume=Volume(parameters.volume_root, parameters.landing_bucket),
            scratch=scratch,
            clock=clock,
            named=parameters.path,
            withheld=withheld,
            operation=parameters.operation,
        )


def connection(parameters: Parameters, scratch: Path) -> Connection:
    """Where the parameters say that the tables are; `scratch` is a folder of whoever connects."""
    return Connection(
        engine=parameters.engine,
        url=parameters.engine_url,
        catalog=parameters.catalog,
        schema=parameters.schema,
        tables_location=parameters.tables_location,
        reader=parameters.reader,
        scratch=scratch,
    )


@contextmanager
def _scratch_folder(parameters: Parameters) -> Iterator[Path]:
    # A task that was thought dead may still be at work under the same run id.
    folder = parameters.scratch_root / "control" / f"{parameters.feed}-{parameters.run_id}-{uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)

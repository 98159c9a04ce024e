"""The packaged entry points of the job's tasks; each takes its parameters as `--name=value` arguments."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from feeds.loader import PACKAGED, load_contracts
from pipeline_jobs import logs, merge, stage
from pipeline_jobs import report as reporting
from pipeline_jobs.clock import SystemClock
from pipeline_jobs.engines import Connection, connected
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.ledger import Ledger
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run
from pipeline_jobs.volume import Volume


def stage_load() -> None:
    """CSV files in source/ → stage table; the files go on to archive/ or rejected/."""
    with _run() as (run, _):
        stage.stage_load(run)


def target_load() -> None:
    """Staged rows → target table."""
    with _run() as (run, _):
        merge.target_load(run)


def report() -> None:
    """Every outcome since the last report; raises unless all is well."""
    with _run() as (run, parameters):
        reporting.report(run, {"stage_load": parameters.stage_result, "target_load": parameters.target_result})


@contextmanager
def _run() -> Iterator[tuple[Run, Parameters]]:
    """The task's run, connected; raises WrongParametersError, ContractError."""
    logs.configure()
    parameters = Parameters.parse(sys.argv[1:])
    contracts = load_contracts(Path(os.environ["FEEDS_FOLDER"]) if "FEEDS_FOLDER" in os.environ else PACKAGED)
    contract = next((one for one in contracts if one.feed == parameters.feed), None)
    if contract is None:
        known = ", ".join(one.feed for one in contracts)
        raise WrongParametersError(f"there is no contract of the feed {parameters.feed!r}; there are {known}")
    clock = SystemClock()
    scratch = parameters.scratch_root / "control" / f"{parameters.feed}-{parameters.run_id}"
    scratch.mkdir(parents=True, exist_ok=True)
    connection = Connection(
        engine=parameters.engine,
        url=parameters.engine_url,
        catalog=parameters.catalog,
        schema=parameters.schema,
        reader=parameters.reader,
        scratch=scratch,
    )
    with connected(connection) as engine:
        run = Run(
            contract=contract,
            contracts=contracts,
            engine=engine,
            ledger=Ledger(engine, contract.feed, parameters.run_id, contract.version, clock),
            volume=Volume(parameters.volume_root, parameters.landing_bucket),
            scratch=scratch,
            clock=clock,
            named=parameters.path,
        )
        try:
            yield run, parameters
        finally:
            rmtree(scratch, ignore_errors=True)

"""The packaged entry points of the job's tasks; each takes its parameters as `--name=value` arguments."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.checking.language import hold_to_language
from contracts.contract import Contract
from contracts.loader import PACKAGED, load_contracts
from pipeline_jobs import logs
from pipeline_jobs.engines import connected
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.publishing import publish as publishing
from pipeline_jobs.publishing.credential import signed_in
from pipeline_jobs.run import Run, connection, open_run
from pipeline_jobs.steps import report as reporting
from pipeline_jobs.steps import setup_tables
from pipeline_jobs.tasks import loads
from pipeline_jobs.withheld import Withheld, own_words


def stage_load() -> None:
    """CSV files in source/ → stage table; the files go on to archive/ or rejected/."""
    with _run() as (run, _):
        loads.stage_load(run)


def target_load() -> None:
    """Staged rows → target table."""
    with _run() as (run, _):
        loads.target_load(run)


def report() -> None:
    """Every outcome since the last report; raises unless all is well."""
    with _run() as (run, parameters):
        reporting.report(run, {"stage_load": parameters.stage_result, "target_load": parameters.target_result})


def publish() -> None:
    """Target table → its table in BigQuery."""
    with _run() as (run, parameters):
        publishing.publish(run, signed_in(parameters, os.environ.get("BIGQUERY_EMULATOR_HOST")))


def setup() -> None:
    """Ledger, tables and views of the feed, or of all feeds where it is empty; made again, it changes nothing."""
    contracts = contracts_in_force()
    feeds = setup_tables.chosen(sys.argv[1:], contracts)
    parameters = setup_tables.placed(sys.argv[1:], feeds[0])
    with own_words(_logged(parameters)):
        hold_to_language(feeds, contracts)
        with connected(connection(parameters, parameters.scratch_root)) as engine:
            setup_tables.set_up(engine, feeds, contracts)


def contracts_in_force() -> tuple[Contract, ...]:
    """Those of FEEDS_FOLDER, else those that stand beside this package; raises ContractError."""
    return load_contracts(Path(os.environ["FEEDS_FOLDER"]) if "FEEDS_FOLDER" in os.environ else PACKAGED)


@contextmanager
def _run() -> Iterator[tuple[Run, Parameters]]:
    """The task's run, as arguments and environment say; raises WrongParametersError, ContractError."""
    parameters = Parameters.parse(sys.argv[1:])
    with open_run(parameters, contracts_in_force(), _logged(parameters)) as run:
        yield run, parameters


def _logged(parameters: Parameters) -> Withheld:
    """From here on the log holds our own words alone; gives where the others go."""
    # With it the client of Spark Connect logs whole errors through a handler of its own.
    os.environ.pop("SPARK_CONNECT_LOG_LEVEL", None)
    withheld = Withheld(parameters.new_errors_path())
    logs.configure(withheld)
    return withheld

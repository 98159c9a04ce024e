"""The packaged entry points of the job's tasks; each takes its parameters as `--name=value` arguments."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feeds.loader import PACKAGED, load_contracts
from pipeline_jobs import logs, merge, stage
from pipeline_jobs import report as reporting
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run


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
    """The task's run, as arguments and environment say; raises WrongParametersError, ContractError."""
    logs.configure()
    parameters = Parameters.parse(sys.argv[1:])
    contracts = load_contracts(Path(os.environ["FEEDS_FOLDER"]) if "FEEDS_FOLDER" in os.environ else PACKAGED)
    with open_run(parameters, contracts) as run:
        yield run, parameters

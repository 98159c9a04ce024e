"""What a stack publishes into: the local BigQuery, a process in the environment that has DuckDB."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from contracts.contract import Contract
from local.deployment import PUBLISHED
from local.engines import PROJECT
from local.errors import NoDuckDb
from local.processes import ChildProcess, accepts_connections, free_ports
from local.settings import StackSettings

READERS_ENVIRONMENT = ".venv-readers"
_START_WITHIN = 60.0


def duckdb_python(project: Path = PROJECT) -> Path:
    """The interpreter of the environment that `make readers` makes; raises NoDuckDb."""
    python = project / READERS_ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise NoDuckDb
    return python


@contextmanager
def local_bigquery(settings: StackSettings, environment: Mapping[str, str]) -> Iterator[str]:
    """Its address; raises CannotStart. What it holds goes with its process, and the next publish brings it again."""
    python = duckdb_python()
    [port] = free_ports(settings.bigquery_port, 1)
    # Both that a publish needs: the second is what Dataset.on_its_way names.
    datasets = ("--dataset", PUBLISHED.dataset, "--dataset", f"{PUBLISHED.dataset}_on_its_way")
    options = ("--port", str(port), "--project", PUBLISHED.project, *datasets)
    command = (str(python), "-m", "local.bigquery", *options)
    own = {**environment, "PYTHONPATH": str(PROJECT)}
    child = ChildProcess("BigQuery", command, own, settings.logs / "bigquery.log")
    try:
        child.wait_until(lambda: accepts_connections(port), _START_WITHIN)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.wait()


def put_tables(url: str, contracts: Iterable[Contract]) -> list[str]:
    """The targets' tables with the columns that a contract classifies, which are Terraform's to make in a cloud.

    Gives a sentence for each that cannot be as its contract has it: a publish fails by the same word.
    """
    # Only here: pyspark, whose types the columns are told in, takes a second.
    from pipeline_jobs.errors import PublishedOtherwiseError, WarehouseUnreachableError  # noqa: PLC0415  # see above
    from pipeline_jobs.publishing.bigquery import Dataset  # noqa: PLC0415  # see above
    from pipeline_jobs.publishing.shape import prepared  # noqa: PLC0415  # see above
    from pipeline_jobs.publishing.wire import Wire  # noqa: PLC0415  # see above
    from pipeline_jobs.state.tables import target_schema  # noqa: PLC0415  # see above

    into = Dataset(Wire(url, None), PUBLISHED.project, PUBLISHED.dataset, PUBLISHED.location)
    refused = []
    for contract in contracts:
        columns = tuple(replace(column, classification=None) for column in contract.columns)
        try:
            prepared(into, replace(contract, columns=columns), target_schema(contract), lambda: True)
        except (PublishedOtherwiseError, WarehouseUnreachableError) as error:
            refused.append(str(error))
    return refused

"""The wheel as Databricks runs it: by package and entry point, in an environment that has nothing else of ours."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import Run
from pyspark.sql import SparkSession

from local.workspace.server import WorkspaceServer
from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.places import CatalogSchema
from pipeline_jobs.engines.reading import ServerReader
from pipeline_jobs.workflow.job import Deployment, job_settings

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.wheel.wheel_environment", "tests.integration.job.engine_servers"]

ROOT = Path(__file__).parents[3]
CUSTOMERS = ROOT / "samples" / "customers_2026-03-02.csv"
TASKS = ("report", "stage_load", "target_load")
CATALOG, SCHEMA = "spark_catalog", "by_the_wheel"
PATIENCE = 180.0

Start = Callable[[Deployment, Mapping[str, str]], Run]


@pytest.fixture
def run_customers(databricks_python: Path, tmp_path: Path) -> Start:
    """Makes the job of customers on a workspace whose tasks run in that environment, runs it once and gives the run."""

    def run(deployment: Deployment, task_environment: Mapping[str, str]) -> Run:
        with WorkspaceServer(
            tmp_path / "workspace", python=databricks_python, task_environment=task_environment
        ) as server:
            client = WorkspaceClient(host=server.url, token=server.token)
            definition = job_settings("customers", deployment)
            answer = client.api_client.do("POST", "/api/2.2/jobs/create", body=definition)
            assert isinstance(answer, dict)
            started = client.jobs.run_now(int(answer["job_id"]))
            assert server.wait_until_idle(PATIENCE), "the run did not end"
            return client.jobs.get_run(started.run_id)

    return run


@pytest.fixture
def catalog(server: "Server") -> Iterator[SparkSession]:
    """A session of the test's own, with an empty schema in a catalog: there the tables have names of three parts."""
    session = SparkSession.builder.remote(server.url).create()
    session.sql(f"CREATE SCHEMA {CATALOG}.{SCHEMA}")
    yield session
    session.sql(f"DROP SCHEMA {CATALOG}.{SCHEMA} CASCADE")
    session.stop()


def test_nothing_of_this_project_is_there_but_the_wheel(databricks_python: Path) -> None:
    """Its packages come from the environment; neither an engine nor what the local stack needs can be imported."""
    script = (
        "import importlib.util as u, contracts, pipeline_jobs, pyarrow;"
        "print(pyarrow.__version__, contracts.__file__, pipeline_jobs.__file__,"
        " *(n for n in ('local', 'function', 'deltalake', 'pysail', 'flask', 'databricks') if u.find_spec(n)))"
    )

    said = subprocess.run(
        [databricks_python, "-I", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()

    packages = next(databricks_python.parents[1].glob("lib/python*/site-packages"))
    assert said == ["19.0.1", str(packages / "contracts/__init__.py"), str(packages / "pipeline_jobs/__init__.py")]


def test_every_entry_point_is_found_and_says_what_it_misses(run_customers: Start, tmp_path: Path) -> None:
    """They load from the wheel: the frames of their failure, an engine that nobody knows, are not of this checkout."""
    run = run_customers(_deployment(tmp_path, "abacus"), {})

    logs = _logs(run, tmp_path)
    assert _results(run) == {"report": "FAILED", "stage_load": "FAILED", "target_load": "UPSTREAM_FAILED"}
    assert len(logs) == 2  # nothing of target_load, which did not begin
    assert all("WrongParametersError: engine 'abacus' is none of" in log for log in logs)
    assert all(str(ROOT / "pipeline_jobs") not in log for log in logs)


@pytest.mark.parametrize("server", ["spark"], indirect=True)
def test_a_file_becomes_rows_by_the_wheel_alone(
    run_customers: Start, server: "Server", catalog: SparkSession, tmp_path: Path
) -> None:
    """As on serverless: a Connect session that is there, named by the environment, and tables of a catalog.

    Each task is green; the file ends in the archive, its rows in the target. The driver reads it, as it does on
    Databricks unless told otherwise: with the environment's own pyarrow.
    """
    source = tmp_path / "lake" / "source" / "customers" / CUSTOMERS.name
    source.parent.mkdir(parents=True)
    source.write_bytes(CUSTOMERS.read_bytes())

    run = run_customers(_deployment(tmp_path, "databricks"), {"SPARK_REMOTE": server.url})

    assert _results(run) == dict.fromkeys(TASKS, "SUCCESS"), "\n".join(_logs(run, tmp_path))
    [archived] = (path for path in (tmp_path / "lake" / "archive" / "customers").rglob("*") if path.is_file())
    assert archived.read_bytes() == CUSTOMERS.read_bytes()
    assert not source.exists()
    rows = catalog.table(f"{CATALOG}.{SCHEMA}.customers").count()
    assert rows == len(CUSTOMERS.read_text("utf-8").splitlines()) - 1


@pytest.mark.parametrize("server", ["spark"], indirect=True)
def test_a_view_of_a_catalog_stays_the_same_view(catalog: SparkSession) -> None:
    """It is read by the new query, and what people gave it is still on it: rights go with a view that is replaced."""
    engine = DeltaEngine(catalog, CatalogSchema(CATALOG, SCHEMA), ServerReader(catalog))
    view = engine.reference("orders_rejects")

    engine.publish_view("orders_rejects", "SELECT 1 AS one")
    catalog.sql(f"ALTER VIEW {view} SET TBLPROPERTIES ('given.by' = 'people')")
    engine.publish_view("orders_rejects", "SELECT 2 AS two, 3 AS three")

    assert [row.asDict() for row in catalog.table(view).collect()] == [{"two": 2, "three": 3}]
    [given] = catalog.sql(f"SHOW TBLPROPERTIES {view} ('given.by')").collect()
    assert given["value"] == "people"


def _deployment(folder: Path, engine: str) -> Deployment:
    for name in ("lake", "scratch"):
        (folder / name).mkdir(exist_ok=True)
    return Deployment(
        catalog=CATALOG,
        schema=SCHEMA,
        volume=str(folder / "lake"),
        scratch_volume=str(folder / "scratch"),
        landing_bucket="landing",
        engine=engine,
        max_retries=0,
    )


def _results(run: Run) -> dict[str, str]:
    states = {task.task_key: task.state for task in run.tasks or []}
    return {key: state.result_state.value for key, state in states.items() if state and state.result_state}


def _logs(run: Run, folder: Path) -> list[str]:
    """What each task wrote that began."""
    logs = [folder / "workspace" / "logs" / f"{task.run_id}.log" for task in run.tasks or []]
    return [log.read_text() for log in logs if log.exists()]

"""The jobs: one per contract, in the one shape that Python and Terraform share."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.loader import load_contracts
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.workflow.job import Deployment, job_settings
from pipeline_jobs.workflow.triggers import FileArrival
from tests.infra.planned_jobs import as_the_api_has_it

if TYPE_CHECKING:
    from tests.infra.deployments import Plan
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

ROOT = Path(__file__).parents[2]


def _is_said(value: Any) -> bool:
    """Whether it is neither empty nor made up by the provider that stands in here."""
    made_up = isinstance(value, str) and " of databricks_job " in value
    return value not in (None, "", [], {}, 0) and value is not False and not made_up


def _bare(value: Any) -> Any:
    """Without what is not said."""
    if isinstance(value, dict):
        kept = {name: _bare(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if _is_said(inner)}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _deployment(plan: "Plan", **more: Any) -> Deployment:
    """The same deployment, told to Python."""
    catalog = plan.the("databricks_catalog", "catalog")["name"]
    return Deployment(
        catalog=catalog,
        schema=plan.the("databricks_schema", "schema")["name"],
        volume="lake",
        scratch_volume="scratch",
        landing_bucket=plan.of("google_storage_bucket")["landing"]["name"],
        wheel=plan.the("databricks_file", "wheel")["path"],
        run_as=plan.of("databricks_service_principal")["runner"]["application_id"],
        emails=tuple(plan.variables["notifications"]["emails"]),
        tags={"app": "ingest", "environment": plan.variables["environment"], "managed-by": "terraform"},
        **more,
    )


def test_a_job_is_what_the_jobs_api_is_given(plain: "Plan") -> None:
    """Tasks, entry points, parameters, queue, retries, limits, notices: as `pipeline_jobs.workflow.job` has them."""
    slack = plain.the("databricks_notification_destination", "slack")["id"]

    for feed, job in plain.named("databricks_job", "feed").items():
        expected = job_settings(feed, _deployment(plain, webhooks=(slack,))) | {"name": f"ingest-dev {feed}"}

        assert _bare(as_the_api_has_it(job)) == _bare(expected)


def test_tasks_call_what_the_wheel_has(plain: "Plan") -> None:
    """By the names in pyproject.toml; no parameter is unknown to the tasks, and none is missing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    jobs = list(plain.named("databricks_job", "feed").values())
    calls = [task["python_wheel_task"][0] for job in jobs for task in job["task"]]
    told = {argument.partition("=")[0] for call in calls for argument in call["parameters"]}

    assert {call["package_name"] for call in calls} == {project["name"].replace("-", "_")}
    assert {call["entry_point"] for call in calls} <= set(project["scripts"])
    # Databricks has no address, who opens the files is its own choice, and where managed tables are, its catalog's;
    # nothing is published.
    unsaid = {"--engine_url", "--reader", "--tables_location", "--publish_to", "--publish_location"}
    unsaid.add("--publish_credential")
    assert told | unsaid == {f"--{field.name}" for field in fields(Parameters)}


def test_the_tables_are_made_where_the_jobs_work(plain: "Plan", other: "Plan") -> None:
    """By a job of one task from the same wheel, as the same principal, with their parameters but for the feed."""
    for plan in (plain, other):
        orders, setup = plan.named("databricks_job", "feed")["orders"], plan.the("databricks_job", "setup")
        (load,) = orders["task"][1]["python_wheel_task"]
        places = [argument for argument in load["parameters"] if "{{" not in argument and argument != "--feed=orders"]

        (task,) = setup["task"]
        (call,) = task["python_wheel_task"]

        assert [(one["name"], one["default"]) for one in setup["parameter"]] == [("feed", "")]
        assert [setup[name] for name in ("run_as", "environment", "tags")] == [
            orders[name] for name in ("run_as", "environment", "tags")
        ]
        said = ["--feed={{job.parameters.feed}}", "--run_id={{job.run_id}}"]
        assert (call["entry_point"], call["parameters"]) == ("setup", [*places, *said])
        assert len(places) >= 6
        assert setup["schedule"] == setup["trigger"] == []
        assert setup["email_notifications"][0]["on_failure"] == plan.variables["notifications"]["emails"]


def test_a_contract_is_a_job(other: "Plan") -> None:
    """Two files more in the folder are two jobs more, and nothing else changes."""
    feeds = {contract.feed for contract in load_contracts(Path(other.variables["feeds_folder"]))}

    jobs = other.named("databricks_job", "feed")

    assert set(jobs) == feeds
    assert {"suppliers", "carriers"} < set(jobs)


def test_one_run_at_a_time_and_none_is_skipped(plain: "Plan") -> None:
    """Without the queue, what is above the limit is dropped without a word."""
    for job in plain.named("databricks_job", "feed").values():
        assert job["max_concurrent_runs"] == 1
        assert job["queue"] == [{"enabled": True}]
        assert job["edit_mode"] == "UI_LOCKED"


def test_a_changed_wheel_is_another_path(plain: "Plan", other: "Plan") -> None:
    """Serverless keeps environments by path; the two deployments differ in their contracts."""
    paths = [plan.the("databricks_file", "wheel")["path"].rsplit("/", 2) for plan in (plain, other)]

    assert paths[0][1] != paths[1][1]
    assert paths[0][2] == paths[1][2]


def test_a_clock_may_start_runs(other: "Plan") -> None:
    """Not needed, for the sweep sees to what waits; possible all the same."""
    for job in other.named("databricks_job", "feed").values():
        assert [(one["quartz_cron_expression"], one["timezone_id"]) for one in job["schedule"]] == [
            ("0 0 * * * ?", "UTC")
        ]
        assert job["trigger"] == []


def _jobs_with(choices: dict[str, Any], command: "Terraform", variables: dict[str, Any]) -> list[Any]:
    """The jobs of the plain deployment with these settings of `job`, as the Jobs API has them."""
    answer = command.plan(variables | {"job": choices})
    if answer.code:
        raise RuntimeError(answer.err)
    resources = command.planned()["planned_values"]["root_module"]["resources"]
    return [
        _bare(as_the_api_has_it(item["values"]))
        for item in resources
        if item["address"].startswith("databricks_job.feed[")
    ]


def test_files_that_arrive_may_start_runs(
    telling_terraform: "Terraform", plain_variables: dict[str, Any], plain: "Plan"
) -> None:
    """For deployments whose files are put into source/ by other systems."""
    expected = FileArrival().settings(plain.the("databricks_volume", "lake")["volume_path"])

    jobs = _jobs_with({"file_arrival": True}, telling_terraform, plain_variables)

    assert [job["trigger"] for job in jobs] == [expected] * len(load_contracts())


def test_runs_may_have_a_cluster_of_their_own(
    telling_terraform: "Terraform", plain_variables: dict[str, Any], plain: "Plan"
) -> None:
    """As `pipeline_jobs.workflow.job` has it, with the cluster labelled as everything else."""
    cluster = {"spark_version": "17.3.x-scala2.13", "node_type_id": "n2-highmem-4", "num_workers": 2}
    labelled = cluster | {
        "data_security_mode": "USER_ISOLATION",
        "custom_tags": plain.named("databricks_job", "feed")["orders"]["tags"],
    }
    slack = plain.the("databricks_notification_destination", "slack")["id"]
    expected = job_settings("orders", _deployment(plain, webhooks=(slack,), cluster=labelled))

    jobs = _jobs_with({"cluster": cluster}, telling_terraform, plain_variables)

    (orders,) = (job for job in jobs if job["name"] == "ingest-dev orders")
    for part in ("tasks", "job_clusters"):
        assert orders[part] == _bare(expected[part])
    assert "environments" not in orders


def test_the_quarantine_is_watched_in_the_job_s_own_table(plain: "Plan", other: "Plan") -> None:
    """Alert and dashboard read the ledger, by the names that the job gives it and its columns."""
    from pipeline_jobs.state import history, ledger  # noqa: PLC0415  # pyspark is slow to import, and only this test needs it

    query = plain.the("databricks_alert_v2", "quarantined")["query_text"]

    assert f"ingest_dev.ingest.{ledger.TABLE}" in query
    assert f"state = '{history.State.STAGED}'" in query
    assert "sum(rows_bad + coalesce(rows_warned, 0))" in query
    assert {"rows_bad", "rows_warned", "state", "at"} <= {field.name for field in fields(history.Entry)}
    assert query.endswith("at >= current_timestamp() - INTERVAL 25 HOURS")
    assert f"shop.sales.{ledger.TABLE}" in other.the("databricks_alert_v2", "quarantined")["query_text"]


def test_the_quarantine_is_watched_for_as_long_as_its_schedule_has_gaps(further: "Plan") -> None:
    """On working days alone: on Monday it looks back to Friday, and an hour more."""
    quarantined = further.the("databricks_alert_v2", "quarantined")

    assert quarantined["schedule"]["quartz_cron_schedule"] == "0 30 6 ? * MON-FRI"
    assert quarantined["query_text"].endswith("- INTERVAL 73 HOURS")
    assert quarantined["custom_summary"].endswith("in the last 73 hours")

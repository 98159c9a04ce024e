"""The bundle: the jobs that Terraform and workflow.json make too, with what an environment decides as variables."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.sdk.service.jobs import JobSettings

from contracts.loader import load_contracts
from pipeline_jobs.bundle.__main__ import main
from pipeline_jobs.bundle.bundle import SETUP, bundle
from pipeline_jobs.steps import setup_tables
from pipeline_jobs.workflow.job import Deployment, Publish, deployment_and_feed, job_settings, setup_settings
from pipeline_jobs.workflow.triggers import FileArrival, Schedule

ROOT = Path(__file__).parents[3]
VALUES = {
    "bundle.target": "prod",
    "var.catalog": "main",
    "var.schema": "shop",
    "var.landing_bucket": "shop-landing",
    "var.volume": "lake",
    "var.scratch_volume": "scratch",
    "var.environment": "prod",
    "var.schedule": "0 0 6 * * ?",
    "var.time_zone": "Europe/Berlin",
    "var.triggers": "UNPAUSED",
    "var.bigquery_project": "shop-data",
    "var.bigquery_dataset": "published",
    "var.bigquery_location": "europe-west3",
    "var.bigquery_credential": "ingest-bigquery",
    "var.emails": ["a@example.com", "b@example.com"],
}
CLUSTER = {"spark_version": "17.3.x-scala2.13", "node_type_id": "n2-highmem-4", "num_workers": 2}
DEPLOYED = Deployment(
    "main",
    "shop",
    "lake",
    "scratch",
    "shop-landing",
    wheel="./dist/*.whl",
    trigger=Schedule.parse("0 0 6 * * ?", "Europe/Berlin"),
    emails=("a@example.com", "b@example.com"),
)
PUBLISHED = Publish("shop-data", "published", "europe-west3", "ingest-bigquery")


def test_the_bundle_of_the_repository_is_that_of_its_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    """A contract or a change of the job is in databricks.yml too, or this fails: write it again by its first line."""
    assert main([]) == 0

    assert capsys.readouterr().out == (ROOT / "databricks.yml").read_text("utf-8")


@pytest.mark.parametrize(
    ("made", "deployed"),
    [
        (bundle(["orders", "things"]), DEPLOYED),
        (bundle(["orders", "things"], FileArrival()), replace(DEPLOYED, trigger=FileArrival())),
        (bundle(["orders", "things"], cluster=CLUSTER), replace(DEPLOYED, cluster=CLUSTER)),
        (bundle(["orders", "things"], publishes=True), replace(DEPLOYED, publish=PUBLISHED)),
    ],
    ids=["serverless, by the clock", "by files that arrive", "on a cluster", "published"],
)
def test_its_jobs_are_those_of_workflow_json(made: dict[str, Any], deployed: Deployment) -> None:
    """With the values of one environment in the place of its variables, word for word but for their names."""
    jobs = {key: _filled(job) for key, job in made["resources"]["jobs"].items()}

    setup = jobs.pop(SETUP)

    assert jobs == {
        feed: job_settings(feed, deployed) | {"name": f"ingest-prod {feed}"} for feed in ("orders", "things")
    }
    told = {"on_failure": ["a@example.com", "b@example.com"]}
    assert setup == setup_settings(deployed) | {"name": "ingest-prod: setup", "email_notifications": told}
    assert all(JobSettings.from_dict(job).as_dict() == job for job in [*jobs.values(), setup])


def test_the_job_that_makes_the_tables_says_what_its_task_takes() -> None:
    """For all feeds, or the one that a run names; nothing starts it but a person."""
    setup = _filled(bundle(["orders"])["resources"]["jobs"][SETUP])

    [task] = setup["tasks"]
    contracts = load_contracts()
    arguments = [
        argument.replace("{{job.parameters.feed}}", "") for argument in task["python_wheel_task"]["parameters"]
    ]

    assert setup_tables.chosen(arguments, contracts) == contracts
    assert setup_tables.placed(arguments, contracts[0]).volume == "lake"
    assert (task["python_wheel_task"]["entry_point"], task["max_retries"]) == ("setup", 1)
    assert setup.keys().isdisjoint({"schedule", "trigger", "health"})


def test_every_variable_is_declared_and_used() -> None:
    """One that nobody declares stops a deployment, one that nobody uses changes nothing."""
    made = bundle(["orders"])

    used = set(re.findall(r"\$\{var\.(\w+)\}", json.dumps(made)))

    assert used == set(made["variables"])


def test_production_is_nobody_s_and_open_to_few() -> None:
    """Jobs run as the runner; the wheel lies where not every user of the workspace can write."""
    prod = bundle(["orders"])["targets"]["prod"]

    assert prod["mode"] == "production"
    assert prod["run_as"] == {"service_principal_name": "${var.runner}"}
    assert prod["workspace"]["root_path"].startswith("/Workspace/Users/${var.deployer}/")
    assert {entry["level"] for entry in prod["permissions"]} == {"CAN_RUN", "CAN_VIEW"}


def test_nothing_starts_by_itself_until_it_is_said() -> None:
    """A fresh deployment loads no file of anybody's."""
    for made in (bundle(["orders"]), bundle(["orders"], FileArrival())):
        job = made["resources"]["jobs"]["orders"]

        assert (job.get("schedule") or job["trigger"])["pause_status"] == "${var.triggers}"
        assert made["variables"]["triggers"]["default"] == "PAUSED"


def test_the_command_line_finds_the_jobs_of_both_targets_by_their_names() -> None:
    """Which `mode: development` and presets would change."""
    made = bundle(["orders"])
    job = _filled(made["resources"]["jobs"]["orders"])

    assert deployment_and_feed(job["name"]) == ("ingest-prod", "orders")
    assert made["targets"]["dev"].keys().isdisjoint({"mode", "presets"})
    assert "presets" not in made["targets"]["prod"]


def test_the_command_takes_another_trigger_and_a_cluster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints is YAML of the same bundle, and says how it was made."""
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(CLUSTER))

    main(["--file-arrival", "--cluster", str(file)])

    printed = capsys.readouterr().out
    feeds = [contract.feed for contract in load_contracts()]
    assert yaml.safe_load(printed) == bundle(feeds, FileArrival(), CLUSTER)
    assert f"pipeline_jobs.bundle --file-arrival --cluster {file} >" in printed.splitlines()[0]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--cluster", "no-such-file.json"], "--cluster: no-such-file.json cannot be read as JSON"),
        (["orders"], "unrecognized arguments: orders"),
    ],
)
def test_wrong_options_of_the_command_are_refused(
    options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, and nothing is printed."""
    with pytest.raises(SystemExit) as left:
        main(options)

    told = capsys.readouterr()
    assert left.value.code == 2
    assert (told.out, problem in told.err) == ("", True)


def _filled(value: Any) -> Any:
    """The value with the variables in it replaced, as the CLI does it: whole ones keep their type."""
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner) for inner in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$\{([\w.]+)\}", value)
    return VALUES[whole[1]] if whole else re.sub(r"\$\{([\w.]+)\}", lambda found: str(VALUES[found[1]]), value)

"""Wrong variables are refused before anything is planned, each with a sentence that says what would be right."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

FEEDS = Path(__file__).parents[2] / "feeds"


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            {
                "environment": "Production",
                "google": {"project_id": "My Project", "region": "EU"},
                "databricks": {
                    "host": "123.gcp.databricks.com/",
                    "account_id": "42",
                    "workspace_id": 1,
                    "access": "pat",
                    "secret_version": 0,
                    "deployers": ["ada@shop.example"],
                },
                "notifications": {"emails": [], "slack_token_version": 0, "channels": ["#data"]},
                "slack_webhook_url": "https://example.com/hook",
                "labels": {"Team": "Data Platform"},
                "feeds_folder": "no-such-folder",
            },
            [
                "environment must be 2 to 12 lowercase letters",
                "google.project_id must be the project's id",
                "google.region must be a single region such as `europe-west3`",
                "databricks.host must be the workspace's address without a path",
                "databricks.account_id must be the account's UUID",
                "databricks.access must be `federation` or `secret`.",
                "databricks.secret_version counts from 1.",
                "databricks.deployers must be `users/…`, `groups/…` or `servicePrincipals/…`.",
                "notifications.slack_token_version counts from 1.",
                "notifications.channels must be names such as",
                "notifications.emails must be at least one mail address",
                "slack_webhook_url must be an incoming webhook",
                "labels must be lowercase letters",
                "There is no contract (*.odcs.yaml) in feeds_folder.",
            ],
        ),
        (
            {
                "landing": {"producers": {"allUsers": {"prefixes": ["daily/"]}}, "noncurrent_days": 1},
                "lake": {"nearline_days": 30, "coldline_days": 30},
                "function": {"timeout_seconds": 900, "cpu": 0.5, "concurrency": 4, "runtime": "python38"},
                "job": {
                    "schedule": "0 0 * * * ?",
                    "file_arrival": True,
                    "performance_target": "FAST",
                    "reader": "x",
                    "wheels": ["a.whl"],
                    "cluster": {"spark_version": "16.4.x-scala2.13", "node_type_id": "n2-highmem-4", "num_workers": 1},
                    "operators": ["data-operators", "admins"],
                },
                "unity_catalog": {"catalog": "my-catalog", "tables": "both", "readers": ["users"]},
            },
            [
                "allUsers and allAuthenticatedUsers are refused",
                "landing.noncurrent_days must be at least 14 whole days",
                "lake.coldline_days must be above lake.nearline_days",
                "function.timeout_seconds must be 30 to 540",
                "function.concurrency above 1 needs a whole CPU",
                "function.runtime must be python311, python312 or python313",
                "a job has one trigger",
                "job.performance_target must be PERFORMANCE_OPTIMIZED",
                "job.reader must be `executors`, `driver` or empty.",
                "job.wheels must be wheels on volumes",
                "job.cluster.spark_version must be runtime 17.3 or later",
                "job.operators must be groups of the account",
                "unity_catalog.readers must be groups of the account",
                "unity_catalog.catalog and unity_catalog.schema must be lowercase letters",
                "unity_catalog.tables must be `managed` or `external`.",
            ],
        ),
        (
            {
                "databricks": {
                    "host": "https://accounts.gcp.databricks.com",
                    "account_id": "11111111-2222-3333-4444-555555555555",
                    "workspace_id": 0,
                },
                "function": {
                    "memory": "512",
                    "min_instances": 3,
                    "max_instances": 2,
                    "cpu": 0,
                    "timeout_seconds": 45.5,
                },
                "job": {
                    "schedule": "*/5 * * * *",
                    "cluster": {"spark_version": "17.3.x-scala2.13", "node_type_id": "n2-highmem-4", "num_workers": 0},
                },
                "unity_catalog": {"schema": "information_schema"},
                "warehouse_id": "",
            },
            [
                "databricks.host must be the workspace's address, not the account console's.",
                "databricks.workspace_id must be the workspace's number",
                "function.memory must be a number with Mi or Gi",
                "function.max_instances must be at least 1, and not below function.min_instances.",
                "function takes whole numbers",
                "function.cpu must be above 0",
                "job.cluster needs at least one worker",
                "unity_catalog.schema must be a schema of its own",
                "job.schedule must be a Quartz cron",
                "warehouse_id must be the 16 digits",
            ],
        ),
        (
            {"sweep": {"every_minutes": 7, "timeout_seconds": 600, "grace_seconds": 30}},
            [
                "sweep.every_minutes must divide the hour",
                "one sweep ends before the next begins",
                "an event in work is not missed",
            ],
        ),
        (
            {"sweep": {"retry_seconds": 0, "timeout_seconds": 45.5}},
            [
                "sweep.timeout_seconds must be a whole number.",
                "sweep.retry_seconds and sweep.placeholder_seconds must be above 0",
            ],
        ),
        (
            {"alerts": {"failures": -1, "waiting_minutes": 2000, "quarantine_schedule": "0 7 * * *"}},
            [
                "alerts.failures must not be negative.",
                "must be whole minutes from 1 to 1410",
                "alerts.quarantine_schedule must be a Quartz cron",
            ],
        ),
        (
            {"alerts": {"quarantine_schedule": "0 30 6 ? * MON-FRI"}},
            ["alerts.quarantine_schedule leaves out days, of whose rows nobody would be told"],
        ),
        (
            {"alerts": {"quarantine_schedule": "0 30 6 1 * ?", "quarantine_hours": 1.5}},
            [
                "alerts.quarantine_hours must be a whole number of hours",
                "alerts.quarantine_schedule leaves out days, of whose rows nobody would be told",
            ],
        ),
        (
            {
                "warehouse": {
                    "bigquery": {
                        "dataset": "shop-sales",
                        "feeds": ["suppliers"],
                        "readers": ["allUsers"],
                        "classified_readers": {"secret": ["group:a@shop.example"]},
                    },
                    "publish": {"dataset": "shop-sales"},
                },
            },
            [
                'warehouse.bigquery needs unity_catalog.tables = "external"',
                "warehouse: dataset must be letters, digits and underscores.",
                "need a dataset each, and publish another",
                "warehouse: feeds must be names of contracts in feeds_folder: customers",
                "allUsers and allAuthenticatedUsers are refused",
                "classified_readers: no contract classifies a column so; there are: as_it_came, confidential",
            ],
        ),
        (
            {"alerts": {"silence_minutes": 5}},
            ["alerts.silence_minutes must be at least twice sweep.every_minutes."],
        ),
        (
            {"notifications": {"emails": ["a@shop.example"], "slack_channel": "#data"}},
            ["TF_VAR_slack_token must be the token of the Slack app when slack_token_version is new"],
        ),
    ],
    ids=[
        "what must be said",
        "what may be said",
        "what a cloud would refuse late",
        "the sweep",
        "its times",
        "alerts",
        "days without an alert",
        "days of a month without one",
        "a warehouse",
        "its silence",
        "Slack without a token",
    ],
)
def test_wrong_variables_are_refused(
    terraform: "Terraform", plain_variables: dict[str, Any], wrong: dict[str, Any], sentences: list[str]
) -> None:
    """All of them at once."""
    answer = terraform.plan(plain_variables | wrong)

    assert answer.code == 1
    assert [sentence for sentence in sentences if sentence not in answer.said] == []


def test_null_is_what_is_left_out(terraform: "Terraform", plain_variables: dict[str, Any]) -> None:
    """A pipeline that fills in variables has none for a concern: its defaults hold."""
    concerns = (
        "landing",
        "lake",
        "function",
        "sweep",
        "job",
        "unity_catalog",
        "warehouse_id",
        "alerts",
        "labels",
        "warehouse",
        "sources",
    )

    answer = terraform.plan(plain_variables | dict.fromkeys(concerns))

    assert answer.code == 0, answer.said


def test_the_secret_variant_wants_its_secret(terraform: "Terraform", other_variables: dict[str, Any]) -> None:
    """Forgotten, it would be noticed by the first event only."""
    answer = terraform.plan(other_variables)

    assert answer.code == 1
    assert "TF_VAR_databricks_client_secret must be the OAuth secret of the trigger principal" in answer.said


def test_without_a_package_nothing_is_planned(terraform: "Terraform", plain_variables: dict[str, Any]) -> None:
    """The sentence names the command."""
    answer = terraform.plan(plain_variables | {"package": "../dist/none.json"})

    assert answer.code == 1
    assert "There is no ../dist/none.json: run `make package` first." in answer.said


@pytest.mark.parametrize("missing", ["*.zip", "*.whl"])
def test_a_package_that_lacks_a_file_is_refused(
    missing: str, terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """Somebody has cleaned up in between."""
    package = shutil.copytree(Path(plain_variables["package"]).parent, tmp_path / "dist")
    for path in package.glob(missing):
        path.unlink()

    answer = terraform.plan(plain_variables | {"package": str(package / "package.json")})

    assert answer.code == 1
    assert "is missing: run `make package` again." in answer.said


def test_a_package_of_other_contracts_is_refused(
    terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """Jobs are made from the folder, functions and wheel from the package: they must not part."""
    feeds = shutil.copytree(FEEDS, tmp_path / "feeds", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with (feeds / "orders.odcs.yaml").open("a", encoding="utf-8") as file:
        file.write("# a change\n")

    answer = terraform.plan(plain_variables | {"feeds_folder": str(feeds)})

    assert answer.code == 1
    assert "The package was built from other contracts than those in" in answer.said


def test_two_contracts_of_one_feed_are_refused(
    terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """One of them would have no job."""
    feeds = shutil.copytree(FEEDS, tmp_path / "feeds", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(feeds / "orders.odcs.yaml", feeds / "orders_again.odcs.yaml")

    answer = terraform.plan(plain_variables | {"feeds_folder": str(feeds)})

    assert answer.code == 1
    assert "Duplicate object key" in answer.said


def test_the_example_of_variables_is_a_right_one(
    terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """terraform.tfvars.example, as it stands, with the package of the tests."""
    example = terraform.folder / "infra" / "terraform.tfvars.example"
    package = tmp_path / "package.tfvars.json"
    package.write_text(json.dumps({"package": plain_variables["package"]}), "utf-8")

    answer = terraform.run(
        "plan", "-input=false", "-no-color", "-lock=false", f"-var-file={example}", f"-var-file={package}"
    )

    assert answer.code == 0, answer.err

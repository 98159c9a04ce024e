"""Targets as tables of BigQuery's own: the task, the rights of its identity, and who reads what."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from contracts.loader import PACKAGED, load_contracts
from pipeline_jobs.publishing.bigquery import Dataset
from pipeline_jobs.publishing.columns import fields
from pipeline_jobs.publishing.wire import Wire
from pipeline_jobs.state.tables import target_schema
from pipeline_jobs.workflow.job import Publish

if TYPE_CHECKING:
    from tests.infra.deployments import Values
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

EMAIL = "email of databricks_credential.publish"
WANTED = {
    "feeds": ["orders", "order_tracking"],
    "readers": ["group:analysts@shop.example"],
    "classified_readers": {"confidential": ["group:delivery@shop.example"]},
}


@pytest.fixture(scope="session")
def published(telling_terraform: "Terraform", plain_variables: dict[str, Any]) -> "dict[str, Values]":
    """What is planned, by address."""
    answer = telling_terraform.plan(plain_variables | {"warehouse": {"publish": WANTED}})
    assert answer.code == 0, answer.said
    resources = telling_terraform.planned()["planned_values"]["root_module"]["resources"]
    return {item["address"]: item["values"] for item in resources}


def test_the_task_is_there_for_feeds_that_are_published(
    published: "dict[str, Values]", plain_variables: dict[str, Any]
) -> None:
    """With the dataset, its place and the credential, as the job's own definition says them; of no other feed."""
    google = plain_variables["google"]
    said = Publish(google["project_id"], "ingest_dev_published", google["region"], "ingest-dev-bigquery").arguments()
    for feed in ("customers", "orders", "order_tracking"):
        tasks = published[f'databricks_job.feed["{feed}"]']["task"]

        told = {
            task["task_key"]: [
                one for one in task["python_wheel_task"][0]["parameters"] if one.startswith("--publish_")
            ]
            for task in tasks
        }

        loads: dict[str, list[str]] = {"report": [], "stage_load": [], "target_load": []}
        assert told == (loads if feed == "customers" else {"publish": said, **loads})


def test_its_identity_writes_two_datasets_and_runs_jobs(published: "dict[str, Values]") -> None:
    """By a credential that the runner alone may use. People may read the one; what is on its way has no policy tags, so
    nobody reads the other.
    """
    credential = published["databricks_credential.publish[0]"]
    grant = published["databricks_grant.publish[0]"]
    dataset, way = (published[f"google_bigquery_dataset.{name}[0]"] for name in ("published", "on_its_way"))
    rights = [values for name, values in published.items() if name.startswith("google_project_iam_member.publish")]

    assert (credential["purpose"], credential["isolation_mode"]) == ("SERVICE", "ISOLATION_MODE_ISOLATED")
    assert set(grant["privileges"]) == {"ACCESS"}
    assert [right["role"] for right in rights] == ["roles/bigquery.jobUser"]
    alone = {("OWNER", False, "projectOwners"), ("WRITER", True, "")}
    assert _access(way) == alone
    assert _access(dataset) == {*alone, ("READER", False, "analysts@shop.example")}
    expected = Dataset(Wire("", None), "", dataset["dataset_id"], dataset["location"]).on_its_way
    assert (way["dataset_id"], way["location"]) == (expected.name, expected.location)


def _access(dataset: "Values") -> set[tuple[str, bool, str]]:
    return {
        (one["role"], bool(one["user_by_email"]), one["group_by_email"] or one["special_group"] or one["domain"] or "")
        for one in dataset["access"]
    }


def test_a_table_has_the_columns_that_the_job_brings(published: "dict[str, Values]") -> None:
    """With descriptions, and with a policy tag where the contract classifies; it cannot be dropped by a plan."""
    contracts = {one.feed: one for one in load_contracts(PACKAGED)}
    for feed in WANTED["feeds"]:
        table = published[f'google_bigquery_table.published["{feed}"]']
        columns = json.loads(table["schema"])
        bare = [{key: column[key] for key in ("name", "type", "mode")} for column in columns]
        classified = {one.name for one in contracts[feed].columns if one.classification}

        assert bare == list(fields(target_schema(contracts[feed])))
        assert {column["name"] for column in columns if "policyTags" in column} == classified
        assert table["deletion_protection"]
        assert table["clustering"] == list(contracts[feed].key)
    tags = [name for name in published if name.startswith("google_data_catalog_policy_tag_iam_member.publish")]
    assert sorted(tags) == [
        'google_data_catalog_policy_tag_iam_member.publish_reads["confidential"]',
    ]


def test_a_tag_is_read_by_those_of_both_datasets(
    telling_terraform: "Terraform", plain_variables: dict[str, Any]
) -> None:
    """It is one tag: a member that both name has one right on it, which goes when neither names it."""
    delivery, analysts, auditors = (f"group:{name}@shop.example" for name in ("delivery", "analysts", "auditors"))
    warehouse = {
        "bigquery": {"classified_readers": {"confidential": [delivery, analysts]}},
        "publish": {"classified_readers": {"confidential": [delivery, auditors]}},
    }
    external = {"unity_catalog": {"tables": "external"}}

    rights = []
    for ways in (("bigquery", "publish"), ("publish",), ("bigquery",)):
        answer = telling_terraform.plan(
            plain_variables | external | {"warehouse": {way: warehouse[way] for way in ways}}
        )
        assert answer.code == 0, answer.said
        resources = telling_terraform.planned()["planned_values"]["root_module"]["resources"]
        rights.append(
            sorted(
                (item["index"], item["values"]["member"], item["values"]["role"])
                for item in resources
                if item["address"].startswith("google_data_catalog_policy_tag_iam_member.reader[")
            )
        )

    role = "roles/datacatalog.categoryFineGrainedReader"
    assert rights == [
        [(f"confidential {member}", member, role) for member in sorted(members)]
        for members in ({delivery, analysts, auditors}, {delivery, auditors}, {delivery, analysts})
    ]


def test_a_table_goes_once_a_setting_lets_it(telling_terraform: "Terraform", plain_variables: dict[str, Any]) -> None:
    """What is protected is by its last apply: this one comes before a feed is taken out, or everything is destroyed."""
    answer = telling_terraform.plan(plain_variables | {"warehouse": {"publish": WANTED | {"protected": False}}})

    assert answer.code == 0, answer.said
    resources = telling_terraform.planned()["planned_values"]["root_module"]["resources"]
    tables = [item["values"] for item in resources if item["address"].startswith("google_bigquery_table.published[")]
    assert [table["deletion_protection"] for table in tables] == [False] * len(WANTED["feeds"])


@pytest.mark.parametrize("dataset", ["shop", "shop_on_its_way"])
def test_both_ways_to_bigquery_want_datasets_of_their_own(
    telling_terraform: "Terraform", plain_variables: dict[str, Any], dataset: str
) -> None:
    """The tables have the same names, and who reads those of one would read what is on its way to the other."""
    warehouse = {"bigquery": {"dataset": dataset}, "publish": {"dataset": "shop"}}

    answer = telling_terraform.plan(plain_variables | {"unity_catalog": {"tables": "external"}, "warehouse": warehouse})

    assert answer.code != 0
    assert "need a dataset each" in " ".join(answer.said.split())

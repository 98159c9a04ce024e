"""BigQuery shows each table where the job writes it, as the job makes it, and classified columns to few."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.loader import load_contracts
from pipeline_jobs.state.entries.rows import ledger_schema
from pipeline_jobs.state.tables import stage_schema, target_schema

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]


def _columns(table: "Values") -> "dict[str, Values]":
    return {column["name"]: column for column in json.loads(table["schema"])}


def test_a_deployment_that_says_nothing_has_no_warehouse(plain: "Plan") -> None:
    """The catalog manages its tables, and no Google API is on for what nobody wants."""
    kinds = {item.type for item in plain.resources}

    assert [kind for kind in kinds if kind.startswith(("google_bigquery_", "google_data_catalog_"))] == []
    assert not {"bigquery", "datacatalog"} & set(plain.named("google_project_service", "api"))
    assert plain.outputs["tables_location"] == ""


def test_a_table_is_read_where_the_job_writes_it(other: "Plan") -> None:
    """Each below the folder that the tasks are told, under the name that the job gives it."""
    tables = other.named("google_bigquery_table", "delta")
    [folder] = {
        argument.removeprefix("--tables_location=")
        for job in other.of("databricks_job").values()
        for task in job["task"]
        for argument in task["python_wheel_task"][0]["parameters"]
        if argument.startswith("--tables_location=")
    }

    addresses = {
        values["table_id"]: values["external_data_configuration"][0]["source_uris"] for values in tables.values()
    }

    assert folder == "gs://shop-data-prod-ingest-prod-us-external/tables"
    assert addresses == {name: [f"{folder}/{name}"] for name in addresses}
    assert {values["external_data_configuration"][0]["source_format"] for values in tables.values()} == {"DELTA_LAKE"}
    names = [contract.table for contract in load_contracts(Path(other.variables["feeds_folder"]))]
    assert set(addresses) == {"file_ledger", *names, *(f"{name}_stage" for name in names)}


def test_a_feed_whose_tables_are_not_there_yet_can_be_left_out(
    telling_terraform: "Terraform", plain_variables: dict[str, Any]
) -> None:
    """BigQuery would refuse a table without files; and without classified columns there is nothing to tag."""
    warehouse = {
        "bigquery": {"feeds": ["order_tracking"], "classified_readers": {"confidential": ["user:a@b.example"]}}
    }
    variables = plain_variables | {"unity_catalog": {"tables": "external"}, "warehouse": warehouse}

    answer = telling_terraform.plan(variables)
    planned = telling_terraform.planned()["planned_values"]["root_module"]["resources"]

    assert answer.code == 0, answer.said
    tables = {item["values"]["table_id"] for item in planned if item["type"] == "google_bigquery_table"}
    assert tables == {"file_ledger", "order_tracking", "order_tracking_stage", "order_tracking_rejects"}
    assert [item["address"] for item in planned if item["type"].startswith("google_data_catalog_")] == []


def test_a_table_has_the_columns_that_the_job_makes(other: "Plan") -> None:
    """In their order, which is that of the job's own schema."""
    tables = {
        values["table_id"]: list(_columns(values)) for values in other.named("google_bigquery_table", "delta").values()
    }

    for contract in load_contracts(Path(other.variables["feeds_folder"])):
        assert tables[contract.table] == target_schema(contract).fieldNames()
        assert tables[contract.stage_table] == stage_schema(contract).fieldNames()
    assert tables["file_ledger"] == ledger_schema().fieldNames()


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("order_id", "INTEGER"),
        ("amount", "NUMERIC"),
        ("ordered_at", "TIMESTAMP"),
        ("deleted", "BOOLEAN"),
        ("status", "STRING"),
    ],
)
def test_a_column_has_the_type_that_holds_its_values(column: str, kind: str, other: "Plan") -> None:
    """A decimal in full, a time as an instant."""
    [orders] = [v for v in other.named("google_bigquery_table", "delta").values() if v["table_id"] == "orders"]

    assert _columns(orders)[column]["type"] == kind


def test_classified_columns_are_for_those_who_are_named(other: "Plan") -> None:
    """In target and stage, and bad rows as they came with them: these hold the same cells."""
    tables = {values["table_id"]: _columns(values) for values in other.named("google_bigquery_table", "delta").values()}

    tagged = {
        (table, name)
        for table, columns in tables.items()
        for name, column in columns.items()
        if column.get("policyTags")
    }

    assert {("orders", "deliver_to"), ("orders_stage", "deliver_to"), ("orders_stage", "_raw")} <= tagged
    assert ("orders", "status") not in tagged
    assert [table for table, _ in tagged if table == "file_ledger"] == []
    [taxonomy] = other.of("google_data_catalog_taxonomy").values()
    assert taxonomy["activated_policy_types"] == ["FINE_GRAINED_ACCESS_CONTROL"]
    assert {"confidential", "as_it_came"} <= set(other.of("google_data_catalog_policy_tag"))


def test_the_dataset_is_for_its_readers(other: "Plan") -> None:
    """And for the project's owners; the project's viewers and editors, who are let in by default, are not."""
    dataset = other.the("google_bigquery_dataset", "tables")

    rights = {
        (entry["role"], entry["special_group"] or entry["group_by_email"] or entry["user_by_email"])
        for entry in dataset["access"]
    }

    assert rights == {("OWNER", "projectOwners"), ("READER", "analysts@shop.example")}
    assert dataset["delete_contents_on_destroy"] is False


def test_bad_rows_have_a_view_of_the_dataset_itself(other: "Plan") -> None:
    """Its tables are named in full: a view knows no dataset of its own."""
    [view] = [v for v in other.named("google_bigquery_table", "rejects").values() if v["table_id"] == "orders_rejects"]

    query = view["view"][0]["query"]

    assert view["view"][0]["use_legacy_sql"] is False
    assert "`shop-data-prod.shop_sales.orders_stage`" in query
    assert "`shop-data-prod.shop_sales.file_ledger`" in query
    assert "{dataset}" not in query

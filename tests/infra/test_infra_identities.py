"""Least privilege: what each identity may do, whole, in both clouds. A right that is added here is added on purpose."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.loader import load_contracts

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values

pytest_plugins = ["tests.infra.deployments"]

GOOGLE_RIGHTS = {
    ("function", "bucket landing", "roles/storage.objectUser"),
    ("function", "bucket lake, lists, reads rejected, expected", "roles/storage.objectViewer"),
    ("function", "bucket lake, creates in expected", "roles/storage.objectCreator"),
    ("function", "bucket lake, creates in rejected", "roles/storage.objectCreator"),
    ("function", "bucket lake, works in source", "roles/storage.objectUser"),
    ("trigger", "project", "roles/eventarc.eventReceiver"),
    ("trigger", "service finalized", "roles/run.invoker"),
    ("trigger", "service sweep", "roles/run.invoker"),
    ("build", "project", "roles/logging.logWriter"),
    ("build", "project, sources of functions", "roles/storage.objectViewer"),
    ("build", "bucket code", "roles/storage.objectViewer"),
    ("build", "repository", "roles/artifactregistry.writer"),
    ("storage agent", "project", "roles/pubsub.publisher"),
    ("catalog", "bucket lake", "roles/storage.objectAdmin"),
    ("catalog", "bucket lake", "roles/storage.legacyBucketReader"),
    ("catalog", "bucket tables", "roles/storage.objectAdmin"),
    ("catalog", "bucket tables", "roles/storage.legacyBucketReader"),
}
PLACES = {
    "google_artifact_registry_repository_iam_member": "repository",
    "google_secret_manager_secret_iam_member": "secret",
    "google_data_catalog_policy_tag_iam_member": "classified columns",
}
PRODUCER = "bucket landing, names of a producer"


def _identity(member: str) -> str:
    """Whose member this is, of those that the deployment makes or finds."""
    if member.startswith("member of google_service_account "):
        return member.rsplit("-", 1)[1]
    if member.startswith("serviceAccount:email of databricks_storage_credential"):
        return "catalog"
    if member.startswith("serviceAccount:service_account_id of google_bigquery_connection"):
        return "connection"
    if member.startswith("member of google_storage_transfer_project_service_account"):
        return "transfer agent"
    return "storage agent" if member == "member of google_storage_project_service_account" else member


def _place(kind: str, values: "Values") -> str:
    match kind:
        case "google_project_iam_member":
            return ", ".join(["project", *(one["title"] for one in values["condition"])])
        case "google_storage_bucket_iam_member":
            bucket = f"bucket {values['bucket'].rsplit('-', 1)[1]}"
            return ", ".join([bucket, *(one["title"] for one in values["condition"])])
        case "google_cloud_run_v2_service_iam_member":
            return f"service {values['name'].rsplit('-', 1)[1]}"
        case _ if kind in PLACES:
            return PLACES[kind]
    raise AssertionError(f"a right of a kind that nobody has looked at: {kind}")


def _google_rights(plan: "Plan") -> set[tuple[str, str, str]]:
    """Who may what where."""
    members = [(item.type, item.values) for item in plan.resources if item.type.endswith("_iam_member")]
    return {(_identity(values["member"]), _place(kind, values), values["role"]) for kind, values in members}


def test_each_google_identity_has_the_rights_that_it_needs(plain: "Plan") -> None:
    """The function: objects, by their folders. The trigger: to deliver and to invoke. The build: to build."""
    assert _google_rights(plain) == GOOGLE_RIGHTS


def test_the_secret_variant_lets_the_function_alone_read_the_secret(other: "Plan") -> None:
    """And producers may create objects in landing, nothing else; under which names: test_infra_object_rights.py.

    BigQuery's connection reads the bucket of external tables, transfers write to landing, and no other bucket.
    """
    assert _google_rights(other) - GOOGLE_RIGHTS == {
        ("function", "secret", "roles/secretmanager.secretAccessor"),
        ("serviceAccount:shop@shop.iam.gserviceaccount.com", PRODUCER, "roles/storage.objectCreator"),
        ("group:suppliers@shop.example", PRODUCER, "roles/storage.objectCreator"),
        ("catalog", "bucket external", "roles/storage.objectAdmin"),
        ("catalog", "bucket external", "roles/storage.legacyBucketReader"),
        ("transfer agent", "bucket landing", "roles/storage.legacyBucketWriter"),
        ("transfer agent", "bucket landing", "roles/storage.objectViewer"),
        ("connection", "bucket external", "roles/storage.objectViewer"),
        ("group:delivery@shop.example", "classified columns", "roles/datacatalog.categoryFineGrainedReader"),
    }


def test_nothing_takes_a_default_identity(plain: "Plan") -> None:
    """Empty is the Compute default account, which may nearly everything."""
    accounts = {key: values["email"] for key, values in plain.of("google_service_account").items()}

    functions = plain.of("google_cloudfunctions2_function").values()

    for function in functions:
        assert function["service_config"][0]["service_account_email"] == accounts["function"]
        assert function["event_trigger"][0]["service_account_email"] == accounts["trigger"]
        assert function["build_config"][0]["service_account"] == plain.of("google_service_account")["build"]["id"]


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_nobody_is_everybody(deployment: str, request: pytest.FixtureRequest) -> None:
    """No allUsers, no authoritative policy, no basic role, no invoker of the whole project."""
    plan: Plan = request.getfixturevalue(deployment)

    members = [item for item in plan.resources if "_iam_" in item.type]

    assert {item.type.rsplit("_", 1)[1] for item in members} == {"member"}
    assert [item.address for item in members if item.values["member"].startswith("all")] == []
    assert [
        item.address for item in members if item.values["role"] in ("roles/owner", "roles/editor", "roles/viewer")
    ] == []
    assert "roles/run.invoker" not in {item.values["role"] for item in members if "project" in item.type}


def test_an_invoker_comes_back_with_its_function(plain: "Plan") -> None:
    """One right for each function, on its own service, and anew when the function is: its service is then another."""
    terraform = (Path(__file__).parents[2] / "infra" / "iam.tf").read_text("utf-8")
    invokers = plain.named("google_cloud_run_v2_service_iam_member", "trigger_invokes")

    functions = plain.of("google_cloudfunctions2_function")

    assert {key: values["name"] for key, values in invokers.items()} == {
        key: values["name"] for key, values in functions.items()
    }
    assert "replace_triggered_by = [google_cloudfunctions2_function.function[each.key].id]" in terraform


def test_the_trigger_principal_may_start_jobs_and_sees_no_data(plain: "Plan") -> None:
    """CAN_MANAGE_RUN on each job is all that it has: a run executes with the runner's rights."""
    principal = plain.of("databricks_service_principal")["trigger"]["application_id"]

    rights = [
        (item.type, entry["permission_level"])
        for item in plain.resources
        if item.type == "databricks_permissions"
        for entry in item.values["access_control"]
        if entry["service_principal_name"] == principal
    ]
    grants = [
        item for item in plain.resources if item.type == "databricks_grant" and item.values["principal"] == principal
    ]

    assert rights == [("databricks_permissions", "CAN_MANAGE_RUN")] * len(load_contracts())
    assert grants == []


def test_the_runner_principal_has_the_grants_of_a_run(plain: "Plan") -> None:
    """Its schema's tables, its volumes; of the wheels only to read."""
    runner = plain.of("databricks_service_principal")["runner"]["application_id"]
    volumes = {values["id"]: values["name"] for values in plain.of("databricks_volume").values()}

    grants = {
        (
            volumes.get(values["volume"], "") or ("schema" if values["schema"] else "catalog"),
            *sorted(values["privileges"]),
        )
        for values in (item.values for item in plain.resources if item.type == "databricks_grant")
        if values["principal"] == runner
    }

    assert grants == {
        ("catalog", "USE_CATALOG"),
        ("schema", "CREATE_TABLE", "MODIFY", "SELECT", "USE_SCHEMA"),
        ("lake", "READ_VOLUME", "WRITE_VOLUME"),
        ("scratch", "READ_VOLUME", "WRITE_VOLUME"),
        ("wheels", "READ_VOLUME"),
    }


def test_the_runner_makes_external_tables_where_they_belong_and_nowhere_else(plain: "Plan", other: "Plan") -> None:
    """The right is on the one location; where the catalog manages the tables, there is none."""
    locations = other.of("databricks_external_location")

    [grant] = other.named("databricks_grant", "external_tables").values()

    assert plain.named("databricks_grant", "external_tables") == {}
    assert grant["privileges"] == ["CREATE_EXTERNAL_TABLE"]
    assert grant["external_location"] == locations["external"]["id"]
    assert grant["principal"] == other.of("databricks_service_principal")["runner"]["application_id"]


def test_who_deploys_may_let_jobs_run_as_the_runner(plain: "Plan", other: "Plan") -> None:
    """Whoever plans, or whom the variables name; nobody else."""
    rules = [plan.the("databricks_access_control_rule_set", "runner") for plan in (plain, other)]

    assert [one["name"].count("runner") for one in rules] == [1, 1]
    assert [(rule["role"], rule["principals"]) for one in rules for rule in one["grant_rules"]] == [
        ("roles/servicePrincipal.user", ["acl_principal_id of databricks_current_user"]),
        ("roles/servicePrincipal.user", ["servicePrincipals/66666666-7777-8888-9999-000000000000"]),
    ]


def test_readers_read_tables_and_operators_run_jobs(other: "Plan") -> None:
    """People get theirs through groups that the variables name, whatever those are called; of the jobs all."""
    readers = other.variables["unity_catalog"]["readers"]
    grants = {
        (item.values["principal"], *sorted(item.values["privileges"]))
        for item in other.resources
        if item.type == "databricks_grant" and item.values["principal"] in readers
    }
    operators = {
        (item.values["job_id"], entry["permission_level"])
        for item in other.resources
        if item.type == "databricks_permissions"
        for entry in item.values["access_control"]
        if item.values["job_id"] and entry["group_name"] == "data-operators"
    }
    jobs = {item.values["id"] for item in other.resources if item.type == "databricks_job"}

    assert grants == {(group, *rights) for group in readers for rights in (["USE_CATALOG"], ["SELECT", "USE_SCHEMA"])}
    assert operators == {(job, "CAN_MANAGE_RUN") for job in jobs}


def test_operators_read_what_tasks_withhold_and_no_table(other: "Plan") -> None:
    """The scratch volume, and the way to it; what a table holds is for readers."""
    scratch = other.named("databricks_volume", "managed")["scratch"]["id"]
    grants = {
        (item.values["volume"] == scratch, *sorted(item.values["privileges"]))
        for item in other.resources
        if item.type == "databricks_grant" and item.values["principal"] == "data-operators"
    }

    assert grants == {(False, "USE_CATALOG"), (False, "USE_SCHEMA"), (True, "READ_VOLUME")}


def test_operators_who_are_readers_have_what_the_commands_need(further: "Plan") -> None:
    """Of jobs, warehouse, tables and lake volume, as docs/operations.md says; the volume nobody else but the runner."""
    lake = further.the("databricks_volume", "lake")["id"]
    grants = [item.values for item in further.resources if item.type == "databricks_grant"]
    of_both = {privilege for one in grants if one["principal"] == "analysts" for privilege in one["privileges"]}
    on_lake = {(one["principal"], *sorted(one["privileges"])) for one in grants if one["volume"] == lake}
    permitted = {
        (
            item.values["job_id"] or item.values["sql_endpoint_id"] or item.values["directory_path"],
            entry["permission_level"],
        )
        for item in further.resources
        if item.type == "databricks_permissions"
        for entry in item.values["access_control"]
        if entry["group_name"] == "analysts"
    }
    jobs = {item.values["id"] for item in further.resources if item.type == "databricks_job"}
    warehouse = further.the("databricks_sql_endpoint", "ledger")["id"]
    folder = further.the("databricks_directory", "folder")["path"]

    assert of_both == {"USE_CATALOG", "USE_SCHEMA", "SELECT", "READ_VOLUME"}
    assert {group for group, *rights in on_lake if rights == ["READ_VOLUME"]} == {"analysts"}
    assert len(on_lake) == 2
    assert permitted - {(job, "CAN_MANAGE_RUN") for job in jobs} == {(warehouse, "CAN_USE"), (folder, "CAN_READ")}
    assert len(permitted) == len(jobs) + 2


def test_who_looks_at_alert_and_dashboard_changes_neither(plain: "Plan", other: "Plan") -> None:
    """Below /Shared every user of the workspace could end the alert, or have it ask anything as the runner."""
    people = {*other.variables["unity_catalog"]["readers"], *other.variables["job"]["operators"]}
    for plan, who_looks in ((plain, set[str]()), (other, people)):
        folder = plan.the("databricks_directory", "folder")["path"]
        entries = plan.the("databricks_permissions", "folder")["access_control"]
        groups = {entry["group_name"] for entry in entries if entry["group_name"]}

        assert folder.count("/") == 1, "a folder takes over what the one above it grants"
        assert {entry["permission_level"] for entry in entries} == {"CAN_READ"}
        assert groups == who_looks


def test_databricks_believes_one_service_account_for_one_audience(plain: "Plan") -> None:
    """The account's number, not its address, which somebody else could make again."""
    policy = plain.the("databricks_service_principal_federation_policy", "function")["oidc_policy"]

    function = plain.named("google_cloudfunctions2_function", "function")["on_sweep"]
    told = function["service_config"][0]["environment_variables"]["DATABRICKS_TOKEN_AUDIENCE"]

    assert policy["issuer"] == "https://accounts.google.com"
    assert policy["subject"] == plain.of("google_service_account")["function"]["unique_id"]
    assert (policy["subject_claim"], policy["audiences"]) == ("sub", [told])


def test_with_a_secret_there_is_no_federation(other: "Plan") -> None:
    """One way in, not two."""
    assert other.of("databricks_service_principal_federation_policy") == {}

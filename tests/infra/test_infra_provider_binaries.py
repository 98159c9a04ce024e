"""Terraform with providers as it starts them: stand-ins, or with PROVIDERS=DIR the real ones of a folder.

Real ones check more than their schemas say (conflicting arguments, patterns, whole resources), and ask no cloud for it:
what data sources would ask is given, and Databricks is a server of this machine that knows its own address only.
"""

import json
from string import Template
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.installed_providers import Workspace
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments", "tests.infra.installed_providers"]

OVERRIDES = "Provider development overrides are in effect"
REAL_PLAN = Template("""
provider "google" {
  project      = "$project_id"
  region       = "$region"
  access_token = "none"
}
provider "databricks" {
  host  = "$host"
  token = "none"
}
provider "databricks" {
  alias      = "account"
  host       = "$host"
  account_id = "$account_id"
  token      = "none"
}
override_data {
  target = data.google_project.this
  values = { number = "123456789012" }
}
override_data {
  target = data.google_storage_project_service_account.storage
  values = { member = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
}
override_data {
  target = data.google_storage_transfer_project_service_account.agent
  values = {
    member     = "serviceAccount:project-123456789012@storage-transfer-service.iam.gserviceaccount.com"
    subject_id = "100000000000000000002"
  }
}
override_data {
  target = data.databricks_current_user.deployer
  values = { acl_principal_id = "users/ada@shop.example" }
}
run "from_nothing" {
  command = plan
}
run "with_what_a_first_apply_makes_known" {
  command = plan

  override_resource {
    target          = google_service_account.account
    override_during = plan
    values = {
      id        = "projects/shop-data/serviceAccounts/ingest@shop-data.iam.gserviceaccount.com"
      email     = "ingest@shop-data.iam.gserviceaccount.com"
      member    = "serviceAccount:ingest@shop-data.iam.gserviceaccount.com"
      unique_id = "100000000000000000001"
    }
  }
  override_resource {
    target          = google_pubsub_topic.tick
    override_during = plan
    values          = { id = "projects/shop-data/topics/ingest-sweep" }
  }
  override_resource {
    target          = google_data_catalog_taxonomy.classification
    override_during = plan
    values          = { id = "projects/shop-data/locations/europe-west3/taxonomies/1" }
  }
  override_resource {
    target          = google_data_catalog_policy_tag.classification
    override_during = plan
    values          = { name = "projects/shop-data/locations/europe-west3/taxonomies/1/policyTags/2" }
  }
  override_resource {
    target          = google_bigquery_connection.tables
    override_during = plan
    values = {
      name           = "projects/shop-data/locations/europe-west3/connections/tables"
      cloud_resource = { service_account_id = "bqcx-1@gcp-sa-bigquery-condel.iam.gserviceaccount.com" }
    }
  }
  override_resource {
    target          = databricks_service_principal.principal
    override_during = plan
    values          = { id = "42", application_id = "00000000-0000-0000-0000-000000000042" }
  }
  override_resource {
    target          = databricks_storage_credential.lake
    override_during = plan
    values          = { databricks_gcp_service_account = { email = "lake@databricks.iam.gserviceaccount.com" } }
  }
  override_resource {
    target          = databricks_credential.publish
    override_during = plan
    values = {
      id                             = "ingest-bigquery"
      databricks_gcp_service_account = { email = "publish@databricks.iam.gserviceaccount.com" }
    }
  }
}
""")


def test_it_is_valid_for_installed_providers(installed: "Terraform") -> None:
    """No error; the one warning is that the providers come from a folder."""
    answer = installed.run("validate", "-json")

    found = json.loads(answer.out)
    assert (found["valid"], found["error_count"]) == (True, 0), answer.out
    assert {one["summary"] for one in found["diagnostics"]} == {OVERRIDES}


def test_its_own_tests_pass_with_the_schemas_of_installed_providers(
    installed: "Terraform", plain_variables: dict[str, Any]
) -> None:
    """`terraform test`, as an operator runs it in infra/."""
    answer = installed.run("test", "-no-color", f"-var=package={plain_variables['package']}")

    assert answer.code == 0, answer.said
    assert "0 failed" in answer.out


@pytest.mark.parametrize("variables", ["plain_variables", "other_variables", "further_variables"])
def test_it_can_be_planned_by_installed_providers(
    variables: str,
    installed: "Terraform",
    workspace: "Workspace",
    secrets: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    """Everything, from nothing, with no cloud to ask."""
    chosen: dict[str, Any] = request.getfixturevalue(variables)
    (installed.folder / "variables.tfvars.json").write_text(json.dumps(chosen), "utf-8")
    test = installed.folder / "infra" / "tests" / "real_plan.tftest.hcl"
    placed = {"host": workspace.url, "account_id": chosen["databricks"]["account_id"], **chosen["google"]}
    test.write_text(REAL_PLAN.substitute(placed), "utf-8")

    answer = installed.run(
        *("test", "-no-color", f"-filter=tests/{test.name}", f"-var-file={installed.folder / 'variables.tfvars.json'}"),
        env=secrets,
    )

    assert answer.code == 0, answer.said
    assert "2 passed, 0 failed" in answer.out
    assert "Warning:" not in answer.said.replace(f"Warning: {OVERRIDES}", "")
    assert workspace.asked == []

"""Terraform with providers as it starts them: stand-ins, or with PROVIDERS=DIR the real ones of a folder.

Real ones check more than their schemas say (conflicting arguments, patterns, whole resources), and ask no cloud for it:
what data sources would ask is given, and Databricks is a server of this machine that knows its own address only.
"""

import json
from string import Template
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from installed_providers import Workspace
    from terraform import Terraform

pytest_plugins = ["tests.infra.deployments", "tests.infra.installed_providers"]

REAL_PLAN = Template("""
provider "google" {
  project      = var.google.project_id
  region       = var.google.region
  access_token = "none"
}
provider "databricks" {
  host  = "$host"
  token = "none"
}
provider "databricks" {
  alias      = "account"
  host       = "$host"
  account_id = var.databricks.account_id
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
  target = data.databricks_current_user.deployer
  values = { acl_principal_id = "users/ada@shop.example" }
}
run "plan" {
  command = plan
}
""")


def test_it_is_valid_for_installed_providers(installed: "Terraform") -> None:
    """No error; the one warning is that the providers come from a folder."""
    answer = installed.run("validate", "-json")

    found = json.loads(answer.out)
    assert (found["valid"], found["error_count"]) == (True, 0), answer.out
    assert {one["summary"] for one in found["diagnostics"]} == {"Provider development overrides are in effect"}


def test_its_own_tests_pass_with_the_schemas_of_installed_providers(
    installed: "Terraform", plain_variables: dict[str, Any]
) -> None:
    """`terraform test`, as an operator runs it in infra/."""
    answer = installed.run("test", "-no-color", f"-var=package={plain_variables['package']}")

    assert answer.code == 0, answer.said
    assert "0 failed" in answer.out


@pytest.mark.parametrize("variables", ["plain_variables", "other_variables"])
def test_it_can_be_planned_by_installed_providers(
    variables: str, installed: "Terraform", workspace: "Workspace", request: pytest.FixtureRequest
) -> None:
    """Everything, from nothing, with no cloud to ask."""
    chosen: dict[str, Any] = request.getfixturevalue(variables)
    (installed.folder / "variables.tfvars.json").write_text(json.dumps(chosen), "utf-8")
    test = installed.folder / "infra" / "tests" / "real_plan.tftest.hcl"
    test.write_text(REAL_PLAN.substitute(host=workspace.url), "utf-8")

    answer = installed.run(
        *("test", "-no-color", f"-filter=tests/{test.name}", f"-var-file={installed.folder / 'variables.tfvars.json'}"),
        env={"TF_VAR_databricks_client_secret": "unchanged"},
    )

    assert answer.code == 0, answer.said
    assert "1 passed, 0 failed" in answer.out
    assert workspace.asked == []

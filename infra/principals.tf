# Who does what in Databricks: `trigger` may start the jobs and sees no data (Run Now executes with the rights of
# run_as); `runner` is run_as and holds the grants (unity_catalog.tf).
locals {
  principals = {
    trigger = "${local.name}-trigger"
    runner  = "${local.name}-runner"
  }
}

resource "databricks_service_principal" "principal" {
  provider = databricks.account
  for_each = local.principals

  display_name = each.value
  # In the account the default would leave a deactivated principal behind.
  disable_as_user_deletion = false
}

resource "databricks_mws_permission_assignment" "principal" {
  provider = databricks.account
  for_each = databricks_service_principal.principal

  workspace_id = var.databricks.workspace_id
  principal_id = each.value.id
  permissions  = ["USER"]
}

data "databricks_current_user" "deployer" {}

# Whoever deploys may let jobs run as the runner. The set is all there is of such rights on it.
resource "databricks_access_control_rule_set" "runner" {
  provider = databricks.account

  name = "accounts/${var.databricks.account_id}/servicePrincipals/${databricks_service_principal.principal["runner"].application_id}/ruleSets/default"

  grant_rules {
    role       = "roles/servicePrincipal.user"
    principals = length(var.databricks.deployers) > 0 ? var.databricks.deployers : [data.databricks_current_user.deployer.acl_principal_id]
  }
}

# Keyless: Google signs who the function is, Databricks believes it for this one service account and this one audience.
# https://docs.databricks.com/gcp/en/dev-tools/auth/oauth-federation
locals {
  token_audience = "databricks-${local.name}-${var.databricks.workspace_id}"
}

resource "databricks_service_principal_federation_policy" "function" {
  provider = databricks.account
  count    = var.databricks.access == "federation" ? 1 : 0

  service_principal_id = databricks_service_principal.principal["trigger"].id
  policy_id            = "${local.name}-function"
  description          = "The functions of ${local.name} in the project ${var.google.project_id}"

  oidc_policy = {
    issuer    = "https://accounts.google.com"
    audiences = [local.token_audience]
    # The number, not the address: an address can be made again by somebody else.
    subject       = google_service_account.account["function"].unique_id
    subject_claim = "sub"
  }
}

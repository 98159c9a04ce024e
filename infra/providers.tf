# Whose login is used is up to the environment: `gcloud auth application-default login` and `databricks auth login`
# for a person, workload identity in CI (docs/deploy.md).

provider "google" {
  project        = var.google.project_id
  region         = var.google.region
  default_labels = local.labels
}

# The workspace.
provider "databricks" {
  host = var.databricks.host
}

# The account: service principals, their federation, their way into the workspace.
provider "databricks" {
  alias      = "account"
  host       = "https://accounts.gcp.databricks.com"
  account_id = var.databricks.account_id
}

# serviceusage, cloudresourcemanager and storage, with sources storagetransfer, must be on before the first plan
# (docs/deploy.md).
locals {
  apis = concat(
    [
      "artifactregistry", "cloudbuild", "cloudfunctions", "cloudscheduler", "eventarc", "iam", "iamcredentials",
      "logging", "monitoring", "pubsub", "run", "storage",
    ],
    length(local.transfers) == 0 ? [] : ["storagetransfer"],
    var.warehouse.bigquery == null ? [] : ["bigqueryconnection"],
    var.warehouse.bigquery == null && var.warehouse.publish == null ? [] : ["bigquery", "datacatalog"],
    var.databricks.access == "secret" ? ["secretmanager"] : [],
  )
}

resource "google_project_service" "api" {
  for_each = toset(local.apis)

  project = var.google.project_id
  service = "${each.key}.googleapis.com"
  # Other things in the project may live on it.
  disable_on_destroy = false
}

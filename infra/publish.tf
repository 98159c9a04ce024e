# Each target as a table of BigQuery's own, filled by the job's task publish (docs/warehouse.md).
locals {
  publish       = var.warehouse.publish
  publish_feeds = local.publish == null ? toset([]) : coalesce(local.publish.feeds, toset(keys(local.contracts)))

  published_tables = {
    for feed in local.publish_feeds : feed => merge(local.package.tables.feeds[feed].target, { said = lookup(local.said, feed, {}) })
  }

  # The arguments of the task; of feeds that are not published, the task is not there.
  publish_arguments = local.publish == null ? [] : [
    "--publish_to=${var.google.project_id}.${google_bigquery_dataset.published[0].dataset_id}",
    "--publish_location=${google_bigquery_dataset.published[0].location}",
    "--publish_credential=${databricks_credential.publish[0].name}",
  ]
}

# Databricks makes a Google service account for it, whose rights are below and nowhere else; no key is kept anywhere.
resource "databricks_credential" "publish" {
  count = local.publish == null ? 0 : 1

  name           = "${local.name}-bigquery"
  purpose        = "SERVICE"
  comment        = "Publishes targets of ${local.name} to BigQuery"
  isolation_mode = "ISOLATION_MODE_ISOLATED"

  databricks_gcp_service_account {}
}

resource "databricks_grant" "publish" {
  count = local.publish == null ? 0 : 1

  credential = databricks_credential.publish[0].id
  principal  = local.runner
  privileges = ["ACCESS"]
}

# To run jobs is a right on a project; what they may touch is said by the dataset.
resource "google_project_iam_member" "publish_runs_jobs" {
  count = local.publish == null ? 0 : 1

  project = var.google.project_id
  role    = "roles/bigquery.jobUser"
  member  = "serviceAccount:${databricks_credential.publish[0].databricks_gcp_service_account[0].email}"
}

resource "google_bigquery_dataset" "published" {
  count = local.publish == null ? 0 : 1

  dataset_id                 = coalesce(local.publish.dataset, "${replace(local.name, "-", "_")}_published")
  location                   = var.google.region
  description                = "Targets of ${local.name}, brought by its jobs"
  labels                     = local.labels
  delete_contents_on_destroy = false

  # All the rights there are on it: a dataset is made with those of the project's basic roles, which these take away.
  access {
    role          = "OWNER"
    special_group = "projectOwners"
  }

  # The job, and nobody else.
  access {
    role          = "WRITER"
    user_by_email = databricks_credential.publish[0].databricks_gcp_service_account[0].email
  }

  dynamic "access" {
    for_each = { for member in local.publish.readers : member => split(":", member) }
    content {
      role           = "READER"
      user_by_email  = contains(["user", "serviceAccount"], access.value[0]) ? access.value[1] : null
      group_by_email = access.value[0] == "group" ? access.value[1] : null
      domain         = access.value[0] == "domain" ? access.value[1] : null
    }
  }

  depends_on = [google_project_service.api]
}

# Where the job makes tables for what is on its way, and takes them away. They have no policy tags, so nobody reads there.
resource "google_bigquery_dataset" "on_its_way" {
  count = local.publish == null ? 0 : 1

  dataset_id  = "${google_bigquery_dataset.published[0].dataset_id}_on_its_way"
  location    = google_bigquery_dataset.published[0].location
  description = "What the jobs of ${local.name} are about to publish; for no reader"
  labels      = local.labels
  # Of a publish that died: a day.
  default_table_expiration_ms = 24 * 60 * 60 * 1000
  delete_contents_on_destroy  = true

  access {
    role          = "OWNER"
    special_group = "projectOwners"
  }

  access {
    role          = "WRITER"
    user_by_email = databricks_credential.publish[0].databricks_gcp_service_account[0].email
  }

  depends_on = [google_project_service.api]
}

# Made here and not by the job, so that no classified column is there without its policy tag.
resource "google_bigquery_table" "published" {
  for_each = local.published_tables

  dataset_id  = google_bigquery_dataset.published[0].dataset_id
  table_id    = each.value.name
  description = "The target of the feed ${each.key}"
  labels      = local.labels
  clustering  = each.value.clustered_by
  # Its rows can be brought again, rights and history cannot.
  deletion_protection = local.publish.protected

  schema = jsonencode([
    for column in each.value.columns : merge(
      { name = column.name, type = column.type, mode = column.mode },
      { for key, text in each.value.said : "description" => text if key == column.name },
      column.classification == "" ? {} : {
        policyTags = { names = [google_data_catalog_policy_tag.classification[column.classification].name] }
      },
    )
  ])
}

# A merge reads what it writes.
resource "google_data_catalog_policy_tag_iam_member" "publish_reads" {
  for_each = toset(flatten([
    for table in values(local.published_tables) : [for column in table.columns : column.classification if column.classification != ""]
  ]))

  policy_tag = google_data_catalog_policy_tag.classification[each.key].name
  role       = "roles/datacatalog.categoryFineGrainedReader"
  member     = "serviceAccount:${databricks_credential.publish[0].databricks_gcp_service_account[0].email}"
}

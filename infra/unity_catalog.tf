locals {
  catalog = coalesce(var.unity_catalog.catalog, replace(local.name, "-", "_"))
  runner  = databricks_service_principal.principal["runner"].application_id
}

# Databricks makes a Google service account for the credential; its rights are on these buckets, and nowhere else.
resource "databricks_storage_credential" "lake" {
  name           = local.name
  comment        = "Buckets of ${local.name}"
  isolation_mode = "ISOLATION_MODE_ISOLATED"

  databricks_gcp_service_account {}
}

resource "google_storage_bucket_iam_member" "credential" {
  for_each = {
    for pair in setproduct(local.databricks_buckets, ["objectAdmin", "legacyBucketReader"]) :
    join("-", pair) => { bucket = pair[0], role = "roles/storage.${pair[1]}" }
  }

  bucket = google_storage_bucket.bucket[each.value.bucket].name
  role   = each.value.role
  member = "serviceAccount:${databricks_storage_credential.lake.databricks_gcp_service_account[0].email}"
}

resource "databricks_external_location" "bucket" {
  for_each = local.databricks_buckets

  name            = "${local.name}-${each.key}"
  url             = "gs://${google_storage_bucket.bucket[each.key].name}"
  credential_name = databricks_storage_credential.lake.name
  comment         = "The ${each.key} bucket of ${local.name}"
  isolation_mode  = "ISOLATION_MODE_ISOLATED"
  # No way around Unity Catalog with somebody's own cluster credentials.
  fallback = false

  # Databricks tries to read and write when the location is made.
  depends_on = [google_storage_bucket_iam_member.credential]
}

# Storage of its own: a workspace whose metastore has no root refuses a catalog without.
resource "databricks_catalog" "catalog" {
  name           = local.catalog
  comment        = "Files ingested from Cloud Storage (${var.environment})"
  storage_root   = databricks_external_location.bucket["tables"].url
  isolation_mode = "ISOLATED"
  properties     = local.labels
  force_destroy  = false
}

resource "databricks_schema" "schema" {
  catalog_name  = databricks_catalog.catalog.name
  name          = var.unity_catalog.schema
  comment       = "Stage, target and ledger tables; the job makes them"
  properties    = local.labels
  force_destroy = false
}

# The lake bucket itself: source/, archive/, rejected/.
resource "databricks_volume" "lake" {
  catalog_name     = databricks_catalog.catalog.name
  schema_name      = databricks_schema.schema.name
  name             = "lake"
  volume_type      = "EXTERNAL"
  storage_location = databricks_external_location.bucket["lake"].url
  comment          = "source/ waits for the job, archive/ and rejected/ keep the originals"
}

resource "databricks_volume" "managed" {
  for_each = {
    scratch = "What a run puts aside while it works"
    wheels  = "The job's code"
  }

  catalog_name = databricks_catalog.catalog.name
  schema_name  = databricks_schema.schema.name
  name         = each.key
  volume_type  = "MANAGED"
  comment      = each.value
}

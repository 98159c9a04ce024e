# force_destroy stays off: a bucket with objects in it refuses to go, whatever a plan says.
locals {
  buckets = merge({
    # An inbox. Versioning is on: an overwritten generation waits there until it is admitted.
    landing = { versioning = true, soft_delete_days = 7 }
    # source/, archive/ and rejected/, behind the external volume.
    lake = { versioning = false, soft_delete_days = 7 }
    # Managed storage of the catalog, in a bucket of its own: tables and volumes must not overlap. Delta drops files all
    # the time; soft delete would keep and bill each of them.
    tables = { versioning = false, soft_delete_days = 0 }
    # The functions' zips.
    code = { versioning = false, soft_delete_days = 7 }
    }, var.unity_catalog.tables == "managed" ? {} : {
    # Tables in known places: none of them may lie where a catalog keeps its managed ones. Of Delta, as above.
    external = { versioning = false, soft_delete_days = 0 }
  })

  # The buckets that Databricks reads and writes.
  databricks_buckets = toset([for key in keys(local.buckets) : key if contains(["external", "lake", "tables"], key)])
  tables_location    = var.unity_catalog.tables == "managed" ? "" : "gs://${google_storage_bucket.bucket["external"].name}/tables"
}

resource "google_storage_bucket" "bucket" {
  for_each = local.buckets

  name                        = "${var.google.project_id}-${local.name}-${each.key}"
  location                    = var.google.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  versioning {
    enabled = each.value.versioning
  }

  soft_delete_policy {
    retention_duration_seconds = each.value.soft_delete_days * 86400
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # Only what is noncurrent: the function deletes what it has admitted, by generation, and nothing else may.
  dynamic "lifecycle_rule" {
    for_each = each.key == "landing" ? [var.landing.noncurrent_days] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        days_since_noncurrent_time = lifecycle_rule.value
        with_state                 = "ARCHIVED"
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = each.key == "lake" ? { NEARLINE = var.lake.nearline_days, COLDLINE = var.lake.coldline_days } : {}
    content {
      action {
        type          = "SetStorageClass"
        storage_class = lifecycle_rule.key
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["archive/"]
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = each.key == "lake" ? local.removals : []
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value.days
        matches_prefix = lifecycle_rule.value.folders
      }
    }
  }

  depends_on = [google_project_service.api]
}

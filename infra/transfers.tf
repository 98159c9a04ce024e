# Files of other clouds, brought to the landing bucket; from there on they are as any upload (docs/other-stores.md).
locals {
  transfers = toset(concat(keys(var.sources.s3), keys(var.sources.azure)))
}

# Google's own identity for it. Without depends_on, as that of Cloud Storage.
data "google_storage_transfer_project_service_account" "agent" {
  count = length(local.transfers) == 0 ? 0 : 1
}

# It looks at the bucket, creates objects there and compares them with the source's; no narrower role lets it.
# https://cloud.google.com/storage-transfer/docs/sink-cloud-storage
resource "google_storage_bucket_iam_member" "transfers" {
  for_each = length(local.transfers) == 0 ? toset([]) : toset(["legacyBucketWriter", "objectViewer"])

  bucket = google_storage_bucket.bucket["landing"].name
  role   = "roles/storage.${each.key}"
  member = data.google_storage_transfer_project_service_account.agent[0].member
}

# Event by event: what was in the bucket before stays there.
resource "google_storage_transfer_job" "s3" {
  for_each = var.sources.s3

  description = "${local.name} ${each.key}: s3://${each.value.bucket}/${each.value.path} to landing"

  event_stream {
    name = each.value.queue_arn
  }

  transfer_spec {
    aws_s3_data_source {
      bucket_name = each.value.bucket
      path        = each.value.path
      role_arn    = each.value.role_arn
    }
    gcs_data_sink {
      bucket_name = google_storage_bucket.bucket["landing"].name
      path        = each.value.to
    }
  }

  logging_config {
    log_actions       = ["COPY", "DELETE", "FIND"]
    log_action_states = ["FAILED"]
  }

  depends_on = [google_storage_bucket_iam_member.transfers]
}

# Moved, not copied: landing is emptied of what is admitted, so that whatever stayed in the container would come again
# with each turn of the clock.
resource "google_storage_transfer_job" "azure" {
  for_each = var.sources.azure

  description = "${local.name} ${each.key}: ${each.value.storage_account}/${each.value.container}/${each.value.path} to landing"

  # From a day that has passed: it begins at once.
  schedule {
    schedule_start_date {
      year  = 2026
      month = 1
      day   = 1
    }
    repeat_interval = "${each.value.every_hours * 3600}s"
  }

  transfer_spec {
    azure_blob_storage_data_source {
      storage_account = each.value.storage_account
      container       = each.value.container
      path            = each.value.path
      federated_identity_config {
        client_id = each.value.client_id
        tenant_id = each.value.tenant_id
      }
    }
    gcs_data_sink {
      bucket_name = google_storage_bucket.bucket["landing"].name
      path        = each.value.to
    }
    transfer_options {
      delete_objects_from_source_after_transfer = true
    }
  }

  logging_config {
    log_actions       = ["COPY", "DELETE", "FIND"]
    log_action_states = ["FAILED"]
  }

  depends_on = [google_storage_bucket_iam_member.transfers]
}

# A file that does not come is told of here: the functions have never heard of it. Only failures are logged.
resource "google_monitoring_alert_policy" "transfer" {
  count = length(local.transfers) == 0 ? 0 : 1

  display_name          = "${local.name}: file not transferred"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = "file not transferred"
    condition_matched_log {
      filter = "resource.type=\"storage_transfer_job\" AND logName=\"projects/${var.google.project_id}/logs/storagetransfer.googleapis.com%2Ftransfer_activity\""
    }
  }

  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    subject   = "${local.name}: file not transferred"
    content   = "Storage Transfer Service could not find, copy or delete an object of another cloud: its log entry names object and error. Others may have failed beside it, for there is one notice in five minutes: the log (resource.type=\"storage_transfer_job\") has all. Look at the role's or the application's rights and at the queue. On S3 the event comes again until the queue drops it; then upload the file anew. On Azure the next turn tries again."
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.api]
}

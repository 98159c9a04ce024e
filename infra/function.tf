# Two functions of one zip: a function has one entry point. Their events: trigger below; the clock's: sweep.tf.

# The hash in the name: the same name would not deploy another zip.
resource "google_storage_bucket_object" "function_zip" {
  name   = "function-${filesha256(local.function_zip)}.zip"
  bucket = google_storage_bucket.bucket["code"].name
  source = local.function_zip

  lifecycle {
    precondition {
      condition     = local.package.contracts == { for file in local.contract_files : file => filesha256("${var.feeds_folder}/${file}") }
      error_message = "The package was built from other contracts than those in ${var.feeds_folder}: run `make package` again."
    }
  }
}

resource "google_artifact_registry_repository" "images" {
  location      = var.google.region
  repository_id = local.name
  description   = "Images of the functions"
  format        = "DOCKER"
  labels        = local.labels

  cleanup_policies {
    id     = "keep-the-last"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "drop-the-rest"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.api]
}

locals {
  # As function/config.py reads them.
  function_environment = merge(
    {
      LANDING_BUCKET       = google_storage_bucket.bucket["landing"].name
      LAKE_BUCKET          = google_storage_bucket.bucket["lake"].name
      FEED_JOBS            = jsonencode({ for feed, job in databricks_job.feed : feed => job.id })
      DATABRICKS_HOST      = var.databricks.host
      DATABRICKS_CLIENT_ID = databricks_service_principal.principal["trigger"].application_id
      SWEEP_GRACE_SECONDS  = tostring(var.sweep.grace_seconds)
      SWEEP_RETRY_SECONDS  = tostring(var.sweep.retry_seconds)
      PLACEHOLDER_SECONDS  = tostring(var.sweep.placeholder_seconds)
    },
    var.databricks.access == "federation" ? { DATABRICKS_TOKEN_AUDIENCE = local.token_audience } : {},
  )

  functions = {
    on_object_finalized = {
      name            = "${local.name}-finalized"
      description     = "Takes each file that lands"
      timeout_seconds = var.function.timeout_seconds
      min_instances   = var.function.min_instances
      max_instances   = var.function.max_instances
      concurrency     = var.function.concurrency
      event_type      = "google.cloud.storage.object.v1.finalized"
      bucket          = google_storage_bucket.bucket["landing"].name
      topic           = null
      retry_policy    = "RETRY_POLICY_RETRY"
    }
    on_sweep = {
      name            = "${local.name}-sweep"
      description     = "Finds what events have missed"
      timeout_seconds = var.sweep.timeout_seconds
      min_instances   = 0
      max_instances   = 1
      concurrency     = 1
      event_type      = "google.cloud.pubsub.topic.v1.messagePublished"
      bucket          = null
      topic           = google_pubsub_topic.tick.id
      # The next tick is the retry: a day of failing ticks would otherwise come again together.
      retry_policy = "RETRY_POLICY_DO_NOT_RETRY"
    }
  }
}

resource "google_cloudfunctions2_function" "function" {
  for_each = local.functions

  name        = each.value.name
  location    = var.google.region
  description = each.value.description
  labels      = local.labels

  build_config {
    runtime           = var.function.runtime
    entry_point       = each.key
    service_account   = google_service_account.account["build"].id
    docker_repository = google_artifact_registry_repository.images.id
    source {
      storage_source {
        bucket = google_storage_bucket_object.function_zip.bucket
        object = google_storage_bucket_object.function_zip.name
      }
    }
    automatic_update_policy {}
  }

  service_config {
    service_account_email            = google_service_account.account["function"].email
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    available_cpu                    = tostring(var.function.cpu)
    available_memory                 = var.function.memory
    timeout_seconds                  = each.value.timeout_seconds
    min_instance_count               = each.value.min_instances
    max_instance_count               = each.value.max_instances
    max_instance_request_concurrency = each.value.concurrency
    environment_variables = merge(local.function_environment, {
      TIMEOUT_SECONDS = tostring(each.value.timeout_seconds)
    })

    dynamic "secret_environment_variables" {
      for_each = google_secret_manager_secret_version.databricks
      content {
        key        = "DATABRICKS_CLIENT_SECRET"
        project_id = var.google.project_id
        secret     = google_secret_manager_secret.databricks[0].secret_id
        version    = secret_environment_variables.value.version
      }
    }
  }

  # The trigger lives and dies with its function; a second one beside it would deliver everything twice.
  event_trigger {
    event_type            = each.value.event_type
    trigger_region        = var.google.region
    retry_policy          = each.value.retry_policy
    service_account_email = google_service_account.account["trigger"].email
    pubsub_topic          = each.value.topic

    dynamic "event_filters" {
      for_each = each.value.bucket == null ? [] : [each.value.bucket]
      content {
        attribute = "bucket"
        value     = event_filters.value
      }
    }
  }

  # Rights come first, and jobs before functions: a function must not admit by a contract that the wheel does not know.
  depends_on = [
    databricks_permissions.job,
    databricks_service_principal_federation_policy.function,
    google_artifact_registry_repository_iam_member.build_writes_images,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_reads_sources,
    google_project_iam_member.storage_publishes,
    google_project_iam_member.trigger_receives,
    google_secret_manager_secret_iam_member.function,
    google_storage_bucket_iam_member.build_reads_code,
    google_storage_bucket_iam_member.function,
  ]
}

resource "google_pubsub_topic" "tick" {
  name   = "${local.name}-sweep"
  labels = local.labels
  # An old tick is worth nothing: the next one does the same.
  message_retention_duration = "600s"

  message_storage_policy {
    allowed_persistence_regions = [var.google.region]
  }

  depends_on = [google_project_service.api]
}

resource "google_cloud_scheduler_job" "tick" {
  name        = "${local.name}-sweep"
  region      = var.google.region
  description = "Starts the sweep of the landing bucket"
  schedule    = "*/${var.sweep.every_minutes} * * * *"
  time_zone   = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.tick.id
    data       = base64encode("tick")
  }
}

resource "google_pubsub_topic" "tick" {
  name   = "${local.name}-sweep"
  labels = local.labels

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

# Rights in Google Cloud, on the narrowest thing that takes them. Those of Databricks: unity_catalog.tf, access.tf.

# The function: objects of two buckets, nothing in the project.
resource "google_storage_bucket_iam_member" "function" {
  for_each = toset(["landing", "lake"])

  bucket = google_storage_bucket.bucket[each.key].name
  role   = "roles/storage.objectUser"
  member = google_service_account.account["function"].member
}

resource "google_storage_bucket_iam_member" "producer" {
  for_each = var.landing.producers

  bucket = google_storage_bucket.bucket["landing"].name
  role   = "roles/storage.objectCreator"
  member = each.key
}

# Cloud Storage announces objects through a topic that Eventarc makes, whose name nobody knows beforehand.
resource "google_project_iam_member" "storage_publishes" {
  project = var.google.project_id
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.storage.member
}

resource "google_project_iam_member" "trigger_receives" {
  project = var.google.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.account["trigger"].member
}

# On the services, not on the project. A function that is made anew loses its invokers, and every delivery would fail
# without a word.
resource "google_cloud_run_v2_service_iam_member" "trigger_invokes" {
  for_each = google_cloudfunctions2_function.function

  location = var.google.region
  name     = each.value.name
  role     = "roles/run.invoker"
  member   = google_service_account.account["trigger"].member

  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.function[each.key].id]
  }
}

# The build: its log, its repository, and the sources that Cloud Functions puts into a bucket of its own.
# https://cloud.google.com/functions/docs/securing/build-custom-sa
resource "google_project_iam_member" "build_logs" {
  project = var.google.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.account["build"].member
}

resource "google_project_iam_member" "build_reads_sources" {
  project = var.google.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.account["build"].member

  condition {
    title       = "sources of functions"
    description = "Cloud Functions copies each source into this bucket before it builds it"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.google.region}\")"
  }
}

resource "google_storage_bucket_iam_member" "build_reads_code" {
  bucket = google_storage_bucket.bucket["code"].name
  role   = "roles/storage.objectViewer"
  member = google_service_account.account["build"].member
}

resource "google_artifact_registry_repository_iam_member" "build_writes_images" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.account["build"].member
}

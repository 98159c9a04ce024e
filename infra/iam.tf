# Rights in Google Cloud, on the narrowest thing that takes them. Those of Databricks: unity_catalog.tf, access.tf.

# Conditions on an object's name; the text is quoted as JSON, which is right for CEL, too.
# https://cloud.google.com/iam/docs/conditions-resource-attributes
locals {
  bucket_names = { for key, bucket in google_storage_bucket.bucket : key => "projects/_/buckets/${bucket.name}" }

  lake_objects = {
    for area in ["source", "rejected", "expected"] :
    area => "resource.type == \"storage.googleapis.com/Object\" && resource.name.startsWith(${jsonencode("${local.bucket_names["lake"]}/objects/${area}/")})"
  }

  # archive/ is not among them: what the job has put there is neither read nor changed. A listing is a right on the
  # bucket, which no condition on an object's name can give or narrow, so it shows names below archive/, too; without it
  # a missing object would be answered by 403.
  function_rights = {
    landing = { bucket = "landing", role = "objectUser", title = null, expression = null }
    lists = {
      bucket     = "lake"
      role       = "objectViewer"
      title      = "lists, reads rejected, expected"
      expression = "resource.name == ${jsonencode(local.bucket_names["lake"])} || ${local.lake_objects["rejected"]} || ${local.lake_objects["expected"]}"
    }
    notes   = { bucket = "lake", role = "objectCreator", title = "creates in expected", expression = local.lake_objects["expected"] }
    rejects = { bucket = "lake", role = "objectCreator", title = "creates in rejected", expression = local.lake_objects["rejected"] }
    source  = { bucket = "lake", role = "objectUser", title = "works in source", expression = local.lake_objects["source"] }
  }

  # One binding for each beginning of a name: IAM takes 20 of them on one role of one member.
  producer_rights = merge([
    for member, names in var.landing.producers : {
      for prefix in setunion(names.prefixes, [for feed in names.feeds : local.feed_prefixes[feed]]) :
      "${member} ${prefix}" => { member = member, prefix = prefix }
    }
  ]...)
}

# The function: objects of two buckets, nothing in the project.
resource "google_storage_bucket_iam_member" "function" {
  for_each = local.function_rights

  bucket = google_storage_bucket.bucket[each.value.bucket].name
  role   = "roles/storage.${each.value.role}"
  member = google_service_account.account["function"].member

  dynamic "condition" {
    for_each = each.value.expression == null ? [] : [each.value]
    content {
      title      = condition.value.title
      expression = condition.value.expression
    }
  }
}

# To create and no more: an object that is there cannot be replaced without the right to delete it.
resource "google_storage_bucket_iam_member" "producer" {
  for_each = local.producer_rights

  bucket = google_storage_bucket.bucket["landing"].name
  role   = "roles/storage.objectCreator"
  member = each.value.member

  condition {
    title      = "names of a producer"
    expression = "resource.type == \"storage.googleapis.com/Object\" && resource.name.startsWith(${jsonencode("${local.bucket_names["landing"]}/objects/${each.value.prefix}")})"
  }
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

locals {
  # With what stands below it, and no more: the name of europe-west1 is the beginning of that of europe-west12.
  function_sources = "projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.google.region}"
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
    expression  = "resource.name == ${jsonencode(local.function_sources)} || resource.name.startsWith(${jsonencode("${local.function_sources}/")})"
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

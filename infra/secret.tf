# Only where federation is not to be had: an OAuth secret of the trigger principal, mounted by its version.
resource "google_secret_manager_secret" "databricks" {
  count = var.databricks.access == "secret" ? 1 : 0

  secret_id = "${local.name}-databricks"
  labels    = local.labels

  replication {
    user_managed {
      replicas {
        location = var.google.region
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_version" "databricks" {
  count = var.databricks.access == "secret" ? 1 : 0

  secret                 = google_secret_manager_secret.databricks[0].id
  secret_data_wo         = var.databricks_client_secret
  secret_data_wo_version = var.databricks.secret_version

  lifecycle {
    # The functions move on to the new version before the old one goes.
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "function" {
  count = var.databricks.access == "secret" ? 1 : 0

  secret_id = google_secret_manager_secret.databricks[0].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.account["function"].member
}

output "landing" {
  description = "Where producers upload."
  value       = "gs://${google_storage_bucket.bucket["landing"].name}"
}

output "lake" {
  description = "The volume of source/, archive/ and rejected/."
  value       = databricks_volume.lake.volume_path
}

output "tables" {
  description = "Catalog and schema of the tables."
  value       = "${databricks_catalog.catalog.name}.${databricks_schema.schema.name}"
}

output "tables_location" {
  description = "Folder of the tables, each under its own name; empty where the catalog manages them."
  value       = local.tables_location
}

output "bigquery_dataset" {
  description = "The dataset that shows the tables, if there is one."
  value       = one(google_bigquery_dataset.tables[*].dataset_id)
}

output "transfer_identity" {
  description = "With sources: whom a role on AWS (`subject`) or an application on Azure must trust."
  value       = { for agent in data.google_storage_transfer_project_service_account.agent : "subject" => agent.subject_id }
}

output "jobs" {
  description = "The job of each feed."
  value       = { for feed, job in databricks_job.feed : feed => job.id }
}

output "setup_job" {
  description = "The job that makes the tables: to be run after each apply."
  value       = databricks_job.setup.id
}

output "workspace" {
  description = "The workspace, for the Databricks CLI: DATABRICKS_HOST."
  value       = var.databricks.host
}

output "functions" {
  description = "The functions, by their targets in main.py."
  value       = { for target, function in google_cloudfunctions2_function.function : target => function.name }
}

output "trigger_principal" {
  description = "Application id of the principal that the functions sign in as."
  value       = databricks_service_principal.principal["trigger"].application_id
}

output "runner_principal" {
  description = "Application id of the principal that the jobs run as."
  value       = databricks_service_principal.principal["runner"].application_id
}

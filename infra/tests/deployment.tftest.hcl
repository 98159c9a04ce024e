# `terraform test`, with mocked providers and the package of `make package`: what an operator would look at first. The
# whole intent: tests/infra of the repository.

mock_provider "google" {
  override_during = plan

  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
  # Members must look like members, for the provider's own checks are not mocked.
  mock_data "google_storage_project_service_account" {
    defaults = { member = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
  }
  mock_resource "google_service_account" {
    defaults = {
      unique_id = "100000000000000000001"
      member    = "serviceAccount:ingest-dev@shop-data.iam.gserviceaccount.com"
    }
  }
}

mock_provider "databricks" {
  override_during = plan

  mock_resource "databricks_job" {
    defaults = { id = "1001" }
  }
}

mock_provider "databricks" {
  alias           = "account"
  override_during = plan

  mock_resource "databricks_service_principal" {
    defaults = { id = "42", application_id = "00000000-0000-0000-0000-000000000042" }
  }
}

variables {
  environment = "dev"
  google      = { project_id = "shop-data", region = "europe-west3" }
  databricks = {
    host         = "https://1234567890.1.gcp.databricks.com"
    account_id   = "11111111-2222-3333-4444-555555555555"
    workspace_id = 1234567890
  }
  notifications = { emails = ["data-team@shop.example"] }
}

run "buckets_are_closed_and_landing_keeps_its_versions" {
  command = plan

  assert {
    condition     = alltrue([for bucket in google_storage_bucket.bucket : bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access])
    error_message = "A bucket can be opened to the public."
  }
  assert {
    condition     = google_storage_bucket.bucket["landing"].versioning[0].enabled
    error_message = "An overwritten file would be lost before it is admitted."
  }
}

run "the_function_has_no_right_on_all_of_the_lake" {
  command = plan

  assert {
    condition = alltrue([
      for right in google_storage_bucket_iam_member.function :
      length(right.condition) == 1 || right.bucket == google_storage_bucket.bucket["landing"].name
    ])
    error_message = "The function could change what is in archive/."
  }
}

run "functions_are_closed_and_events_come_again" {
  command = plan

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.function : function.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "A function can be called from outside."
  }
  assert {
    condition     = google_cloudfunctions2_function.function["on_object_finalized"].event_trigger[0].retry_policy == "RETRY_POLICY_RETRY"
    error_message = "A failed event would be dropped."
  }
}

run "the_function_signs_in_without_a_secret" {
  command = plan

  assert {
    condition     = databricks_service_principal_federation_policy.function[0].oidc_policy.subject == "100000000000000000001"
    error_message = "Databricks must believe the function's service account, by its number."
  }
  assert {
    condition     = length(google_secret_manager_secret.databricks) == 0
    error_message = "There is a stored secret."
  }
}

run "each_contract_has_a_job_that_queues" {
  command = plan

  assert {
    condition     = toset(keys(databricks_job.feed)) == toset([for file in fileset(var.feeds_folder, "*.odcs.yaml") : yamldecode(file("${var.feeds_folder}/${file}")).name])
    error_message = "A contract has no job."
  }
  assert {
    condition     = alltrue([for job in databricks_job.feed : job.queue[0].enabled && job.max_concurrent_runs == 1])
    error_message = "Runs would be skipped, or run beside each other."
  }
}

run "a_multi_region_is_refused" {
  command = plan

  variables {
    google = { project_id = "shop-data", region = "EU" }
  }

  expect_failures = [var.google]
}

run "a_missing_package_is_refused" {
  command = plan

  variables {
    package = "../dist/none.json"
  }

  expect_failures = [var.package]
}

run "a_producer_of_any_name_is_refused" {
  command = plan

  variables {
    landing = { producers = { "group:shop@shop.example" = {} } }
  }

  expect_failures = [var.landing]
}

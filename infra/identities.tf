# Who does what in Google Cloud. An empty service account would mean the Compute default, which may nearly everything.
locals {
  service_accounts = {
    function = "Runs the functions: reads and empties landing, writes the lake"
    trigger  = "Delivers events and ticks to the functions"
    build    = "Builds the functions' image"
  }
}

resource "google_service_account" "account" {
  for_each = local.service_accounts

  account_id   = "${local.name}-${each.key}"
  display_name = "${local.name} ${each.key}"
  description  = each.value

  depends_on = [google_project_service.api]
}

data "google_project" "this" {
  project_id = var.google.project_id
}

# Without depends_on: each API that is added would make its address unknown, and its rights anew.
data "google_storage_project_service_account" "storage" {}

locals {
  name   = "ingest-${var.environment}"
  labels = merge(var.labels, { app = "ingest", environment = var.environment, managed-by = "terraform" })

  # One contract file, one feed: its job, its checks in the function and, through the job, its tables.
  contract_files = fileset(var.feeds_folder, "*.odcs.yaml")
  contracts      = { for file in local.contract_files : yamldecode(file("${var.feeds_folder}/${file}")).name => file }

  # What `make package` built, and from which contracts.
  package      = jsondecode(file(var.package))
  function_zip = "${dirname(var.package)}/${local.package.function}"
  wheel        = "${dirname(var.package)}/${local.package.wheel}"
}

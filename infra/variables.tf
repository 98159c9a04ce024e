variable "environment" {
  description = "Short name of this deployment; it stands in the name of everything, so that several can stand side by side."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,10}[a-z0-9]$", var.environment))
    error_message = "environment must be 2 to 12 lowercase letters, digits and hyphens, such as `dev` or `prod-eu`: names of service accounts end at 30 characters."
  }
}

variable "google" {
  description = "The Google Cloud project, and the one region of its buckets, functions and trigger."
  type = object({
    project_id = string
    region     = string
  })

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.google.project_id))
    error_message = "google.project_id must be the project's id (not its name or number)."
  }
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.google.region))
    error_message = "google.region must be a single region such as `europe-west3`, no multi-region: the landing bucket, its trigger and the functions must share it."
  }
}

variable "databricks" {
  description = <<-EOT
    The Databricks account and workspace, and how the functions sign in there.
    access: `federation` (the function's Google identity is exchanged for a token; nothing is stored) or `secret`
    (an OAuth secret of the trigger principal in Secret Manager; raise secret_version to rotate it).
    deployers: who may let jobs run as the runner, such as `users/ada@example.com`, `groups/data-platform` or
    `servicePrincipals/APPLICATION_ID`; without any, whoever plans. Several people, or a pipeline, need it said.
  EOT
  type = object({
    host           = string
    account_id     = string
    workspace_id   = number
    access         = optional(string, "federation")
    secret_version = optional(number, 1)
    deployers      = optional(set(string), [])
  })

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.databricks.host))
    error_message = "databricks.host must be the workspace's address without a path, such as `https://1234567890.1.gcp.databricks.com`."
  }
  validation {
    condition     = !startswith(var.databricks.host, "https://accounts.")
    error_message = "databricks.host must be the workspace's address, not the account console's."
  }
  validation {
    condition     = var.databricks.workspace_id >= 1 && floor(var.databricks.workspace_id) == var.databricks.workspace_id
    error_message = "databricks.workspace_id must be the workspace's number, as the account console shows it."
  }
  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.databricks.account_id))
    error_message = "databricks.account_id must be the account's UUID, as the account console shows it."
  }
  validation {
    condition     = contains(["federation", "secret"], var.databricks.access)
    error_message = "databricks.access must be `federation` or `secret`."
  }
  validation {
    condition     = var.databricks.secret_version >= 1
    error_message = "databricks.secret_version counts from 1."
  }
  validation {
    condition     = alltrue([for deployer in var.databricks.deployers : can(regex("^(users|groups|servicePrincipals)/.+$", deployer))])
    error_message = "databricks.deployers must be `users/…`, `groups/…` or `servicePrincipals/…`."
  }
}

variable "databricks_client_secret" {
  description = "With databricks.access `secret`: the OAuth secret of the trigger principal, as TF_VAR_databricks_client_secret; `unchanged` once secret_version has been applied. Neither plan nor state keeps it."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  # The provider wants a value with each plan, and does nothing with it while the version stays.
  validation {
    condition     = var.databricks.access != "secret" || length(coalesce(var.databricks_client_secret, "-")) > 1
    error_message = "With databricks.access = \"secret\", TF_VAR_databricks_client_secret must be the OAuth secret of the trigger principal when secret_version is new, else `unchanged`."
  }
}

variable "package" {
  description = "What `make package` wrote: the names of zip and wheel beside it, and the contracts in them. Relative to infra/."
  type        = string
  default     = "../dist/package.json"

  validation {
    condition     = fileexists(var.package)
    error_message = "There is no ${var.package}: run `make package` first."
  }
  validation {
    condition = !fileexists(var.package) ? true : alltrue([
      for name in ["function", "wheel"] : try(fileexists("${dirname(var.package)}/${jsondecode(file(var.package))[name]}"), false)
    ])
    error_message = "The zip or the wheel that ${var.package} names is missing: run `make package` again."
  }
  # Whoever builds need not be who deploys: nothing else on this machine is uploaded in the place of zip and wheel.
  validation {
    condition = !fileexists(var.package) ? true : alltrue([
      for name in ["function", "wheel"] : try(basename(jsondecode(file(var.package))[name]) == jsondecode(file(var.package))[name], true)
    ])
    error_message = "The zip and the wheel that ${var.package} names must be beside it, without a folder."
  }
}

variable "feeds_folder" {
  description = "The contracts: one job for each `*.odcs.yaml`. The package must be built from the same folder. Relative to infra/."
  type        = string
  default     = "../feeds"

  validation {
    condition     = length(fileset(var.feeds_folder, "*.odcs.yaml")) > 0
    error_message = "There is no contract (*.odcs.yaml) in feeds_folder."
  }
}

variable "landing" {
  description = <<-EOT
    The bucket that producers upload to.
    producers: of each IAM member that may create objects there, and nothing else, what their names must begin with.
    prefixes: folders such as `daily/`. feeds: the names that the contracts of these feeds claim, by what stands in
    their filePattern before its first wildcard.
    noncurrent_days: how long a generation that was overwritten before it was admitted waits for that.
  EOT
  type = object({
    producers = optional(map(object({
      prefixes = optional(set(string), [])
      feeds    = optional(set(string), [])
    })), {})
    noncurrent_days = optional(number, 14)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for member in keys(var.landing.producers) : can(regex("^(user|group|serviceAccount|principal|principalSet):\\S+$", member))])
    error_message = "landing.producers must be IAM members such as `serviceAccount:shop@project.iam.gserviceaccount.com`; allUsers and allAuthenticatedUsers are refused."
  }
  validation {
    condition     = alltrue([for member, names in var.landing.producers : length(names.prefixes) + length(names.feeds) > 0])
    error_message = "landing.producers: each needs prefixes or feeds, such as `{ prefixes = [\"daily/\"] }`: what the names of its objects begin with."
  }
  validation {
    condition     = alltrue([for prefix in flatten([for names in values(var.landing.producers) : tolist(names.prefixes)]) : can(regex("^([^/*?\"\\\\]+/)+$", prefix))])
    error_message = "landing.producers: prefixes are folders that end with a slash, such as `daily/`, without a slash at their beginning, wildcards, quotes or backslashes. These are none: ${join(" ", [for prefix in flatten([for names in values(var.landing.producers) : tolist(names.prefixes)]) : "`${prefix}`" if !can(regex("^([^/*?\"\\\\]+/)+$", prefix))])}."
  }
  validation {
    condition     = alltrue([for feed in flatten([for names in values(var.landing.producers) : tolist(names.feeds)]) : contains(keys(local.contracts), feed)])
    error_message = "landing.producers: feeds must be names of contracts in feeds_folder: ${join(", ", keys(local.contracts))}."
  }
  validation {
    condition     = alltrue([for feed in flatten([for names in values(var.landing.producers) : tolist(names.feeds)]) : lookup(local.feed_prefixes, feed, null) != ""])
    error_message = "landing.producers: the filePattern of a feed begins with a wildcard, so it claims names that begin with anything: say prefixes instead."
  }
  validation {
    condition     = alltrue([for names in values(var.landing.producers) : length(names.prefixes) + length(names.feeds) <= 20])
    error_message = "landing.producers: at most 20 prefixes and feeds for each, for IAM takes no more conditions on one role of one member."
  }
  validation {
    condition     = var.landing.noncurrent_days >= 14 && floor(var.landing.noncurrent_days) == var.landing.noncurrent_days
    error_message = "landing.noncurrent_days must be at least 14 whole days: an overwritten generation waits in landing until it is admitted, and nothing else keeps it."
  }
}

variable "lake" {
  description = "The bucket of source/, archive/ and rejected/: after how many days archived originals move to colder storage. They are never deleted."
  type = object({
    nearline_days = optional(number, 30)
    coldline_days = optional(number, 90)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.lake.nearline_days >= 1 && var.lake.coldline_days > var.lake.nearline_days
    error_message = "lake.coldline_days must be above lake.nearline_days, and that at least 1."
  }
}

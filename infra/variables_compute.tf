variable "function" {
  description = "The function of the landing bucket's events. timeout_seconds is its own limit, into which all its calls fit."
  type = object({
    runtime         = optional(string, "python312")
    cpu             = optional(number, 1)
    memory          = optional(string, "512Mi")
    timeout_seconds = optional(number, 60)
    min_instances   = optional(number, 0)
    max_instances   = optional(number, 20)
    concurrency     = optional(number, 4)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.function.timeout_seconds >= 30 && var.function.timeout_seconds <= 540
    error_message = "function.timeout_seconds must be 30 to 540: event functions end after 540 seconds at most."
  }
  validation {
    condition = alltrue([
      for number in [
        var.function.timeout_seconds, var.function.min_instances, var.function.max_instances, var.function.concurrency,
      ] : floor(number) == number
    ])
    error_message = "function takes whole numbers, but for function.cpu."
  }
  validation {
    condition     = var.function.cpu > 0 && var.function.concurrency >= 1 && var.function.concurrency <= 1000
    error_message = "function.cpu must be above 0, and function.concurrency 1 to 1000."
  }
  validation {
    condition     = var.function.concurrency == 1 || var.function.cpu >= 1
    error_message = "function.concurrency above 1 needs a whole CPU (function.cpu = 1)."
  }
  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi|M|G)$", var.function.memory))
    error_message = "function.memory must be a number with Mi or Gi, such as `512Mi`: without a unit it would be bytes."
  }
  validation {
    condition     = var.function.min_instances >= 0 && var.function.max_instances >= max(1, var.function.min_instances)
    error_message = "function.max_instances must be at least 1, and not below function.min_instances."
  }
  validation {
    condition     = contains(["python311", "python312", "python313"], var.function.runtime)
    error_message = "function.runtime must be python311, python312 or python313: those are tested."
  }
}

variable "sweep" {
  description = "The function that treats what stays in landing like an event: how often, and from what age on (seconds)."
  type = object({
    every_minutes       = optional(number, 5)
    timeout_seconds     = optional(number, 240)
    grace_seconds       = optional(number, 600)
    retry_seconds       = optional(number, 3600)
    placeholder_seconds = optional(number, 86400)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30], var.sweep.every_minutes)
    error_message = "sweep.every_minutes must divide the hour, 30 at most."
  }
  validation {
    condition     = var.sweep.timeout_seconds >= 30 && var.sweep.timeout_seconds < min(541, 60 * var.sweep.every_minutes)
    error_message = "sweep.timeout_seconds must be at least 30, 540 at most, and below sweep.every_minutes: one sweep ends before the next begins."
  }
  validation {
    condition     = var.sweep.grace_seconds > var.function.timeout_seconds
    error_message = "sweep.grace_seconds must be above function.timeout_seconds: an event in work is not missed."
  }
  validation {
    condition     = floor(var.sweep.timeout_seconds) == var.sweep.timeout_seconds
    error_message = "sweep.timeout_seconds must be a whole number."
  }
  validation {
    condition     = var.sweep.retry_seconds > 0 && var.sweep.placeholder_seconds > 0
    error_message = "sweep.retry_seconds and sweep.placeholder_seconds must be above 0: the functions would not start."
  }
}

variable "job" {
  description = <<-EOT
    The job of each feed.
    operators: account groups, assigned to the workspace, that may start, cancel and repair runs, and read what tasks
    withhold of errors. Those who are to use `ingest` are in unity_catalog.readers, too.
    schedule (Quartz cron, UTC) or file_arrival start runs without the function; neither is needed: the sweep sees to
    what waits.
    cluster: a cluster for each run instead of serverless compute, of runtime 17.3 or later (Spark 4).
    reader: who opens the files, `executors` or `driver`; empty is what suits the engine.
    wheels: further wheels, by their paths on volumes, for a workspace that reaches no package index.
  EOT
  type = object({
    performance_target = optional(string, "PERFORMANCE_OPTIMIZED")
    operators          = optional(set(string), [])
    schedule           = optional(string)
    file_arrival       = optional(bool, false)
    reader             = optional(string, "")
    wheels             = optional(list(string), [])
    cluster = optional(object({
      spark_version      = string
      node_type_id       = string
      num_workers        = number
      data_security_mode = optional(string, "USER_ISOLATION")
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.job.schedule == null || !var.job.file_arrival
    error_message = "job.schedule and job.file_arrival exclude each other: a job has one trigger."
  }
  validation {
    condition     = can(regex("^(\\S+ ){5,6}\\S+$", coalesce(var.job.schedule, "0 0 * * * ?")))
    error_message = "job.schedule must be a Quartz cron of 6 or 7 fields, seconds first, such as `0 0 * * * ?`."
  }
  validation {
    condition     = contains(["PERFORMANCE_OPTIMIZED", "STANDARD"], var.job.performance_target)
    error_message = "job.performance_target must be PERFORMANCE_OPTIMIZED (runs start in seconds) or STANDARD (in minutes, for less)."
  }
  validation {
    condition = var.job.cluster == null ? true : (
      var.job.cluster.num_workers >= 1 && floor(var.job.cluster.num_workers) == var.job.cluster.num_workers &&
      contains(["USER_ISOLATION", "SINGLE_USER"], var.job.cluster.data_security_mode)
    )
    error_message = "job.cluster needs at least one worker, and USER_ISOLATION or SINGLE_USER as data_security_mode: other modes know no Unity Catalog."
  }
  validation {
    condition     = length(setintersection(var.job.operators, ["users", "admins"])) == 0
    error_message = "job.operators must be groups of the account, assigned to the workspace: Unity Catalog gives no right to `users` and `admins`, which are the workspace's own."
  }
  validation {
    condition     = var.job.cluster == null ? true : try(tonumber(regex("^([0-9]+)\\.", var.job.cluster.spark_version)[0]) >= 17, false)
    error_message = "job.cluster.spark_version must be runtime 17.3 or later (Spark 4), such as `17.3.x-scala2.13`."
  }
  validation {
    condition     = contains(["", "executors", "driver"], var.job.reader)
    error_message = "job.reader must be `executors`, `driver` or empty."
  }
  validation {
    condition     = alltrue([for wheel in var.job.wheels : can(regex("^/Volumes/.+\\.whl$", wheel))])
    error_message = "job.wheels must be wheels on volumes, /Volumes/….whl."
  }
}

variable "unity_catalog" {
  description = <<-EOT
    Catalog (made here, with storage of its own) and schema of the tables; readers: account groups that may read them.
    tables: `managed` (the catalog keeps them where it likes) or `external` (each in a known place of a bucket of their
    own, which BigQuery and Snowflake can read). To be chosen before the first table is made.
  EOT
  type = object({
    catalog = optional(string)
    schema  = optional(string, "ingest")
    readers = optional(set(string), [])
    tables  = optional(string, "managed")
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(var.unity_catalog.readers, ["users", "admins"])) == 0
    error_message = "unity_catalog.readers must be groups of the account: Unity Catalog gives no right to `users` and `admins`, which are the workspace's own; `account users` is everybody."
  }
  validation {
    condition     = contains(["managed", "external"], var.unity_catalog.tables)
    error_message = "unity_catalog.tables must be `managed` or `external`."
  }
  validation {
    condition     = !contains(["default", "information_schema"], var.unity_catalog.schema)
    error_message = "unity_catalog.schema must be a schema of its own, neither `default` nor `information_schema`."
  }
  validation {
    condition     = alltrue([for name in [coalesce(var.unity_catalog.catalog, "ingest"), var.unity_catalog.schema] : can(regex("^[a-z_][a-z0-9_]*$", name))])
    error_message = "unity_catalog.catalog and unity_catalog.schema must be lowercase letters, digits and underscores."
  }
}

variable "warehouse_id" {
  description = "SQL warehouse of alert and dashboard; the runner principal needs CAN_USE on it. Without one, a small serverless one is made."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[0-9a-f]{16}$", coalesce(var.warehouse_id, "0123456789abcdef"))) && var.warehouse_id != ""
    error_message = "warehouse_id must be the 16 digits of a SQL warehouse's id (0-9, a-f), or left out."
  }
}

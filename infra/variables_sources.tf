variable "sources" {
  description = <<-EOT
    Buckets of other clouds whose files come to the landing bucket (docs/other-stores.md), each under a name of its own.
    to: the folder in landing, with a slash at its end; empty where the names begin as the filePatterns do.
    path: only what lies below this folder, which is no part of the names in landing.
    s3: event by event. queue_arn: the SQS queue that the bucket tells; role_arn: the role that reads bucket and queue.
    azure: moved by the clock. client_id and tenant_id: the application that trusts Google's identity, and may read and
    delete in the container.
  EOT
  type = object({
    s3 = optional(map(object({
      bucket    = string
      path      = optional(string, "")
      to        = optional(string, "")
      role_arn  = string
      queue_arn = string
    })), {})
    azure = optional(map(object({
      storage_account = string
      container       = string
      path            = optional(string, "")
      to              = optional(string, "")
      tenant_id       = string
      client_id       = string
      every_hours     = optional(number, 1)
    })), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for source in concat(values(var.sources.s3), values(var.sources.azure)) : can(regex("^([^/*?\"\\\\]+/)*$", source.to)) && can(regex("^([^/*?\"\\\\]+/)*$", source.path))])
    error_message = "sources: path and to are folders that end with a slash, such as `daily/`, or empty."
  }
  validation {
    condition     = alltrue([for source in values(var.sources.s3) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/\\S+$", source.role_arn)) && can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:\\S+$", source.queue_arn))])
    error_message = "sources.s3: role_arn is `arn:aws:iam::123456789012:role/NAME`, queue_arn `arn:aws:sqs:REGION:123456789012:NAME`."
  }
  validation {
    condition     = alltrue([for id in flatten([for source in values(var.sources.azure) : [source.tenant_id, source.client_id]]) : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id))])
    error_message = "sources.azure: tenant_id and client_id are UUIDs."
  }
  validation {
    condition     = alltrue([for source in values(var.sources.azure) : source.every_hours >= 1 && floor(source.every_hours) == source.every_hours])
    error_message = "sources.azure: every_hours must be a whole number from 1 on: Storage Transfer Service takes no shorter time."
  }
  validation {
    condition     = length(setintersection(keys(var.sources.s3), keys(var.sources.azure))) == 0
    error_message = "sources: s3 and azure share a name; each source needs one of its own."
  }
}

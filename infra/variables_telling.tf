variable "notifications" {
  description = <<-EOT
    Who is told. channels: notification channels of Cloud Monitoring that are there already, for its alerts (Slack, when
    it was connected in the console; a pager). slack_channel (such as `#data`) makes one; it needs slack_token, whose
    version is raised to rotate it. Failed runs and quarantined rows reach Slack through slack_webhook_url.
  EOT
  type = object({
    emails              = set(string)
    channels            = optional(set(string), [])
    slack_channel       = optional(string)
    slack_token_version = optional(number, 1)
  })

  validation {
    condition     = length(var.notifications.emails) > 0 && alltrue([for email in var.notifications.emails : can(regex("^[^@\\s]+@[^@\\s]+$", email))])
    error_message = "notifications.emails must be at least one mail address: whatever was not merged must reach a person."
  }
  validation {
    condition     = alltrue([for channel in var.notifications.channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])
    error_message = "notifications.channels must be names such as `projects/PROJECT/notificationChannels/123`; `gcloud beta monitoring channels list` has them."
  }
  validation {
    condition     = var.notifications.slack_token_version >= 1
    error_message = "notifications.slack_token_version counts from 1."
  }
}

variable "slack_token" {
  description = "OAuth token of the Slack app of Cloud Monitoring, as TF_VAR_slack_token; `unchanged` once slack_token_version has been applied. Neither plan nor state keeps it."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.notifications.slack_channel == null || length(coalesce(var.slack_token, "-")) > 1
    error_message = "With notifications.slack_channel, TF_VAR_slack_token must be the token of the Slack app when slack_token_version is new, else `unchanged`."
  }
}

variable "slack_webhook_url" {
  description = "Incoming webhook of Slack for the Databricks side; given as TF_VAR_slack_webhook_url. The state keeps it (the provider has no write-only form)."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = coalesce(var.slack_webhook_url, "none") == "none" || startswith(coalesce(var.slack_webhook_url, "none"), "https://hooks.slack.com/")
    error_message = "slack_webhook_url must be an incoming webhook, https://hooks.slack.com/…"
  }
}

variable "alerts" {
  description = <<-EOT
    When people are told.
    failures: how many failed calls in half an hour are borne, for each comes again by itself.
    unacknowledged_minutes: age of the oldest event that the function has not taken.
    waiting_minutes: how long the sweep may leave due files or feeds, or fail at something in each call.
    silence_minutes: how long the sweep may say nothing.
    quarantine_schedule: when the quarantined rows are counted (Quartz cron, UTC).
    quarantine_hours: of how many hours they are counted, one more than lie between two times of the schedule at most: 73
      for one of Monday to Friday. What is older at each of them is told to nobody.
  EOT
  type = object({
    failures               = optional(number, 2)
    unacknowledged_minutes = optional(number, 15)
    waiting_minutes        = optional(number, 30)
    silence_minutes        = optional(number, 30)
    quarantine_schedule    = optional(string, "0 0 7 * * ?")
    quarantine_hours       = optional(number, 25)
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for minutes in [var.alerts.unacknowledged_minutes, var.alerts.waiting_minutes, var.alerts.silence_minutes] :
      minutes >= 1 && minutes <= 1410 && floor(minutes) == minutes
    ])
    error_message = "alerts.unacknowledged_minutes, waiting_minutes and silence_minutes must be whole minutes from 1 to 1410: Monitoring looks back 23.5 hours."
  }
  validation {
    condition     = var.alerts.failures >= 0
    error_message = "alerts.failures must not be negative."
  }
  validation {
    condition     = can(regex("^(\\S+ ){5,6}\\S+$", var.alerts.quarantine_schedule))
    error_message = "alerts.quarantine_schedule must be a Quartz cron of 6 or 7 fields, seconds first, such as `0 0 7 * * ?`."
  }
  validation {
    condition     = var.alerts.quarantine_hours >= 2 && floor(var.alerts.quarantine_hours) == var.alerts.quarantine_hours
    error_message = "alerts.quarantine_hours must be a whole number of hours, an hour more than lies between two times of alerts.quarantine_schedule."
  }
  validation {
    condition     = var.alerts.quarantine_hours > 25 || can(regex("^(\\S+ ){3}[*?] [*] [*?]( \\S+)?$", var.alerts.quarantine_schedule))
    error_message = "alerts.quarantine_schedule leaves out days, of whose rows nobody would be told: say in alerts.quarantine_hours how many hours lie between two of its times at most, and one more; 73 for one of Monday to Friday."
  }
  validation {
    condition     = var.alerts.silence_minutes >= 2 * var.sweep.every_minutes
    error_message = "alerts.silence_minutes must be at least twice sweep.every_minutes."
  }
}

variable "labels" {
  description = "Labels (Google) and tags (Databricks) of everything, beside app, environment and managed-by."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels must be lowercase letters, digits, hyphens and underscores, 63 at most: Google takes no others."
  }
}

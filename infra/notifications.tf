# Where people are told: mail always, Slack where there is one. Cloud Monitoring and Databricks each have their own.
resource "google_monitoring_notification_channel" "email" {
  for_each = var.notifications.emails

  display_name = "${local.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  user_labels  = local.labels

  lifecycle {
    # Monitoring refuses to delete a channel that an alert still names: the alerts let go of it first.
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_notification_channel" "slack" {
  count = var.notifications.slack_channel == null ? 0 : 1

  display_name = "${local.name}: ${var.notifications.slack_channel}"
  type         = "slack"
  labels       = { channel_name = var.notifications.slack_channel }
  user_labels  = local.labels

  sensitive_labels {
    auth_token_wo         = var.slack_token
    auth_token_wo_version = var.notifications.slack_token_version
  }

  lifecycle {
    # As the mail's.
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

# For the alert on quarantined rows: as a subscriber it takes users of the workspace only, as a destination any address.
resource "databricks_notification_destination" "email" {
  display_name = "${local.name} mail"

  config {
    email {
      addresses = var.notifications.emails
    }
  }
}

# Whether there is one is no secret; a variable that a workflow leaves empty is none.
resource "databricks_notification_destination" "slack" {
  count = nonsensitive(coalesce(var.slack_webhook_url, "none") != "none") ? 1 : 0

  display_name = "${local.name} slack"

  config {
    slack {
      url = var.slack_webhook_url
    }
  }

  lifecycle {
    # Jobs and the alert let go of it first.
    create_before_destroy = true
  }
}

locals {
  channels = concat(
    [for channel in google_monitoring_notification_channel.email : channel.id],
    google_monitoring_notification_channel.slack[*].id,
    tolist(var.notifications.channels),
  )
  destinations = concat([databricks_notification_destination.email.id], databricks_notification_destination.slack[*].id)
}

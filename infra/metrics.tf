# Log metrics over the functions' JSON lines (docs/function.md, "One line per event").
locals {
  function_names = [for function in local.functions : function.name]
  function_logs = join(" AND ", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.service_name=(${join(" OR ", [for name in local.function_names : "\"${name}\""])})",
  ])

  outcomes = ["admitted", "dropped", "failed", "gone", "ignored", "late", "malformed", "missing", "rejected", "started", "vanished"]
  # Files that no contract claims, or two do: not a producer's mistake in a file, but a contract that is missing.
  unrouted = "jsonPayload.reason=(\"ambiguous\" OR \"unrouted\")"
}

# How often each outcome was had, by feed and reason.
resource "google_logging_metric" "outcome" {
  for_each = toset(local.outcomes)

  name        = "${local.name}/${each.key}"
  description = "Events and objects with the outcome ${each.key}"
  filter      = "${local.function_logs} AND jsonPayload.outcome=\"${each.key}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
    labels {
      key        = "feed"
      value_type = "STRING"
    }
    labels {
      key        = "reason"
      value_type = "STRING"
    }
  }

  label_extractors = {
    feed   = "EXTRACT(jsonPayload.feed)"
    reason = "EXTRACT(jsonPayload.reason)"
  }

  depends_on = [google_project_service.api]
}

# What each sweep has seen: objects in landing, the age of the oldest, due ones and feeds that it did not come to, and how
# much of what it tried failed.
resource "google_logging_metric" "sweep" {
  for_each = { waiting = "1", oldest_seconds = "s", left = "1", feeds_left = "1", failed = "1" }

  name            = "${local.name}/sweep_${each.key}"
  description     = "The sweep's ${each.key}"
  filter          = "${local.function_logs} AND jsonPayload.outcome=\"swept\""
  value_extractor = "EXTRACT(jsonPayload.${each.key})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.5
      scale              = 1
    }
  }

  depends_on = [google_project_service.api]
}

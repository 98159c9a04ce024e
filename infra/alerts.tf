# Whatever was not taken as it came reaches a person. What the job rejects or quarantines: jobs.tf, quarantine.tf.
locals {
  # Those whose contract says when files are due.
  expecting_feeds = toset([
    for document in values(local.documents) : document.name
    if anytrue(try([for one in document.slaProperties : one.property == "frequency"], []))
  ])

  metric   = { for outcome, metric in google_logging_metric.outcome : outcome => "metric.type=\"logging.googleapis.com/user/${metric.name}\" AND resource.type=\"cloud_run_revision\"" }
  swept    = { for field, metric in google_logging_metric.sweep : field => "metric.type=\"logging.googleapis.com/user/${metric.name}\" AND resource.type=\"cloud_run_revision\"" }
  services = "resource.type=\"cloud_run_revision\" AND (${join(" OR ", [for name in local.function_names : "resource.labels.service_name=\"${name}\""])})"

  # Each of them: when it fires, in Monitoring's own words, and what to do.
  thresholds = {
    "function failing" = {
      severity = "ERROR"
      advice   = "Events come again for 24 hours, and the sweep finds their files afterwards: nothing is lost yet. The log line with outcome `failed` has the cause in reason and detail; an instance that does not start names every problem of its environment."
      conditions = {
        # Sweeps come too seldom to be counted with the others: each of them has failed at something, for so long.
        "each sweep fails"             = { filter = local.swept["failed"], above = 0, for = "${60 * var.alerts.waiting_minutes}s", period = "${60 * max(5, 2 * var.sweep.every_minutes)}s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN" }
        "events or sweeps fail"        = { filter = local.metric["failed"], above = var.alerts.failures, for = "0s", period = "1800s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" }
        "the service answers with 5xx" = { filter = "${local.services} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\"", above = var.alerts.failures, for = "0s", period = "1800s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" }
      }
    }
    "events not taken" = {
      severity = "CRITICAL"
      advice   = "Events wait in the trigger's subscription: the function is down, overloaded, or may not be invoked by the trigger (roles/run.invoker on its service)."
      conditions = {
        "oldest unacknowledged event" = { filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"eventarc-${var.google.region}-(${join("|", local.function_names)})-.*\") AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\"", above = 60 * var.alerts.unacknowledged_minutes, for = "0s", period = "60s", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX" }
      }
    }
    "feeds not swept" = {
      severity = "WARNING"
      advice   = "Each sweep has time for a part of the feeds alone. None is forgotten: those with files in source/ come first, and the order turns with each call; but a run that failed is followed, and a missing file told of, only when its feed has its turn. Raise `sweep.timeout_seconds`, and `sweep.every_minutes` with it. Where the workspace or the bucket answers slowly, the lines' milliseconds show it."
      conditions = {
        "the sweep leaves feeds" = { filter = local.swept["feeds_left"], above = 0, for = "${60 * var.alerts.waiting_minutes}s", period = "${60 * max(5, 2 * var.sweep.every_minutes)}s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN" }
      }
    }
    "landing not emptied" = {
      severity = "CRITICAL"
      advice   = "Files stay in the landing bucket, or in folders of source/ that are no feed's, although the sweep has seen them. Its log lines name those that it tried: too many at once, or each attempt fails."
      # The mean, which a distribution knows exactly: a percentile is guessed within a bucket, and zeros make 0.99 of one.
      conditions = {
        "the sweep leaves due files"        = { filter = local.swept["left"], above = 0, for = "${60 * var.alerts.waiting_minutes}s", period = "${60 * max(5, 2 * var.sweep.every_minutes)}s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN" }
        "older than any placeholder may be" = { filter = local.swept["oldest_seconds"], above = var.sweep.placeholder_seconds + 3600, for = "0s", period = "${60 * max(5, 2 * var.sweep.every_minutes)}s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN" }
      }
    }
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.thresholds

  display_name          = "${local.name}: ${each.key}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = local.labels

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.key
      condition_threshold {
        filter          = conditions.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.above
        duration        = conditions.value.for
        aggregations {
          alignment_period     = conditions.value.period
          per_series_aligner   = conditions.value.aligner
          cross_series_reducer = conditions.value.reducer
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "${local.name}: ${each.key}"
    content   = each.value.advice
    mime_type = "text/markdown"
  }

  # Monitoring knows a new log metric only after minutes; the functions take that long to build.
  depends_on = [google_cloudfunctions2_function.function]
}

# The watch over the watch.
resource "google_monitoring_alert_policy" "silence" {
  display_name          = "${local.name}: no sweep"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = "no sweep has ended"
    condition_absent {
      filter   = local.swept["waiting"]
      duration = "${60 * var.alerts.silence_minutes}s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_COUNT"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "${local.name}: no sweep"
    content   = "Nothing finds what events miss. Look at the scheduler job ${google_cloud_scheduler_job.tick.name} and the log of the function ${local.functions["on_sweep"].name}."
    mime_type = "text/markdown"
  }

  depends_on = [google_cloudfunctions2_function.function]
}

# A notice with a file's name and reason, of others within five minutes none: the reports name each. A policy on log
# lines takes one condition and must be limited.
resource "google_monitoring_alert_policy" "file" {
  for_each = merge({
    "file rejected" = { outcome = "rejected", filter = "NOT ${local.unrouted}", advice = "The file is at fault: $${log.extracted_label.reason}. It stands in rejected/ of the lake bucket with its .reason.json. Ask the producer for a right one; its upload is a new file." }
    "file vanished" = { outcome = "vanished", filter = "jsonPayload.file:*", advice = "The file was gone from the landing bucket before it was copied, and is nowhere in the lake: nobody has it. Its producer deleted it, or a lifecycle rule of the bucket did. Have it uploaded again, or restore it while soft delete keeps it (`gcloud storage restore`); and have nobody delete in landing but the functions. One notice may stand for many: the next report of the feed names each of them, as does `ingest status`." }
    "file unrouted" = { outcome = "rejected", filter = local.unrouted, advice = "No contract claims this name, or two do ($${log.extracted_label.reason}), or the feed that it was admitted for went; the line's detail says which. It stands in rejected/_unrouted/ of the lake bucket. One notice may stand for many: the next report of any feed names each of them, as does `ingest status`. Add a contract or mend a filePattern, then upload it again." }
    }, {
    # One for each feed: of several on the same morning one policy would tell of the first alone, and each is told once.
    for feed in local.expecting_feeds :
    "file missing: ${feed}" => { outcome = "missing", filter = "jsonPayload.feed=\"${feed}\"", advice = "A file of the feed ${feed} that its contract expects (slaProperties) has not come; the line's detail says since when and by when. Ask its producer; `ingest status` shows what came last. Nothing failed, and what comes late is loaded, and told once by a line with the outcome late." }
  })

  display_name          = "${local.name}: ${each.key}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = each.key
    condition_matched_log {
      filter = "${local.function_logs} AND jsonPayload.outcome=\"${each.value.outcome}\" AND ${each.value.filter}"
      label_extractors = {
        file   = "EXTRACT(jsonPayload.file)"
        feed   = "EXTRACT(jsonPayload.feed)"
        reason = "EXTRACT(jsonPayload.reason)"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    subject   = "${local.name}: ${each.key}"
    content   = each.value.advice
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.api]
}

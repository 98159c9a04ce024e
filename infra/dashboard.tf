# Two views: what the functions do, in Cloud Monitoring; what became of the files, in Databricks.
locals {
  # Title, the metric, how its points become one, and by what the lines are told apart.
  charts = [
    { title = "Admitted files", filter = local.metric["admitted"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.feed"] },
    { title = "Rejected files, by reason", filter = local.metric["rejected"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.reason"] },
    { title = "Failures", filter = local.metric["failed"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.reason"] },
    { title = "Found by the sweep: runs started", filter = local.metric["started"], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.feed"] },
    { title = "Objects in landing", filter = local.swept["waiting"], aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN", by = [] },
    { title = "Age of the oldest object in landing (s)", filter = local.swept["oldest_seconds"], aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN", by = [] },
    { title = "Calls of the functions", filter = "${local.services} AND metric.type=\"run.googleapis.com/request_count\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"] },
    { title = "How long calls take (ms)", filter = "${local.services} AND metric.type=\"run.googleapis.com/request_latencies\"", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.label.service_name"] },
  ]
}

resource "google_monitoring_dashboard" "functions" {
  dashboard_json = jsonencode({
    displayName = "${local.name}: from the bucket to the job"
    mosaicLayout = {
      columns = 48
      tiles = [
        for number, chart in local.charts : merge(
          # Monitoring drops zeros and empty lists; said here, they would be a change in every plan.
          { for side, place in { xPos = 24 * (number % 2), yPos = 14 * floor(number / 2) } : side => place if place > 0 },
          { width = 24, height = 14 },
          { widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = merge(
                      { alignmentPeriod = "300s", perSeriesAligner = chart.aligner, crossSeriesReducer = chart.reducer },
                      length(chart.by) > 0 ? { groupByFields = chart.by } : {},
                    )
                  }
                }
              }]
            }
          } },
        )
      ]
    }
  })

  # As the alerts: Monitoring knows a new log metric only after minutes.
  depends_on = [google_cloudfunctions2_function.function]
}

resource "databricks_dashboard" "ledger" {
  display_name    = "${local.name}: what became of the files"
  parent_path     = databricks_directory.folder.path
  warehouse_id    = local.warehouse_id
  dataset_catalog = databricks_catalog.catalog.name
  dataset_schema  = databricks_schema.schema.name
  # Who looks at it sees what they may read, not what whoever deployed it may.
  embed_credentials    = false
  serialized_dashboard = file("${path.module}/dashboards/ledger.lvdash.json")
}

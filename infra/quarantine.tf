# Rows that were set aside within a contract's limit, or that a rule only warns of, do not fail a run: this tells of them,
# once a day unless alerts.quarantine_schedule says otherwise.
# Below /Shared every user may change what is there, and the alert runs as the runner.
# https://docs.databricks.com/gcp/en/security/auth/access-control/
resource "databricks_directory" "folder" {
  path = "/${local.name}"
}

resource "databricks_permissions" "folder" {
  directory_path = databricks_directory.folder.path

  access_control {
    service_principal_name = local.runner
    permission_level       = "CAN_READ"
  }

  dynamic "access_control" {
    for_each = setunion(local.readers, var.job.operators)
    content {
      group_name       = access_control.value
      permission_level = "CAN_READ"
    }
  }

  # The workspace knows no principal that is not assigned to it.
  depends_on = [databricks_mws_permission_assignment.principal]
}

resource "databricks_alert_v2" "quarantined" {
  display_name = "${local.name}: quarantined rows"
  # The API answers with /Workspace before it, and the provider takes any other text for a broken promise.
  parent_path    = databricks_directory.folder.workspace_path
  warehouse_id   = local.warehouse_id
  custom_summary = "${local.name}: rows were quarantined, or warned of, in the last ${var.alerts.quarantine_hours} hours"
  custom_description = join(" ", [
    "The good rows of these files are loaded, the bad ones stand in <target>_rejects of ${local.catalog}.${var.unity_catalog.schema}",
    "with the rules that they break. Rows that a rule warns of are loaded, too: their files' reports have the rules.",
  ])

  # An hour more than lies between two evaluations: one may be late, and rather twice told than never.
  query_text = trimspace(<<-EOT
    SELECT coalesce(sum(rows_bad + coalesce(rows_warned, 0)), 0) AS quarantined
    FROM ${local.catalog}.${var.unity_catalog.schema}.file_ledger
    WHERE state = 'staged' AND coalesce(reason, '') <> 'rebuilt' AND at >= current_timestamp() - INTERVAL ${var.alerts.quarantine_hours} HOURS
  EOT
  )

  evaluation = {
    source              = { name = "quarantined" }
    comparison_operator = "GREATER_THAN"
    threshold           = { value = { double_value = 0 } }
    empty_result_state  = "OK"
    notification = {
      notify_on_ok = false
      # A day on which it still holds is told again.
      retrigger_seconds = 1
      subscriptions     = [for destination in local.destinations : { destination_id = destination }]
    }
  }

  schedule = {
    quartz_cron_schedule = var.alerts.quarantine_schedule
    timezone_id          = "UTC"
    pause_status         = "UNPAUSED"
  }

  # Not as the person who deployed: people leave.
  run_as = { service_principal_name = local.runner }

  depends_on = [
    databricks_access_control_rule_set.runner,
    databricks_mws_permission_assignment.principal,
    databricks_permissions.folder,
    databricks_permissions.warehouse,
  ]
}

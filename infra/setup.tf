# Makes the tables that alert, dashboard and readers look at, before the first file does. Started as a deployment's last
# step by whoever deploys: the provider has nothing that starts a run and waits for it (docs/deploy.md, step 6).
resource "databricks_job" "setup" {
  name                = "${local.name}: setup"
  description         = "Makes the ledger, and the tables and views of every contract; what is there already stays as it is."
  tags                = local.labels
  edit_mode           = "UI_LOCKED"
  max_concurrent_runs = 1

  queue {
    enabled = true
  }

  run_as {
    service_principal_name = local.runner
  }

  # Empty is all of them.
  parameter {
    name    = "feed"
    default = ""
  }

  dynamic "environment" {
    for_each = var.job.cluster == null ? local.job.environments : []
    content {
      environment_key = environment.value.environment_key
      spec {
        environment_version = environment.value.spec.environment_version
        dependencies        = local.wheels
      }
    }
  }

  dynamic "job_cluster" {
    for_each = var.job.cluster == null ? [] : [var.job.cluster]
    content {
      job_cluster_key = "default"
      new_cluster {
        spark_version      = job_cluster.value.spark_version
        node_type_id       = job_cluster.value.node_type_id
        num_workers        = job_cluster.value.num_workers
        data_security_mode = job_cluster.value.data_security_mode
        custom_tags        = local.labels
      }
    }
  }

  task {
    task_key        = "setup"
    environment_key = var.job.cluster == null ? local.job.environments[0].environment_key : null
    job_cluster_key = var.job.cluster == null ? null : "default"
    # A run of a feed may have changed the same table in the same moment.
    max_retries               = 1
    timeout_seconds           = 3600
    disable_auto_optimization = true

    dynamic "library" {
      for_each = var.job.cluster == null ? [] : local.wheels
      content {
        whl = library.value
      }
    }

    python_wheel_task {
      package_name = local.job.tasks[0].python_wheel_task.package_name
      entry_point  = "setup"
      parameters   = concat(local.fixed_arguments, ["--feed={{job.parameters.feed}}", "--run_id={{job.run_id}}"])
    }
  }

  email_notifications {
    on_failure = var.notifications.emails
  }

  # As the jobs of the feeds.
  depends_on = [
    databricks_access_control_rule_set.runner,
    databricks_grant.catalog,
    databricks_grant.external_tables,
    databricks_grant.schema,
    databricks_grant.volume,
    databricks_mws_permission_assignment.principal,
  ]
}

# After an upgrade that adds tables, an operator runs it again. Without operators, whoever deployed it may.
resource "databricks_permissions" "setup" {
  count = length(var.job.operators) > 0 ? 1 : 0

  job_id = databricks_job.setup.id

  dynamic "access_control" {
    for_each = var.job.operators
    content {
      group_name       = access_control.value
      permission_level = "CAN_MANAGE_RUN"
    }
  }
}

# One job per contract, in the shape of pipeline_jobs/workflow/job.json: the definition that `databricks jobs create` and the
# local Jobs API take too.
locals {
  job = jsondecode(file("${path.module}/../pipeline_jobs/workflow/job.json"))

  # What this deployment decides, as arguments of the tasks themselves: whoever starts a run has only the job's parameters
  # to say something with, and none of these is one.
  fixed_arguments = [
    for name, value in {
      catalog        = databricks_catalog.catalog.name
      schema         = databricks_schema.schema.name
      volume         = databricks_volume.lake.name
      scratch_volume = databricks_volume.managed["scratch"].name
      landing_bucket = google_storage_bucket.bucket["landing"].name
      engine         = "databricks"
      reader         = var.job.reader
      # Empty where the catalog manages the tables.
      tables_location = local.tables_location
    } : "--${name}=${value}" if value != ""
  ]

  wheels = concat([databricks_file.wheel.path], var.job.wheels)
}

# The hash in the folder: serverless caches an environment by the paths of its dependencies.
resource "databricks_file" "wheel" {
  source = local.wheel
  path   = "${databricks_volume.managed["wheels"].volume_path}/${substr(filesha256(local.wheel), 0, 16)}/${basename(local.wheel)}"

  lifecycle {
    create_before_destroy = true
  }
}

resource "databricks_job" "feed" {
  for_each = local.contracts

  name                = "${local.name} ${each.key}"
  description         = local.job.description
  tags                = local.labels
  edit_mode           = "UI_LOCKED"
  performance_target  = var.job.cluster == null ? var.job.performance_target : null
  max_concurrent_runs = local.job.max_concurrent_runs

  queue {
    enabled = local.job.queue.enabled
  }

  run_as {
    service_principal_name = local.runner
  }

  dynamic "parameter" {
    for_each = local.job.parameters
    content {
      name    = parameter.value.name
      default = parameter.value.default
    }
  }

  # Serverless, or a cluster for each run.
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

  # In the order of their keys, as the provider reads them back.
  dynamic "task" {
    for_each = [for task in local.job.tasks : task if task.task_key != "publish" || contains(local.publish_feeds, each.key)]
    content {
      task_key                  = task.value.task_key
      environment_key           = var.job.cluster == null ? task.value.environment_key : null
      job_cluster_key           = var.job.cluster == null ? null : "default"
      run_if                    = try(task.value.run_if, null)
      max_retries               = task.value.max_retries
      timeout_seconds           = task.value.timeout_seconds
      disable_auto_optimization = task.value.disable_auto_optimization

      dynamic "depends_on" {
        for_each = try(task.value.depends_on, [])
        content {
          task_key = depends_on.value.task_key
        }
      }

      dynamic "library" {
        for_each = var.job.cluster == null ? [] : local.wheels
        content {
          whl = library.value
        }
      }

      python_wheel_task {
        package_name = task.value.python_wheel_task.package_name
        entry_point  = task.value.python_wheel_task.entry_point
        parameters = concat(
          ["--feed=${each.key}"],
          local.fixed_arguments,
          task.value.task_key == "publish" ? local.publish_arguments : [],
          task.value.python_wheel_task.parameters,
        )
      }
    }
  }

  dynamic "health" {
    for_each = [local.job.health]
    content {
      dynamic "rules" {
        for_each = health.value.rules
        content {
          metric = rules.value.metric
          op     = rules.value.op
          value  = rules.value.value
        }
      }
    }
  }

  dynamic "schedule" {
    for_each = var.job.schedule == null ? [] : [var.job.schedule]
    content {
      quartz_cron_expression = schedule.value
      timezone_id            = "UTC"
      pause_status           = "UNPAUSED"
    }
  }

  dynamic "trigger" {
    for_each = var.job.file_arrival ? [1] : []
    content {
      pause_status = "UNPAUSED"
      file_arrival {
        # The slash at the end is demanded: without it the path counts as a file.
        url = "${databricks_volume.lake.volume_path}/source/"
      }
    }
  }

  email_notifications {
    on_failure                             = var.notifications.emails
    on_duration_warning_threshold_exceeded = var.notifications.emails
  }

  dynamic "webhook_notifications" {
    for_each = length(databricks_notification_destination.slack) > 0 ? [1] : []
    content {
      on_failure {
        id = databricks_notification_destination.slack[0].id
      }
      on_duration_warning_threshold_exceeded {
        id = databricks_notification_destination.slack[0].id
      }
    }
  }

  # A run needs all of these, and makes a published table that is not there; and who makes the job must be allowed to let
  # it run as the runner.
  depends_on = [
    databricks_access_control_rule_set.runner,
    databricks_grant.catalog,
    databricks_grant.external_tables,
    databricks_grant.publish,
    databricks_grant.schema,
    databricks_grant.volume,
    databricks_mws_permission_assignment.principal,
    google_bigquery_dataset.on_its_way,
    google_bigquery_table.published,
    google_data_catalog_policy_tag_iam_member.publish_reads,
    google_project_iam_member.publish_runs_jobs,
  ]
}

resource "databricks_permissions" "job" {
  for_each = databricks_job.feed

  job_id = each.value.id

  access_control {
    service_principal_name = databricks_service_principal.principal["trigger"].application_id
    permission_level       = "CAN_MANAGE_RUN"
  }

  dynamic "access_control" {
    for_each = var.job.operators
    content {
      group_name       = access_control.value
      permission_level = "CAN_MANAGE_RUN"
    }
  }
}

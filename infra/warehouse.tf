# For the alert and the dashboard alone; the job needs none.
resource "databricks_sql_endpoint" "ledger" {
  count = var.warehouse_id == null ? 1 : 0

  name                      = local.name
  cluster_size              = "2X-Small"
  min_num_clusters          = 1
  max_num_clusters          = 1
  auto_stop_mins            = 5
  enable_serverless_compute = true
  warehouse_type            = "PRO"

  tags {
    dynamic "custom_tags" {
      for_each = local.labels
      content {
        key   = custom_tags.key
        value = custom_tags.value
      }
    }
  }
}

# Not on a warehouse that was there before: this resource is all the rights there are on its object.
resource "databricks_permissions" "warehouse" {
  count = var.warehouse_id == null ? 1 : 0

  sql_endpoint_id = databricks_sql_endpoint.ledger[0].id

  access_control {
    service_principal_name = local.runner
    permission_level       = "CAN_USE"
  }

  dynamic "access_control" {
    for_each = local.readers
    content {
      group_name       = access_control.value
      permission_level = "CAN_USE"
    }
  }

  # The workspace knows no principal that is not assigned to it.
  depends_on = [databricks_mws_permission_assignment.principal]
}

locals {
  warehouse_id = coalesce(var.warehouse_id, one(databricks_sql_endpoint.ledger[*].id))
}

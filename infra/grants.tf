# databricks_grant adds to what others granted; databricks_grants would take that away.
locals {
  readers = var.unity_catalog.readers
}

resource "databricks_grant" "catalog" {
  catalog    = databricks_catalog.catalog.name
  principal  = local.runner
  privileges = ["USE_CATALOG"]
}

resource "databricks_grant" "reader_catalog" {
  for_each = local.readers

  catalog    = databricks_catalog.catalog.name
  principal  = each.key
  privileges = ["USE_CATALOG"]
}

# The job makes, reads and writes tables and views; whoever makes one owns it.
resource "databricks_grant" "schema" {
  schema     = databricks_schema.schema.id
  principal  = local.runner
  privileges = ["CREATE_TABLE", "MODIFY", "SELECT", "USE_SCHEMA"]
}

# Tables in known places are made there by the job, and by nobody else.
resource "databricks_grant" "external_tables" {
  for_each = setintersection(local.databricks_buckets, ["external"])

  external_location = databricks_external_location.bucket[each.key].id
  principal         = local.runner
  privileges        = ["CREATE_EXTERNAL_TABLE"]
}

resource "databricks_grant" "reader" {
  for_each = local.readers

  schema     = databricks_schema.schema.id
  principal  = each.key
  privileges = ["SELECT", "USE_SCHEMA"]
}

resource "databricks_grant" "volume" {
  for_each = {
    lake    = { id = databricks_volume.lake.id, privileges = ["READ_VOLUME", "WRITE_VOLUME"] }
    scratch = { id = databricks_volume.managed["scratch"].id, privileges = ["READ_VOLUME", "WRITE_VOLUME"] }
    wheels  = { id = databricks_volume.managed["wheels"].id, privileges = ["READ_VOLUME"] }
  }

  volume     = each.value.id
  principal  = local.runner
  privileges = each.value.privileges
}

# Operators read what a task withholds of an engine's error (docs/job.md): it may quote cells, as the tables do.
resource "databricks_grant" "operator_catalog" {
  for_each = setsubtract(var.job.operators, local.readers)

  catalog    = databricks_catalog.catalog.name
  principal  = each.key
  privileges = ["USE_CATALOG"]
}

resource "databricks_grant" "operator_schema" {
  for_each = setsubtract(var.job.operators, local.readers)

  schema     = databricks_schema.schema.id
  principal  = each.key
  privileges = ["USE_SCHEMA"]
}

resource "databricks_grant" "operator_scratch" {
  for_each = var.job.operators

  volume     = databricks_volume.managed["scratch"].id
  principal  = each.key
  privileges = ["READ_VOLUME"]
}

# Every `ingest` command asks the lake volume which bucket is behind it. Who may read its files may read what is in the
# tables: so only operators who are readers, too, without whose rights no command reads the ledger either.
resource "databricks_grant" "operator_lake" {
  for_each = setintersection(var.job.operators, local.readers)

  volume     = databricks_volume.lake.id
  principal  = each.key
  privileges = ["READ_VOLUME"]
}

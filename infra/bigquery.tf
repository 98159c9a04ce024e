# The tables in BigQuery, read where the job writes them (docs/warehouse.md). Nothing is copied: an external table of Delta
# files shows the newest version that the job has committed.
locals {
  bigquery       = var.warehouse.bigquery
  bigquery_feeds = local.bigquery == null ? toset([]) : coalesce(local.bigquery.feeds, toset(keys(local.contracts)))
  dataset        = local.bigquery == null ? null : coalesce(local.bigquery.dataset, replace(local.name, "-", "_"))

  # What people say of a property in its contract.
  said = {
    for document in values(local.documents) : document.name => {
      for property in document.schema[0].properties : property.name => trimspace(property.description)
      if can(trimspace(property.description))
    }
  }

  # The target and the stage table of each feed, and the ledger.
  delta_tables = merge(flatten([
    [
      for feed in local.bigquery_feeds : {
        for role in ["target", "stage"] :
        "${feed} ${role}" => merge(local.package.tables.feeds[feed][role], { said = lookup(local.said, feed, {}) })
      }
    ],
    local.bigquery == null ? [] : [{ ledger = merge(local.package.tables.ledger, { said = {} }) }],
  ])...)

  # The words that any contract classifies columns by, as the settings may name them.
  classifying_words = toset(concat(["as_it_came"], flatten([
    for document in values(local.documents) : [for property in document.schema[0].properties : property.classification if can(property.classification)]
  ])))

  # The words that these tables are classified by, and our own for rows as they came.
  classifications = toset(flatten([
    for table in concat(values(local.delta_tables), values(local.published_tables)) : [
      for column in table.columns : column.classification if column.classification != ""
    ]
  ]))
}

# Reads the bucket of the tables, and nothing else; people read by it what the dataset lets them.
resource "google_bigquery_connection" "tables" {
  count = local.bigquery == null ? 0 : 1

  connection_id = "${local.name}-tables"
  location      = var.google.region
  description   = "Delta tables of ${local.name}"

  cloud_resource {}

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "bigquery_reads" {
  count = local.bigquery == null ? 0 : 1

  bucket = google_storage_bucket.bucket["external"].name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_bigquery_connection.tables[0].cloud_resource[0].service_account_id}"
}

resource "google_bigquery_dataset" "tables" {
  count = local.bigquery == null ? 0 : 1

  dataset_id                 = local.dataset
  location                   = var.google.region
  description                = "Tables that the jobs of ${local.name} write, and the views on them"
  labels                     = local.labels
  delete_contents_on_destroy = false

  # All the rights there are on it: a dataset is made with those of the project's basic roles, which these take away.
  access {
    role          = "OWNER"
    special_group = "projectOwners"
  }

  dynamic "access" {
    for_each = { for member in local.bigquery.readers : member => split(":", member) }
    content {
      role           = "READER"
      user_by_email  = contains(["user", "serviceAccount"], access.value[0]) ? access.value[1] : null
      group_by_email = access.value[0] == "group" ? access.value[1] : null
      domain         = access.value[0] == "domain" ? access.value[1] : null
    }
  }

  depends_on = [google_project_service.api]
}

# With a connection the columns stand beside the table, where their policy tags belong:
# https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/bigquery_table#schema
resource "google_bigquery_table" "delta" {
  for_each = local.delta_tables

  dataset_id          = google_bigquery_dataset.tables[0].dataset_id
  table_id            = each.value.name
  labels              = local.labels
  deletion_protection = false # there are no rows in it

  schema = jsonencode([
    for column in each.value.columns : merge(
      { name = column.name, type = column.type, mode = column.mode },
      { for key, fields in column : key => fields if key == "fields" },
      { for key, text in each.value.said : "description" => text if key == column.name },
      column.classification == "" ? {} : {
        policyTags = { names = [google_data_catalog_policy_tag.classification[column.classification].name] }
      },
    )
  ])

  external_data_configuration {
    autodetect    = false
    source_format = "DELTA_LAKE"
    source_uris   = ["${local.tables_location}/${each.value.name}"]
    connection_id = google_bigquery_connection.tables[0].name
  }

  # BigQuery looks at the files when a table is made.
  depends_on = [google_storage_bucket_iam_member.bigquery_reads]
}

resource "google_bigquery_table" "rejects" {
  for_each = local.bigquery_feeds

  dataset_id          = google_bigquery_dataset.tables[0].dataset_id
  table_id            = local.package.tables.feeds[each.key].rejects.name
  labels              = local.labels
  deletion_protection = false

  view {
    query = replace(
      local.package.tables.feeds[each.key].rejects.query, "{dataset}",
      "${var.google.project_id}.${google_bigquery_dataset.tables[0].dataset_id}",
    )
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.delta]
}

# A column that a contract classifies is read by those who are named for its word, and nobody else.
resource "google_data_catalog_taxonomy" "classification" {
  count = length(local.classifications) == 0 ? 0 : 1

  region                 = var.google.region
  display_name           = local.name
  description            = "What the contracts of ${local.name} classify columns as"
  activated_policy_types = ["FINE_GRAINED_ACCESS_CONTROL"]

  depends_on = [google_project_service.api]
}

resource "google_data_catalog_policy_tag" "classification" {
  for_each = local.classifications

  taxonomy     = google_data_catalog_taxonomy.classification[0].id
  display_name = each.key
  description  = each.key == "as_it_came" ? "Bad rows as they came, of feeds with classified columns" : "Columns that a contract classifies as ${each.key}"
}

# The tag is one for both datasets, and so is the right on it: two resources would take it away from one another.
resource "google_data_catalog_policy_tag_iam_member" "reader" {
  for_each = merge(flatten([
    for one in [local.bigquery, local.publish] : [
      for word, members in try(one.classified_readers, {}) : {
        for member in members : "${word} ${member}" => { word = word, member = member }
      } if contains(local.classifications, word)
    ]
  ])...)

  policy_tag = google_data_catalog_policy_tag.classification[each.value.word].name
  role       = "roles/datacatalog.categoryFineGrainedReader"
  member     = each.value.member
}

# Forgotten, not destroyed, nor moved: what stood there may stand above already, and is the same right.
removed {
  from = google_data_catalog_policy_tag_iam_member.published_reader

  lifecycle {
    destroy = false
  }
}

variable "warehouse" {
  description = <<-EOT
    Who else reads the tables (docs/warehouse.md). It needs unity_catalog.tables = "external".
    bigquery: an external table for each table, in a dataset of its own (default: ingest_<environment>).
    feeds: those whose tables are there already (default: all): BigQuery makes no table of files that are not there yet.
    readers: users, groups, domains and service accounts that may read the dataset.
    classified_readers: of each word that a contract classifies columns by, those who may read these columns;
    `as_it_came` is of the column with bad rows as they came.
  EOT
  type = object({
    bigquery = optional(object({
      dataset            = optional(string)
      feeds              = optional(set(string))
      readers            = optional(set(string), [])
      classified_readers = optional(map(set(string)), {})
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.warehouse.bigquery == null || var.unity_catalog.tables == "external"
    error_message = "warehouse.bigquery needs unity_catalog.tables = \"external\": where managed tables are, only the catalog knows."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9_]+$", try(coalesce(var.warehouse.bigquery.dataset, "ingest"), "ingest")))
    error_message = "warehouse.bigquery.dataset must be letters, digits and underscores."
  }
  validation {
    condition     = alltrue([for feed in try(coalesce(var.warehouse.bigquery.feeds, []), []) : contains(keys(local.contracts), feed)])
    error_message = "warehouse.bigquery.feeds must be names of contracts in feeds_folder: ${join(", ", keys(local.contracts))}."
  }
  validation {
    condition = alltrue([
      for member in flatten([for members in concat([try(var.warehouse.bigquery.readers, [])], try(values(var.warehouse.bigquery.classified_readers), [])) : tolist(members)]) :
      can(regex("^(user|group|domain|serviceAccount):[^: ]+$", member))
    ])
    error_message = "warehouse.bigquery: readers must be users, groups, domains or service accounts, such as `group:analysts@example.com`; allUsers and allAuthenticatedUsers are refused."
  }
  validation {
    condition     = alltrue([for word in try(keys(var.warehouse.bigquery.classified_readers), []) : contains(local.classifying_words, word)])
    error_message = "warehouse.bigquery.classified_readers: no contract classifies a column so; there are: ${join(", ", local.classifying_words)}."
  }
}

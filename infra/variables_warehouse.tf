variable "warehouse" {
  description = <<-EOT
    Who else reads the tables (docs/warehouse.md).
    bigquery: an external table for each table, in a dataset of its own (default: ingest_<environment>). It needs
    unity_catalog.tables = "external".
    feeds: those whose tables are there already (default: all): BigQuery makes no table of files that are not there yet.
    readers: users, groups, domains and service accounts that may read the dataset.
    classified_readers: of each word that a contract classifies columns by, those who may read these columns;
    `as_it_came` is of the column with bad rows as they came.
    publish: each target as a table of BigQuery's own, in a dataset of its own (default: ingest_<environment>_published),
    brought by a fourth task of the job, by way of a second one, <dataset>_on_its_way, which nobody reads.
    feeds: which of them (default: all). readers, classified_readers: as above. protected: whether an apply that would
    take such a table away is refused; what shall go is first let go by an apply with false.
  EOT
  type = object({
    bigquery = optional(object({
      dataset            = optional(string)
      feeds              = optional(set(string))
      readers            = optional(set(string), [])
      classified_readers = optional(map(set(string)), {})
    }))
    publish = optional(object({
      dataset            = optional(string)
      feeds              = optional(set(string))
      readers            = optional(set(string), [])
      classified_readers = optional(map(set(string)), {})
      protected          = optional(bool, true)
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.warehouse.bigquery == null || var.unity_catalog.tables == "external"
    error_message = "warehouse.bigquery needs unity_catalog.tables = \"external\": where managed tables are, only the catalog knows."
  }
  validation {
    condition = alltrue([
      for one in [var.warehouse.bigquery, var.warehouse.publish] : can(regex("^[A-Za-z0-9_]+$", try(coalesce(one.dataset, "ingest"), "ingest")))
    ])
    error_message = "warehouse: dataset must be letters, digits and underscores."
  }
  validation {
    condition     = try(var.warehouse.bigquery.dataset == null || !contains([var.warehouse.publish.dataset, "${var.warehouse.publish.dataset}_on_its_way"], var.warehouse.bigquery.dataset), true)
    error_message = "warehouse.bigquery and warehouse.publish need a dataset each, and publish another of its dataset's name and `_on_its_way`."
  }
  validation {
    condition = alltrue([
      for feed in flatten([for one in [var.warehouse.bigquery, var.warehouse.publish] : try(tolist(coalesce(one.feeds, [])), [])]) :
      contains(keys(local.contracts), feed)
    ])
    error_message = "warehouse: feeds must be names of contracts in feeds_folder: ${join(", ", keys(local.contracts))}."
  }
  validation {
    condition = alltrue([
      for member in flatten([
        for one in [var.warehouse.bigquery, var.warehouse.publish] : [
          for members in concat([try(one.readers, [])], try(values(one.classified_readers), [])) : tolist(members)
        ]
      ]) :
      can(regex("^(user|group|domain|serviceAccount):[^: ]+$", member))
    ])
    error_message = "warehouse: readers must be users, groups, domains or service accounts, such as `group:analysts@example.com`; allUsers and allAuthenticatedUsers are refused."
  }
  validation {
    condition = alltrue([
      for word in flatten([for one in [var.warehouse.bigquery, var.warehouse.publish] : try(keys(one.classified_readers), [])]) :
      contains(local.classifying_words, word)
    ])
    error_message = "warehouse: classified_readers: no contract classifies a column so; there are: ${join(", ", local.classifying_words)}."
  }
}

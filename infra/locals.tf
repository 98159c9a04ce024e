locals {
  name   = "ingest-${var.environment}"
  labels = merge(var.labels, { app = "ingest", environment = var.environment, managed-by = "terraform" })

  # One contract file, one feed: its job, its checks in the function and, through the job, its tables.
  contract_files = fileset(var.feeds_folder, "*.odcs.yaml")
  documents      = { for file in local.contract_files : file => yamldecode(file("${var.feeds_folder}/${file}")) }
  contracts      = { for file, document in local.documents : document.name => file }

  # What the names of a feed's files begin with: its filePattern up to the first wildcard.
  feed_prefixes = {
    for document in values(local.documents) : document.name => one([
      for property in document.customProperties : regex("^[^*?]*", property.value) if property.property == "filePattern"
    ])
  }

  # What contracts let go: for each number of days the folders of the lake whose files then go, fifty to a rule.
  kept_days = merge([
    for document in values(local.documents) : {
      for area in ["archive", "rejected"] : "${area}/${document.name}/" => one([
        for property in document.customProperties : property.value["${area}Days"]
        if property.property == "retention" && can(property.value["${area}Days"])
      ])
    }
  ]...)
  removals = flatten([
    for days, folders in { for folder, days in local.kept_days : days => folder... if days != null } : [
      for some in chunklist(folders, 50) : { days = tonumber(days), folders = some }
    ]
  ])

  # What `make package` built, and from which contracts.
  package      = jsondecode(file(var.package))
  function_zip = "${dirname(var.package)}/${local.package.function}"
  wheel        = "${dirname(var.package)}/${local.package.wheel}"
}

terraform {
  # Write-only arguments and ephemeral variables (a secret that no state keeps) need 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.45, < 9"
    }
    databricks = {
      source  = "databricks/databricks"
      version = ">= 1.128, < 2"
    }
  }
}

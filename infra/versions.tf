terraform {
  # Write-only arguments and ephemeral variables (a secret that no state keeps) need 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 8.7, < 9"
    }
    databricks = {
      source  = "databricks/databricks"
      version = ">= 1.138, < 2"
    }
  }
}

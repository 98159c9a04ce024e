"""Terraform of the whole product, and the package that it deploys."""

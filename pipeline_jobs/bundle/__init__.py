"""The jobs of all feeds as a Databricks bundle."""

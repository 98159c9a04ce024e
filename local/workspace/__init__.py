"""The Databricks Jobs API on one machine, as far as the real databricks-sdk speaks it.

Every task process imports this package before its own work, so nothing is imported here.
"""

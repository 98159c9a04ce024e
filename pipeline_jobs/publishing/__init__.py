"""The target as a native BigQuery table: what changed since the last time, as one load and one transaction."""

"""`ingest rebuild`: what a rebuild found, with examples of rows."""

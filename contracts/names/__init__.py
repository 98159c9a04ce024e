"""Names of files: whose they are, and where they stand in the lake."""

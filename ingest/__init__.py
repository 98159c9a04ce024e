"""The product's command line, `ingest`: a module for each command, over the packages that do the work."""

"""How the pipeline stands and what became of a file: questions to the ledger, the tables, the buckets and the jobs."""

"""`ingest board`: the pages that show files move, and what became of each."""

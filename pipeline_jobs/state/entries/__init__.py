"""What the ledger's entries look like in the table, and how far back a question must look."""

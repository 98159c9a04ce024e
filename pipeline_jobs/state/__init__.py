"""What lasts between runs: the ledger, the tables, the lake."""

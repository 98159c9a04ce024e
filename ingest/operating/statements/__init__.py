"""What the ledger is asked, as SQL that says from which time on it looks."""

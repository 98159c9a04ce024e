"""The one reader of CSV: from bytes to numbered text cells."""

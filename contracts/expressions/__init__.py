"""The SQL that a contract may carry, the same on every engine."""

"""What a file may be, read from its head, and why one is rejected."""

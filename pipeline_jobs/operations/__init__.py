"""What a run can be told to do beside its ordinary work, and how it does it."""

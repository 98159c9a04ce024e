"""What the function and the job read from the contracts of the feeds (`feeds/*.odcs.yaml`)."""

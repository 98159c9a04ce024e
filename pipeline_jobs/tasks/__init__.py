"""What the job's tasks do, told an operation or not."""

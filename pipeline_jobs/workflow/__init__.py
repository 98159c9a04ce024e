"""The job as the Jobs API takes it."""

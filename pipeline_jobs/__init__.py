"""The job: stage_load, target_load and report, on whichever engine is there."""

"""Imported by the process that tasks are forked from: it reads the contracts of all feeds, so that no task has to."""

from pipeline_jobs.entrypoints import contracts_in_force

contracts_in_force()

"""Imported by the process that local tasks are forked from: it parses the contracts of all feeds ahead of them."""

from pipeline_jobs.entrypoints import contracts_in_force

contracts_in_force()

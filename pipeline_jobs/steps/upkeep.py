"""Upkeep: many small commits leave many small files, which every reader of a table pays for."""

import logging

from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import TABLE as LEDGER

log = logging.getLogger(__name__)

_EVERY = 100


def is_due(reports: int) -> bool:
    """Whether the feed's run that makes its n-th report also tidies its tables: each hundredth does."""
    return reports % _EVERY == 0


def tidy_tables(run: Run) -> None:
    """The feed's tables and the ledger, which grows by some rows with every run of every feed."""
    of = run.contract
    tombstones = (of.tombstones_table,) if of.delete_when else ()
    for table in (of.stage_table, of.table, *tombstones, LEDGER):
        run.engine.maintain(table)
        log.info("table tidied", extra={"table": table})

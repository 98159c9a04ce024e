"""The run that loads a feed's new tables: the job's own, with other tables, a ledger of its own and the archive."""

import logging
from dataclasses import replace

from pipeline_jobs.rebuilding.archive import Archive
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, State
from pipeline_jobs.state.ledger import Ledger
from pipeline_jobs.state.meaning import whole_meaning

log = logging.getLogger(__name__)

PROPERTY = "ingest.rebuild"
"""The property of the new tables' ledger that keeps `whole_meaning` of the contract by which they are made."""

SOURCES = (*ACCEPTED, State.DUPLICATE)
"""States of a file that a rebuild loads: a contract of today may take it though it was sent before."""


def shadow_of(run: Run) -> Run:
    """The new tables' run; what was begun by another version of the contract is thrown away."""
    meaning = whole_meaning(run.contract)
    if made_by(run) != meaning:
        drop_rebuild(run)
    shadow = existing_shadow(run)
    if made_by(run) != meaning:
        run.engine.set_property(run.contract.rebuild_ledger, PROPERTY, meaning)
    return shadow


def made_by(run: Run) -> str | None:
    """`whole_meaning` of the contract by which the new tables are made."""
    return run.engine.properties(run.contract.rebuild_ledger).get(PROPERTY)


def existing_shadow(run: Run) -> Run:
    """By whatever contract its tables are made; its ledger is made if there is none."""
    of = run.contract
    ledger = Ledger(run.engine, of.feed, run.ledger.run_id, of.version, run.clock, of.rebuild_ledger)
    return replace(run, contract=of.rebuilt, ledger=ledger, volume=Archive(run.volume), named="", operation=None)


def drop_rebuild(run: Run) -> None:
    """The new tables, their ledger first: without it, what is left of them is nobody's."""
    rebuilt = run.contract.rebuilt
    for table in (run.contract.rebuild_ledger, rebuilt.stage_table, rebuilt.tombstones_table, rebuilt.table):
        if run.engine.exists(table):
            run.engine.drop(table)
            log.info("table dropped", extra={"table": table})

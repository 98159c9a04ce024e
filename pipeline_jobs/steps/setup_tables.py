"""setup: everything that people and their dashboards look at is there before the first file comes."""

import argparse
import logging
from collections.abc import Sequence

from contracts.contract import Contract
from contracts.expressions.queries import targets_read
from pipeline_jobs.clock import SystemClock
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import TableDiffersError, WrongParametersError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.state.ledger import TABLE, Ledger
from pipeline_jobs.state.making import prepare_stage, prepare_target
from pipeline_jobs.state.tables import publish_rejects, publish_summaries

log = logging.getLogger(__name__)


def chosen(argv: Sequence[str], contracts: Sequence[Contract]) -> tuple[Contract, ...]:
    """The contract of `--feed=`, or all of them where it is empty; raises WrongParametersError."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--feed", default="")
    feed: str = parser.parse_known_args(list(argv))[0].feed
    found = tuple(contract for contract in contracts if feed in ("", contract.feed))
    if not found:
        known = ", ".join(contract.feed for contract in contracts)
        raise WrongParametersError(f"there is no contract of the feed {feed!r}; there are {known}")
    return found


def placed(argv: Sequence[str], first: Contract) -> Parameters:
    """The parameters as every task has them; raises WrongParametersError.

    A task is always told its feed: `first` stands in for the empty one, and of what is said twice the last counts.
    """
    return Parameters.parse([*argv, f"--feed={first.feed}"])


def set_up(engine: Engine, feeds: Sequence[Contract], contracts: Sequence[Contract]) -> None:
    """The ledger, then the tables of these feeds, then their views; what is there already stays as it is.

    Tables come before views, for a summary may read any feed's; `contracts` are all feeds', since look-ups and
    summaries read also the targets of feeds that were not asked for. Raises TableDiffersError, naming every table that
    is not as its contract says, after all that can be made is made.
    """
    Ledger(engine, "", "", "", SystemClock())
    log.info("table ready", extra={"table": TABLE})
    problems: list[str] = []
    for contract in contracts:
        if contract in feeds or any(contract.table in targets_read(feed) for feed in feeds):
            problems += _tables(engine, contract, staged=contract in feeds)
    for contract in feeds:
        _views(engine, contract, contracts)
    if problems:
        # What the stage table must not follow, because of the target, is said of the target again.
        raise TableDiffersError("; ".join(dict.fromkeys(problems)))


def _tables(engine: Engine, contract: Contract, *, staged: bool) -> list[str]:
    """Makes them, and gives what is wrong: a table that differs says nothing about the others."""
    problems: list[str] = []
    for prepare, tables in (
        *([(prepare_stage, [contract.stage_table])] if staged else []),
        (prepare_target, [contract.table, *([contract.tombstones_table] if contract.delete_when else [])]),
    ):
        try:
            prepare(engine, contract)
        except TableDiffersError as error:
            problems.append(str(error))
            continue
        for table in tables:
            log.info("table ready", extra={"table": table})
    return problems


def _views(engine: Engine, contract: Contract, contracts: Sequence[Contract]) -> None:
    publish_rejects(engine, contract)
    publish_summaries(engine, contract, contracts)
    for view in (contract.rejects_view, *(summary.name for summary in contract.summaries)):
        log.info("view ready", extra={"view": view})

"""The two loads of a run: what waits, and beside it what the run is told to do."""

import logging
from collections.abc import Callable
from dataclasses import replace

from contracts.printable import printable
from pipeline_jobs.errors import (
    ConservationError,
    OriginalDiffersError,
    OriginalMissingError,
    StagedOtherwiseError,
    SwapRefusedError,
    TableDiffersError,
)
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.rebuilding.shadow import drop_rebuild
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import State
from pipeline_jobs.state.meaning import whole_meaning
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.tasks.rebuild import merge_rebuild, stage_rebuild, swap_rebuild

log = logging.getLogger(__name__)

_OF_REBUILDS = (Do.REBUILD, Do.SWAP, Do.DROP)


def stage_load(run: Run) -> None:
    """Files in source/ into the stage table; of a rebuild, those of the archive into the new one, too."""
    if run.operation is None or run.operation.do not in _OF_REBUILDS:
        stage.stage_load(run)
        return
    try:
        _as_far_as_tables_allow(run, stage.stage_load)
    except ConservationError as error:
        # A key that somebody has put into the target once more lets nothing be taken out: a swap leads out.
        log.warning("what is begun waits for a swap", extra={"detail": str(error)})
    if run.operation.do is Do.DROP:
        drop_rebuild(run)
    elif not _is_swapped(run) and _is_by_its_contract(run, run.operation):
        stage_rebuild(run)


def target_load(run: Run) -> None:
    """Staged rows into the target; of a rebuild into the new one, too, which then may take the old one's place."""
    if run.operation is None or run.operation.do not in _OF_REBUILDS:
        merge.target_load(run)
        return
    try:
        _as_far_as_tables_allow(run, merge.target_load)
    except (ConservationError, StagedOtherwiseError) as error:
        # A swap settles these files, too. Where it has not come to that, they are told of as ever.
        log.warning("a rebuild goes on beside files that are not merged", extra={"detail": str(error)})
        try:
            _rebuild(run, run.operation)
        except SwapRefusedError as refused:
            raise SwapRefusedError(f"{refused}. And {error}") from error
        if not _is_swapped(run):
            raise
    else:
        _rebuild(run, run.operation)


def _rebuild(run: Run, operation: Operation) -> None:
    # A repaired or repeated task finds its swap done.
    if operation.do is Do.DROP or _is_swapped(run):
        return
    if not _is_by_its_contract(run, operation):
        raise SwapRefusedError(
            f"{run.contract.table} stays as it is: what was to be swapped in was compared by version "
            f"{printable(operation.contract_version)} of the contract, which is at {run.contract.version} now: "
            "rebuild the feed, and look again"
        )
    if operation.do is Do.SWAP:
        swap_rebuild(run, accept_rejected=operation.accept_rejected, without_gone=operation.without_gone)
    else:
        merge_rebuild(run)


def _is_swapped(run: Run) -> bool:
    """By this run, and with tables of this contract: what it has ended of a run that died may have been another's."""
    ours = whole_meaning(run.contract)
    return any(entry.meaning == ours for entry in run.ledger.entered(State.SWAPPED))


def _is_by_its_contract(run: Run, operation: Operation) -> bool:
    """Whether a swap is of what somebody has seen; the new tables stay as they are where it is not."""
    return operation.contract_version in ("", run.contract.version)


def _as_far_as_tables_allow(run: Run, load: Callable[[Run], None]) -> None:
    """Tables that another contract made take nothing of this one's: what waits is loaded when they are swapped. By then
    the stage table has all rows again, too, without which something may not be taken out now.
    """
    try:
        load(replace(run, operation=None))
    except (TableDiffersError, OriginalDiffersError, OriginalMissingError) as error:
        log.warning("what waits is loaded after a swap", extra={"detail": str(error)})

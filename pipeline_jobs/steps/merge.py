"""target_load: from the staged rows to the target, by the newest row of each key and a guarded merge."""

import logging
from collections.abc import Sequence

from pyspark.sql import functions as F

from pipeline_jobs.errors import StagedOtherwiseError
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.merging.batches import batches
from pipeline_jobs.merging.rows import merge_rows, newest_rows, prepare_targets
from pipeline_jobs.operations.putting_back import put_back
from pipeline_jobs.operations.undo import settled, undo_again, undo_resent
from pipeline_jobs.rebuilding.swap import finish_swap
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import check_staged, publish_rejects, publish_summaries, staged_good_rows, staged_keys
from pipeline_jobs.steps import resent

log = logging.getLogger(__name__)


def target_load(run: Run) -> None:
    """Merges what is staged and not merged yet; made again, it changes nothing.

    Raises StagedOtherwiseError, after everything else is merged, where files were staged under another contract.
    """
    finish_swap(run)
    prepare_targets(run)
    staged = _staged_once(run)
    undone = settled(run, staged)
    ours = [entry for entry in staged if entry.meaning == meaning_of_rows(run.contract)]
    for batch in batches(ours):
        merge_staged(run, batch)
        # Before the word: whoever dies here leaves files that are not merged, and the next run looks again.
        undo_again(run, undone)
        run.ledger.append([run.ledger.entry(State.MERGED, **_carried(entry)) for entry in batch])
        log.info("files merged", extra={"files": len(batch)})
    # Behind the merges, so that a view that an engine does not take, or that is somebody else's, holds up no file.
    publish_rejects(run.engine, run.contract)
    publish_summaries(run.engine, run.contract, run.contracts)
    if len(ours) < len(staged):
        raise StagedOtherwiseError(
            f"{len(staged) - len(ours)} files were staged under another version of the contract and are not merged: "
            "run the job anew (no repair), its stage_load judges them again"
        )


def _staged_once(run: Run) -> list[Entry]:
    """What is to be merged, less what another run staged at the same moment as the same file.

    What another run reopened while this one's stage_load moved it away goes back to source/ before.
    """
    unsettled = run.ledger.unsettled()
    put_back(run, unsettled)
    staged = [entry for entry in unsettled if entry.state is State.STAGED]
    twins = resent.accepted_twice(run, staged)
    if not twins:
        return staged
    log.warning("files were staged twice", extra={"files": len(twins)})
    undo_resent(run, twins)
    gone = {entry.file for entry, _ in twins}
    return [entry for entry in staged if entry.file not in gone]


def merge_staged(run: Run, staged: Sequence[Entry]) -> None:
    """The rows of these files into the target, tombstones first: a death between the two heals by a repetition."""
    rows = staged_good_rows(run.engine, run.contract, staged)
    found = check_staged(rows.withColumn("_deleted", deleted(run.contract)), run.contract, staged)
    newest = newest_rows(rows, run.contract, are_of_one_row_each=found.are_of_one_row_each)
    dead = newest.filter("_deleted").withColumn("_deleted", F.lit(False)) if found.any_deleted else None
    merge_rows(run, newest, dead, keys=staged_keys(run.engine, run.contract, staged))


def _carried(entry: Entry) -> dict[str, str | int | None]:
    rows = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned", "detail")
    names = ("file", "path", "generation", "attempt", "meaning", *rows)
    return {name: getattr(entry, name) for name in names}

"""target_load: from the staged rows to the target, by the newest row of each key and a guarded merge."""

import logging
from collections.abc import Sequence
from functools import partial

from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.merging.batches import batches
from pipeline_jobs.merging.pieces import Pieces, dead_of, pieces_of
from pipeline_jobs.merging.rows import merge_rows, newest_rows, prepare_summarised, prepare_targets
from pipeline_jobs.merging.unmerged import Unmerged, refuse_unmerged
from pipeline_jobs.operations.looking_again import expect_tables_of, settled, undo_again
from pipeline_jobs.operations.putting_back import put_back
from pipeline_jobs.operations.undo import undo_resent
from pipeline_jobs.rebuilding.swap import finish_swap
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import (
    Differing,
    check_staged,
    publish_rejects,
    publish_summaries,
    staged_good_rows,
    staged_keys,
)
from pipeline_jobs.steps import resent

log = logging.getLogger(__name__)


def target_load(run: Run) -> None:
    """Merges what is staged and not merged yet, and makes the feed's views; made again, it changes nothing.

    After everything else, raises StagedRowsDifferError where files are not in the stage table as they were staged,
    StagedOtherwiseError where they were staged under another contract.
    """
    unmerged = _merge_waiting(run)
    try:
        # Behind the merges, so that a view that an engine does not take, or that is somebody else's, holds up no file.
        publish_rejects(run.engine, run.contract)
        prepare_summarised(run)
        publish_summaries(run.engine, run.contract, run.contracts)
    finally:
        # Before what a view says: that is said by the next run again.
        refuse_unmerged(run, unmerged)


def target_load_without_views(run: Run) -> None:
    """`target_load` for tables that go again or take other names, over which nobody is to find a view."""
    refuse_unmerged(run, _merge_waiting(run))


def _merge_waiting(run: Run) -> Unmerged:
    finish_swap(run)
    mark = prepare_targets(run)
    staged = _staged_once(run)
    undone = settled(run, staged)
    meaning = meaning_of_rows(run.contract)
    ours = [entry for entry in staged if entry.meaning == meaning]
    differing: list[Differing] = []
    for batch in batches(ours):
        differing += merge_staged(run, batch)
        merged = _without(batch, differing)
        # Before the word: whoever dies here leaves files that are not merged, and the next run looks again.
        gone = undo_again(run, undone)
        expect_tables_of(run, mark, batch)
        run.ledger.append(
            [run.ledger.entry(State.MERGED, **_carried(one)) for one in merged if one.attempt not in gone]
        )
        log.info("files merged", extra={"files": len(merged)})
    return Unmerged(tuple(differing), tuple(entry for entry in staged if entry.meaning != meaning))


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


def merge_staged(run: Run, staged: Sequence[Entry]) -> tuple[Differing, ...]:
    """The rows of these files into the target, tombstones first: a death between the two heals by a repetition.

    Without the files that it gives, whose rows are not as they were staged.
    """
    rows = staged_good_rows(run.engine, run.contract, staged)
    most = run.engine.most_rows
    found = check_staged(rows.withColumn("_deleted", deleted(run.contract)), run.contract, staged, most)
    if found.differing:
        staged = _without(staged, found.differing)
        rows = staged_good_rows(run.engine, run.contract, staged)
    if staged:
        of = partial(newest_rows, contract=run.contract, are_of_one_row_each=found.are_of_one_row_each)
        newest, keys = of(rows), staged_keys(run.engine, run.contract, staged)
        pieces = pieces_of(rows, run.contract, staged[0], found, of, most) if len(staged) == 1 else Pieces()
        merge_rows(run, newest, dead_of(newest) if found.any_deleted else None, keys=keys, pieces=pieces)
    return found.differing


def _without(staged: Sequence[Entry], differing: Sequence[Differing]) -> list[Entry]:
    left = {one.entry.file for one in differing}
    return [entry for entry in staged if entry.file not in left]


def _carried(entry: Entry) -> dict[str, str | int | None]:
    rows = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned", "detail")
    names = ("file", "path", "generation", "attempt", "meaning", *rows)
    return {name: getattr(entry, name) for name in names}

"""pipeline_jobs/: from the stage table to the target, and the proof of it.

No mutant forgets to give a lease or a lock back, for there is none to give back: what keeps two merges apart is that a
commit is of the version that was looked at (docs/decisions/20261128-merges-are-proved-not-locked.md), and so
`merge-committed-for-any-version` and `merges-on-spark-of-the-weaker-isolation` stand in that place.
"""

from ..mutant import Mutant

_TARGET = "tests/integration/job/test_job_target.py::"
_GUARDS = "tests/integration/job/test_job_merge_guards.py::"
_TWO_RUNS = "tests/integration/job/test_job_two_runs.py::"
_SLICES = "tests/integration/job/test_job_slices.py::"
_IN_PIECES = _SLICES + "test_a_file_in_pieces_is_merged_as_in_one[sail]"
_BATCHES = "tests/unit/pipeline_jobs/test_merge_batches.py::"
_CHANGES = "tests/integration/job/test_job_contract_changes.py::"
_LEFT = _GUARDS + "test_rows_that_left_the_stage_table_are_missed_before_the_merge[sail]"
_GONE = _CHANGES + "test_a_file_that_must_be_judged_again_and_is_gone_is_named[sail-retract]"
_SLIPPED_IN = _TWO_RUNS + "test_an_older_row_that_slipped_in_beside_a_deletion_is_taken_out_again[sail]"
_MERGED = "        differing += merge_staged(run, batch)\n"
_WITHOUT = "        merged = _without(batch, differing)\n"
_LOOKED = """
        # Before the word: whoever dies here leaves files that are not merged, and the next run looks again.
        gone = undo_again(run, undone)
        expect_tables_of(run, mark, batch)
""".removeprefix("\n")
_NOT_GONE = " if one.attempt not in gone"
_ENTERED = f"""
        run.ledger.append(
            [run.ledger.entry(State.MERGED, **_carried(one)) for one in merged{_NOT_GONE}]
        )
""".removeprefix("\n")
_BURIED = "        upsert(run.engine, lambda: tombs, None)\n"
_MERGE_OF_THE_TARGET = """
    def into_target() -> Merge:
        columns = (*(column.name for column in contract.columns), *FILE_ORDER)
        rows, *parted = (_completed(run, some).select(*columns, "_deleted") for some in (newest, *pieces.newest))
        return Merge(contract.table, rows, row_key(contract), order, columns, files, keys, tuple(parted), pieces.rows)

"""
_INTO_TARGET = "    upsert(run.engine, into_target, contract.tombstones_table if contract.delete_when else None)\n"

MUTANTS = (
    Mutant(
        name="staged-rows-not-compared",
        why="rows that left the stage table would be entered as merged",
        file="pipeline_jobs/state/tables.py",
        text="if (one.rows, one.blank) != (one.entry.rows_good, 0)),",
        becomes="if False),",
        killed_by=(_LEFT,),
    ),
    Mutant(
        name="a-file-without-its-rows-entered-with-its-batch",
        why="the ledger would have it merged, and nobody would ever look for its rows",
        file="pipeline_jobs/steps/merge.py",
        text=_WITHOUT,
        becomes="        merged = list(batch)\n",
        killed_by=(_LEFT,),
    ),
    Mutant(
        name="what-is-left-of-a-file-merged-all-the-same",
        why="a row without a key equals nothing, and would be inserted with each merge anew",
        file="pipeline_jobs/steps/merge.py",
        text="    if found.differing:\n",
        becomes="    if False:\n",
        killed_by=(_GUARDS + "test_a_row_without_a_key_is_never_merged[sail]",),
    ),
    Mutant(
        name="files-that-were-not-merged-not-told",
        why="they would wait for ever behind a green task",
        file="pipeline_jobs/steps/merge.py",
        text="        refuse_unmerged(run, unmerged)\n",
        becomes="        pass\n",
        killed_by=(_LEFT, _CHANGES + "test_a_merge_takes_nothing_that_another_version_staged[sail]"),
    ),
    Mutant(
        name="files-that-were-not-merged-hidden-by-a-view",
        why="the command that leads out would be told when the view is mended, and nobody knows of it",
        file="pipeline_jobs/steps/merge.py",
        text="    finally:\n        # Before",
        becomes="    except ValueError:\n        pass\n    else:\n        # Before",
        killed_by=(_GUARDS + "test_files_that_cannot_be_merged_are_told_whatever_is_wrong_besides[sail]",),
    ),
    Mutant(
        name="files-that-were-not-merged-hidden-by-a-swap",
        why="a swap that is refused each time would keep them from everybody",
        file="pipeline_jobs/tasks/loads.py",
        text='raise SwapRefusedError(f"{refused}. And {error}") from error',
        becomes="raise refused",
        killed_by=(_GUARDS + "test_files_that_cannot_be_merged_are_told_beside_a_swap_that_is_refused[sail]",),
    ),
    Mutant(
        name="views-of-a-rebuild-s-own-tables",
        why="they would stay in the catalog over tables that are gone",
        file="pipeline_jobs/tasks/rebuild.py",
        text="    target_load_without_views(shadow)\n",
        becomes="    from pipeline_jobs.steps.merge import target_load\n\n    target_load(shadow)\n",
        killed_by=(
            "tests/integration/job/test_job_rebuild.py::test_a_rebuild_leaves_no_view_over_its_own_tables[sail]",
        ),
    ),
    Mutant(
        name="an-original-that-is-gone-not-told",
        why="who runs the job anew, as told, would never come out of it",
        file="pipeline_jobs/merging/unmerged.py",
        text="    if gone:\n",
        becomes="    if False:\n",
        killed_by=(_GONE,),
    ),
    Mutant(
        name="an-original-that-is-gone-stops-its-feed",
        why="no other file of the feed would be staged, nor any command be taken",
        file="pipeline_jobs/steps/stage.py",
        text="    take_back(run, there)\n",
        becomes="    take_back(run, otherwise)\n",
        killed_by=(_GONE,),
    ),
    Mutant(
        name="merged-entered-before-the-merge",
        why="a death between the two would leave rows that nobody merges",
        file="pipeline_jobs/steps/merge.py",
        text=_MERGED + _WITHOUT + _LOOKED + _ENTERED,
        becomes=_WITHOUT + _ENTERED.replace(_NOT_GONE, "") + _MERGED + _LOOKED,
        killed_by=("tests/integration/job/test_job_deaths.py::test_a_run_may_die_at_every_step[sail-merge]",),
    ),
    Mutant(
        name="staged-otherwise-merged-as-it-is",
        why="cells would be read by one contract and merged by another",
        file="pipeline_jobs/steps/merge.py",
        text="ours = [entry for entry in staged if entry.meaning == meaning]",
        becomes="ours = staged",
        killed_by=(_CHANGES + "test_a_merge_takes_nothing_that_another_version_staged[sail]",),
    ),
    Mutant(
        name="rows-of-one-key-not-looked-for",
        why="several rows of a key would go into the target, and the newest not alone",
        file="pipeline_jobs/merging/rows.py",
        text="    if not are_of_one_row_each:\n",
        becomes="    if False:\n",
        killed_by=(_TARGET + "test_all_at_once_is_as_one_by_one[sail]",),
    ),
    Mutant(
        name="key-that-comes-once-taken-for-all",
        why="several rows of a key of one file would go into the target, and the newest not alone",
        file="pipeline_jobs/state/tables.py",
        text='keys == counted[0]["_rows"]',
        becomes="keys > 0",
        killed_by=(_TARGET + "test_of_one_file_the_record_further_down_counts[sail]",),
    ),
    Mutant(
        name="deletes-of-a-batch-not-seen",
        why="a deleted key would leave no tombstone, and an older row would bring it back",
        file="pipeline_jobs/state/tables.py",
        text='any(row["_dead"] for row in counted)',
        becomes="False",
        killed_by=(_TARGET + "test_a_deleted_key_stays_away_until_a_newer_row[sail]",),
    ),
    Mutant(
        name="rows-of-a-batch-not-limited",
        why="the engine would hold the keys of all that waits, after an outage of a whole archive, at once",
        file="pipeline_jobs/merging/batches.py",
        text="(len(batch) == most_files or rows > most_rows)",
        becomes="len(batch) == most_files",
        killed_by=(_BATCHES + "test_every_file_is_in_one_batch_of_at_most_so_many_files_and_rows[rows3-expected3]",),
    ),
    Mutant(
        name="oldest-row-of-each-key",
        why="the target holds the newest",
        file="pipeline_jobs/merging/rows.py",
        text="order = [F.col(name).desc() for name in total_order(contract)]",
        becomes="order = [F.col(name).asc() for name in total_order(contract)]",
        killed_by=(_TARGET + "test_all_at_once_is_as_one_by_one[sail]",),
    ),
    Mutant(
        name="tombstones-after-the-merge",
        why="between the two, another run could put an older row in the place of a deleted one, for good",
        file="pipeline_jobs/merging/rows.py",
        text=_BURIED + _MERGE_OF_THE_TARGET + _INTO_TARGET,
        becomes=_MERGE_OF_THE_TARGET + _INTO_TARGET + "    if contract.delete_when:\n" + _BURIED,
        killed_by=(_TWO_RUNS + "test_a_deletion_is_known_to_others_before_it_takes_effect[sail]",),
    ),
    Mutant(
        name="tombstones-never-written",
        why="an older row that comes after a deletion would bring the key back",
        file="pipeline_jobs/merging/rows.py",
        text=_BURIED,
        becomes="",
        killed_by=(_TARGET + "test_a_deleted_key_stays_away_until_a_newer_row[sail]",),
    ),
    Mutant(
        name="tombstones-not-read",
        why="as before",
        file="pipeline_jobs/merging/rows.py",
        text="standing = _under_tombstones(run.engine, contract, rows) if contract.delete_when else rows",
        becomes="standing = rows",
        killed_by=(_TARGET + "test_a_deleted_key_stays_away_until_a_newer_row[sail]",),
    ),
    Mutant(
        name="outdated-rows-dropped",
        why="an older row that another run has put into the target before would stay there",
        file="pipeline_jobs/merging/rows.py",
        text='.withColumn("_outdated", is_outdated)\n',
        becomes='.withColumn("_outdated", is_outdated).filter(~is_outdated)\n',
        killed_by=(_SLIPPED_IN,),
    ),
    Mutant(
        name="proof-blind-to-tombstones",
        why="a deletion between the look at the tombstones and the commit would be undone",
        file="pipeline_jobs/merging/rows.py",
        text="into_target, contract.tombstones_table if contract.delete_when else None)",
        becomes="into_target, None)",
        killed_by=(_SLIPPED_IN,),
    ),
    Mutant(
        name="keys-not-verified-after-the-merge",
        why="what a merge did not do would be entered as merged",
        file="pipeline_jobs/merging/upsert.py",
        text="wrong = _wrong_keys(engine, merge, keys, tombstones)",
        becomes="wrong = 0",
        killed_by=(_SLIPPED_IN, _GUARDS + "test_a_merge_that_leaves_nothing_behind_is_found_out[sail]"),
    ),
    Mutant(
        name="key-that-stands-twice-not-noticed",
        why="every sum over the target would be wrong, and no later merge would right it",
        file="pipeline_jobs/merging/upsert.py",
        text="abs(sum(rows for rows, _ in found) - keys.rows) + sum(",
        becomes="sum(",
        killed_by=(_GUARDS + "test_a_key_that_stands_twice_is_found_out[sail]",),
    ),
    Mutant(
        name="key-of-no-slice-made-up-for-by-a-wrong-one",
        why="a key that was never looked at would hide one that stands wrong",
        file="pipeline_jobs/merging/upsert.py",
        text="abs(sum(rows for rows, _ in found) - keys.rows)",
        becomes="(sum(rows for rows, _ in found) - keys.rows)",
        killed_by=(_SLICES + "test_a_key_of_no_slice_is_no_right_one[sail]",),
    ),
    Mutant(
        name="slice-left-out-of-the-proof",
        why="keys that stand wrong there would be entered as merged",
        file="pipeline_jobs/merging/upsert.py",
        text="for of in merge.slices]",
        becomes="for of in merge.slices[-1:]]",
        killed_by=(_IN_PIECES,),
    ),
    Mutant(
        name="piece-of-a-file-left-out",
        why="its rows would be in no merge, and what was merged would be right",
        file="pipeline_jobs/merging/pieces.py",
        text="tuple(map(newest, parted))",
        becomes="tuple(map(newest, parted[1:]))",
        killed_by=(_IN_PIECES,),
    ),
    Mutant(
        name="piece-that-is-not-written-down-not-missed",
        why="an engine that loses rows on their way into the batch would be believed",
        file="pipeline_jobs/merging/upsert.py",
        text="    if rows < merge.rows:\n",
        becomes="    if False:\n",
        killed_by=(_SLICES + "test_a_piece_that_is_not_written_down_is_missed[sail]",),
    ),
    Mutant(
        name="pieces-that-share-a-key",
        why="each piece has its own newest row of it, and the target would get all of them",
        file="pipeline_jobs/merging/pieces.py",
        text="    if found.are_of_one_row_each:\n",
        becomes="    if True:\n",
        killed_by=(_IN_PIECES,),
    ),
    Mutant(
        name="tombstones-of-pieces-not-written",
        why="an older row that comes later would bring a deleted key back",
        file="pipeline_jobs/merging/pieces.py",
        text="tuple(map(dead_of, pieces))",
        becomes="tuple(map(dead_of, pieces[:2]))",
        killed_by=(_IN_PIECES,),
    ),
    Mutant(
        name="wrong-keys-not-merged-again",
        why="a run beside another would fail where a second round heals it",
        file="pipeline_jobs/merging/upsert.py",
        text="_ROUNDS = 5",
        becomes="_ROUNDS = 1",
        killed_by=(_SLIPPED_IN, _GUARDS + "test_a_merge_that_another_run_overtook_is_made_again[sail]"),
    ),
    Mutant(
        name="commit-conflict-not-retried",
        why="two runs at once would make one of them red",
        file="pipeline_jobs/merging/upsert.py",
        text="                if round_ == _ROUNDS:\n                    raise\n                continue\n",
        becomes="                raise\n",
        killed_by=(_GUARDS + "test_a_merge_that_another_run_overtook_is_made_again[sail]",),
    ),
    Mutant(
        name="commit-conflict-swallowed",
        why="a batch that was never merged would be entered as merged",
        file="pipeline_jobs/merging/upsert.py",
        text="                if round_ == _ROUNDS:\n                    raise\n                continue\n",
        becomes="                continue\n",
        killed_by=(_GUARDS + "test_a_merge_that_another_run_overtook_is_made_again[sail]",),
    ),
    Mutant(
        name="version-that-does-not-add-up-accepted",
        why="an engine that loses rows of other keys would be noticed by nobody",
        file="pipeline_jobs/merging/upsert.py",
        text="        if not commit.adds_up:\n",
        becomes="        if False:\n",
        killed_by=(_GUARDS + "test_a_version_that_does_not_add_up_fails_the_run[sail]",),
    ),
    Mutant(
        name="look-up-loses-rows",
        why="an order whose customer is not known yet would be missing",
        file="pipeline_jobs/merging/rows.py",
        text='rows = rows.join(other, same_key, how="left")',
        becomes='rows = rows.join(other, same_key, how="inner")',
        killed_by=(_TARGET + "test_a_look_up_lends_its_columns_and_loses_no_row[sail]",),
    ),
)

"""pipeline_jobs/rebuilding/, tasks/: what new tables are made of, compared by, and how they take the others' place."""

from ..mutant import Mutant

_REBUILD = "tests/integration/job/test_job_rebuild.py::"
_SWAP = "tests/integration/job/test_job_swap.py::"
_REFUSED = "tests/integration/job/test_job_swap_refused.py::"
_UNCHANGED = _REBUILD + "test_an_unchanged_feed_is_rebuilt_as_it_is[sail]"
_SWAPPED = _SWAP + "test_swapped_tables_are_those_of_a_feed_that_had_the_contract_from_the_start"
_REJECTED = _REFUSED + "test_a_file_that_the_contract_of_today_rejects_holds_the_swap_until_somebody_says_so[sail]"
_GONE = _REFUSED + "test_a_file_that_left_the_archive_holds_the_swap_until_somebody_says_so[sail]"
_SINCE = _REBUILD + "test_a_rebuild_takes_in_what_came_since_and_begins_anew_by_another_contract[sail]"
_TOLD = _REBUILD + "test_what_a_rebuild_found_is_in_its_run_s_report_and_in_no_later_one[sail]"
_LEFT = _REBUILD + "test_new_tables_go_when_they_are_dropped_or_forgotten[sail]"
_ENDED = _SWAP + "test_a_swap_that_a_dead_run_left_is_ended_and_is_no_other_contract_s"
_COMES_BACK = _REBUILD + "test_a_retracted_file_does_not_come_back_by_its_duplicate"
_LEADS_OUT = "tests/integration/job/test_job_retract_archived.py::test_a_rebuild_leads_out_"
_STILL_RAISED = "        if not _is_swapped(run):\n            raise\n"
_WAY_OUT = (
    "tests/integration/job/test_job_merge_guards.py::test_a_rebuild_is_a_way_out_of_staged_rows_that_are_gone[sail]"
)
_LOST_ROWS = (
    "tests/integration/job/test_job_merge_guards.py::"
    "test_new_tables_without_the_rows_that_were_staged_are_dropped_and_made_anew[sail]"
)

_IN_SWAPPED = _SWAP + "test_a_merge_that_ends_in_swapped_tables_is_told_and_its_files_are_loaded_again[sail]"
_OUT = "tests/integration/job/test_job_rebuild_leads_out.py::"

MUTANTS = (
    Mutant(
        name="swapped-tables-without-a-mark",
        why="a merge that began before a swap would put old rows into the new tables, and nobody would know",
        file="pipeline_jobs/rebuilding/swap.py",
        text="marked(run.engine.properties(new.table)[PROPERTY])",
        becomes="run.engine.properties(new.table)[PROPERTY]",
        killed_by=(_IN_SWAPPED,),
    ),
    Mutant(
        name="what-ended-in-swapped-tables-stays",
        why="it would be told once, and the old contract's rows would stand in the new tables for good",
        file="pipeline_jobs/operations/looking_again.py",
        text="        _have_judged_again(run, merged)\n",
        becomes="",
        killed_by=(_IN_SWAPPED,),
    ),
    Mutant(
        name="compared-by-keys-of-another-type",
        why="old keys that are none of the new type, or become the same, would end every rebuild and every swap",
        file="pipeline_jobs/rebuilding/comparison.py",
        text='is_by_key = "primaryKey" not in changed and _is_kept(old, new, run.contract.key)',
        becomes='is_by_key = "primaryKey" not in changed',
        killed_by=(_OUT + "test_no_type_of_a_column_holds_up_a_swap[sail-the key, from a text to a number]",),
    ),
    Mutant(
        name="compared-by-casts-that-no-engine-makes",
        why="a number that becomes a truth could never be swapped in",
        file="pipeline_jobs/rebuilding/findings.py",
        text='return new if is_cast else "string"',
        becomes="return new",
        killed_by=(_OUT + "test_no_type_of_a_column_holds_up_a_swap[sail-another, from a number to a truth]",),
    ),
    Mutant(
        name="no-rebuild-beside-an-undo-that-cannot-be-proved",
        why="as before, of a file that is to be taken out: each run of the feed ends with it",
        file="pipeline_jobs/tasks/loads.py",
        text="    except ConservationError as error:\n        # A key that",
        becomes="    except SwapRefusedError as error:\n        # A key that",
        killed_by=(_OUT + "test_a_file_that_cannot_be_taken_out_for_a_doubled_key_goes_with_a_swap[sail]",),
    ),
    Mutant(
        name="doubled-keys-are-no-difference",
        why="a target that the new table makes right would be told to be equal",
        file="pipeline_jobs/rebuilding/difference.py",
        text='doubled=int(found["after"]) - rows_after,',
        becomes="doubled=0,",
        killed_by=(_OUT + "test_a_file_that_no_merge_takes_for_a_doubled_key_is_merged_by_a_swap[sail]",),
    ),
    Mutant(
        name="new-tables-of-another-contract-are-gone-on-with",
        why="rows of two versions of the contract would stand in one table, and be swapped in",
        file="pipeline_jobs/rebuilding/shadow.py",
        text="        drop_rebuild(run)\n    shadow = existing_shadow(run)",
        becomes="        pass\n    shadow = existing_shadow(run)",
        killed_by=(_SINCE,),
    ),
    Mutant(
        name="every-tombstone-compared",
        why="which keys with a row have one depends on the batches of files: an unchanged feed would differ",
        file="pipeline_jobs/rebuilding/comparison.py",
        text='.join(standing, list(of.key), how="left_anti")',
        becomes="",
        killed_by=(_UNCHANGED,),
    ),
    Mutant(
        name="swap-by-any-contract",
        why="a contract that is deployed after somebody looked is swapped in, and nobody has seen what it does",
        file="pipeline_jobs/tasks/loads.py",
        text='return operation.contract_version in ("", run.contract.version)',
        becomes="return True",
        killed_by=(_REFUSED + "test_a_swap_of_what_another_contract_made_is_refused[sail]",),
    ),
    Mutant(
        name="rejected-files-not-held-against-a-swap",
        why="a contract that is wrong about a format would empty the target in silence",
        file="pipeline_jobs/tasks/rebuild.py",
        text="            files.rejected, ",
        becomes="            files.open, ",
        killed_by=(_REJECTED,),
    ),
    Mutant(
        name="retracted-files-moved-to-rejected",
        why="the ledger calls them retracted, and a replay looks for them in archive/",
        file="pipeline_jobs/rebuilding/swap.py",
        text=" and entry.file in rejected",
        becomes="",
        killed_by=(_REFUSED + "test_a_file_that_was_retracted_since_stays_in_the_archive[sail]",),
    ),
    Mutant(
        name="gone-files-not-held-against-a-swap",
        why="what the archive keeps no longer would leave the target in silence",
        file="pipeline_jobs/tasks/rebuild.py",
        text="            files.gone, ",
        becomes="            files.open, ",
        killed_by=(_GONE,),
    ),
    Mutant(
        name="the-stage-table-is-not-swapped",
        why="the ledger would name attempts of which no table has a row: no file could be retracted any more",
        file="pipeline_jobs/rebuilding/swap.py",
        text='    _become(run, own.stage_table, new.stage_table, ("_attempt",), {}, is_merged_into=False)\n',
        becomes="",
        killed_by=(_SWAPPED + "[sail-deleteWhen]",),
    ),
    Mutant(
        name="a-swap-looks-once-for-what-came-beside-it",
        why="the ledger would call a file merged whose rows went into the table that was replaced a moment later",
        file="pipeline_jobs/rebuilding/swap.py",
        text="    _enter(run, shadow)\n    run.engine.set_property(own.table, _MARK, _DROPPING)",
        becomes="    run.engine.set_property(own.table, _MARK, _DROPPING)",
        killed_by=(_SWAP + "test_what_a_notebook_loads_beside_a_swap_is_loaded_again[sail-things]",),
    ),
    Mutant(
        name="tombstones-of-the-old-rule-stay",
        why="rows that the new contract keeps would be taken for deleted, or the next run would be refused",
        file="pipeline_jobs/rebuilding/swap.py",
        text="    _become_tombstones(run, shadow, rules)\n",
        becomes="",
        killed_by=(_SWAPPED + "[sail-no deletes]",),
    ),
    Mutant(
        name="what-a-swap-says-again-is-told-again",
        why="a report of every file that a feed has ever had would hide the one that matters",
        file="pipeline_jobs/state/entries/untold.py",
        text="if entry.file is not None and entry.reason != REBUILT]",
        becomes="if entry.file is not None]",
        killed_by=(_TOLD,),
    ),
    Mutant(
        name="forgotten-new-tables-stay",
        why="a look at what a contract would do would cost the feed's room for ever",
        file="pipeline_jobs/steps/upkeep.py",
        text="    drop_forgotten_rebuild(run, run.clock.now() - _KEPT)\n",
        becomes="",
        killed_by=(_LEFT,),
    ),
    Mutant(
        name="new-tables-that-somebody-looks-at-are-dropped",
        why="upkeep after the next run would take away what is to be swapped in",
        file="pipeline_jobs/steps/upkeep.py",
        text="    drop_forgotten_rebuild(run, run.clock.now() - _KEPT)\n",
        becomes="    drop_forgotten_rebuild(run, run.clock.now())\n",
        killed_by=(_LEFT,),
    ),
    Mutant(
        name="new-tables-of-an-open-swap-are-dropped",
        why="the swap could never be ended, and the feed would load nothing any more",
        file="pipeline_jobs/rebuilding/swap.py",
        text="    if _mark(run) != _NONE:\n        return\n",
        becomes="",
        killed_by=(_SWAP + "test_new_tables_that_a_swap_is_at_are_not_forgotten[sail]",),
    ),
    Mutant(
        name="a-half-done-swap-is-left",
        why="the next load would merge into tables of which one is the old and one the new",
        file="pipeline_jobs/steps/stage.py",
        text="    finish_swap(run)\n",
        becomes="",
        killed_by=(_SWAP + "test_a_swap_that_cannot_be_ended_loads_nothing[sail]",),
    ),
    Mutant(
        name="files-that-wait-stop-a-rebuild",
        why="the one way out of tables that the contract does not fit would need tables that it fits",
        file="pipeline_jobs/tasks/loads.py",
        text="    _as_far_as_tables_allow(run, stage.stage_load)\n",
        becomes="    stage.stage_load(replace(run, operation=None))\n",
        killed_by=(_SWAPPED + "[sail-sequenceBy]",),
    ),
    Mutant(
        name="files-that-cannot-be-merged-stop-a-rebuild",
        why="it is the way out where there are many of them, or their originals are gone",
        file="pipeline_jobs/tasks/loads.py",
        text="    except (ConservationError, StagedOtherwiseError) as error:\n",
        becomes="    except StagedOtherwiseError as error:\n",
        killed_by=(_WAY_OUT, _OUT + "test_a_file_that_no_merge_takes_for_a_doubled_key_is_merged_by_a_swap[sail]"),
    ),
    Mutant(
        name="a-rebuild-hides-files-that-were-not-merged",
        why="a green run would start no other, and they would wait until the next file comes",
        file="pipeline_jobs/tasks/loads.py",
        text=_STILL_RAISED,
        becomes="",
        killed_by=(_WAY_OUT,),
    ),
    Mutant(
        name="new-tables-that-lost-rows-mended-by-a-replay",
        why="it touches the feed's own tables alone: no rebuild nor swap would come to its end, whatever is told",
        file="pipeline_jobs/merging/unmerged.py",
        text="    if _is_of_new_tables(run):\n",
        becomes="    if False:\n",
        killed_by=(_LOST_ROWS,),
    ),
    Mutant(
        name="another-contract-s-swap-taken-for-the-run-s-own",
        why="the run would be green and say swapped, and the feed's files would wait on",
        file="pipeline_jobs/tasks/loads.py",
        text="return any(entry.meaning == ours for entry in run.ledger.entered(State.SWAPPED))",
        becomes="return bool(ours and run.ledger.entered(State.SWAPPED))",
        killed_by=(_ENDED + "[sail-False]",),
    ),
    Mutant(
        name="the-run-s-own-swap-taken-for-another-s",
        why="what a dead run had all but swapped in would be judged and merged once more",
        file="pipeline_jobs/rebuilding/swap.py",
        text="State.SWAPPED, meaning=made_by(run))",
        becomes="State.SWAPPED)",
        killed_by=(_ENDED + "[sail-True]",),
    ),
    Mutant(
        name="duplicates-of-what-was-retracted-rebuilt",
        why="rows that somebody had taken out would be in the target again, and nobody would have said so",
        file="pipeline_jobs/tasks/rebuild.py",
        text=" and entry.file not in out]",
        becomes="]",
        killed_by=(_COMES_BACK + "[sail-False]",),
    ),
    Mutant(
        name="no-rebuild-beside-what-cannot-be-taken-out",
        why="the feed would stand still, and so would the way out of it that the error tells",
        file="pipeline_jobs/tasks/loads.py",
        text="except (TableDiffersError, OriginalDiffersError, OriginalMissingError) as error:",
        becomes="except TableDiffersError as error:",
        killed_by=(_LEADS_OUT + "of_rows_without_a_word_that_today_s_contract_cannot_take_out[sail-differs]",),
    ),
    Mutant(
        name="what-was-begun-outlives-a-swap",
        why="each run would read the file again that today's contract does not take, and end there",
        file="pipeline_jobs/rebuilding/swap.py",
        text="    run.ledger.append([word for entry in out for word in taken_out(run, entry)])\n",
        becomes="",
        killed_by=(_LEADS_OUT + "of_what_was_begun_and_today_s_contract_cannot_end[sail-file-retract]",),
    ),
)

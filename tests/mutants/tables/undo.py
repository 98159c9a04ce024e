"""Wrong variants of retract and replay."""

from ..mutant import Mutant

_TEST = "tests/integration/job/test_job_retract.py::"
_BESIDE = "tests/integration/job/test_job_retract_beside.py::"
_REPLAY = "tests/integration/job/test_job_replay.py::"
_WITHOUT_A_WORD = (
    "tests/integration/job/test_job_contract_changes.py::"
    "test_rows_that_were_merged_without_a_word_go_with_the_file_that_the_next_version_rejects[sail-True]"
)
_ARCHIVED = "tests/integration/job/test_job_retract_archived.py::"
_TWINS = "tests/integration/job/test_job_resent.py::"
_JUDGED_AGAIN = "tests/integration/job/test_job_judged_again.py::"
_IN_FLIGHT = _JUDGED_AGAIN + "test_a_merge_in_flight_leaves_no_row_of_what_another_contract_judged_again"
_DIED = _JUDGED_AGAIN + "test_what_a_merge_put_in_that_died_before_its_look_is_taken_out_by_the_next_run"
_UNDO, _TAKING_OUT = "pipeline_jobs/operations/undo.py", "pipeline_jobs/operations/taking_out.py"
_LOOKING_AGAIN = "pipeline_jobs/operations/looking_again.py"

MUTANTS = (
    Mutant(
        name="rows-of-the-file-do-not-yield",
        why="they are the newest of their keys, and would stay",
        file="pipeline_jobs/engines/rewriting/part_merge.py",
        text='newer = (is_known & newer) | F.col(f"{there}_file").isin(*self.merge.yielding)',
        becomes="newer = is_known & newer",
        killed_by=(_TEST + "test_the_tables_are_those_that_never_saw_the_file[sail-one_by_one]",),
    ),
    Mutant(
        name="accepted-files-read-once",
        why="a file that is merged meanwhile, below the row that goes, would be lost",
        file=_TAKING_OUT,
        text="if round_ and _attempts(accepted) == before:",
        becomes="if round_:",
        killed_by=(_BESIDE + "test_a_file_that_is_merged_while_another_goes_is_not_lost[sail]",),
    ),
    Mutant(
        name="retracted-before-the-tables",
        why="a death between the two would leave the rows in the tables for good",
        file=_UNDO,
        text="        take_out(run, batch)\n",
        becomes="",
        killed_by=(_TEST + "test_the_tables_are_those_that_never_saw_the_file[sail-one_by_one]",),
    ),
    Mutant(
        name="tombstones-of-the-file-stay",
        why="an older row that comes later would be kept out by a file that is not there",
        file=_TAKING_OUT,
        text="        dead = _with_bare(dead, tombstones.select(*contract.key))\n",
        becomes="        pass\n",
        killed_by=(_TEST + "test_the_tables_are_those_that_never_saw_the_file[sail-one_by_one]",),
    ),
    Mutant(
        name="no-look-behind-a-merge",
        why="a run beside would put in again what has just been taken out",
        file="pipeline_jobs/steps/merge.py",
        text="        gone = undo_again(run, undone)\n",
        becomes="        gone = frozenset()\n",
        killed_by=(_BESIDE + "test_what_a_run_beside_puts_in_again_it_takes_out_itself[sail]",),
    ),
    Mutant(
        name="what-went-is-looked-at-for-two-days-alone",
        why="of a feed with a file a month, what a run put in again that died would stand for ever",
        file=_LOOKING_AGAIN,
        text="run.ledger.recent(State.RETRACTED) if",
        becomes="run.ledger.undone(State.RETRACTED, run.clock.now() - BESIDE) if",
        killed_by=(_BESIDE + "test_what_a_run_put_in_again_and_died_is_taken_out_by_the_next[sail-a_month_later]",),
    ),
    Mutant(
        name="the-look-behind-a-merge-of-when-the-run-began",
        why="as before: it is what came meanwhile that matters",
        file=_LOOKING_AGAIN,
        text="undone(State.RETRACTING, run.clock.now() - BESIDE)",
        becomes="undone(State.RETRACTING, run.clock.now() - BESIDE, as_opened=True)",
        killed_by=(_BESIDE + "test_what_a_run_beside_puts_in_again_it_takes_out_itself[sail]",),
    ),
    Mutant(
        name="only-what-went-since-this-run-began",
        why="a run that died behind its commit did not look at what had gone before its follower began",
        file=_LOOKING_AGAIN,
        text="for entry in undone if first and entry.at < first)",
        becomes="for entry in undone)",
        killed_by=(_BESIDE + "test_what_a_run_took_away_that_died_behind_its_commit_the_next_one_puts_back[sail]",),
    ),
    Mutant(
        name="archive-not-read-for-what-left-the-stage",
        why="keys would be lost whose older rows the stage table has no longer",
        file=_TAKING_OUT,
        text="for some in archived_rows(run, rows_missing(run), are_going=False)",
        becomes="for some in archived_rows(run, [], are_going=False)",
        killed_by=(_TEST + "test_what_the_stage_table_has_no_longer_is_read_from_the_archive[sail]",),
    ),
    Mutant(
        name="rows-that-are-bad-today-left-out",
        why="accepted rows would leave the target, and their file stay merged",
        file="pipeline_jobs/operations/archived.py",
        text="    if found == then and not are_going:",
        becomes="    if False:",
        killed_by=(
            _ARCHIVED + "test_accepted_rows_that_are_bad_today_stop_it_before_anything_is_done[sail-retract-rows]",
        ),
    ),
    Mutant(
        name="the-archive-read-behind-the-first-merge",
        why="a file that has just gone would leave the tables half done",
        file=_TAKING_OUT,
        text="    # All read before the first of them is merged",
        becomes="    merge_rows(run, _with_bare(newest, keys.rows), dead, files)\n    # All",
        killed_by=(_ARCHIVED + "test_what_changes_behind_the_look_leaves_the_tables_and_says_so[sail-gone]",),
    ),
    Mutant(
        name="an-operation-done-again-by-a-repair",
        why="a repaired run would take out a file that has gone in again since",
        file=_UNDO,
        text=" and not _has_begun(run):",
        becomes=":",
        killed_by=(_TEST + "test_a_second_try_of_the_task_retracts_nothing_again[sail]",),
    ),
    Mutant(
        name="no-look-for-twins-before-a-merge",
        why="a file that two runs staged at the same moment would be loaded twice",
        file="pipeline_jobs/steps/merge.py",
        text="    if not twins:\n",
        becomes="    if twins or not twins:\n",
        killed_by=(_TWINS + "test_of_two_runs_that_stage_one_file_at_the_same_moment_one_counts[sail]",),
    ),
    Mutant(
        name="twins-not-looked-for-again-behind-a-merge",
        why="a run that had the younger one in its batch would put it in again",
        file="pipeline_jobs/state/history.py",
        text="OPERATED = (RETRACT, REPLAY, RESENT)",
        becomes="OPERATED = (RETRACT, REPLAY)",
        killed_by=(_TWINS + "test_a_run_that_merges_the_younger_of_two_takes_it_out_again[sail]",),
    ),
    Mutant(
        name="any-file-of-the-name-taken-for-the-original",
        why="the rows of one whose original is gone would be taken out, and could not go in again",
        file="pipeline_jobs/state/volume.py",
        text="return self.archived(file) is not None or self._has_never_left(file, stood)",
        becomes="return self.archived(file) is not None or is_regular(self.root / stood)",
        killed_by=(_REPLAY + "test_another_file_of_its_name_is_not_taken_for_one_that_is_gone[sail]",),
    ),
    Mutant(
        name="name-too-long-ends-a-replay",
        why="one file that was put into source/ by hand would keep all others from going in again, for ever",
        file="pipeline_jobs/operations/undo.py",
        text="    except NameTooLong:\n        return _not_replayed(run, entry, _RENAMED)\n",
        becomes="",
        killed_by=(_REPLAY + "test_a_file_put_into_source_under_a_name_too_long_holds_up_no_replay[sail]",),
    ),
    Mutant(
        name="rejected-copy-kept",
        why="there would be two originals of one generation",
        file="pipeline_jobs/steps/settle.py",
        text="            run.volume.forget_rejected(file)\n",
        becomes="            pass\n",
        killed_by=(_REPLAY + "test_rejected_files_go_in_again_by_their_reason[sail]",),
    ),
    Mutant(
        name="archived-copy-kept",
        why="there would be two originals of one generation",
        file="pipeline_jobs/steps/settle.py",
        text="        run.volume.forget_archived(file)\n",
        becomes="        pass\n",
        killed_by=(_WITHOUT_A_WORD,),
    ),
    Mutant(
        name="rows-without-a-word-stay",
        why="a file that the next contract rejects would have its rows in the target",
        file=_UNDO,
        text="    _enter_retracted(run, [entry for entry in others if entry.file not in late])\n",
        becomes="    _enter_retracted(run, run.ledger.entered(State.RETRACTING))\n",
        killed_by=(_WITHOUT_A_WORD,),
    ),
    Mutant(
        name="no-word-before-the-look",
        why="who merges the file by the contract of before would not find that it is judged again",
        file=_UNDO,
        text='run.ledger.append([*_taking_out(run, there, REPLAY, ""), *others])',
        becomes='run.ledger.append(_taking_out(run, there, REPLAY, ""))',
        killed_by=(_IN_FLIGHT + "[sail-rejected-True]",),
    ),
    Mutant(
        name="no-look-behind-the-word",
        why="what was committed between the first look and the word would stand in the target",
        file=_UNDO,
        text="in standing(run, others)} if others else set()",
        becomes="in standing(run, [])}",
        killed_by=(_JUDGED_AGAIN + "test_a_merge_that_commits_while_its_files_are_looked_for_leaves_no_row[sail]",),
    ),
    Mutant(
        name="merged-said-of-what-is-out",
        why="status would count a file that was rejected as merged",
        file="pipeline_jobs/steps/merge.py",
        text=" if one.attempt not in gone]",
        becomes="]",
        killed_by=(_IN_FLIGHT + "[sail-rejected-True]",),
    ),
    Mutant(
        name="what-an-older-contract-computed-stays",
        why="columns that it does not know would be NULL in rows of a file that today's has accepted",
        file=_LOOKING_AGAIN,
        text="        _have_judged_again(run, meanwhile)\n",
        becomes="",
        killed_by=(_IN_FLIGHT + "[sail-accepted-True]",),
    ),
    Mutant(
        name="the-next-run-looks-for-retracted-files-alone",
        why="rows of a file that was judged again, and rejected, would stand once their run died before its look",
        file=_LOOKING_AGAIN,
        text="State.DUPLICATE, State.REOPENED, State.REJECTED)",
        becomes="State.DUPLICATE)",
        killed_by=(_DIED + "[sail-reopened-True]", _DIED + "[sail-rejected-True]"),
    ),
    Mutant(
        name="parts-of-before-not-set-aside",
        why="a driver reads each part where the one before was, whose keys would not be computed anew",
        file=_TAKING_OUT,
        text="[_aside(run, rows.select(*key)) for rows in archived_rows",
        becomes="[rows.select(*key) for rows in archived_rows",
        killed_by=(_TEST + "test_files_of_before_are_read_some_at_a_time_and_none_is_forgotten[sail]",),
    ),
    Mutant(
        name="rows-of-a-file-that-was-out-needed",
        why="a merge that a swap overtook would stop each run of the feed, for rows that nobody needs",
        file=_TAKING_OUT,
        text="    if were_out:\n",
        becomes="    if False:\n",
        killed_by=(
            _JUDGED_AGAIN
            + "test_a_merge_that_a_swap_overtook_leaves_no_row_of_a_file_that_is_rejected[sail-it looks-True]",
        ),
    ),
)

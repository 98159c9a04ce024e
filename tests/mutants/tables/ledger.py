"""pipeline_jobs/: the ledger, and the states that follow from it."""

from ..mutant import Mutant

_HISTORY = "tests/unit/pipeline_jobs/test_ledger_history.py::"
_STATE = _HISTORY + "test_a_state_is_the_last_that_an_attempt_did_not_make"
_FIRST = _HISTORY + "test_of_two_runs_that_settle_a_file_the_first_counts"
_REPORT = "tests/integration/job/test_job_report.py::"
_BOUNDS = "tests/integration/job/test_job_long_ago.py::"
_QUESTIONS = "tests/integration/job/test_job_ledger_questions.py::"
_SAME = _QUESTIONS + "test_what_is_left_open_is_the_same_by_a_question_and_of_the_entries_at_hand[sail]"
_COUNTED = (
    "tests/integration/job/test_job_counted_attempts.py::"
    "test_of_a_file_that_was_staged_twice_and_put_in_again_the_newest_attempt_counts[sail]"
)
_GIVEN_UP_TWICE = (
    "tests/integration/job/test_job_counted_attempts.py::"
    "test_the_bad_rows_of_a_file_that_was_given_up_twice_are_shown_once_it_is_merged[sail]"
)
_TWO_RUNS = "tests/integration/job/test_job_two_runs.py::"

MUTANTS = (
    Mutant(
        name="last-staged-attempt-counts",
        why="one run would merge the rows of an attempt, and another enter it as merged",
        file="pipeline_jobs/state/history.py",
        text="State.STAGED: frozenset({State.MERGED,",
        becomes="State.STAGED: frozenset({State.STAGED, State.MERGED,",
        killed_by=(_FIRST + "[steps0-staged-1]", _FIRST + "[steps3-staged-1]"),
    ),
    Mutant(
        name="rejected-after-staged-counts",
        why="a file whose rows are in the stage table would be rejected by who read it later",
        file="pipeline_jobs/state/history.py",
        text="State.STAGED: frozenset({State.MERGED,",
        becomes="State.STAGED: frozenset({State.REJECTED, State.MERGED,",
        killed_by=(_FIRST + "[steps1-staged-1]",),
    ),
    Mutant(
        name="merged-entry-of-another-attempt-counts",
        why="the rows of the attempt that counts would never be merged",
        file="pipeline_jobs/state/history.py",
        text="    of_another = state is not None and entry.state not in VERDICTS and entry.attempt != state.attempt\n",
        becomes="    of_another = False\n",
        killed_by=(_FIRST + "[steps3-staged-1]", _FIRST + "[steps8-staged-3]"),
    ),
    Mutant(
        name="merged-entry-of-another-attempt-hides-the-file",
        why="as before, in the question which files are to be merged",
        file="pipeline_jobs/state/entries/left_open.py",
        text='.groupBy("file", "attempt")',
        becomes='.groupBy("file")',
        killed_by=(_SAME,),
    ),
    Mutant(
        name="merged-entry-of-another-attempt-hides-the-file-at-hand",
        why="as before, where the feed's entries are at hand",
        file="pipeline_jobs/state/entries/left_open.py",
        text="attempts[entry.attempt].append(entry)",
        becomes="attempts[None].append(entry)",
        killed_by=(_SAME,),
    ),
    Mutant(
        name="what-is-at-hand-outlives-what-the-run-enters",
        why="a file would be merged, taken out or judged anew a second time",
        file="pipeline_jobs/state/ledger.py",
        text="            self._at_hand = self._at_hand.outdated()\n",
        becomes="",
        killed_by=(_QUESTIONS + "test_what_a_run_has_entered_itself_it_sees[sail]",),
    ),
    Mutant(
        name="what-is-too-much-to-have-at-hand-cut-short",
        why="what stands behind it would be forgotten",
        file="pipeline_jobs/state/entries/at_hand.py",
        text="is_all = len(entries) <= _MOST\n",
        becomes="is_all = True\n",
        killed_by=(_QUESTIONS + "test_a_feed_with_more_entries_than_a_task_takes_to_hand_misses_no_file[sail]",),
    ),
    Mutant(
        name="death-of-the-engine-not-counted",
        why="a file that kills the engine would kill it with every run, for ever",
        file="pipeline_jobs/state/history.py",
        text="                deaths += entry.reason == ENGINE_LOST\n",
        becomes="",
        killed_by=(_STATE + "[steps10-None-1]", _STATE + "[steps11-None-2]"),
    ),
    Mutant(
        name="every-release-counted-as-a-death",
        why="a table that cannot be written would have good files rejected",
        file="pipeline_jobs/state/history.py",
        text="deaths += entry.reason == ENGINE_LOST",
        becomes="deaths += 1",
        killed_by=(_STATE + "[steps5-None-0]",),
    ),
    Mutant(
        name="released-attempt-counted-as-a-failure",
        why="as before",
        file="pipeline_jobs/state/history.py",
        text="                tried.pop(entry.attempt, None)\n",
        becomes="",
        killed_by=(_STATE + "[steps5-None-0]", _STATE + "[steps14-staged-0]"),
    ),
    Mutant(
        name="each-try-of-a-run-counted",
        why="a task that the platform retries would use up a file's three tries in one run",
        file="pipeline_jobs/state/history.py",
        text="frozenset(tried.values())",
        becomes="frozenset(map(str, tried))",
        killed_by=(_STATE + "[steps4-None-1]",),
    ),
    Mutant(
        name="attempts-counted-across-a-verdict",
        why="a file that is judged again would begin with the tries of the first time",
        file="pipeline_jobs/state/history.py",
        text="state, tried, deaths = entry, {}, 0",
        becomes="state = entry",
        killed_by=(_STATE + "[steps12-staged-0]",),
    ),
    Mutant(
        name="ledger-time-goes-back",
        why="a run on a machine whose clock is behind would enter its merge before the staging, and it would not count",
        file="pipeline_jobs/state/ledger.py",
        text="self._earliest = max(self._clock.now(), self._earliest + TICK)",
        becomes="self._earliest = self._clock.now()",
        killed_by=(_REPORT + "test_a_clock_that_goes_back_does_not_turn_a_history_round[sail]",),
    ),
    Mutant(
        name="ledger-time-behind-what-was-read",
        why="as before, where the other run's clock is ahead and both work at once",
        file="pipeline_jobs/state/ledger.py",
        text="        self._earliest = max([self._earliest, *(entry.at for entry in entries)])\n",
        becomes="",
        killed_by=(_TWO_RUNS + "test_what_a_run_enters_comes_behind_what_it_has_read[sail-histories]",),
    ),
    Mutant(
        name="swap-s-words-behind-no-word-that-it-has-read",
        why="that a file's rows are in no table any more would stand before what others have entered of it",
        file="pipeline_jobs/state/ledger.py",
        text='entries = self._read(self._own().filter(F.col("file").isNotNull() & ~',
        becomes='entries = entries_of(self._own().filter(F.col("file").isNotNull() & ~',
        killed_by=(_TWO_RUNS + "test_what_a_run_enters_comes_behind_what_it_has_read[sail-states]",),
    ),
    Mutant(
        name="verdict-entered-by-its-own-clock",
        why="by a clock that is behind it would undo a merge, or that a file was taken out, of while the run read",
        file="pipeline_jobs/state/ledger.py",
        text="            entries = behind(entries, self._own(entries[0].at))\n",
        becomes="",
        killed_by=tuple(
            f"{_TWO_RUNS}{test}[sail-two clocks]"
            for test in (
                "test_a_fault_of_its_head_that_is_entered_after_others_were_read_does_not_undo_a_merge",
                "test_a_duplicate_that_is_entered_after_others_were_read_does_not_undo_a_merge",
                "test_rows_that_are_staged_after_others_took_the_file_out_bring_nothing_back",
                "test_a_file_that_is_given_up_after_others_came_to_its_end_stays_merged",
            )
        ),
    ),
    Mutant(
        name="own-rows-left-out-of-the-report",
        why="a rejected file would be told by the next run, which may not come for months",
        file="pipeline_jobs/state/entries/untold.py",
        text="if entry.run_id == run_id or (entry.at >= since",
        becomes="if entry.run_id != run_id and (entry.at >= since",
        killed_by=(_REPORT + "test_a_rejected_file_is_told_once[sail]",),
    ),
    Mutant(
        name="rows-of-runs-that-never-reported-left-out",
        why="a run that was cancelled would hide what it has rejected",
        file="pipeline_jobs/state/entries/untold.py",
        text="if entry.run_id == run_id or (entry.at >= since",
        becomes="if entry.run_id == run_id and (entry.at >= since",
        killed_by=(_REPORT + "test_what_a_run_that_never_reported_saw_is_told_by_the_next[sail]",),
    ),
    Mutant(
        name="rows-of-runs-that-have-reported-told-again",
        why="each mail would repeat those before it",
        file="pipeline_jobs/state/entries/untold.py",
        text="and not _is_before(entry, reported.get(entry.run_id))",
        becomes="",
        killed_by=(_REPORT + "test_a_rejected_file_is_told_once[sail]",),
    ),
    Mutant(
        name="report-of-another-feed-s-files",
        why="one ledger serves all feeds, and each has people of its own",
        file="pipeline_jobs/state/ledger.py",
        text="return self._of(self._feed, since)",
        becomes="return self._engine.read(self._table)",
        killed_by=(_REPORT + "test_a_feed_is_told_of_its_own_files_only[sail]",),
    ),
    Mutant(
        name="report-forgets-what-is-open",
        why="rows that were staged and could not be merged for days would never be",
        file="pipeline_jobs/state/ledger.py",
        text="min([began.at - BESIDE, *(one.at for one in unsettled)])",
        becomes="began.at - BESIDE",
        killed_by=(_BOUNDS + "test_what_was_staged_long_ago_is_merged_once_it_can_be[sail]",),
    ),
    Mutant(
        name="report-looks-only-behind-the-last",
        why="what a clock that was days ahead has hidden would never be found",
        file="pipeline_jobs/state/ledger.py",
        text="last, unsettled = self.last_report, self.unsettled(is_whole=is_whole)",
        becomes="last, unsettled = self.last_report, self.unsettled(is_whole=False)",
        killed_by=(_BOUNDS + "test_the_hundredth_report_finds_what_the_others_left_out[sail]",),
    ),
    Mutant(
        name="replay-that-stopped-half-way-forgotten",
        why="a file that was taken out so as to go in again would be gone for good",
        file="pipeline_jobs/state/entries/left_open.py",
        text="(state == State.RETRACTING) | is_replayed",
        becomes="state == State.RETRACTING",
        killed_by=(_BOUNDS + "test_what_was_begun_long_ago_is_finished[sail-replay]", _SAME),
    ),
    Mutant(
        name="time-that-somebody-gave-a-file-believed",
        why="a file with a time to come would be loaded with every run that finds it",
        file="pipeline_jobs/state/entries/bounds.py",
        text="return place.finalized_at if place.generation else None",
        becomes="return place.finalized_at",
        killed_by=(
            "tests/unit/pipeline_jobs/test_ledger_bounds.py::test_of_a_file_with_a_time_of_its_own_nothing_is_known",
        ),
    ),
    Mutant(
        name="rows-of-what-was-left-out-discarded",
        why="upkeep takes out what no merge waits for, and whoever takes out must have looked everywhere",
        file="pipeline_jobs/steps/upkeep.py",
        text="run.ledger.staged(is_whole=True)",
        becomes="run.ledger.staged()",
        killed_by=(_BOUNDS + "test_the_hundredth_report_finds_what_the_others_left_out[sail]",),
    ),
    Mutant(
        name="verdict-of-before-counted-by-sql",
        why="people would look at rows that were taken out, or judged by the contract of before",
        file="pipeline_jobs/state/counting.py",
        text=" AND place > reopened THEN place END",
        becomes=" THEN place END",
        killed_by=(_COUNTED,),
    ),
    Mutant(
        name="repeated-word-believed-by-sql",
        why="a run that is late to say that a file goes in again would hide the bad rows that it has since",
        file="pipeline_jobs/state/counting.py",
        text="MIN(CASE WHEN state = '{State.REOPENED}'",
        becomes="MAX(CASE WHEN state = '{State.REOPENED}'",
        killed_by=(_COUNTED,),
    ),
    Mutant(
        name="retracted-attempt-counted-by-sql",
        why="people would be shown the bad rows of a file that is in no table any more",
        file="pipeline_jobs/state/counting.py",
        text=" AND withdrawn = 0",
        becomes="",
        killed_by=(_COUNTED,),
    ),
    Mutant(
        name="replays-of-rejections-without-an-attempt-taken-for-one-by-sql",
        why="once one was replayed twice, the file's bad rows would be shown no more, whatever loads it",
        file="pipeline_jobs/state/counting.py",
        text="OVER (PARTITION BY file, attempt, verdict)",
        becomes="OVER (PARTITION BY file, attempt)",
        killed_by=(_COUNTED,),
    ),
    Mutant(
        name="file-given-up-by-no-try",
        why="a late word on its replay would be taken for one on the next rejection, and the file go in again",
        file="pipeline_jobs/steps/stage.py",
        text=", attempt=number)",
        becomes=")",
        killed_by=(_GIVEN_UP_TWICE,),
    ),
)

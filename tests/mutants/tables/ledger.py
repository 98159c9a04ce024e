"""pipeline_jobs/: the ledger, and the states that follow from it."""

from ..mutant import Mutant

_HISTORY = "tests/unit/pipeline_jobs/test_ledger_history.py::"
_STATE = _HISTORY + "test_a_state_is_the_last_that_an_attempt_did_not_make"
_FIRST = _HISTORY + "test_of_two_runs_that_settle_a_file_the_first_counts"
_REPORT = "tests/integration/job/test_job_report.py::"
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
        text="    of_another = state is not None and entry.state not in _VERDICTS and entry.attempt != state.attempt\n",
        becomes="    of_another = False\n",
        killed_by=(_FIRST + "[steps3-staged-1]", _FIRST + "[steps8-staged-3]"),
    ),
    Mutant(
        name="merged-entry-of-another-attempt-hides-the-file",
        why="as before, in the question which files are to be merged",
        file="pipeline_jobs/state/ledger.py",
        text='(F.col("file") == F.col("merged_file")) & same_attempt',
        becomes='F.col("file") == F.col("merged_file")',
        killed_by=(_TWO_RUNS + "test_a_late_word_on_an_attempt_that_was_reopened_settles_nothing[sail]",),
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
        text="self._earliest = max(self._clock.now(), self._earliest + _TICK)",
        becomes="self._earliest = self._clock.now()",
        killed_by=(_REPORT + "test_a_clock_that_goes_back_does_not_turn_a_history_round[sail]",),
    ),
    Mutant(
        name="ledger-time-behind-what-was-read",
        why="as before, where the other run's clock is ahead and both work at once",
        file="pipeline_jobs/state/ledger.py",
        text="                self._earliest = max(self._earliest, entry.at)\n",
        becomes="",
        killed_by=(_TWO_RUNS + "test_what_a_run_enters_comes_behind_what_it_has_read[sail]",),
    ),
    Mutant(
        name="own-rows-left-out-of-the-report",
        why="a rejected file would be told by the next run, which may not come for months",
        file="pipeline_jobs/state/ledger.py",
        text='[*_entries(own.filter(F.col("run_id") == self.run_id)), *_entries(unreported)]',
        becomes="_entries(unreported)",
        killed_by=(_REPORT + "test_a_rejected_file_is_told_once[sail]",),
    ),
    Mutant(
        name="rows-of-runs-that-never-reported-left-out",
        why="a run that was cancelled would hide what it has rejected",
        file="pipeline_jobs/state/ledger.py",
        text='[*_entries(own.filter(F.col("run_id") == self.run_id)), *_entries(unreported)]',
        becomes='_entries(own.filter(F.col("run_id") == self.run_id))',
        killed_by=(_REPORT + "test_what_a_run_that_never_reported_saw_is_told_by_the_next[sail]",),
    ),
    Mutant(
        name="rows-of-runs-that-have-reported-told-again",
        why="each mail would repeat those before it",
        file="pipeline_jobs/state/ledger.py",
        text='reported, F.col("run_id") == F.col("reported"), how="left_anti"',
        becomes='reported, F.col("run_id") == F.col("reported"), how="left"',
        killed_by=(_REPORT + "test_a_rejected_file_is_told_once[sail]",),
    ),
    Mutant(
        name="report-of-another-feed-s-files",
        why="one ledger serves all feeds, and each has people of its own",
        file="pipeline_jobs/state/ledger.py",
        text="return self._of(self._feed)",
        becomes="return self._engine.read(self._table)",
        killed_by=(_REPORT + "test_a_feed_is_told_of_its_own_files_only[sail]",),
    ),
)

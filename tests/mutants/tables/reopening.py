"""Wrong variants of how files come back that are to go in again."""

from ..mutant import Mutant

_TEST = "tests/integration/job/test_job_reopened.py::"
_BEFORE = _TEST + "test_a_file_that_a_run_beside_moves_away_before_the_word_goes_in_again"
_AFTER = _TEST + "test_a_file_that_a_run_beside_moves_away_after_the_word_goes_in_again"
_NOWHERE = _TEST + "test_a_file_that_is_nowhere_is_told_of_and_rejected_by_the_third_run[sail]"
_LONG_AGO = "tests/integration/job/test_job_long_ago.py::test_what_was_begun_long_ago_is_finished[sail-reopened]"
_SAME = (
    "tests/integration/job/test_job_ledger_questions.py::"
    "test_what_is_left_open_is_the_same_by_a_question_and_of_the_entries_at_hand[sail]"
)
_HALF = _TEST + "test_the_half_of_a_copy_that_died_behind_the_word_is_written_anew"
_PUTTING_BACK = "pipeline_jobs/operations/putting_back.py"
_LEFT_OPEN = "pipeline_jobs/state/entries/left_open.py"

MUTANTS = (
    Mutant(
        name="reopened-is-an-end",
        why="a file that a run beside moved away would be loaded by nobody, and nobody told",
        file="pipeline_jobs/state/history.py",
        text="State.RETRACTED, State.REOPENED)\n",
        becomes="State.RETRACTED)\n",
        killed_by=(_AFTER + "[sail-the next run-rejected]", _LONG_AGO),
    ),
    Mutant(
        name="no-look-behind-a-replay",
        why="a run beside takes what is copied and not yet reopened for settled, and moves it away",
        file="pipeline_jobs/operations/undo.py",
        text="    put_back(run, reopened)\n",
        becomes="",
        killed_by=(_BEFORE + "[sail-rejected]",),
    ),
    Mutant(
        name="no-look-behind-a-run-s-own-moves",
        why="what it moved away a moment too late would wait for a run that nobody starts",
        file="pipeline_jobs/steps/merge.py",
        text="    put_back(run, unsettled)\n",
        becomes="",
        killed_by=(_AFTER + "[sail-the run beside goes on-rejected]",),
    ),
    Mutant(
        name="no-look-behind-a-swap",
        why="as before, of what came beside the swap",
        file="pipeline_jobs/tasks/rebuild.py",
        text="    put_back(run, run.ledger.unsettled())\n",
        becomes="",
        killed_by=(_TEST + "test_what_came_beside_a_swap_and_was_moved_away_is_in_source_behind_it[sail]",),
    ),
    Mutant(
        name="put-back-by-what-was-known",
        why="a file that another run has loaded meanwhile would stand in source/ again",
        file=_PUTTING_BACK,
        text="history.is_in(State.REOPENED) and not _is_put_back",
        becomes="not _is_put_back",
        killed_by=(_TEST + "test_what_another_run_has_loaded_meanwhile_is_not_put_back[sail]",),
    ),
    Mutant(
        name="put-back-from-the-archive-alone",
        why="a rejected file was moved to rejected/ again",
        file=_PUTTING_BACK,
        text="        run.volume.reopen_rejected(entry.place)\n",
        becomes="        raise FileNotFoundError\n",
        killed_by=(_BEFORE + "[sail-rejected]",),
    ),
    Mutant(
        name="nowhere-told-by-each-task",
        why="one run would count as two tries of the file",
        file=_PUTTING_BACK,
        text="    if run_id in history.runs:\n",
        becomes="    if not run_id:\n",
        killed_by=(_NOWHERE,),
    ),
    Mutant(
        name="nowhere-told-for-ever",
        why="each report of the feed would be red, and nothing would lead out",
        file=_PUTTING_BACK,
        text="if history.attempts + 1 < MAX_ATTEMPTS:",
        becomes="if history.attempts >= 0:",
        killed_by=(_NOWHERE,),
    ),
    Mutant(
        name="nowhere-waits-in-source",
        why="who is to retract it would look for it where it is not",
        file="pipeline_jobs/operations/undo.py",
        text="if history.state and is_away(run, history.state)]",
        becomes="if history.state is None]",
        killed_by=(_NOWHERE,),
    ),
    Mutant(
        name="reopened-not-left-open-by-a-question",
        why="a file that was reopened long ago would be found by no run that must ask",
        file=_LEFT_OPEN,
        text='_IS_LEFT_OPEN = "open OR (reopened IS NOT NULL AND (judged IS NULL OR reopened >= judged))"',
        becomes='_IS_LEFT_OPEN = "open"',
        killed_by=(_LONG_AGO, _SAME),
    ),
    Mutant(
        name="reopened-looked-at-again-once-judged",
        why="for days each run would ask for the whole history of each file that was replayed",
        file=_LEFT_OPEN,
        text="(judged IS NULL OR reopened >= judged)",
        becomes="true",
        killed_by=(_SAME,),
    ),
    Mutant(
        name="reopened-not-left-open-at-hand",
        why="as by a question",
        file=_LEFT_OPEN,
        text="if _is_reopened(of) or any(map(_is_open, _by_attempt(of)))}",
        becomes="if any(map(_is_open, _by_attempt(of)))}",
        killed_by=(_AFTER + "[sail-the next run-rejected]", _SAME),
    ),
    Mutant(
        name="reopened-counted-nowhere",
        why="status would show a feed with which everything is well",
        file="ingest/operating/statements/of_feeds.py",
        text="WHERE word.state IN ('staged', 'reopened')",
        becomes="WHERE word.state IN ('staged')",
        killed_by=(_TEST + "test_status_counts_a_file_that_is_to_go_in_again[sail]",),
    ),
    Mutant(
        name="half-a-copy-taken-for-the-file",
        why="a copy that a killed run left half done would be loaded as the whole file, and nobody told",
        file="pipeline_jobs/state/volume.py",
        text="(is_regular(put) and not is_half_of(put, kept_in(self.root, file))) or",
        becomes="is_regular(put) or",
        killed_by=(_HALF + "[sail-merged]", _HALF + "[sail-rejected]"),
    ),
    Mutant(
        name="half-a-copy-left-in-its-place",
        why="of a file that was rejected it would be taken for one that has never left source/",
        file="pipeline_jobs/state/volume.py",
        text="standing.place == file and not is_half_of(path, kept_in(self.root, file))",
        becomes="standing.place == file",
        killed_by=(_HALF + "[sail-rejected]",),
    ),
)

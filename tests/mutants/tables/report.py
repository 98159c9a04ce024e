"""pipeline_jobs/: what people are told."""

from ..mutant import Mutant

_REPORT = "tests/integration/job/test_job_report.py::"
_POISON = "tests/integration/job/test_job_poison.py::"
_LONG_AGO = "tests/integration/job/test_job_long_ago.py::"
_TELLING = "tests/integration/job/test_job_telling.py::"
_MEANWHILE = "tests/integration/job/test_job_told_meanwhile.py::"
_STAGE_GUARDS = "tests/integration/job/test_job_stage_guards.py::"
_ONCE = _TELLING + "test_what_is_told_stands_in_the_output_before_the_ledger_says_so[sail]"
_LOGGED = (
    "    if problems:\n        # Before the ledger says that it was told, and whatever becomes of that entry.\n"
    "        log.error(told)\n"
)
_ENTERED = (
    '    with _told_all_the_same(told if problems else "", f"that it was told could not be entered in {TABLE}"):\n'
    "        meaning, is_whole = whole_meaning(run.contract), is_due(last.number + 1)\n"
    "        reported = run.ledger.reported(began, untold, meaning, is_whole=is_whole)\n"
    "        run.ledger.append([*of_no_feed, reported])\n"
)
_NOT_ENTERED = '        raise NotAllWellError(f"{told}\\n- and {failed}") from error\n'
_PROBLEMS = "problems = [*of_tasks(run.contract.feed, results), *of_files(told_of, run.ledger.run_id)]"

MUTANTS = (
    Mutant(
        name="reported-entered-before-it-is-told",
        why="a report that dies between the two would have told nobody, and nobody would tell it again",
        file="pipeline_jobs/steps/report.py",
        text=_LOGGED + _ENTERED,
        becomes=_ENTERED + _LOGGED,
        killed_by=(_ONCE,),
    ),
    Mutant(
        name="not-told-where-the-ledger-cannot-be-written",
        why="the mail would speak of the ledger alone, and not of the files",
        file="pipeline_jobs/steps/report.py",
        text="        if not told:\n            raise\n",
        becomes="        raise\n",
        killed_by=(_TELLING + "test_people_are_told_also_where_the_ledger_cannot_be_written[sail]",),
    ),
    Mutant(
        name="ledger-that-cannot-be-written-not-told",
        why="nobody would learn that each mail repeats those before it",
        file="pipeline_jobs/steps/report.py",
        text=_NOT_ENTERED,
        becomes="        log.warning(str(error))\n",
        killed_by=(_TELLING + "test_people_are_told_also_where_the_ledger_cannot_be_written[sail]",),
    ),
    Mutant(
        name="rejected-files-not-told",
        why="the promise: or somebody is told exactly why not",
        file="pipeline_jobs/steps/report.py",
        text=_PROBLEMS,
        becomes="problems = [*of_tasks(run.contract.feed, results)]",
        killed_by=(_REPORT + "test_a_rejected_file_is_told_once[sail]",),
    ),
    Mutant(
        name="failed-tasks-not-told",
        why="a green report after a failed stage_load makes the run a success",
        file="pipeline_jobs/steps/report.py",
        text=_PROBLEMS,
        becomes="problems = [*of_files(told_of, run.ledger.run_id)]",
        killed_by=(_REPORT + "test_a_task_that_did_not_succeed_is_red_whatever_its_case[sail]",),
    ),
    Mutant(
        name="result-compared-with-its-case",
        why="the Jobs API says `success` here and `SUCCESS` there",
        file="pipeline_jobs/problems.py",
        text='if result.lower() != "success"',
        becomes='if result != "success"',
        killed_by=(_REPORT + "test_a_task_that_did_not_succeed_is_red_whatever_its_case[sail]",),
    ),
    Mutant(
        name="vanished-file-told-as-one-that-is-tried-again",
        why="nobody would look for it: it is not there to be tried",
        file="pipeline_jobs/problems.py",
        text="if entry.state is State.FAILED and entry.reason == VANISHED:",
        becomes="if False:",
        killed_by=(_POISON + "test_a_file_that_is_gone_when_it_is_to_be_read_is_told_of[sail]",),
    ),
    Mutant(
        name="death-of-the-task-not-told",
        why="a file that kills the task would do so three times before a person hears which one it is",
        file="pipeline_jobs/problems.py",
        text="if entry.state is State.ATTEMPTED and entry.run_id == run_id:",
        becomes="if False:",
        killed_by=(_TELLING + "test_a_file_over_which_the_task_died_is_told[sail]",),
    ),
    Mutant(
        name="dead-engine-not-told",
        why="a file that kills the engine would do so three times before a person hears of it",
        file="pipeline_jobs/problems.py",
        text="if entry.state is State.RELEASED and entry.reason == ENGINE_LOST:",
        becomes="if False:",
        killed_by=(_STAGE_GUARDS + "test_an_engine_that_died_is_no_file_s_fault_but_each_is_tried_alone[sail]",),
    ),
    Mutant(
        name="entries-that-became-visible-late-not-told",
        why="what a cancelled run entered a moment before another reported would be told by nobody",
        file="pipeline_jobs/state/entries/reports.py",
        text="        return self.at - _SETTLING\n",
        becomes="        return self.at\n",
        killed_by=(
            _TELLING + "test_what_was_on_its_way_into_the_ledger_while_a_run_reported_is_told_by_the_next[sail]",
        ),
    ),
    Mutant(
        name="reported-as-of-when-it-is-entered",
        why="what others enter while a report is made would be told by nobody",
        file="pipeline_jobs/steps/report.py",
        text="run.ledger.reported(began, untold,",
        becomes="run.ledger.reported(run.ledger.entry(State.REPORTED), untold,",
        killed_by=(_MEANWHILE + "test_a_rejection_that_is_entered_while_a_report_is_made_is_told_once[sail]",),
    ),
    Mutant(
        name="due-by-another-moment-than-the-report-s",
        why="a file that falls due while a report is made would be told twice, or not at all",
        file="pipeline_jobs/steps/report.py",
        text="last.at, now)",
        becomes="last.at, run.clock.now())",
        killed_by=(_MEANWHILE + "test_a_file_that_is_due_while_a_report_is_made_is_told_once[sail-while it looks]",),
    ),
    Mutant(
        name="told-entries-told-again",
        why="each report of an hour would tell of what a notebook has rejected",
        file="pipeline_jobs/state/entries/reports.py",
        text="return entry.run_id in self.told and entry.at <= self.told[entry.run_id]",
        becomes="return False",
        killed_by=(
            _MEANWHILE + "test_a_rejection_that_was_half_an_hour_on_its_way_into_the_ledger_is_told_once[sail]",
        ),
    ),
    Mutant(
        name="what-was-told-forgotten-by-the-second-report",
        why="the next but one would tell it again",
        file="pipeline_jobs/state/entries/reports.py",
        text="        told = dict(self.told)\n",
        becomes="        told = dict[str, datetime]()\n",
        killed_by=(
            _MEANWHILE + "test_a_rejection_that_was_half_an_hour_on_its_way_into_the_ledger_is_told_once[sail]",
        ),
    ),
    Mutant(
        name="run-told-of-once-told-of-for-ever",
        why="what a notebook rejects after another run's report has told of it would be told by nobody",
        file="pipeline_jobs/state/entries/reports.py",
        text="return entry.run_id in self.told and entry.at <= self.told[entry.run_id]",
        becomes="return entry.run_id in self.told",
        killed_by=(_MEANWHILE + "test_what_a_run_enters_that_has_been_told_of_before_is_told[sail]",),
    ),
    Mutant(
        name="repair-after-the-report-not-told",
        why="what a repair has rejected that was cancelled would be told by nobody, for its run has reported before",
        file="pipeline_jobs/state/entries/untold.py",
        text="return report is not None and entry.at < report",
        becomes="return report is not None",
        killed_by=(_MEANWHILE + "test_what_a_repair_has_rejected_that_was_cancelled_is_told_by_the_next_run[sail]",),
    ),
    Mutant(
        name="try-that-another-run-made-good-told",
        why="people would look into the death of a task over a file whose rows are in the table",
        file="pipeline_jobs/steps/report.py",
        text="of = {State.REJECTED: overruled, State.ATTEMPTED: settled}",
        becomes="of = {State.REJECTED: overruled}",
        killed_by=(_TELLING + "test_a_file_over_which_the_task_died_and_that_another_run_merged_is_not_told[sail]",),
    ),
    Mutant(
        name="overruled-rejection-told",
        why="people would mend a file whose rows are in the table",
        file="pipeline_jobs/steps/report.py",
        text="of = {State.REJECTED: overruled, State.ATTEMPTED: settled}",
        becomes="of = {State.ATTEMPTED: settled}",
        killed_by=(_TELLING + "test_a_rejection_that_came_second_is_not_told[sail]",),
    ),
    Mutant(
        name="what-no-feed-has-told-for-ever",
        why="each report of each feed would tell of it again, until nobody reads them",
        file="pipeline_jobs/steps/report.py",
        text="[*of_no_feed, reported]",
        becomes="[reported]",
        killed_by=(_REPORT + "test_what_no_feed_has_is_told_once_by_the_first_report[sail]",),
    ),
    Mutant(
        name="reports-that-do-not-say-by-which-contract",
        why="a contract that changes under its old version would be told by nobody",
        file="pipeline_jobs/steps/report.py",
        text="run.ledger.reported(began, untold, meaning,",
        becomes="run.ledger.reported(began, untold, None,",
        killed_by=(_REPORT + "test_a_contract_that_changes_under_its_old_version_is_told_once[sail]",),
    ),
    Mutant(
        name="function-s-rejections-entered-behind-the-tables",
        why="a feed that waits for its rebuild would never tell what the function rejects meanwhile",
        file="pipeline_jobs/steps/stage.py",
        text="    enter_rejections(run)\n    finish_swap(run)\n    check_rules(run.engine, run.contract)\n",
        becomes="    finish_swap(run)\n    check_rules(run.engine, run.contract)\n    enter_rejections(run)\n",
        killed_by=(_REPORT + "test_what_the_function_rejected_is_told_whatever_the_tables_are_like[sail]",),
    ),
    Mutant(
        name="reason-file-of-any-time-believed",
        why="a reason file that somebody puts into source/ would be entered as the rejection of another file",
        file="contracts/names/paths.py",
        text='return identity.endswith(f"#{self.generation or stamp(self.finalized_at)}")',
        becomes='return self.generation == 0 or identity.endswith(f"#{self.generation}")',
        killed_by=(_REPORT + "test_a_reason_file_that_a_person_put_into_source_is_a_file_and_speaks_of_none[sail]",),
    ),
    Mutant(
        name="files-of-a-retired-feed-missed",
        why="status and the sweep say that it expects none",
        file="pipeline_jobs/steps/report.py",
        text="last is not NO_REPORT and not run.contract.is_retired",
        becomes="last is not NO_REPORT",
        killed_by=(_REPORT + "test_a_retired_feed_misses_no_file[sail]",),
    ),
    Mutant(
        name="names-pasted-into-commands",
        why="what a sender calls his file would be run by whoever pastes the command",
        file="contracts/files/remedies.py",
        text="        return shlex.quote(word)\n",
        becomes="        return word\n",
        killed_by=("tests/unit/contracts/test_contracts_remedies.py::test_any_name_comes_out_of_the_shell_as_it_was",),
    ),
    Mutant(
        name="rejections-looked-for-a-week",
        why="the report of a monthly feed would never tell of what was rejected between two of its files",
        file="pipeline_jobs/steps/settle.py",
        text="    return last.at - _BEFORE_A_REPORT\n",
        becomes="    return run.clock.now() - _BEFORE_A_REPORT\n",
        killed_by=(_LONG_AGO + "test_what_was_rejected_long_before_a_seldom_run_is_told_by_it[sail-True]",),
    ),
)

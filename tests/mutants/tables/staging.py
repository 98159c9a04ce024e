"""pipeline_jobs/: from source/ to the stage table."""

from ..mutant import Mutant

_DRAIN = "tests/unit/pipeline_jobs/test_drain.py::"
_STAGE_GUARDS = "tests/integration/job/test_job_stage_guards.py::"
_DEATHS = "tests/integration/job/test_job_deaths.py::"
_STAGE = "tests/integration/job/test_job_stage.py::"
_BAD_ROWS = "tests/integration/job/test_job_stage_bad_rows.py::"
_FINDS = "tests/integration/job/test_job_stage_found.py::"
_TELLING = "tests/integration/job/test_job_telling.py::"
_TWO_RUNS = "tests/integration/job/test_job_two_runs.py::"
_CHANGES = "tests/integration/job/test_job_contract_changes.py::"
_RESENT = "tests/integration/job/test_job_resent.py::"
_SESSIONS = "tests/unit/pipeline_jobs/test_sessions.py::"
_FOUND = "tests/invariants/test_histories.py::test_what_broke_a_promise_once_does_so_no_more"
_POISON = "tests/integration/job/test_job_poison.py::"
_TRYING = "    try:\n        # What is raised here, too, does not say that nothing was entered.\n"
_ENTERED = "run.ledger.append([run.ledger.entry(State.ATTEMPTED, **one.named) for one in tries])\n"
_VERDICTS = "    run.ledger.append(entries)\n"
_SETTLED = "    settle(run, [one.file for one, _ in (*heads.readable, *heads.faults, *heads.resent)])\n"

MUTANTS = (
    Mutant(
        name="full-disk-held-against-the-file",
        why="where the driver reads, every large file would be rejected as unreadable for a scratch disk without room",
        file="pipeline_jobs/steps/attempt.py",
        text="    if isinstance(error, OSError):\n        return False\n",
        becomes="",
        killed_by=(_STAGE_GUARDS + "test_a_scratch_disk_without_room_is_no_file_s_fault[sail]",),
    ),
    Mutant(
        name="twins-in-one-chunk",
        why="a file that waits twice would be loaded twice: neither is accepted when both are looked at",
        file="pipeline_jobs/steps/drain.py",
        text="looks |= {(file.name, file.size)} if twins_apart else set()",
        becomes="looks |= set()",
        killed_by=(_RESENT + "test_a_file_sent_again_is_loaded_once_archived_and_told[sail-True]",),
    ),
    Mutant(
        name="duplicate-by-its-size",
        why="another day's file of the same length would be thrown away",
        file="pipeline_jobs/state/lake_files.py",
        text="if other.read(len(block)) != block:",
        becomes="if len(other.read(len(block))) != len(block):",
        killed_by=(_RESENT + "test_other_bytes_of_the_same_length_or_another_name_are_another_file[sail-bytes]",),
    ),
    Mutant(
        name="warning-taken-for-an-error",
        why="a row that the contract only wants to be warned of would not be loaded",
        file="pipeline_jobs/judging/judge.py",
        text="[rule for rule in contract.rules if not rule.is_warning]",
        becomes="list(contract.rules)",
        killed_by=(_BAD_ROWS + "test_a_row_that_is_warned_of_is_loaded_and_told[sail]",),
    ),
    Mutant(
        name="reader-s-count-not-compared",
        why="a row that the engine loses would be missed by nobody",
        file="pipeline_jobs/steps/verdict.py",
        text="if judged != counted.good + counted.bad:",
        becomes="if False:",
        killed_by=(_STAGE_GUARDS + "test_a_row_that_is_lost_on_its_way_into_the_stage_table_stops_the_task[sail]",),
    ),
    Mutant(
        name="archived-before-the-ledger-says-so",
        why="a file in archive/ that the ledger does not know is never merged",
        file="pipeline_jobs/steps/attempt.py",
        text=_VERDICTS + _SETTLED,
        becomes=_SETTLED + _VERDICTS,
        killed_by=(_DEATHS + "test_a_run_may_die_at_every_step[sail-first move]",),
    ),
    Mutant(
        name="attempt-not-entered-before-it-begins",
        why="a file that kills the process would kill it for ever, for no death would count",
        file="pipeline_jobs/steps/attempt.py",
        text=_ENTERED,
        becomes="pass\n",
        killed_by=(_DEATHS + "test_dying_three_times_over_a_file_gives_it_up[sail]",),
    ),
    Mutant(
        name="attempt-not-released",
        why="a table that cannot be written would have good files rejected after three runs",
        file="pipeline_jobs/steps/attempt.py",
        text="        _release(run, tries, ENGINE_LOST if isinstance(error, EngineLostError) else None)\n",
        becomes="",
        killed_by=(_DEATHS + "test_what_is_not_the_file_s_fault_does_not_count[sail]",),
    ),
    Mutant(
        name="answer-lost-to-the-first-word-held-against-the-files",
        why="where the ledger gives no answer three runs long, good files are rejected",
        file="pipeline_jobs/steps/attempt.py",
        text=_TRYING + f"        {_ENTERED}",
        becomes=f"    {_ENTERED}    try:\n",
        killed_by=(_FOUND + "[sail-a ledger that enters each try and gives no answer]",),
    ),
    Mutant(
        name="moved-by-what-the-ledger-said-when-the-task-began",
        why="a file that another run has go in again would be moved away, and go in by the run after the next",
        file="pipeline_jobs/steps/stage.py",
        text="    settle(run, todo.finish)",
        becomes=(
            "    from pipeline_jobs.steps.settle import finish\n"
            "    [finish(run, file, histories[file.identity]) for file in todo.finish]"
        ),
        killed_by=(_TWO_RUNS + "test_a_file_that_another_run_has_go_in_again_stays_in_source[sail]",),
    ),
    Mutant(
        name="interrupted-cell-held-against-its-files",
        why="somebody who stops a notebook three times over a large file would have it rejected",
        file="pipeline_jobs/steps/attempt.py",
        text="except (Exception, KeyboardInterrupt) as error:",
        becomes="except Exception as error:",
        killed_by=(_STAGE_GUARDS + "test_a_cell_of_a_notebook_that_somebody_interrupts_is_no_file_s_fault[sail]",),
    ),
    Mutant(
        name="every-failure-held-against-the-file",
        why="as before: three runs without a right to write, and the files are rejected",
        file="pipeline_jobs/steps/attempt.py",
        text="return _can_judge(run, ()) and not _can_judge(run, cells)",
        becomes="return True",
        killed_by=(_STAGE_GUARDS + "test_a_table_that_takes_no_rows_is_no_file_s_fault[sail-PySparkException]",),
    ),
    Mutant(
        name="no-failure-held-against-the-file",
        why="a file that cannot be judged would fail every run of its feed, for ever",
        file="pipeline_jobs/steps/attempt.py",
        text="return _can_judge(run, ()) and not _can_judge(run, cells)",
        becomes="return False",
        killed_by=(_STAGE + "test_a_file_that_cannot_be_judged_is_given_up_after_three_runs[sail]",),
    ),
    Mutant(
        name="spark-of-its-own-taken-for-dead",
        why="each append that it refuses would count as its death, and three have a good file rejected",
        file="pipeline_jobs/engines/spark.py",
        text="if url else (OwnSparkEngine, _own_session())",
        becomes="if url else (DeltaEngine, _own_session())",
        killed_by=(_SESSIONS + "test_a_spark_of_its_own_is_lost_where_it_does_not_answer[True]",),
    ),
    Mutant(
        name="dead-engine-noticed-after-minutes",
        why="each call to one that is gone would be tried for more than ten",
        file="pipeline_jobs/engines/sessions.py",
        text="    if is_remote():\n        session.client.set_retry_policies(_for",
        becomes="    if False:\n        session.client.set_retry_policies(_for",
        killed_by=(
            _SESSIONS + "test_a_spark_of_its_own_is_lost_where_it_does_not_answer[True]",
            _SESSIONS + "test_whether_databricks_is_lost_is_asked_with_little_patience[True]",
        ),
    ),
    Mutant(
        name="dead-engine-held-against-its-files",
        why="an engine that dies of one file would have all files of its chunk tried together again",
        file="pipeline_jobs/steps/attempt.py",
        text="if run.engine.is_lost():",
        becomes="if False:",
        killed_by=(_STAGE_GUARDS + "test_an_engine_that_died_is_no_file_s_fault_but_each_is_tried_alone[sail]",),
    ),
    Mutant(
        name="chunk-that-fails-is-not-taken-apart",
        why="one bad file would keep four hundred good ones waiting",
        file="pipeline_jobs/steps/attempt.py",
        text="    for file in alone:\n        attempt(run, [file])\n",
        becomes="",
        killed_by=(_STAGE + "test_a_file_that_cannot_be_judged_is_given_up_after_three_runs[sail]",),
    ),
    Mutant(
        name="file-that-another-run-took-held-against-this-one",
        why="two runs at once would make one of them red, for a file that is staged",
        file="pipeline_jobs/steps/attempt.py",
        text="if not all(run.volume.is_waiting(one.file) for one, _ in readable):",
        becomes="if False:",
        killed_by=(_TWO_RUNS + "test_a_file_that_another_run_took_away_is_not_held_against_anybody[sail]",),
    ),
    Mutant(
        name="file-that-another-run-took-left-without-a-word",
        why="the report would say that the task died over it",
        file="pipeline_jobs/steps/attempt.py",
        text="            for one in gone\n",
        becomes="            for one in lost\n",
        killed_by=(_TWO_RUNS + "test_a_file_that_another_run_took_away_is_not_held_against_anybody[sail]",),
    ),
    Mutant(
        name="rejected-file-archived",
        why="`archive/` is what a rebuild loads",
        file="pipeline_jobs/steps/settle.py",
        text="if state is None or state.state is not State.REJECTED:",
        becomes="if True:",
        killed_by=(_STAGE + "test_a_bad_file_stops_no_other_file[sail]",),
    ),
    Mutant(
        name="every-reason-of-a-week-read-by-every-run",
        why="a hundred rejected files a day would be seven hundred requests in a volume, with each run",
        file="pipeline_jobs/steps/settle.py",
        text=" for rejected, identity in identities.items() if known[identity].state is None]",
        becomes=" for rejected in identities]",
        killed_by=(_FINDS + "test_a_reason_that_is_in_the_ledger_is_read_no_more[sail]",),
    ),
    Mutant(
        name="function-s-rejections-entered-with-each-run",
        why="each report of a week would tell of the same file",
        file="pipeline_jobs/steps/settle.py",
        text="        if known[rejection.identity].state is None\n",
        becomes="",
        killed_by=(_FINDS + "test_a_reason_that_is_in_the_ledger_is_read_no_more[sail]",),
    ),
    Mutant(
        name="vanished-file-not-told",
        why="nobody has it, and nobody would look for it",
        file="pipeline_jobs/steps/attempt.py",
        text="lost = [one for one in gone if histories[one.file.identity].is_open]",
        becomes="lost = [one for one in gone if not histories[one.file.identity].is_open]",
        killed_by=(_POISON + "test_a_file_that_is_gone_when_it_is_to_be_read_is_told_of[sail]",),
    ),
    Mutant(
        name="file-that-vanished-after-a-try-told-by-nobody",
        why="it is listed no longer: people would have heard that it is tried again, and never another word",
        file="pipeline_jobs/steps/stage.py",
        text="    tell_vanished(run, waiting)\n",
        becomes="",
        killed_by=tuple(
            f"{_DEATHS}test_a_file_that_is_gone_after_a_try_is_told_of_once[sail-{run}]"
            for run in ("its run", "the next")
        ),
    ),
    Mutant(
        name="late-try-taken-for-a-file-that-vanished",
        why="a file that was merged long ago would be told as lost",
        file="pipeline_jobs/operations/vanished.py",
        text='gone = [entry for entry in away if _is_tried(histories[entry.file or ""])]',
        becomes="gone = away",
        killed_by=(_DEATHS + "test_a_late_try_of_a_file_that_was_settled_long_ago_is_no_file_that_vanished[sail]",),
    ),
    Mutant(
        name="suspicious-files-tried-together",
        why="the one that kills the process would take the others along until all are rejected",
        file="pipeline_jobs/steps/drain.py",
        text="(*_chunks(new, twins_apart=skips_resent), *((file,) for file in again))",
        becomes="(*_chunks(new, twins_apart=skips_resent), *_chunks(again, twins_apart=False))",
        killed_by=(_DRAIN + "test_a_file_that_was_attempted_is_done_alone_and_given_up_after_the_third",),
    ),
    Mutant(
        name="last-suspect-tried-again-in-its-run",
        why="a second death would end the run, and with it the merge of all that is staged",
        file="pipeline_jobs/steps/drain.py",
        text="    again = [file for file in again if not histories[file.identity].was_alone_in(run_id)]\n",
        becomes="",
        killed_by=(_DRAIN + "test_a_run_tries_a_file_alone_once",),
    ),
    Mutant(
        name="given-up-after-two",
        why="the design gives a file three tries",
        file="pipeline_jobs/state/attempts.py",
        text="MAX_ATTEMPTS = 3",
        becomes="MAX_ATTEMPTS = 2",
        killed_by=(_DRAIN + "test_a_file_that_was_attempted_is_done_alone_and_given_up_after_the_third",),
    ),
    Mutant(
        name="settled-file-loaded-again",
        why="a death before the move would have a file staged twice",
        file="pipeline_jobs/steps/drain.py",
        text="final = (State.STAGED, State.MERGED,",
        becomes="final = (State.MERGED,",
        killed_by=(_DRAIN + "test_a_settled_file_only_gets_its_move",),
    ),
    Mutant(
        name="named-file-not-first",
        why="whoever started the run waits for that file",
        file="pipeline_jobs/steps/drain.py",
        text="key=lambda file: file.path != named",
        becomes="key=lambda file: 0",
        killed_by=(_DRAIN + "test_the_named_file_is_first_and_the_others_keep_their_order",),
    ),
    Mutant(
        name="named-file-that-is-nowhere-ignored",
        why="a job that looks at another lake than the function would be green and load nothing",
        file="pipeline_jobs/steps/stage.py",
        text="    _expect_named(run, waiting)\n",
        becomes="",
        killed_by=(_FINDS + "test_a_run_whose_file_is_nowhere_is_red[sail]",),
    ),
    Mutant(
        name="staged-otherwise-not-judged-again",
        why="the files would wait for ever: no merge takes them",
        file="pipeline_jobs/steps/stage.py",
        text="    _reopen_staged_otherwise(run)\n",
        becomes="",
        killed_by=(_CHANGES + "test_what_was_staged_by_another_version_is_judged_again_from_the_archive[sail]",),
    ),
    Mutant(
        name="reopened-before-the-file-is-back",
        why="a death between the two would leave a file that nobody merges and nobody lists",
        file="pipeline_jobs/operations/undo.py",
        text="        if entry.reason == REPLAY:\n",
        becomes="        if entry.reason == REPLAY:\n"
        "            run.ledger.append([run.ledger.entry(State.REOPENED, **named_as(entry))])\n",
        killed_by=(_CHANGES + "test_a_file_to_be_judged_again_is_in_source_before_the_ledger_says_so[sail]",),
    ),
    Mutant(
        name="function-s-rejections-not-entered",
        why="what the function rejected would be in no report",
        file="pipeline_jobs/steps/stage.py",
        text="    enter_rejections(run)\n",
        becomes="",
        killed_by=(_FINDS + "test_what_the_function_rejected_enters_the_ledger_once[sail]",),
    ),
)

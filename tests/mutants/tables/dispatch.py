"""function/: the run that is sure to list a file."""

from ..mutant import Mutant

_DISPATCH = "tests/unit/function/test_function_dispatch.py::"
_TROUBLE = "tests/integration/function/test_function_in_trouble.py::"
_FOLLOWED = _DISPATCH + "test_a_run_that_may_not_list_source_again_is_followed_by_another"

MUTANTS = (
    Mutant(
        name="token-without-the-newest-run",
        why="the second file of a feed would get the run of the first for ever, which is long over",
        file="function/dispatch.py",
        text="[job_id, newest.run_id if newest else 0, *",
        becomes="[job_id, *",
        killed_by=(_DISPATCH + "test_another_job_or_another_newest_run_gives_another_token",),
    ),
    Mutant(
        name="token-without-the-job",
        why="two feeds would get one run",
        file="function/dispatch.py",
        text="[job_id, newest.run_id",
        becomes="[newest.run_id",
        killed_by=(_DISPATCH + "test_another_job_or_another_newest_run_gives_another_token",),
    ),
    Mutant(
        name="run-started-without-its-token",
        why="an answer that is lost would start a second run",
        file="function/workspace.py",
        text="run_now(job_id, idempotency_token=token, ",
        becomes="run_now(job_id, ",
        killed_by=(_TROUBLE + "test_a_lost_answer_to_run_now_starts_one_run",),
    ),
    Mutant(
        name="page-taken-for-a-deleted-run",
        why="a proxy's 404 would count as a run that is gone, and its 400 as a refusal with the page in the log",
        file="function/workspace.py",
        text="        if shown is error:\n",
        becomes="        if shown is not None:\n",
        killed_by=(_TROUBLE + "test_a_page_of_something_else_says_of_no_run_that_it_was_deleted",),
    ),
    Mutant(
        name="token-of-a-deleted-run-kept",
        why="a run that was deleted would leave the feed without any other",
        file="function/dispatch.py",
        text="self._hour() if is_same else None",
        becomes="None",
        killed_by=(_DISPATCH + "test_a_token_whose_run_was_deleted_gets_the_hour",),
    ),
    Mutant(
        name="run-that-is-over-taken-for-one-to-come",
        why="where the list is stale, the token leads to a run that has listed source/ before",
        file="function/dispatch.py",
        text="if first_time or not workspace.is_over(started):",
        becomes="if True:",
        killed_by=(_DISPATCH + "test_a_run_that_is_over_is_no_run_for_this_file",),
    ),
    Mutant(
        name="second-run-that-is-over-taken-for-one-to-come",
        why="as before, with the hour in the token",
        file="function/dispatch.py",
        text="        if workspace.is_over(started):\n",
        becomes="        if False:\n",
        killed_by=(_DISPATCH + "test_no_run_that_is_sure_to_list_is_an_error",),
    ),
    Mutant(
        name="refused-run-swallowed",
        why="a job that is missing would eat every file",
        file="function/dispatch.py",
        text="            return self._start_another(job_id, path, seen)\n        if first_time",
        becomes="            return 0\n        if first_time",
        killed_by=(
            _DISPATCH + "test_a_job_that_refuses_every_run_is_an_error",
            _DISPATCH + "test_a_token_whose_run_was_deleted_gets_the_hour",
        ),
    ),
    Mutant(
        name="repaired-run-counted-as-listing",
        why="a repair may skip the task that lists source/",
        file="function/runs.py",
        text="            and not self.repaired\n",
        becomes="",
        killed_by=(_FOLLOWED + "[newest5]",),
    ),
    Mutant(
        name="retried-task-counted-as-listing",
        why="a retry may go on where the first try has listed source/",
        file="function/runs.py",
        text="            and tries[0].attempt == 0\n",
        becomes="",
        killed_by=(_FOLLOWED + "[newest3]",),
    ),
    Mutant(
        name="running-task-counted-as-listing",
        why="it may have listed source/ before the file was there",
        file="function/runs.py",
        text="and tries[0].life_cycle in _NOT_BEGUN",
        becomes="and tries[0].life_cycle in _GOING_ON",
        killed_by=(_FOLLOWED + "[newest0]",),
    ),
    Mutant(
        name="dying-run-counted-as-listing",
        why="a run that is being cancelled begins no task any more",
        file="function/runs.py",
        text="            self.life_cycle in _GOING_ON\n            and not",
        becomes="            not",
        killed_by=(_FOLLOWED + "[newest6]", _FOLLOWED + "[newest7]"),
    ),
    Mutant(
        name="loaded-by-its-first-try",
        why="a task that was retried with success would be followed by runs for ever",
        file="function/runs.py",
        text="max(tries, key=lambda task: task.attempt, default=None)",
        becomes="next(tries, None)",
        killed_by=(_DISPATCH + "test_a_run_has_loaded_if_both_loads_succeeded_in_their_last_try[tasks3-True]",),
    ),
)

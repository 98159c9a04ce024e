"""contracts/, pipeline_jobs/: what bounds the work that one name, cell or contract can make, and where it is done."""

from ..mutant import Mutant

_ADMISSION = "tests/unit/function/test_function_admission.py::"
_DOCUMENT = "tests/unit/contracts/test_contracts_document.py::"
_FOLDERS = "tests/integration/job/test_job_upkeep.py::test_a_folder_is_as_old_as_what_was_written_there_last"
_LEFT = "tests/integration/job/test_job_upkeep.py::test_what_a_killed_merge_or_move_left_goes_after_a_week"
_WORKFLOW = "tests/unit/pipeline_jobs/test_workflow.py::"
_EXPRESSIONS = "tests/unit/contracts/test_contracts_expressions.py::"
_WAYS = "tests/unit/contracts/test_contracts_pattern_ways.py::"

_SESSIONS = "tests/integration/job/test_engine_sessions.py::"
_RACES = "tests/integration/job/test_job_races.py::"
_REQUESTS = "tests/integration/job/test_job_requests.py::"
_DEEP = "tests/integration/job/test_job_deep_plans.py::"

MUTANTS = (
    Mutant(
        name="columns-joined-one-behind-the-other",
        why="no client makes the plan: a file of over twelve million rows and a feed of fifty columns get stuck",
        file="pipeline_jobs/engines/rewriting/folding.py",
        text="    middle = len(terms) // 2\n",
        becomes="    middle = 1\n",
        killed_by=(
            _DEEP + "test_a_load_has_as_many_ranges_as_it_is_large[sail]",
            _DEEP + "test_tables_of_many_columns_are_compared[sail]",
        ),
    ),
    Mutant(
        name="cleansing-in-one-projection",
        why="a plan grows with the product of its steps: units, minus and groups of one take half a second a query",
        file="pipeline_jobs/judging/cleansing.py",
        text="        if step.name in _OFTEN and turns[-1]:\n",
        becomes="        if False:\n",
        killed_by=(_DEEP + "test_steps_of_cleanse_make_no_plan_that_grows_with_their_product[sail]",),
    ),
    Mutant(
        name="name-of-any-length-matched",
        why="an event that is no object's would be held against every pattern",
        file="contracts/names/routing.py",
        text='    if len(name.encode("utf-8", "surrogatepass")) > MAX_OBJECT_NAME_BYTES:\n',
        becomes="    if False:\n",
        killed_by=(_ADMISSION + "test_the_longest_names_are_judged_whatever_wildcards_they_meet[1025-name_too_long]",),
    ),
    Mutant(
        name="pattern-read-in-two-ways-accepted",
        why="one cell would keep Spark busy for hours",
        file="contracts/parsing/pattern.py",
        text="        check_one_way(tree)\n",
        becomes="        pass\n",
        killed_by=(_WAYS + "test_what_reads_a_text_in_two_ways_is_refused_with_that_text[(a+)+]",),
    ),
    Mutant(
        name="pattern-of-two-like-places-accepted",
        why="the same place reached in two ways is what makes the work grow",
        file="contracts/parsing/ambiguity.py",
        text="    yield from ((a, b, True) for a, b in combinations(places.following[one], 2))\n",
        becomes="    yield from ((a, b, True) for a, b in combinations(places.following[one], 2) if a != b)\n",
        killed_by=(_WAYS + "test_what_reads_a_text_in_two_ways_is_refused_with_that_text[(a+)+]",),
    ),
    Mutant(
        name="pattern-held-against-a-text-that-is-too-long",
        why="it would be judged by its beginning",
        file="pipeline_jobs/judging/judge.py",
        text="    return (F.char_length(value) <= max_length) & ~F",
        becomes="    return ~F",
        killed_by=(
            "tests/integration/job/test_job_cells.py::test_a_text_that_is_too_long_breaks_maxlength_alone[sail]",
        ),
    ),
    Mutant(
        name="wildcards-of-like-not-counted",
        why="on Spark several make an expression whose work grows with the square of the cell's length",
        file="contracts/expressions/allowed.py",
        text="""    elif pattern.this.count("%") > 1 and "%" in pattern.this[1:-1]:\n""",
        becomes="    elif False:\n",
        killed_by=(_EXPRESSIONS + "test_a_like_whose_wildcards_can_share_a_text_in_many_ways_is_refused[%x%y]",),
    ),
    Mutant(
        name="yaml-loaded-before-its-shape-is-known",
        why="depth ends the process within the loader",
        file="contracts/parsing/document.py",
        text="        shape.take(event)\n",
        becomes="",
        killed_by=(_DOCUMENT + "test_a_refused_document_was_not_given_to_the_loader",),
    ),
    Mutant(
        name="a-cluster-of-any-runtime",
        why="on a runtime with Spark 3 each task starts, and fails where the engine says anything",
        file="pipeline_jobs/workflow/cluster.py",
        text="int(runtime[1]) < _OF_SPARK_4",
        becomes="int(runtime[1]) > 10 * _OF_SPARK_4",
        killed_by=(_WORKFLOW + "test_a_cluster_of_a_runtime_before_spark_4_is_refused[15.4.x-scala2.12]",),
    ),
    Mutant(
        name="a-run-s-folder-as-old-as-the-volume-says",
        why="a store knows no times of folders: upkeep would take away what a run of another feed has set aside",
        file="pipeline_jobs/steps/upkeep.py",
        text='(path, *path.rglob("*"))',
        becomes="(path,)",
        killed_by=(_FOLDERS + "[sail-a file of now]", _FOLDERS + "[sail-a run that was killed]"),
    ),
    Mutant(
        name="a-folder-of-no-known-time-is-old",
        why="a run that has written nothing yet would lose its folder",
        file="pipeline_jobs/steps/upkeep.py",
        text="if not 0 < _last_written(path) < oldest:",
        becomes="if not _last_written(path) < oldest:",
        killed_by=(_FOLDERS + "[sail-nothing written yet]",),
    ),
    Mutant(
        name="what-killed-merges-left-stays",
        why="each killed merge would leave its batch on the disk for ever, which may be gigabytes",
        file="pipeline_jobs/steps/upkeep.py",
        text=", run.engine.leftovers, run.volume.half_copies):",
        becomes=", run.volume.half_copies):",
        killed_by=(_LEFT + "[sail-old]",),
    ),
    Mutant(
        name="what-killed-moves-left-stays",
        why="each killed move would leave half of its copy on the disk for ever",
        file="pipeline_jobs/steps/upkeep.py",
        text=", run.engine.leftovers, run.volume.half_copies):",
        becomes=", run.engine.leftovers):",
        killed_by=(_LEFT + "[sail-old]",),
    ),
    Mutant(
        name="query-of-this-machine-made-again",
        why="a write that broke off behind its commit would have its rows twice",
        file="pipeline_jobs/engines/sessions.py",
        text="        SingleCalls(max_retries=_RETRIES",
        becomes="        DefaultPolicy(max_retries=_RETRIES",
        killed_by=(_SESSIONS + "test_a_query_that_breaks_off_on_this_machine_is_not_made_again",),
    ),
    Mutant(
        name="query-beside-a-checkpoint-not-made-again",
        why="a run would be red since another one wrote a checkpoint at the wrong moment",
        file="pipeline_jobs/engines/sessions.py",
        text="return _MISSING_COMMIT in str(exception)",
        becomes="return False",
        killed_by=(
            _SESSIONS + "test_a_query_that_did_not_begin_beside_a_checkpoint_is_made_again",
            _RACES + "test_a_table_whose_log_has_a_gap_is_asked_for_no_longer_than_it_takes[sail]",
        ),
    ),
    Mutant(
        name="query-of-this-machine-to-be-taken-up-again",
        why="each query would take two calls more, and a run a quarter more CPU",
        file="pipeline_jobs/engines/sessions.py",
        text="        session.client.disable_reattachable_execute()\n",
        becomes="        pass\n",
        killed_by=(_REQUESTS + "test_a_run_of_one_file_asks_the_engine_no_more_often_than_it_must[sail]",),
    ),
    Mutant(
        name="reader-made-known-to-each-session",
        why="target_load and report would send it to the engine, and read no file",
        file="pipeline_jobs/engines/reading.py",
        text="        self._is_registered = False\n",
        becomes="        session.dataSource.register(CellsSource)\n        self._is_registered = True\n",
        killed_by=(_REQUESTS + "test_a_run_of_one_file_asks_the_engine_no_more_often_than_it_must[sail]",),
    ),
)

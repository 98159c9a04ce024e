"""pipeline_jobs/: what is read from the tables, by which order, and how they are made and changed."""

from ..mutant import Mutant

_TARGET = "tests/integration/job/test_job_target.py::"
_YOUNGER = _TARGET + "test_without_a_sequence_the_younger_file_counts[sail]"
_STAGE_GUARDS = "tests/integration/job/test_job_stage_guards.py::"
_GUARDS = "tests/integration/job/test_job_merge_guards.py::"
_DIFF = "tests/unit/pipeline_jobs/test_contract_changes.py::"
_READ_OTHERWISE = (
    "tests/unit/pipeline_jobs/test_contract_changes.py::test_what_reads_keys_or_an_order_otherwise_needs_a_rebuild"
)
_CHANGED_TABLES = "tests/integration/job/test_job_contract_changes.py::"
_CHANGES = _CHANGED_TABLES + "test_another_rule_of_order_on_a_target_with_rows_is_refused_before_anything_is_written"
_EMPTIED = _CHANGED_TABLES + "test_a_stage_table_without_rows_gives_no_leave_to_stage_what_the_target_cannot_take"
_MADE_ANEW = "tests/integration/job/test_job_made_anew.py::"
_FOUND_MERGED = _MADE_ANEW + "test_rows_that_were_merged_since_the_look_are_not_thrown_away[sail-"
_NOT_ENTERED = (
    _MADE_ANEW + "test_what_is_merged_into_tables_that_were_made_anew_meanwhile_is_not_entered_as_merged[sail-"
)
_UPKEEP = "tests/integration/job/test_job_upkeep.py::"
_CHANGED = "return [name for name in has if had.get(name) != has[name]]"
_OF_ATTEMPTS = 'F.col("_attempt").isin(attempts) & F.col("_file").isin(files)'
_OTHERS = (
    "tests/integration/job/test_job_tables_of_others.py::"
    "test_a_feed_that_waits_for_its_rebuild_holds_up_none_that_looks_it_up"
)
_LACKS = (
    "tests/integration/job/test_job_tables_of_others.py::"
    "test_a_table_of_another_feed_gets_the_columns_that_it_lacks_and_no_other_type[sail]"
)
_MISREAD = (
    "tests/integration/job/test_job_tables_of_others.py::"
    "test_what_a_look_up_could_not_read_rightly_stops_it_and_no_summary"
)
_OF_OTHER_TYPES = (
    "tests/integration/job/test_job_tables_of_others.py::"
    "test_what_an_empty_table_of_other_types_lends_is_of_the_types_of_its_contract[sail]"
)

MUTANTS = (
    Mutant(
        name="attempt-ignored-when-the-stage-is-read",
        why="rows of a try that died, and that another contract judged, would be merged",
        file="pipeline_jobs/state/tables.py",
        text=_OF_ATTEMPTS,
        becomes='F.col("_file").isin(files)',
        killed_by=(_GUARDS + "test_the_rows_of_a_try_that_died_are_not_merged[sail]",),
    ),
    Mutant(
        name="file-ignored-when-the-stage-is-read",
        why="the file's name beside the attempt says the same twice",
        file="pipeline_jobs/state/tables.py",
        text=_OF_ATTEMPTS,
        becomes='F.col("_attempt").isin(attempts)',
        equivalent="each try of each file has a number of its own: second and chance, 63 bits; the file is there for "
        "those who read the query, and for the day on which two tries draw one number",
    ),
    Mutant(
        name="bad-rows-merged",
        why="a row that breaks a rule would replace a good one",
        file="pipeline_jobs/state/tables.py",
        text="filter(of_attempts & is_good())",
        becomes="filter(of_attempts)",
        killed_by=(_TARGET + "test_a_bad_row_never_reaches_the_target[sail]",),
    ),
    Mutant(
        name="row-without-a-key-merged",
        why="it equals nothing, so no later guard sees it, and each merge would insert it anew",
        file="pipeline_jobs/state/tables.py",
        text="F.sum(F.when(folded(or_, vital), 1).otherwise(0))",
        becomes="F.sum(F.when(folded(or_, vital), 0).otherwise(0))",
        killed_by=(_GUARDS + "test_a_row_without_a_key_is_never_merged[sail]",),
    ),
    Mutant(
        name="order-without-the-row-number",
        why="of two rows of one key in a file, either could win, another with each run",
        file="pipeline_jobs/state/tables.py",
        text="return (*contract.sequence, *FILE_ORDER)",
        becomes="return (*contract.sequence, *FILE_ORDER[:-1])",
        killed_by=(_YOUNGER,),
    ),
    Mutant(
        name="order-without-the-time-of-the-file",
        why="generations are no clock: a younger file could lose against an older one",
        file="pipeline_jobs/state/tables.py",
        text="return (*contract.sequence, *FILE_ORDER)",
        becomes="return (*contract.sequence, *FILE_ORDER[1:])",
        killed_by=(_YOUNGER,),
    ),
    Mutant(
        name="order-without-the-generation",
        why="of two uploads at one moment, either could win",
        file="pipeline_jobs/state/tables.py",
        text="return (*contract.sequence, *FILE_ORDER)",
        becomes="return (*contract.sequence, FILE_ORDER[0], *FILE_ORDER[2:])",
        killed_by=(_YOUNGER,),
    ),
    Mutant(
        name="order-of-the-file-before-the-sequence",
        why="an old state that is sent again would win against the newer one",
        file="pipeline_jobs/state/tables.py",
        text="return (*contract.sequence, *FILE_ORDER)",
        becomes="return (*FILE_ORDER, *contract.sequence)",
        killed_by=(_TARGET + "test_all_at_once_is_as_one_by_one[sail]",),
    ),
    Mutant(
        name="rows-of-an-append-only-feed-by-their-number-alone",
        why="the first row of each file would replace that of the file before",
        file="pipeline_jobs/state/tables.py",
        text='("_generation", "_file", "_row")',
        becomes='("_row",)',
        killed_by=(_TARGET + "test_every_row_of_an_append_only_feed_stays[sail]",),
    ),
    Mutant(
        name="changed-rules-not-refused",
        why="rows that were merged by one key, order or delete rule cannot be told apart by another",
        file="pipeline_jobs/state/meaning.py",
        text=_CHANGED,
        becomes="return []",
        killed_by=(
            _CHANGES + "[sail-primaryKey]",
            _CHANGES + "[sail-sequenceBy]",
            _CHANGES + "[sail-deleteWhen]",
        ),
    ),
    Mutant(
        name="changed-rules-found-after-the-files-are-staged",
        why="the files would be moved to archive/ for a target that cannot take them",
        file="pipeline_jobs/steps/stage.py",
        text="    check_rules(run.engine, run.contract)\n",
        becomes="",
        killed_by=(_CHANGES + "[sail-sequenceBy]",),
    ),
    Mutant(
        name="narrower-type-taken-for-a-wider-one",
        why="a table would be asked for a type that its rows do not fit",
        file="pipeline_jobs/state/meaning.py",
        text="return INTEGER_BITS[new.name] > INTEGER_BITS[old.name]",
        becomes="return INTEGER_BITS[new.name] != INTEGER_BITS[old.name]",
        killed_by=(
            "tests/unit/pipeline_jobs/test_contract_changes.py::test_a_type_is_wider_that_holds_every_value[bigint-int-False]",
        ),
    ),
    Mutant(
        name="key-that-is-read-otherwise-taken-for-compatible",
        why="ab-1 and AB-1 would be two rows for good, and the operator was told that all is well",
        file="pipeline_jobs/state/changes.py",
        text="        if (name, one) in rereading:\n",
        becomes="        if (one, name) in rereading:\n",
        killed_by=(_READ_OTHERWISE + "[before0-after0-needs a rebuild]",),
    ),
    Mutant(
        name="time-zone-of-an-order-taken-for-compatible",
        why="for as many hours as the zones are apart, real updates would count as older and be dropped",
        file="pipeline_jobs/state/changes.py",
        text="        if (_CSV, one) in rereading:\n",
        becomes="        if (one, _CSV) in rereading:\n",
        killed_by=(_READ_OTHERWISE + "[before7-after7-needs a rebuild]",),
    ),
    Mutant(
        name="encoding-of-a-text-key-taken-for-compatible",
        why="the umlauts of a key would be other letters from now on, and each such key be there twice",
        file="pipeline_jobs/state/changes.py",
        text='        yield from ((_CSV, "encoding"), (_CSV, "quote"), (_CSV, "escape"))\n',
        becomes='        yield from ((_CSV, "quote"), (_CSV, "escape"))\n',
        killed_by=(_READ_OTHERWISE + "[before15-after15-needs a rebuild]",),
    ),
    Mutant(
        name="fewer-days-of-retention-taken-for-compatible",
        why="the next apply deletes the originals of years, and the operator was told: from the next file on",
        file="pipeline_jobs/state/changes.py",
        text="        if after is not None and (before is None or after < before):\n",
        becomes="        if after is not None and before is not None and after < before:\n",
        killed_by=(
            _DIFF + "test_fewer_days_of_retention_lose_what_is_there"
            "[-{stageDays: 5}-loses what is kept-stageDays is 5, was nothing: with the next upkeep]",
        ),
    ),
    Mutant(
        name="changed-type-not-refused",
        why="a value that does not fit the table's column would become NULL",
        file="pipeline_jobs/state/making.py",
        text='    return [f"{name} is {own}, not {kind}" for name, own, kind in _types(there, schema)]',
        becomes="    return []",
        killed_by=(
            "tests/integration/job/test_job_stage.py::test_a_column_of_another_type_stops_the_task_and_no_file[sail]",
        ),
    ),
    Mutant(
        name="tables-made-anew-by-the-look-of-before",
        why="what another run has merged since would be gone, or stand by another order, and the ledger says merged",
        file="pipeline_jobs/state/making.py",
        text="    check_rules(engine, contract)\n    _refuse_rows_of_other_types(engine, contract)\n    mark",
        becomes="    mark",
        killed_by=(_FOUND_MERGED + "rules]", _FOUND_MERGED + "types]", _FOUND_MERGED + "deletes]"),
    ),
    Mutant(
        name="a-merge-into-tables-made-anew-entered",
        why="rows that were merged by another contract would count, or be gone, and the ledger says merged",
        file="pipeline_jobs/steps/merge.py",
        text="        expect_tables_of(run, mark, batch)\n",
        becomes="",
        killed_by=(_NOT_ENTERED + "rules]", _NOT_ENTERED + "types]"),
    ),
    Mutant(
        name="tables-made-anew-are-marked-by-the-rules-alone",
        why="where only types have changed, who merges meanwhile would find the mark that he knows",
        file="pipeline_jobs/state/making.py",
        text="    mark = marked(rules)\n",
        becomes="    mark = rules\n",
        killed_by=(_NOT_ENTERED + "types]",),
    ),
    Mutant(
        name="rows-thrown-away-between-look-and-act-not-told",
        why="a run that began and ended there would have entered as merged what is gone",
        file="pipeline_jobs/state/making.py",
        text="        _expect_no_rows_since(engine, contract, table, number)\n",
        becomes="        pass\n",
        killed_by=(_MADE_ANEW + "test_rows_that_are_thrown_away_all_the_same_are_told[sail]",),
    ),
    Mutant(
        name="a-stage-table-with-rows-that-count-is-made-anew",
        why="rows of a merged file would be gone, and nothing could be retracted from its feed any more",
        file="pipeline_jobs/state/making.py",
        text="elif _has_rows_that_count(engine, contract):",
        becomes="elif False:",
        killed_by=(_CHANGED_TABLES + "test_a_target_without_rows_gives_no_leave_to_throw_away_what_is_staged[sail]",),
    ),
    Mutant(
        name="an-empty-stage-table-made-anew-for-a-target-that-keeps-its-type",
        why="files would be staged that no merge takes, and then not even the old contract could go on",
        file="pipeline_jobs/state/making.py",
        text="        _refuse_rows_of_other_types(engine, contract)\n        engine.replace(",
        becomes="        engine.replace(",
        killed_by=(_EMPTIED + "[sail-things]", _EMPTIED + "[sail-things_tombstones]"),
    ),
    Mutant(
        name="an-empty-target-keeps-an-empty-stage-table-from-its-type",
        why="a first contract that was wrong about a type would leave tables that no run can use",
        file="pipeline_jobs/state/making.py",
        text="""schema) if engine.exists(table) else []
        if differing and not is_empty(engine, table):""",
        becomes="""schema) if engine.exists(table) else []
        if differing:""",
        killed_by=(_CHANGED_TABLES + "test_tables_without_rows_that_count_follow_the_contract[sail-value]",),
    ),
    Mutant(
        name="bad-rows-of-dead-tries-shown",
        why="people would look at each of them twice, and count them",
        file="pipeline_jobs/state/tables.py",
        text="ON rows._attempt = counted.attempt AND rows._file",
        becomes="ON rows._file",
        killed_by=(_STAGE_GUARDS + "test_the_bad_rows_of_a_try_that_died_are_not_shown[sail]",),
    ),
    Mutant(
        name="a-red-report-puts-upkeep-off",
        why="a feed with bad news every day would never be tidied",
        file="pipeline_jobs/steps/report.py",
        text="        keep_up(run, last.number + 1)\n",
        becomes="        if not problems:\n            keep_up(run, last.number + 1)\n",
        killed_by=(_UPKEEP + "test_each_hundredth_report_tidies[sail-failed]",),
    ),
    Mutant(
        name="views-ahead-of-the-merges",
        why="where a view is not the job's to alter, no file of the feed would ever be merged",
        file="pipeline_jobs/steps/merge.py",
        text="    mark = prepare_targets(run)\n",
        becomes="    mark = prepare_targets(run)\n    publish_rejects(run.engine, run.contract)\n",
        killed_by=(
            "tests/integration/job/test_job_views.py::test_a_view_that_is_not_ours_to_alter_holds_up_no_file[sail]",
        ),
    ),
    Mutant(
        name="a-table-of-another-feed-held-to-its-contract",
        why="a feed that waits for its rebuild would stop every feed that looks it up, which might make its table anew",
        file="pipeline_jobs/state/making.py",
        text="    if not engine.exists(table):\n        prepare_target(engine, contract)\n",
        becomes="    prepare_target(engine, contract)\n",
        killed_by=(_OTHERS + "[sail-sequenceBy]", _OTHERS + "[sail-type]"),
    ),
    Mutant(
        name="a-looked-up-table-of-another-key-taken",
        why="a look-up would find several rows, and double its own",
        file="pipeline_jobs/state/making.py",
        text="    if (differing or rekeyed) and not is_empty(engine, table):\n",
        becomes="    if differing and not is_empty(engine, table):\n",
        killed_by=(_MISREAD + "[sail-primaryKey]",),
    ),
    Mutant(
        name="a-lent-column-of-another-type-taken",
        why="other values would be lent than the contract says",
        file="pipeline_jobs/state/making.py",
        text="    if (differing or rekeyed) and not is_empty(engine, table):\n",
        becomes="    if rekeyed and not is_empty(engine, table):\n",
        killed_by=(_MISREAD + "[sail-lent]",),
    ),
    Mutant(
        name="a-column-that-nobody-lends-must-fit",
        why="a feed would stop for a column that it never reads",
        file="pipeline_jobs/state/making.py",
        text="StructType([field for field in schema.fields if field.name in columns])",
        becomes="schema",
        killed_by=(_OTHERS + "[sail-type]",),
    ),
    Mutant(
        name="an-empty-table-of-another-type-lent-as-it-is",
        why="an engine may refuse an expression over the old type: its feed would stop until the other has had a run",
        file="pipeline_jobs/merging/rows.py",
        text="if kinds[name] != kind.simpleString()}",
        becomes="if not kinds[name]}",
        killed_by=(_OF_OTHER_TYPES,),
    ),
    Mutant(
        name="columns-that-another-feed-s-table-lacks-not-added",
        why="what its contract lends could not be read until it has had a run",
        file="pipeline_jobs/state/making.py",
        text="    if missing:\n",
        becomes="    if False:\n",
        killed_by=(_LACKS,),
    ),
    Mutant(
        name="summarised-tables-not-made",
        why="a summary of a feed that has had no file yet would fail each run",
        file="pipeline_jobs/steps/merge.py",
        text="        prepare_summarised(run)\n",
        becomes="",
        killed_by=("tests/integration/job/test_job_views.py::test_rejects_and_summaries_can_be_asked[sail]",),
    ),
)

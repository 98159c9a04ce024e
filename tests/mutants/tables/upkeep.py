"""pipeline_jobs/: what upkeep takes out of tables and folders, and what it may not."""

from ..mutant import Mutant

_UPKEEP = "tests/integration/job/test_job_upkeep.py::"
_TIDYING = "tests/unit/pipeline_jobs/test_tidying.py::"
_TIDY = "pipeline_jobs/engines/rewriting/tidying.py"
_DAILY = _UPKEEP + "test_the_ledger_is_tidied_once_a_day_by_whichever_feed[sail]"
_TIDIED = _UPKEEP + "test_tidying_takes_out_the_rows_of_old_tries_that_do_not_count[sail]"

MUTANTS = (
    Mutant(
        name="upkeep-discards-what-waits-for-its-merge",
        why="a feed that stood still for a week would lose what it has staged",
        file="pipeline_jobs/steps/upkeep.py",
        text=" - waiting - {None})",
        becomes=" - {None})",
        killed_by=(_TIDIED,),
    ),
    Mutant(
        name="upkeep-discards-what-is-merged",
        why="an audit looks at the stage table, and `retract` recomputes keys from it",
        file="pipeline_jobs/steps/upkeep.py",
        text='F.col("_attempt") == F.col("attempt"), how="left_anti"',
        becomes='F.col("_attempt") == F.col("attempt"), how="left"',
        killed_by=(_TIDIED,),
    ),
    Mutant(
        name="upkeep-keeps-dead-tries-for-ever",
        why="the stage table would grow with every death",
        file="pipeline_jobs/steps/upkeep.py",
        text="[*_without_a_verdict(run), *_beyond_retention(run)]",
        becomes="[*_beyond_retention(run)]",
        killed_by=(_TIDIED,),
    ),
    Mutant(
        name="upkeep-discards-the-verdicts-of-the-week",
        why="people would find no row of a file that was rejected on Friday",
        file="pipeline_jobs/steps/upkeep.py",
        text="_staged_before(run, _KEPT)",
        becomes="_staged_before(run, timedelta())",
        killed_by=(_TIDIED,),
    ),
    Mutant(
        name="retention-takes-what-waits",
        why="a feed that stood still for longer than its retention would lose what it has staged",
        file="pipeline_jobs/steps/upkeep.py",
        text='F.col("_attempt") == F.col("attempt"), how="left_semi"',
        becomes='F.col("_attempt") == F.col("attempt"), how="left"',
        killed_by=(_UPKEEP + "test_merged_rows_leave_the_stage_table_when_the_contract_s_days_are_over[sail]",),
    ),
    Mutant(
        name="upkeep-with-every-run",
        why="a commit costs more than a small file",
        file="pipeline_jobs/steps/upkeep.py",
        text="return reports % _EVERY == 0",
        becomes="return True",
        killed_by=(_UPKEEP + "test_each_hundredth_report_tidies[sail-success]",),
    ),
    Mutant(
        name="the-ledger-s-small-files-are-left",
        why="each question to the ledger would cost what all runs have left since the last upkeep",
        file="pipeline_jobs/steps/upkeep.py",
        text="        _join_small_files(run)\n",
        becomes="        return\n",
        killed_by=(_UPKEEP + "test_a_report_joins_the_small_files_of_the_ledger[sail-success]",),
    ),
    Mutant(
        name="all-is-joined-every-time",
        why="some hundred times a day a ledger of a year would be written anew, and be kept twice",
        file=_TIDY,
        text="_join(table, _JOINED_TO)",
        becomes="_join(table)",
        killed_by=(_TIDYING + "test_small_files_are_joined_and_no_large_one_is_written_again",),
    ),
    Mutant(
        name="upkeep-makes-one-range-of-all",
        why="a batch of neighbouring keys would have all of the target written anew",
        file=_TIDY,
        text="_APART if is_merged_into else None",
        becomes="None",
        killed_by=(_TIDYING + "test_ranges_of_some_size_stay_apart_in_what_is_merged_into[True]",),
    ),
    Mutant(
        name="upkeep-of-the-target-as-of-the-stage",
        why="a batch of neighbouring keys would have all of the target written anew",
        file="pipeline_jobs/steps/upkeep.py",
        text="_is_tidied(run, table, is_merged_into=True)",
        becomes="_is_tidied(run, table)",
        killed_by=(_UPKEEP + "test_what_is_merged_into_is_tidied_as_such[sail]",),
    ),
    Mutant(
        name="small-is-what-cannot-be-joined",
        why="files of which no two fit into one would have each fourth report join nothing",
        file=_TIDY,
        text="_FEW = _JOINED_TO // 2",
        becomes="_FEW = _JOINED_TO",
        killed_by=(
            _TIDYING + "test_small_files_are_counted_and_what_no_two_of_fit_into_one_are_not"
            "[such as are left to the day's upkeep]",
        ),
    ),
    Mutant(
        name="every-past-is-short",
        why="`publish` would find no version that it has shown, and show all anew",
        file=_TIDY,
        text="    if not is_read_by_version:\n",
        becomes="    if True:\n",
        killed_by=(_TIDYING + "test_versions_that_nobody_reads_are_kept_for_hours[True]",),
    ),
    Mutant(
        name="a-file-about-to-be-committed-goes",
        why="a compaction would commit a file that is not there any more, and with it lose entries of the ledger",
        file=_TIDY,
        text="_UNNAMED = timedelta(days=2)",
        becomes="_UNNAMED = timedelta(hours=6)",
        killed_by=(_TIDYING + "test_files_go_that_no_version_names_and_none_that_one_named_of_late[86400.0-True]",),
    ),
    Mutant(
        name="each-feed-tidies-the-ledger",
        why="three hundred feeds would write the end of it anew three hundred times a day",
        file="pipeline_jobs/steps/upkeep.py",
        text="< _A_DAY.total_seconds():",
        becomes="< 0:",
        killed_by=(_DAILY,),
    ),
    Mutant(
        name="a-ledger-that-could-not-be-tidied-is",
        why="a ledger with many writers would not be tidied for days",
        file="pipeline_jobs/steps/upkeep.py",
        text='        return False\n    log.info("table tidied"',
        becomes='        return True\n    log.info("table tidied"',
        killed_by=(_DAILY,),
    ),
    Mutant(
        name="a-view-of-a-catalog-replaced",
        why="every run would take away the rights that people have on the feed's views",
        file="pipeline_jobs/engines/places.py",
        text='return f"CREATE VIEW IF NOT EXISTS {view} AS {query}", f"ALTER VIEW {view} AS {query}"',
        becomes='return (f"CREATE OR REPLACE VIEW {view} AS {query}",)',
        killed_by=("tests/unit/pipeline_jobs/test_known_places.py::test_a_view_of_a_catalog_is_never_replaced",),
    ),
    Mutant(
        name="a-view-of-a-catalog-only-made",
        why="a view that is there would go on with the query of the contract before",
        file="pipeline_jobs/engines/places.py",
        text='return f"CREATE VIEW IF NOT EXISTS {view} AS {query}", f"ALTER VIEW {view} AS {query}"',
        becomes='return (f"CREATE VIEW IF NOT EXISTS {view} AS {query}",)',
        killed_by=("tests/unit/pipeline_jobs/test_known_places.py::test_a_view_of_a_catalog_is_never_replaced",),
    ),
)

"""Wrong variants of what operators' commands read, and of the local warehouse that answers them."""

from ..mutant import Mutant

_READING = "tests/unit/local/test_warehouse_reading.py::"
_BAD_ROWS = "tests/unit/ingest/test_ingest_bad_rows.py::"
_VALUES = "tests/unit/ingest/test_ingest_targets_values.py::"
_STANDING = "tests/unit/ingest/test_ingest_standing.py::"
_JOBS = "tests/unit/ingest/test_ingest_jobs.py::"
_CLIENTS = "tests/integration/workspace/test_workspace_as_clients_use_it.py::"

_STAGE_DAYS = "tests/integration/ingest/test_ingest_stage_days.py::"
_BACKFILL = "tests/integration/ingest/test_ingest_backfill.py::"
_AT_DATABRICKS = "tests/integration/ingest/test_ingest_at_databricks.py::"

MUTANTS = (
    Mutant(
        name="warehouse-runs-what-writes",
        why="a SELECT may make a table, too",
        file="local/warehouse/reading.py",
        text="    if not reads or any(isinstance(node, changing) for node in tree.walk()):",
        becomes="    if not reads:",
        killed_by=(_READING + "test_what_does_anything_else_is_refused[SELECT 1 AS a INTO mine]",),
    ),
    Mutant(
        name="formula-within-a-cell-of-an-export",
        why="a spreadsheet whose list separator is the semicolon makes a cell of its own of it",
        file="ingest/trying/export.py",
        text="""(?=[ "]*[=+""",
        becomes="""(?=[ "]+[=+""",
        killed_by=(_BAD_ROWS + "test_no_cell_of_an_export_is_a_formula_whatever_the_list_separator[x;=1+1;y-;]",),
    ),
    Mutant(
        name="files-of-the-archive-alone-not-told",
        why="a preview would say that nothing comes in the place of what goes",
        file="ingest/undoing/effect.py",
        text='"WHERE merged.rows_good > 0"',
        becomes='"WHERE merged.rows_good < 0"',
        killed_by=(_STAGE_DAYS + "test_files_that_are_in_the_archive_alone_are_told_of_and_not_counted",),
    ),
    Mutant(
        name="bad-rows-kept-no-longer-taken-for-none",
        why="rows that were kept out would be denied once the stage table has them no more",
        file="ingest/operating/rejects.py",
        text="0 if causes else self.kept_out",
        becomes="0",
        killed_by=(_STAGE_DAYS + "test_bad_rows_that_are_kept_no_longer_were_kept_out_all_the_same",),
    ),
    Mutant(
        name="warehouse-reads-any-folder",
        why="a statement names files of this machine as a table",
        file="local/warehouse/reading.py",
        text="Namespace(catalog, schema) != here:",
        becomes="Namespace(catalog, schema) == here and False:",
        killed_by=(_READING + "test_a_table_of_another_place_is_not_there[delta.`/etc`]",),
    ),
    Mutant(
        name="warehouse-takes-any-function-for-rows",
        why="IDENTIFIER and read_files name tables and files in a text",
        file="local/warehouse/reading.py",
        text="    if not isinstance(table.this, exp.Identifier) or Namespace",
        becomes="    if Namespace",
        killed_by=(_READING + "test_a_table_of_another_place_is_not_there[read_files('/etc')]",),
    ),
    Mutant(
        name="warehouse-for-every-principal",
        why="the function's identity may start runs, and not read what people were told of",
        file="local/workspace/statement_routes.py",
        text="            if caller() != USER:",
        becomes="            if caller() is None:",
        killed_by=(
            "tests/integration/workspace/test_workspace_statements.py::test_a_service_principal_reads_no_tables",
        ),
    ),
    Mutant(
        name="bad-rows-by-their-number-alone",
        why="a page of wide records is more than a warehouse answers, and none of a feed's bad rows is seen",
        file="ingest/operating/bad_rows.py",
        text="WHERE before <= {_ANSWER} {order}",
        becomes="{order}",
        killed_by=(
            "tests/integration/ingest/test_ingest_long_records.py::test_all_bad_rows_are_written_however_wide_they_are",
        ),
    ),
    Mutant(
        name="personal-cells-on-the-terminal",
        why="a cell of a column with a classification is shown unasked",
        file="ingest/operating/bad_rows.py",
        text="cell if name in shown or cell is None else WITHHELD",
        becomes="cell",
        killed_by=(_BAD_ROWS + "test_what_is_personal_is_masked",),
    ),
    Mutant(
        name="reason-believed-by-its-name",
        why="a producer's object would speak of files that are not its own",
        file="contracts/names/paths.py",
        text='return identity.endswith(f"#{self.generation or stamp(self.finalized_at)}")',
        becomes="return True",
        killed_by=("tests/integration/ingest/test_ingest_waiting.py::test_what_is_called_like_a_reason_is_none",),
    ),
    Mutant(
        name="ragged-record-unmasked",
        why="a record that is not cut into cells has personal ones somewhere",
        file="ingest/operating/bad_rows.py",
        text="        return BadRow(row.row, row.errors, WITHHELD)",
        becomes="        return row",
        killed_by=(_BAD_ROWS + "test_a_record_that_is_not_cut_into_cells_is_masked_as_a_whole",),
    ),
    Mutant(
        name="dead-stack-asked",
        why="the file of a stack that is gone names addresses that are somebody else's by now",
        file="ingest/targets/stack.py",
        text="        return False\n    return False",
        becomes="        return False\n    return True",
        killed_by=(_VALUES + "test_a_stack_that_starts_or_is_of_another_version_is_told_apart",),
    ),
    Mutant(
        name="only-live-objects-wait",
        why="an overwritten generation waits in landing for its event as well",
        file="ingest/operating/waiting.py",
        text="        if not is_placeholder(one.name, one.size):",
        becomes="        if one.is_live and not is_placeholder(one.name, one.size):",
        killed_by=(_STANDING + "test_what_waits_in_landing_is_told_by_feed",),
    ),
    Mutant(
        name="what-waits-in-source-skipped-by-a-backfill",
        why="repeated after a death, it would say that all is well of a file that no run was started for",
        file="ingest/operating/backfill.py",
        text="    # A command that died may",
        becomes='    settled |= _standing(target.lake, "source", files)\n    # A command that died may',
        killed_by=(_BACKFILL + "test_a_backfill_that_was_killed_is_repeated_and_each_file_is_in_once",),
    ),
    Mutant(
        name="a-page-of-25-runs",
        why="the Jobs API takes less than 25, and no command of a workspace would know a run",
        file="ingest/targets/jobs.py",
        text="_PAGE = 24\n",
        becomes="_PAGE = 25\n",
        killed_by=(_JOBS + "test_the_last_run_of_many_feeds_is_found_by_few_questions[runs1-2-1-0]",),
    ),
    Mutant(
        name="a-stack-that-gives-25-runs",
        why="what asks for a page that Databricks refuses would pass here",
        file="local/workspace/run_requests.py",
        text="_MOST = 24\n",
        becomes="_MOST = 25\n",
        killed_by=(_CLIENTS + "test_a_malformed_number_is_refused_in_json_and_listings_keep_to_their_limits",),
    ),
    Mutant(
        name="files-asked-for-in-one-statement",
        why="a run that 300 files went in by could not be told of: a query takes 255 markers",
        file="ingest/targets/tables.py",
        text="MOST_MARKED = 200",
        becomes="MOST_MARKED = 2000",
        killed_by=(_AT_DATABRICKS + "test_files_are_asked_for_in_as_many_statements_as_their_markers_take",),
    ),
    Mutant(
        name="selection-told-to-a-thousand",
        why="the command would say that all is done of files that it has not looked at",
        file="ingest/undoing/files.py",
        text="reason = 'replay' ORDER BY file\"",
        becomes="reason = 'replay' ORDER BY file LIMIT 1000\"",
        killed_by=(_AT_DATABRICKS + "test_files_are_asked_for_in_as_many_statements_as_their_markers_take",),
    ),
    Mutant(
        name="preview-of-what-no-operation-holds",
        why="it would ask for --yes, and then refuse it",
        file="ingest/undoing/command.py",
        text="    _text(operation)  # what would be refused with --yes is not shown without it\n",
        becomes="",
        killed_by=(
            "tests/integration/ingest/test_ingest_undo.py::test_what_no_operation_can_hold_is_refused_before_it_is_shown",
        ),
    ),
    Mutant(
        name="oldest-told-for-the-newest",
        why="in a week with many, status would show on Friday what came on Monday",
        file="ingest/operating/waiting.py",
        text="for name in reversed(reasons[-_TOLD:]) if",
        becomes="for name in reversed(reasons[:500][-_TOLD:]) if",
        killed_by=("tests/integration/ingest/test_ingest_waiting.py::test_the_newest_of_many_are_told",),
    ),
    Mutant(
        name="bad-rows-since-the-swap-alone",
        why="rows that a rebuild has staged before are there, and would be called kept no longer",
        file="ingest/operating/rejects.py",
        text="first = min([one.first, *(entry.at for entry in entries)])",
        becomes="first = one.first",
        killed_by=(_AT_DATABRICKS + "test_bad_rows_that_were_staged_long_before_a_swap_are_found",),
    ),
    Mutant(
        name="what-is-not-described-passed-over",
        why="a laptop with last month's package would say that all is well of a feed that it does not know",
        file="ingest/operating/standing.py",
        text="{*deployed, *self.source}.difference(described)",
        becomes="{*deployed, *self.source}.intersection(described)",
        killed_by=(_STANDING + "test_a_feed_without_a_contract_is_told",),
    ),
    Mutant(
        name="all-is-well-beside-the-undescribed",
        why="who watches the exit code sees nothing of it",
        file="ingest/operating/standing.py",
        text="for one in (*self.feeds, *self.foreign))",
        becomes="for one in self.feeds)",
        killed_by=(_STANDING + "test_a_feed_without_a_contract_is_told",),
    ),
    Mutant(
        name="backfill-goes-on-behind-a-run-that-failed",
        why="each of the next runs would fail of the same, one after the other, for as long as there are files",
        file="ingest/operating/backfill.py",
        text='give the command again")\n            return\n',
        becomes='give the command again")\n',
        killed_by=(_BACKFILL + "test_a_run_that_does_not_load_ends_the_backfill_with_its_cause",),
    ),
    Mutant(
        name="backfill-of-nothing-is-well",
        why="with a misspelt prefix a whole history would count as loaded",
        file="ingest/operating/backfill.py",
        text="    if not files:\n        raise TargetError(",
        becomes="    if not files:\n        print(",
        killed_by=(_BACKFILL + "test_where_nothing_lies_is_a_wrong_use[dayli/]",),
    ),
)

"""pipeline_jobs/engines/: how each engine merges, and what of a table it writes anew."""

from ..mutant import Mutant

_TARGET = "tests/integration/job/test_job_target.py::"
_GUARDS = "tests/integration/job/test_job_merge_guards.py::"
_RANGES = "test_a_first_load_is_in_ranges_of_its_key_and_one_that_is_far_from_the_next_is_left_alone[sail]"
_REWRITING = "tests/integration/job/test_job_rewriting.py::"
_BY_STATEMENT = _REWRITING + "test_a_table_with_deletion_vectors_is_merged_by_the_engine_s_statement[sail]"
_SLICES = "tests/integration/job/test_job_slices.py::"
_IN_PIECES = _SLICES + "test_a_file_in_pieces_is_merged_as_in_one[sail]"
_PARTS = "tests/unit/pipeline_jobs/test_touched_parts.py::"
_CONFLICTS = (
    "tests/unit/pipeline_jobs/test_delta_conflicts.py::test_a_commit_that_another_session_overtook_is_a_conflict"
)
_CHANGES = "tests/integration/job/test_job_contract_changes.py::"
_AS_NEW = _GUARDS + "test_a_row_that_was_merged_is_merged_again_with_what_is_derived_of_it_now"
_AS_NEW_BY_STATEMENT = _REWRITING + "test_a_row_takes_its_own_place_again_by_the_engine_s_statement[sail]"

MUTANTS = (
    Mutant(
        name="guard-newer-and-not-as-new",
        why="a row that was merged without a word would keep what a contract derived of it that has changed since",
        file="pipeline_jobs/engines/rewriting/part_merge.py",
        text="_order(self.merge.order, comes) >= _order(",
        becomes="_order(self.merge.order, comes) > _order(",
        killed_by=(_AS_NEW + "[sail]",),
    ),
    Mutant(
        name="guard-newer-and-not-as-new-in-the-statement",
        why="as before, where the engine's own statement merges: on Spark and Databricks always",
        file="pipeline_jobs/engines/merging.py",
        text=">= struct({_of('t', merge.order)})",
        becomes="> struct({_of('t', merge.order)})",
        killed_by=(_AS_NEW_BY_STATEMENT, _AS_NEW + "[spark]"),
    ),
    Mutant(
        name="no-guard-on-rows-that-come",
        why="the file that comes last would win, not the newest row",
        file="pipeline_jobs/engines/rewriting/part_merge.py",
        text="        return F.coalesce(newer, F.lit(False))\n",
        becomes="        return F.coalesce(newer, F.lit(False)) | F.lit(True)\n",
        killed_by=(
            _TARGET + "test_without_a_sequence_the_younger_file_counts[sail]",
            _TARGET + "test_a_deleted_key_stays_away_until_a_newer_row[sail]",
        ),
    ),
    Mutant(
        name="no-guard-on-updates",
        why="the file that comes last would win, not the newest row",
        file="pipeline_jobs/engines/merging.py",
        text='f"WHEN MATCHED AND NOT s._deleted AND {newer}"',
        becomes='"WHEN MATCHED AND NOT s._deleted"',
        killed_by=(_BY_STATEMENT, _TARGET + "test_without_a_sequence_the_younger_file_counts[spark]"),
    ),
    Mutant(
        name="no-guard-on-deletes",
        why="an old deletion that comes late would take out a newer row",
        file="pipeline_jobs/engines/merging.py",
        text='f"WHEN MATCHED AND s._deleted AND {newer} THEN DELETE"',
        becomes='"WHEN MATCHED AND s._deleted THEN DELETE"',
        killed_by=(_BY_STATEMENT, _TARGET + "test_a_deleted_key_stays_away_until_a_newer_row[spark]"),
    ),
    Mutant(
        name="deleted-rows-inserted",
        why="a key that was only ever deleted would stand in the target until the look after the merge",
        file="pipeline_jobs/engines/merging.py",
        text="WHEN NOT MATCHED AND NOT s._deleted THEN INSERT",
        becomes="WHEN NOT MATCHED THEN INSERT",
        killed_by=(_BY_STATEMENT,),
    ),
    Mutant(
        name="cells-of-an-older-row-kept",
        why="a row would have a cell of another file, wherever the engine's own statement merges",
        file="pipeline_jobs/engines/merging.py",
        text="for name in columns_there if name not in merge.columns]",
        becomes="for name in columns_there if name in ()]",
        killed_by=(
            _REWRITING + "test_a_column_that_the_contract_does_not_know_is_null_after_the_engine_s_statement[sail]",
            _CHANGES + "test_a_column_that_a_version_does_not_know_is_null_in_its_rows[spark]",
        ),
    ),
    Mutant(
        name="a-feature-that-a-table-gets-taken-for-no-conflict",
        why="a merge beside a version that widens a type would be red, where a second round heals it",
        file="pipeline_jobs/engines/delta.py",
        text=', "DELTA_PROTOCOL_CHANGED")',
        becomes=")",
        killed_by=(_CONFLICTS + "[features]",),
    ),
    Mutant(
        name="deleted-rows-written",
        why="as before, where the engine does not merge itself",
        file="pipeline_jobs/engines/rewriting/part_merge.py",
        text='rows.filter(~F.col("_deleted")).select(',
        becomes="rows.select(",
        killed_by=(_GUARDS + "test_a_deletion_of_what_was_never_there_puts_nothing_into_the_target[sail]",),
    ),
    Mutant(
        name="merge-committed-for-any-version",
        why="two runs that saw an empty target would both put the same keys in",
        file="pipeline_jobs/engines/rewriting/exchange.py",
        text="CommitProperties(max_commit_retries=0)",
        becomes="CommitProperties(max_commit_retries=5)",
        killed_by=(_REWRITING + "test_nothing_is_committed_for_another_version_than_was_looked_at[sail]",),
    ),
    Mutant(
        name="merges-on-spark-of-the-weaker-isolation",
        why="two merges that insert one new key would not surely be told apart, and both put it in",
        file="pipeline_jobs/engines/delta.py",
        text='            of["delta.isolationLevel"] = "Serializable"\n',
        becomes='            of["delta.isolationLevel"] = "WriteSerializable"\n',
        killed_by=("tests/integration/job/test_job_replacing.py::test_a_table_becomes_what_the_rows_are[spark]",),
    ),
    Mutant(
        name="merge-behind-many-others-not-counted",
        why="a merge that other commits follow at once would go uncounted: what it lost, nobody would miss",
        file="pipeline_jobs/engines/versions/of_delta.py",
        text='newest if newest[-1]["version"] <= since + 1 else self._history()',
        becomes="newest",
        killed_by=(
            "tests/integration/job/test_job_replacing.py::test_a_merge_is_found_behind_however_many_others[spark]",
        ),
    ),
    Mutant(
        name="written-rows-not-counted",
        why="rows that an engine loses when it writes a file anew would be gone with the commit",
        file="pipeline_jobs/engines/rewriting/rewrite.py",
        text="        if written != expected:\n",
        becomes="        if False:\n",
        killed_by=(_REWRITING + "test_a_key_that_stands_twice_stops_a_merge_before_its_commit[sail]",),
    ),
    Mutant(
        name="part-with-the-first-key-of-the-next",
        why="that row would be put in twice",
        file="pipeline_jobs/engines/rewriting/slices.py",
        text="cut < F.lit(self.high)",
        becomes="cut <= F.lit(self.high)",
        killed_by=(_REWRITING + "test_each_row_finds_its_place_whatever_part_it_is_in[sail]",),
    ),
    Mutant(
        name="a-part-for-each-range-of-a-large-table",
        why="a batch that is scattered over a large table would ask three questions of each of its files",
        file="pipeline_jobs/engines/rewriting/parts.py",
        text="max(rows, min(met // _MOST_PARTS, _MOST_ROWS))",
        becomes="rows",
        killed_by=(_PARTS + "test_a_batch_that_meets_all_of_a_large_table_has_no_part_for_each_file",),
    ),
    Mutant(
        name="parts-that-share-a-key",
        why="a row of the batch would not meet the row of its key in the other part",
        file="pipeline_jobs/engines/rewriting/parts.py",
        text="file.low > max(one.high for one in group)",
        becomes="file.low >= max(one.high for one in group)",
        killed_by=(_PARTS + "test_files_that_share_a_key_are_in_one_part",),
    ),
    Mutant(
        name="file-with-the-greatest-key-left-out",
        why="the row of that key would stay, and the batch's be put in beside it",
        file="pipeline_jobs/engines/rewriting/ranges.py",
        text="(F.col(column) <= F.lit(high))",
        becomes="(F.col(column) < F.lit(high))",
        killed_by=(_REWRITING + _RANGES,),
    ),
    Mutant(
        name="files-with-deletion-vectors-rewritten",
        why="rows that were deleted would come back",
        file="pipeline_jobs/engines/rewriting/parts.py",
        text="is_plain = table.protocol().min_reader_version == 1 and",
        becomes="is_plain = True and",
        killed_by=(_PARTS + "test_files_that_do_not_hold_their_rows_alone_are_not_rewritten", _BY_STATEMENT),
    ),
    Mutant(
        name="rows-that-stay-of-one-slice-alone",
        why="the others would leave the target with the files that go",
        file="pipeline_jobs/engines/rewriting/rewrite.py",
        text="[of.staying() for of in of_each]",
        becomes="[of.staying() for of in of_each[:1]]",
        killed_by=(_IN_PIECES,),
    ),
    Mutant(
        name="range-of-keys-without-its-low-end",
        why="rows of the batch below it would find no row in the target, and stand there twice",
        file="pipeline_jobs/engines/merging.py",
        text="low, high = F.min(name)",
        becomes="low, high = F.max(name)",
        killed_by=(_TARGET + "test_without_a_sequence_the_younger_file_counts[sail]",),
    ),
    Mutant(
        name="version-counted-by-an-engine-that-does-not-find-it",
        why="each merge at a checkpoint of the table would be red on Sail, which finds no version before it",
        file="pipeline_jobs/engines/sail.py",
        text="        after = rows_of(table) if table.version() == made else self.versions(merge.target).count(made)\n",
        becomes="        path = self._place.path(merge.target)\n"
        '        then = [self.session.read.format("delta").option("versionAsOf", one) for one in (version, made)]\n'
        "        before, after = (one.load(path).count() for one in then)\n",
        killed_by=(_TARGET + "test_merges_go_on_beyond_the_table_s_first_checkpoint[sail]",),
    ),
)

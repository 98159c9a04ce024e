"""publish: the target in BigQuery, and the server in its place."""

from ..mutant import Mutant

_PUBLISH = "tests/integration/job/test_job_publish.py::"
_DEATHS = "tests/integration/job/test_job_publish_deaths.py::"
_COLUMNS = "tests/integration/job/test_job_publish_columns.py::"
_REFUSED = "tests/integration/job/test_job_publish_refused.py::"
_STATE = "        state = self._state()\n"
_LOOK = "        self.versions.keep_changes()\n        newest = self.versions.newest()\n"

MUTANTS = (
    Mutant(
        name="a-publish-that-was-overtaken-merges-all-the-same",
        why="rows would go back to what an older version of the target says, under the word of the newer one",
        file="pipeline_jobs/publishing/statements.py",
        text='        "WHERE said.token = @last"\n',
        becomes='        "WHERE said.token IS NOT NULL"\n',
        killed_by=(_DEATHS + "test_a_later_version_is_not_undone[sail-before its transaction-both a change]",),
    ),
    Mutant(
        name="a-publish-looks-at-the-target-first",
        why="one that sees the state of a later publish behind its look would bring its older version as the newest",
        file="pipeline_jobs/publishing/publish.py",
        text=_STATE + _LOOK,
        becomes=_LOOK + _STATE,
        killed_by=(_DEATHS + "test_a_later_version_is_not_undone[sail-behind its look-both a change]",),
    ),
    Mutant(
        name="a-table-made-anew-is-taken-for-the-old-one",
        why="a table that somebody dropped would get the next change alone, and lack all other rows",
        file="pipeline_jobs/publishing/seen.py",
        text="        is_same = (state.made, state.table_id) == (self.found.made, self.newest.table_id)\n",
        becomes="        is_same = state.table_id == self.newest.table_id\n",
        killed_by=(_REFUSED + "test_what_others_did_there_is_told_or_made_good[sail]",),
    ),
    Mutant(
        name="a-swap-is-taken-for-changes",
        why="by another key old rows are not told apart: of some that have it in common, one would be left for each",
        file="pipeline_jobs/engines/versions/of_sail.py",
        text="        if self._is_replaced(since, until) or not self._has_files(since):\n",
        becomes="        if not self._has_files(since):\n",
        killed_by=(_PUBLISH + "test_what_is_taken_back_made_anew_and_put_in_again[sail]",),
    ),
    Mutant(
        name="removed-files-stop-every-publish",
        why="until six days after the last one that went through, no publish would",
        file="pipeline_jobs/engines/versions/of_sail.py",
        text="        if self._is_replaced(since, until) or not self._has_files(since):\n",
        becomes="        if self._is_replaced(since, until):\n",
        killed_by=(_PUBLISH + "test_where_upkeep_has_removed_what_was_shown_all_comes[sail]",),
    ),
    Mutant(
        name="a-column-that-was-made-anew-is-taken-for-the-old-one",
        why="rows that have not changed since would have nothing in it for ever",
        file="pipeline_jobs/publishing/seen.py",
        text="        return is_same and state.shown == self.shown\n",
        becomes="        return is_same\n",
        killed_by=(_COLUMNS + "test_a_column_that_the_contract_dropped_is_not_made_again[sail]",),
    ),
    Mutant(
        name="a-publish-that-adds-a-column-does-not-write-so-down",
        why="were it to die behind that, the next one would not know that no row has anything in it",
        file="pipeline_jobs/publishing/statements.py",
        text="SET token = @token, shown = '' WHERE token = @last\"",
        becomes='SET token = @token WHERE token = @last"',
        killed_by=(_COLUMNS + "test_a_column_that_was_taken_out_there_comes_back_with_all_its_rows[sail]",),
    ),
    Mutant(
        name="a-column-that-the-contract-dropped-is-made-again",
        why="nothing says any more that it is classified, so it would be there without its policy tag",
        file="pipeline_jobs/publishing/shape.py",
        text='    wanted = [field for field in fields(columns) if field["name"] in known]\n',
        becomes="    wanted = list(fields(columns)) if known else []\n",
        killed_by=(_COLUMNS + "test_a_column_that_the_contract_dropped_is_not_made_again[sail]",),
    ),
    Mutant(
        name="a-classified-column-is-made-by-the-job",
        why="it would be there without its policy tag, for everybody who reads the dataset",
        file="pipeline_jobs/publishing/shape.py",
        text="    if names:\n",
        becomes="    if not table:\n",
        killed_by=(_REFUSED + "test_other_types_and_classified_columns_are_refused[sail]",),
    ),
    Mutant(
        name="a-new-column-is-added-by-saying-the-whole-schema",
        why="policy tags of other columns stand in it, and an editor of the dataset may not even repeat them",
        file="pipeline_jobs/publishing/bigquery.py",
        text="        self.run(widening(self.full(table), kinds), {})\n",
        becomes='        self.wire.ask("PATCH", self._tables(table), {"schema": {"fields": list(fields)}})\n',
        killed_by=("tests/integration/test_local_bigquery.py::test_columns_are_added_by_one_statement",),
    ),
    Mutant(
        name="what-is-on-its-way-lies-among-what-people-read",
        why="its classified columns have no policy tags, and readers of the dataset would see them until it is gone",
        file="pipeline_jobs/publishing/bigquery.py",
        text='        return replace(self, name=f"{self.name}_on_its_way")\n',
        becomes="        return replace(self, name=self.name)\n",
        killed_by=(_DEATHS + "test_a_publish_may_die_at_each_of_its_requests[sail-a change]",),
    ),
    Mutant(
        name="a-cancelled-transaction-is-final",
        why="another one that is open there would make a publish red that only had to look again",
        file="pipeline_jobs/publishing/publish.py",
        text="            if error.reason in _FINAL or (not self._is_overtaken(state) and self.is_last):\n",
        becomes="            if error.reason in _FINAL or not self._is_overtaken(state):\n",
        killed_by=(_DEATHS + "test_who_is_cancelled_looks_again[sail]",),
    ),
    Mutant(
        name="a-limit-of-requests-is-taken-for-a-missing-right",
        why="BigQuery tells both by 403, and the one passes",
        file="pipeline_jobs/publishing/wire.py",
        text="        return self.status in _AGAIN or (self.status == 403 and self.reason in _TOO_MUCH)\n",
        becomes="        return self.status in _AGAIN\n",
        killed_by=(
            "tests/unit/pipeline_jobs/test_publish_asks_again.py::test_what_passes_is_asked_for_again[backendError]",
        ),
    ),
    Mutant(
        name="statements-to-the-local-bigquery-reach-files",
        why="every program on the machine could read and write by it what its user can",
        file="local/bigquery/tables.py",
        text='        self.database.execute("SET enable_external_access = false")\n',
        becomes='        self.database.execute("SELECT 1")\n',
        killed_by=("tests/integration/test_local_bigquery.py::test_a_statement_reaches_no_file",),
    ),
    Mutant(
        name="rows-in-bigquery-are-not-counted",
        why="a table that somebody else writes to would differ, and every publish would be green",
        file="pipeline_jobs/publishing/publish.py",
        text="        if counted != rows:\n",
        becomes="        if counted < 0:\n",
        killed_by=(_REFUSED + "test_what_others_did_there_is_told_or_made_good[sail]",),
    ),
    Mutant(
        name="what-is-shown-counted-by-what-was-written-down",
        why="a published table that somebody emptied would be green for as long as the target stays as it is",
        file="pipeline_jobs/publishing/publish.py",
        text="            counted = shape.found.rows\n",
        becomes="            counted = state.rows\n",
        killed_by=(_REFUSED + "test_what_others_did_there_is_told_or_made_good[sail]",),
    ),
    Mutant(
        name="a-table-that-is-made-has-forgotten-its-columns",
        why="its rows would be brought twice, and the log would tell of another publish that there is not",
        file="pipeline_jobs/publishing/shape.py",
        text="is_wider = found is not None and bool(missing)",
        becomes="is_wider = bool(missing)",
        killed_by=(_COLUMNS + "test_a_table_that_a_publish_makes_is_loaded_once[sail]",),
    ),
)

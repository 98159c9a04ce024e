"""publish: the target in BigQuery."""

from ..mutant import Mutant

_PUBLISH = "tests/integration/job/test_job_publish.py::"
_STATE = "        state = self._state()\n"
_LOOK = "        self.versions.keep_changes()\n        newest = self.versions.newest()\n"

MUTANTS = (
    Mutant(
        name="a-publish-that-was-overtaken-merges-all-the-same",
        why="rows would go back to what an older version of the target says, under the word of the newer one",
        file="pipeline_jobs/publishing/statements.py",
        text='        "WHERE said.token = @last"\n',
        becomes='        "WHERE said.token IS NOT NULL"\n',
        killed_by=(_PUBLISH + "test_a_later_version_is_not_undone[sail-before its transaction-both a change]",),
    ),
    Mutant(
        name="a-publish-looks-at-the-target-first",
        why="one that sees the state of a later publish behind its look would bring its older version as the newest",
        file="pipeline_jobs/publishing/publish.py",
        text=_STATE + _LOOK,
        becomes=_LOOK + _STATE,
        killed_by=(_PUBLISH + "test_a_later_version_is_not_undone[sail-behind its look-both a change]",),
    ),
    Mutant(
        name="a-table-made-anew-is-taken-for-the-old-one",
        why="a table that somebody dropped would get the next change alone, and lack all other rows",
        file="pipeline_jobs/publishing/publish.py",
        text="        is_same = (state.made, state.table_id) == (found.made, newest.table_id) and",
        becomes="        is_same = state.table_id == newest.table_id and",
        killed_by=(_PUBLISH + "test_what_others_did_there_is_told_or_made_good[sail]",),
    ),
    Mutant(
        name="a-classified-column-is-made-by-the-job",
        why="it would be there without its policy tag, for everybody who reads the dataset",
        file="pipeline_jobs/publishing/shape.py",
        text="    if names:\n",
        becomes="    if not table:\n",
        killed_by=(_PUBLISH + "test_other_types_and_classified_columns_are_refused[sail]",),
    ),
    Mutant(
        name="what-is-on-its-way-lies-among-what-people-read",
        why="its classified columns have no policy tags, and readers of the dataset would see them until it is gone",
        file="pipeline_jobs/publishing/bigquery.py",
        text='        return replace(self, name=f"{self.name}_on_its_way")\n',
        becomes="        return replace(self, name=self.name)\n",
        killed_by=(_PUBLISH + "test_a_publish_may_die_at_each_of_its_requests[sail-a change]",),
    ),
    Mutant(
        name="rows-in-bigquery-are-not-counted",
        why="a table that somebody else writes to would differ, and every publish would be green",
        file="pipeline_jobs/publishing/publish.py",
        text="        if state.rows != rows:\n",
        becomes="        if state.rows < 0:\n",
        killed_by=(_PUBLISH + "test_what_others_did_there_is_told_or_made_good[sail]",),
    ),
)

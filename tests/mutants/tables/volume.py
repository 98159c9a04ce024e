"""pipeline_jobs/: the moves of files in the lake."""

from ..mutant import Mutant

_VOLUME = "tests/unit/pipeline_jobs/test_volume.py::"
_OVERWRITTEN = "tests/integration/job/test_job_overwritten.py::"
_REASON = "            self._put(file.place.reason_path(), lambda path: path.write_bytes(rejection.to_json()))\n"
_MOVE = "        self._move(file, file.place.rejected_path())\n"

MUTANTS = (
    Mutant(
        name="removed-without-comparing-the-copy",
        why="a copy that is cut short would be the only one",
        file="pipeline_jobs/state/volume.py",
        text="            if not alike(source, target):\n",
        becomes="            if False:\n",
        killed_by=(_VOLUME + "test_a_file_is_not_removed_for_a_copy_that_differs",),
    ),
    Mutant(
        name="rejections-with-a-time-that-somebody-gave-them-overlooked",
        why="a file that was put into source/ with the time of its original would be rejected without a word",
        file="pipeline_jobs/state/found_files.py",
        text=' and not folder.endswith("-0")',
        becomes="",
        killed_by=(_VOLUME + "test_a_rejection_is_looked_for_where_it_can_be_new[31-0-True]",),
    ),
    Mutant(
        name="any-copy-taken-for-whole",
        why="what a dead run has left half-written would be kept in place of the file",
        file="pipeline_jobs/state/volume.py",
        text="if not (is_regular(target) and begins(source, target)):",
        becomes="if not is_regular(target):",
        killed_by=(
            _VOLUME + "test_a_move_that_died_half_way_is_made_again[con]",
            _VOLUME + "test_a_move_that_died_half_way_is_made_again[another]",
        ),
    ),
    Mutant(
        name="half-copy-taken-for-the-original",
        why="what a killed process left in the archive would be copied over the file that still stands in source/",
        file="pipeline_jobs/state/volume.py",
        text="if not (is_regular(target) and begins(source, target)):",
        becomes="if not (is_regular(target) and alike(source, target)):",
        killed_by=(_VOLUME + "test_a_copy_that_died_half_done_is_never_taken_for_the_file",),
    ),
    Mutant(
        name="only-whole-copies-forgotten",
        why="what a dead run had written of the copy would stay in archive/ beside the rejected file",
        file="pipeline_jobs/state/lake_files.py",
        text="if is_regular(copy) and begins(copy, original):",
        becomes="if is_regular(copy) and alike(copy, original):",
        killed_by=(_VOLUME + "test_what_is_there_of_a_copy_goes_before_the_file_goes_elsewhere[id,v-False]",),
    ),
    Mutant(
        name="direct-file-reopened-beside-itself",
        why="the archive's copy, perhaps half of it, would wait under the same identity as the file",
        file="pipeline_jobs/state/volume.py",
        text="if self._has_never_left(file, stood) and (stood != to or not is_regular(archived)):",
        becomes="if self._has_never_left(file, stood) and not is_regular(archived):",
        killed_by=(_VOLUME + "test_a_file_that_never_left_source_is_not_brought_back_beside_itself",),
    ),
    Mutant(
        name="copy-written-in-place",
        why="a half file would be seen under its name, by people and by another run",
        file="pipeline_jobs/state/volume.py",
        text="if target.is_relative_to(_VOLUMES):",
        becomes="if True:",
        killed_by=(_VOLUME + "test_a_copy_that_breaks_off_is_seen_by_nobody",),
    ),
    Mutant(
        name="reason-after-the-move",
        why="a death between the two would leave a rejected file without its reason, for ever",
        file="pipeline_jobs/state/volume.py",
        text="        if self.is_waiting(file):\n" + _REASON + _MOVE,
        becomes="        is_waiting = self.is_waiting(file)\n" + _MOVE + "        if is_waiting:\n" + _REASON,
        killed_by=(_VOLUME + "test_a_rejected_file_is_never_without_its_reason",),
    ),
    Mutant(
        name="changed-file-removed",
        why="a file that was written again under its name would be lost unread",
        file="pipeline_jobs/state/volume.py",
        text="if not file.has_changed(source.lstat()):",
        becomes="if True:",
        killed_by=(_VOLUME + "test_a_file_that_changed_since_it_was_read_is_not_removed",),
    ),
    Mutant(
        name="changed-file-archived-as-the-one-before",
        why="the next run would take it for a copy of what it has loaded, and none would load it",
        file="pipeline_jobs/state/volume.py",
        text="            elif is_new and file.is_direct:",
        becomes="            elif False:",
        killed_by=(
            _VOLUME + "test_a_file_that_changed_since_it_was_read_is_not_removed",
            _OVERWRITTEN + "test_a_version_that_comes_before_the_first_is_archived_is_loaded[sail]",
        ),
    ),
    Mutant(
        name="changed-file-read-as-the-one-before",
        why="what is wrong with it would be told of another file, of which nobody would hear that it is gone",
        file="pipeline_jobs/state/volume.py",
        text="        if file.is_direct and not self.is_waiting(file):",
        becomes="        if False:",
        killed_by=(_OVERWRITTEN + "test_the_fault_of_a_version_is_not_told_of_the_one_before[sail]",),
    ),
    Mutant(
        name="file-that-changed-while-it-was-read-taken-for-whole",
        why="the half of one file and the half of another would be merged as one",
        file="pipeline_jobs/steps/attempt.py",
        text="    if not all(run.volume.is_waiting(one.file) for one, _ in readable if one.file.is_direct):",
        becomes="    if False:",
        killed_by=(
            _OVERWRITTEN + "test_a_version_that_is_gone_before_it_was_read_to_its_end_is_told[sail-while it is read]",
        ),
    ),
    Mutant(
        name="file-with-the-time-of-another-archived-in-its-place",
        why="its rows would be lost in silence, and the original of those that were loaded with them",
        file="pipeline_jobs/steps/settle.py",
        text="    if file.is_direct and are_two(run.volume.root / file.path, run.volume.root / kept):",
        becomes="    if False:",
        killed_by=(_OVERWRITTEN + "test_a_version_with_the_time_of_the_first_is_told_and_stays[sail]",),
    ),
    Mutant(
        name="file-that-is-nowhere-taken-for-moved",
        why="a file that nobody has would be entered as archived",
        file="pipeline_jobs/state/volume.py",
        text="if source.exists() or not any(map(is_regular, kept_in(self.root, file.place))):",
        becomes="if source.exists():",
        killed_by=(_VOLUME + "test_a_move_that_somebody_else_made_is_made",),
    ),
    Mutant(
        name="link-taken-for-a-file",
        why="a file from anywhere on the machine would be read, archived and removed as one of the lake",
        file="pipeline_jobs/state/lake_files.py",
        text="elif entry.is_file(follow_symlinks=False):",
        becomes="elif entry.is_file():",
        killed_by=(_VOLUME + "test_what_is_no_file_is_left_where_it_is_and_named_in_the_log",),
    ),
    Mutant(
        name="copy-behind-a-link-taken-for-the-archive",
        why="the only copy in the archive would be somebody else's file",
        file="pipeline_jobs/state/volume.py",
        text="if not (is_regular(target) and begins(source, target)):",
        becomes="if not (target.exists() and begins(source, target)):",
        killed_by=(_VOLUME + "test_nothing_is_written_through_a_link_in_the_place_of_a_file",),
    ),
    Mutant(
        name="missing-volume-taken-for-an-empty-one",
        why="a job with a wrong parameter would be green and see no file",
        file="pipeline_jobs/state/volume.py",
        text="if not self.root.is_dir():",
        becomes="if False:",
        killed_by=(
            "tests/integration/job/test_job_stage_found.py::test_a_volume_that_is_not_there_is_no_empty_one[sail]",
        ),
    ),
)

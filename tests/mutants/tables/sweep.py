"""function/: what the sweep finds."""

from ..mutant import Mutant

_SWEEP = "tests/unit/function/test_function_sweep.py::"
_HTTP = "tests/integration/function/test_sweep_over_http.py::"
_NEEDED = _SWEEP + "test_a_feed_gets_a_run_when_it_needs_one"

MUTANTS = (
    Mutant(
        name="noncurrent-generations-ignored",
        why="a file that was replaced before its event came would stay in landing for ever",
        file="function/storage.py",
        text="versions=True",
        becomes="versions=False",
        killed_by=(_HTTP + "test_files_without_an_event_are_admitted_noncurrent_generations_too",),
    ),
    Mutant(
        name="no-run-after-a-failed-one",
        why="what was staged would wait for the feed's next file",
        file="function/sweep.py",
        text="if last and not last.has_loaded:",
        becomes="if False:",
        killed_by=(_NEEDED + "[runs7-False-True]", _NEEDED + "[runs8-False-True]"),
    ),
    Mutant(
        name="a-run-with-each-sweep-after-a-failed-one",
        why="a target that is broken would be mailed every few minutes",
        file="function/sweep.py",
        text="            if not self._is_older(_ended_at(last), self.ages.retry):\n                return None\n",
        becomes="            pass\n",
        killed_by=(_NEEDED + "[runs5-False-False]",),
    ),
    Mutant(
        name="last-run-by-its-start",
        why="a run that was started earlier and failed later would be followed by none",
        file="function/sweep.py",
        text="max(runs, key=_ended_at, default=None)",
        becomes="next(iter(runs), None)",
        killed_by=(_NEEDED + "[runs11-False-True]", _NEEDED + "[runs12-False-False]"),
    ),
    Mutant(
        name="a-run-beside-an-active-one",
        why="with each sweep another run would be queued behind a long one",
        file="function/sweep.py",
        text="        if not all(run.is_over for run in runs):\n            return None\n",
        becomes="",
        killed_by=(_NEEDED + "[runs4-True-False]",),
    ),
    Mutant(
        name="rejections-never-told-by-the-sweep",
        why="a bad file that is a feed's last would be mailed to nobody",
        file="function/sweep.py",
        text="elif path is None and not self._has_untold(feed, runs, last):",
        becomes="elif path is None:",
        killed_by=(
            _SWEEP + "test_a_rejection_that_no_run_has_told_of_gets_one[runs1-True]",
            _HTTP + "test_a_rejection_is_told_by_a_run_of_its_own",
        ),
    ),
    Mutant(
        name="run-whose-report-was-cancelled-not-followed",
        why="of what it rejected nobody has heard",
        file="function/sweep.py",
        text="if last and last.is_silenced:",
        becomes="if False:",
        killed_by=(_NEEDED + "[runs15-False-True]",),
    ),
    Mutant(
        name="taken-out-of-source-before-it-is-told",
        why="a sweep that dies between the two would leave a rejected file that nobody hears of",
        file="function/sweep.py",
        text="                if self._do(tally, partial(self._reject, name, file, fault), file=name):\n"
        "                    self._do(tally, partial(self.source.delete_from_source, file), file=name)\n",
        becomes="                self._do(tally, partial(self.source.delete_from_source, file), file=name)\n"
        "                self._do(tally, partial(self._reject, name, file, fault), file=name)\n",
        killed_by=(_SWEEP + "test_what_nobody_takes_is_told_before_it_leaves_source",),
    ),
    Mutant(
        name="taken-out-of-source-without-a-copy",
        why="a copy that failed would be the loss of the file",
        file="function/sweep.py",
        text="        return error is None\n",
        becomes="        return True\n",
        killed_by=(_SWEEP + "test_what_could_not_be_copied_stays_in_source",),
    ),
    Mutant(
        name="the-job-s-own-rejections-told-again",
        why="each run that rejects a file would be followed by another that has nothing to tell",
        file="function/untold.py",
        text="if one.is_reason and one.written_at >= since:",
        becomes="if one.written_at >= since:",
        killed_by=("tests/unit/function/test_function_untold.py::test_what_the_job_rejected_was_told_by_its_run",),
    ),
    Mutant(
        name="reasons-of-the-functions-not-marked",
        why="the sweep could not tell them from the job's, which are told already",
        file="function/storage.py",
        text="        reason.metadata = _REASONS\n",
        becomes="",
        killed_by=(_HTTP + "test_a_rejection_is_told_by_a_run_of_its_own",),
    ),
    Mutant(
        name="no-grace-for-events",
        why="the sweep would do the work of events that are on their way",
        file="function/sweep.py",
        text="self.ages.placeholder if stays else self.ages.grace",
        becomes="self.ages.placeholder if stays else timedelta(0)",
        killed_by=(_SWEEP + "test_only_what_is_older_than_the_grace_is_taken_for_missed",),
    ),
    Mutant(
        name="replaced-generations-dropped-with-their-bytes",
        why="a file that was overwritten before its event came would be lost",
        file="function/sweep.py",
        text="return version.landed.size == 0 and not version.is_live",
        becomes="return not version.is_live",
        killed_by=(_SWEEP + "test_a_placeholder_has_a_day_unless_it_is_replaced[version7-admitted]",),
    ),
    Mutant(
        name="placeholders-wait-for-ever",
        why="nobody would be told that the file never came",
        file="function/sweep.py",
        text="self.ages.placeholder if stays else self.ages.grace",
        becomes="timedelta.max if stays else self.ages.grace",
        killed_by=(_SWEEP + "test_a_placeholder_has_a_day_unless_it_is_replaced[version1-rejected]",),
    ),
    Mutant(
        name="newest-first",
        why="with a flood in landing the oldest would never have their turn",
        file="function/sweep.py",
        text="heapq.nsmallest(",
        becomes="heapq.nlargest(",
        killed_by=(_SWEEP + "test_the_oldest_come_first_and_the_number_is_bounded",),
    ),
    Mutant(
        name="landing-takes-all-the-time",
        why="a backlog would keep failed runs from being followed",
        file="function/sweep.py",
        text="until = self.deadline.halfway()",
        becomes="until = self.deadline",
        killed_by=(_SWEEP + "test_landing_leaves_time_for_the_feeds",),
    ),
    Mutant(
        name="incomplete-sweep-acknowledged",
        why="what failed would wait for the next tick instead of the next delivery, and no alert would see it",
        file="function/sweep.py",
        text="        if tally.failed:\n",
        becomes="        if False:\n",
        killed_by=(_SWEEP + "test_one_trouble_stops_nothing_else",),
    ),
    Mutant(
        name="placeholder-hides-the-file-behind-it",
        why="a file in source/ would have no run as long as a placeholder stands before it",
        file="function/waiting.py",
        text="if folder in feeds and not _is_placeholder(file):",
        becomes="if folder in feeds:",
        killed_by=(_SWEEP + "test_placeholders_do_not_hide_the_file_behind_them",),
    ),
)

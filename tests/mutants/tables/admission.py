"""function/: admission and the storage behind it."""

from ..mutant import Mutant

_ADMISSION = "tests/unit/function/test_function_admission.py::"
_BACKFILL = "tests/integration/ingest/test_ingest_backfill.py::"
_HTTP = "tests/integration/function/test_function_over_http.py::"
_TROUBLE = "tests/integration/function/test_function_in_trouble.py::"
_RIGHTS = "tests/infra/test_infra_rights_at_work.py::"
_COPY = "        is_new = self.files.copy_to_lake(landed, path)\n"
_DISPATCH = "        run_id = self._dispatch(contract, path, first_time=is_new)\n"
_DELETE = "        self.files.delete_landed(landed)\n"
_FAILED = "        log_outcome(Outcome.failed(failure), file, 1000 * (clock() - began), failure)\n"

MUTANTS = (
    Mutant(
        name="landing-deleted-before-the-copy",
        why="a death between the two would lose the only copy of the file",
        file="function/admission.py",
        text=_COPY + _DISPATCH + _DELETE,
        becomes=_DELETE + _COPY + _DISPATCH,
        killed_by=(_ADMISSION + "test_a_generation_leaves_landing_only_after_its_run_is_sure",),
    ),
    Mutant(
        name="landing-deleted-before-the-dispatch",
        why="an event that fails at its run would find nothing when it comes again, and no run would come",
        file="function/admission.py",
        text=_DISPATCH + _DELETE,
        becomes=_DELETE + _DISPATCH,
        killed_by=(_ADMISSION + "test_a_failed_dispatch_leaves_the_file_in_landing",),
    ),
    Mutant(
        name="dispatch-before-the-file-stands-in-source",
        why="the run that it finds may list source/ before the file is there, and none would list it again",
        file="function/admission.py",
        text=_COPY + _DISPATCH,
        becomes="        run_id = self._dispatch(contract, path, first_time=True)\n"
        "        self.files.copy_to_lake(landed, path)\n",
        killed_by=(_ADMISSION + "test_a_generation_leaves_landing_only_after_its_run_is_sure",),
    ),
    Mutant(
        name="dispatch-failure-swallowed",
        why="the event would be acknowledged, and no run would load the file",
        file="function/admission.py",
        text=_DISPATCH,
        becomes="        try:\n    " + _DISPATCH + "        except RuntimeError:\n            run_id = 0\n",
        killed_by=(_ADMISSION + "test_a_failed_dispatch_leaves_the_file_in_landing",),
    ),
    Mutant(
        name="late-duplicate-not-dispatched",
        why="the first delivery may have died before its run was sure",
        file="function/admission.py",
        text="return Outcome.gone(contract.feed, self._dispatch(contract, path, first_time=False))",
        becomes="return Outcome.gone(contract.feed, None)",
        killed_by=(_ADMISSION + "test_a_late_duplicate_makes_sure_of_the_run_while_the_copy_waits",),
    ),
    Mutant(
        name="every-copy-taken-for-new",
        why="of a file that was copied before, a run may have been started already, and be over",
        file="function/admission.py",
        text="first_time=is_new",
        becomes="first_time=True",
        killed_by=(_ADMISSION + "test_a_failed_dispatch_leaves_the_file_in_landing",),
    ),
    Mutant(
        name="reason-after-the-delete",
        why="a death between the two would leave a rejected file that nobody can explain",
        file="function/admission.py",
        text="        self.files.write_reason(place.reason_path(), rejection.to_json())\n" + _DELETE,
        becomes=_DELETE + "        self.files.write_reason(place.reason_path(), rejection.to_json())\n",
        killed_by=(_ADMISSION + "test_a_rejected_file_leaves_landing_only_after_its_reason_is_written",),
    ),
    Mutant(
        name="missing-lake-taken-for-a-duplicate",
        why="a bad file would be acknowledged, stay in landing and be told to nobody",
        file="function/admission.py",
        text="            if self._is_in_landing(landed):\n                raise\n            return False\n",
        becomes="            return False\n",
        killed_by=(_ADMISSION + "test_a_missing_lake_is_not_the_files_fault[elsewhere/stock.csv]",),
    ),
    Mutant(
        name="rejection-not-told-again",
        why="of a file of no feed only the log line tells, and the first delivery may have died before it",
        file="function/admission.py",
        text="return Outcome.rejected(feed, fault) if was_rejected else self._settled_or_vanished(landed, feed)",
        becomes="return self._settled_or_vanished(landed, feed)",
        killed_by=(_ADMISSION + "test_a_late_duplicate_of_what_no_feed_claims_is_told_again",),
    ),
    Mutant(
        name="archived-file-copied-again",
        why="a file that a hold keeps in landing would start another run with each sweep, for ever",
        file="function/admission.py",
        text="if self._is_again(landed) and self._has_left_source(landed, contract, path):",
        becomes="if False:",
        killed_by=(
            _ADMISSION + "test_what_may_not_be_deleted_is_not_copied_again_once_it_is_archived",
            _TROUBLE + "test_a_hold_in_landing_is_told_and_starts_no_run_again",
        ),
    ),
    Mutant(
        name="archived-file-looked-for-with-each-event",
        why="each event would cost two calls more",
        file="function/admission.py",
        text="self.now() - landed.finalized_at > _FIRST_DELIVERY",
        becomes="self.now() >= landed.finalized_at",
        killed_by=(_ADMISSION + "test_a_first_delivery_looks_for_nothing[age0-0]",),
    ),
    Mutant(
        name="part-in-the-archive-taken-for-the-file",
        why="a job that died in its copy has left the file in source/, and no run would be made sure of",
        file="function/admission.py",
        text="self._is_settled(_lake_file(landed, contract.feed)) and not self.files.stands_in_lake(path)",
        becomes="self._is_settled(_lake_file(landed, contract.feed))",
        killed_by=(_ADMISSION + "test_a_part_in_the_archive_does_not_stand_for_the_file_in_source",),
    ),
    Mutant(
        name="vanished-file-acknowledged-in-silence",
        why="nobody has it, and nobody would hear of it",
        file="function/admission.py",
        text="return Outcome.gone(feed, None) if is_settled else Outcome.vanished(feed)",
        becomes="return Outcome.gone(feed, None)",
        killed_by=(
            _ADMISSION + "test_a_generation_that_is_nowhere_is_told[routed]",
            _TROUBLE + "test_a_file_that_its_producer_deleted_before_it_was_copied_is_told[elsewhere/vanished.csv]",
        ),
    ),
    Mutant(
        name="placeholder-admitted",
        why="the empty object that gcsfuse makes first would be rejected, and people mailed, with each upload",
        file="function/admission.py",
        text="if is_placeholder(landed.name, landed.size):",
        becomes="if False:",
        killed_by=(
            _ADMISSION + "test_a_placeholder_is_ignored[daily/customers.csv-0]",
            _ADMISSION + "test_a_placeholder_is_ignored[daily/customers.csv.tmp-5]",
        ),
    ),
    Mutant(
        name="file-of-another-bucket-admitted",
        why="a trigger that is set up wrong would have files moved that are nobody's to move",
        file="function/admission.py",
        text="if landed.bucket != self.landing_bucket:",
        becomes="if False:",
        killed_by=(_ADMISSION + "test_an_event_of_another_bucket_moves_nothing",),
    ),
    Mutant(
        name="ambiguous-route-takes-the-first-feed",
        why="the rows would go into a table by the order in which contracts are loaded",
        file="contracts/names/routing.py",
        text="if len(claiming) > 1:",
        becomes="if False:",
        killed_by=(_ADMISSION + "test_a_name_that_two_feeds_claim_is_rejected_as_ambiguous",),
    ),
    Mutant(
        name="size-not-checked",
        why="a file over the contract's limit would be loaded",
        file="function/admission.py",
        text="            check_size(landed, contract)\n",
        becomes="",
        killed_by=(_ADMISSION + "test_a_file_over_the_limit_is_rejected_unread",),
    ),
    Mutant(
        name="head-not-checked-by-the-function",
        why="each file with a wrong header would cost a run",
        file="function/admission.py",
        text="check_content(landed, self.files.read_head(landed), contract)",
        becomes="self.files.read_head(landed)",
        killed_by=(_ADMISSION + "test_a_rejected_file_leaves_landing_only_after_its_reason_is_written",),
    ),
    Mutant(
        name="failure-acknowledged",
        why="an event whose work failed would never come again",
        file="function/invocation.py",
        text=_FAILED + "        raise\n",
        becomes=_FAILED + "        return\n",
        killed_by=("tests/unit/function/test_function_logs.py::test_a_failure_is_logged_once_and_raised",),
    ),
    Mutant(
        name="malformed-event-delivered-for-a-day",
        why="no redelivery makes it whole, and the alert on failures would go on for a day",
        file="function/invocation.py",
        text="        outcome = Outcome.malformed(str(fault))\n",
        becomes="        raise\n",
        killed_by=(_HTTP + "test_a_malformed_event_is_acknowledged_and_logged[{}]",),
    ),
    Mutant(
        name="call-begun-too-late",
        why="the platform would end the function in the middle of a call, and nobody's log would say why",
        file="function/deadline.py",
        text="        if self.is_near:\n",
        becomes="        if False:\n",
        killed_by=("tests/unit/function/test_function_deadline.py::test_no_call_begins_that_might_end_too_late",),
    ),
    Mutant(
        name="delete-without-generation",
        why="it would leave a noncurrent copy of this generation, or take a newer one along",
        file="function/storage.py",
        text="        self._delete(self._landed(landed))",
        becomes="        self._delete(self.client.bucket(landed.bucket).blob(landed.name))",
        killed_by=(_HTTP + "test_a_replaced_generation_is_admitted_by_its_number",),
    ),
    Mutant(
        name="copy-of-the-live-generation",
        why="of two uploads under one name, the second would be admitted twice and the first never",
        file="function/storage.py",
        text="return self.client.bucket(landed.bucket).blob(landed.name, generation=landed.generation)",
        becomes="return self.client.bucket(landed.bucket).blob(landed.name)",
        killed_by=(_HTTP + "test_a_replaced_generation_is_admitted_by_its_number",),
    ),
    Mutant(
        name="existing-copy-taken-for-a-failure",
        why="an answer that was lost would make the event fail for a day, though the file is there",
        file="function/storage.py",
        text="            except PreconditionFailed:\n                self._compare(path, size, crc32c)\n"
        "                return False\n",
        becomes="",
        killed_by=(_TROUBLE + "test_a_lost_answer_of_the_storage_is_asked_for_again[Moment.AFTER-rewrite]",),
    ),
    Mutant(
        name="copy-over-what-stands-there",
        why="source/ is immutable: a run may be reading what a duplicate replaces",
        file="function/storage.py",
        text="source, token=token, if_generation_match=0, timeout",
        becomes="source, token=token, timeout",
        killed_by=(_TROUBLE + "test_another_content_in_the_place_of_the_copy_is_never_taken_for_it",),
    ),
    Mutant(
        name="existing-copy-not-looked-into",
        why="landing would give up a file whose copy holds something else",
        file="function/storage.py",
        text="                self._compare(path, size, crc32c)\n",
        becomes="",
        killed_by=(_TROUBLE + "test_another_content_in_the_place_of_the_copy_is_never_taken_for_it",),
    ),
    Mutant(
        name="copy-with-an-encoding",
        why="Hadoop's connector refuses it, and other readers decompress the bytes on their way",
        file="contracts/files/packing.py",
        text="    if not encoding:\n",
        becomes="    if encoding:\n",
        killed_by=(
            _HTTP + "test_a_copy_says_what_its_bytes_are[gzip-said0]",
            _BACKFILL + "test_what_was_stored_with_an_encoding_goes_in_as_the_bytes_that_it_is",
            "tests/integration/function/test_sweep_over_http.py::test_a_file_that_the_sweep_finds_loses_its_encoding_too",
        ),
    ),
    Mutant(
        name="missing-right-taken-for-a-failure",
        why="a rejected file that is told of again would make its event fail for a day, though it stands in rejected/",
        file="function/storage.py",
        text="            except Forbidden:\n                if not self._compare(path, size, crc32c):\n"
        "                    raise\n                return False\n",
        becomes="",
        killed_by=(_RIGHTS + "test_a_file_is_rejected_once_however_often_it_is_told_of[permission]",),
    ),
    Mutant(
        name="missing-right-to-a-reason-taken-for-a-failure",
        why="as above, of the reason beside it",
        file="function/storage.py",
        text="        except Forbidden:\n            if not self.stands_in_lake(path):\n                raise\n",
        becomes="",
        killed_by=(_RIGHTS + "test_a_file_is_rejected_once_however_often_it_is_told_of[permission]",),
    ),
)

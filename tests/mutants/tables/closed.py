"""Wrong variants of what keeps the product closed: who is answered, what leaves a task, what a run may say."""

from ..mutant import Mutant

_GUARD = "tests/unit/local/test_guard.py::"
_WITHHELD = "tests/unit/pipeline_jobs/test_withheld.py::"
_WORKFLOW = "tests/unit/pipeline_jobs/test_workflow.py::"
_ENTRY = "tests/integration/job/test_job_entry_points.py::"

_BOARD = "tests/unit/ingest/test_board_access.py::"
_UPLOADS = "tests/integration/ingest/board/test_board_uploads.py::"
_CHANGES = "tests/integration/ingest/board/test_board_changes.py::"
_REBUILDS = "tests/integration/ingest/board/test_board_rebuilds.py::"
_KEPT = "tests/unit/ingest/test_board_parts.py::"

MUTANTS = (
    Mutant(
        name="board-answers-any-host",
        why="a page's own name that leads to this machine reads the board",
        file="ingest/board/access.py",
        text="if not self.token and host not in hosts:",
        becomes="if not self.token and not host:",
        killed_by=(_BOARD + "test_what_another_sites_page_sends_is_refused[GET-headers1]",),
    ),
    Mutant(
        name="board-in-a-frame",
        why="another site puts the board into its page and has a person click there",
        file="ingest/board/access.py",
        text="""is_link and headers.get("Sec-Fetch-Dest") == "document\"""",
        becomes="is_link",
        killed_by=(_BOARD + "test_what_another_sites_page_sends_is_refused[GET-headers5]",),
    ),
    Mutant(
        name="board-takes-any-form",
        why="what another page of this machine sends retracts a file",
        file="ingest/board/changing/forms.py",
        text="return hmac.compare_digest(self._word(form.act, form.of, form.once).encode(), form.word.encode())",
        becomes="return bool(form.word)",
        killed_by=(_KEPT + "test_a_form_counts_as_it_was_made",),
    ),
    Mutant(
        name="board-s-form-for-any-file",
        why="the preview showed another file than the one that is retracted",
        file="ingest/board/changing/forms.py",
        text="json.dumps([act, of, once])",
        becomes="json.dumps([act, once])",
        killed_by=(_KEPT + "test_a_form_counts_as_it_was_made",),
    ),
    Mutant(
        name="board-takes-any-upload",
        why="a page of another site uploads a file through the browser of who has the board open",
        file="ingest/board/changing/uploads.py",
        text="""own_form(self._forms, _ACT, "")""",
        becomes="""self._forms.new(_ACT, "")""",
        killed_by=(_UPLOADS + "test_what_another_page_sends_is_not_uploaded",),
    ),
    Mutant(
        name="board-swaps-what-nobody-saw",
        why="the page has shown another comparison than that of the tables that are swapped in",
        file="ingest/board/changing/feed_pages.py",
        text="if compared and compared.mark != mark:",
        becomes="if compared and not mark:",
        killed_by=(_REBUILDS + "test_a_swap_is_of_the_comparison_that_its_page_has_shown",),
    ),
    Mutant(
        name="board-shows-any-job-s-run",
        why="state and error of a run of another feed, or of somebody else's job, stand there as this feed's",
        file="ingest/targets/jobs.py",
        text="return _run(run) if run.job_id == self.id_of(feed) else None",
        becomes="return _run(run)",
        killed_by=(_CHANGES + "test_a_page_of_a_run_shows_those_of_its_own_feed_alone",),
    ),
    Mutant(
        name="board-shows-another-rebuild-s-comparison",
        why="tables that were never compared are swapped in as equal",
        file="ingest/rebuilding/compared.py",
        text="return last if (rows[0]",
        becomes="return last if 0 * (rows[0]",
        killed_by=(_REBUILDS + "test_new_tables_that_were_not_compared_are_not_swapped_in",),
    ),
    Mutant(
        name="board-made-for-each-viewer",
        why="twenty viewers cost twenty times what one costs",
        file="ingest/board/kept.py",
        text="is_new = known is None or known[0] != version",
        becomes="is_new = True",
        killed_by=(_KEPT + "test_a_page_is_made_once_a_version_however_many_ask",),
    ),
    Mutant(
        name="any-host-answered",
        why="a page's own name that leads to this machine lets it read the answers",
        file="local/guard.py",
        text="if host.lower() not in hosts:",
        becomes="if not host:",
        killed_by=(_GUARD + "test_another_host_is_refused[page.example:8080]",),
    ),
    Mutant(
        name="any-origin-answered",
        why="a page's form or script changes what the stack keeps",
        file="local/guard.py",
        text='if origin is not None and origin.lower() != f"http://{host.lower()}":',
        becomes='if origin == "null":',
        killed_by=(_GUARD + "test_another_origin_is_refused[https://page.example]",),
    ),
    Mutant(
        name="any-site-answered",
        why="a page's image or link has no Origin",
        file="local/guard.py",
        text='if site is not None and site not in ("none", "same-origin"):',
        becomes='if site == "unknown":',
        killed_by=(_GUARD + "test_what_a_page_of_another_origin_fetches_is_refused[cross-site]",),
    ),
    Mutant(
        name="cause-goes-with-the-task-s-error",
        why="the traceback on the run's page quotes what the engine said",
        file="pipeline_jobs/withheld.py",
        text="        raise error from None\n",
        becomes="        raise\n",
        killed_by=(_WITHHELD + "test_an_error_of_ours_is_told_as_it_is_without_what_is_behind_it",),
    ),
    Mutant(
        name="engine-s-error-told",
        why="it quotes the cell that it stumbled over",
        file="pipeline_jobs/withheld.py",
        text='f"{described(error)}. What was said',
        becomes='f"{described(error)}: {error}. What was said',
        killed_by=(_WITHHELD + "test_of_an_error_that_is_not_ours_the_class_is_told",),
    ),
    Mutant(
        name="libraries-log-as-we-do",
        why="the client of an engine logs whole errors",
        file="pipeline_jobs/logs.py",
        text="handlers=[KeepingHandler(withheld)]",
        becomes="handlers=[logging.StreamHandler(sys.stdout)]",
        killed_by=(_WITHHELD + "test_what_a_library_logs_is_withheld",),
    ),
    Mutant(
        name="contract-not-held-where-it-is-used",
        why="whoever goes round the check has an expression of any kind at an engine",
        file="pipeline_jobs/run.py",
        text="    hold_to_language((contract,), contracts)\n",
        becomes="",
        killed_by=(_ENTRY + "test_a_contract_that_the_check_refuses_is_refused_by_each_task[target_load-sail]",),
    ),
    Mutant(
        name="places-are-parameters-of-the-job",
        why="whoever may start a run has the job's identity work in another folder",
        file="pipeline_jobs/workflow/job.json",
        text='    {"name": "path", "default": ""},\n',
        becomes='    {"name": "path", "default": ""},\n    {"name": "volume", "default": ""},\n',
        killed_by=(_WORKFLOW + "test_a_run_can_say_its_file_and_its_operation_and_nothing_else[serverless]",),
    ),
    Mutant(
        name="secrets-repeated-in-the-log",
        why="a refusal, or the SDK's error behind it, may quote the token that it was sent",
        file="function/logs.py",
        text='without_secrets(json.dumps(line | getattr(record, "fields", {}), ensure_ascii=True))',
        becomes='json.dumps(line | getattr(record, "fields", {}), ensure_ascii=True)',
        killed_by=("tests/unit/function/test_function_logs.py::test_no_line_repeats_a_secret",),
    ),
    Mutant(
        name="withheld-words-for-everybody-s-eyes",
        why="other users of the machine would read the cells in them",
        file="pipeline_jobs/withheld.py",
        text="_ONLY_ITS_OWNER = 0o600",
        becomes="_ONLY_ITS_OWNER = 0o666",
        killed_by=(_WITHHELD + "test_the_file_is_its_owner_s_alone",),
    ),
    Mutant(
        name="a-mask-that-nobody-is-told-of",
        why="the feed stands still, and the words that say why are withheld",
        file="pipeline_jobs/withheld.py",
        text="advice if known else",
        becomes="advice if not name else",
        killed_by=(
            _WITHHELD + "test_of_a_table_with_a_mask_people_are_told_that_it_must_go[FGAC_TIME_TRAVEL_NOT_SUPPORTED]",
        ),
    ),
)

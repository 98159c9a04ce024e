"""Wrong variants of what is said and done of a file whose name a newer upload has, too."""

from ..mutant import Mutant

_AGAIN = "tests/integration/ingest/test_ingest_uploaded_again.py::"

_LIVE = "tests/integration/ingest/board/test_board_live.py::"

MUTANTS = (
    Mutant(
        name="older-file-followed-for-the-newer",
        why="trace would say merged of last week's file while tonight's of the same name waits or is rejected",
        file="ingest/operating/trace.py",
        text="    others = unseen_beside(target, file, found, now - _RECENT)",
        becomes="    others = unseen_beside(target, file if not found else found[0].file, found, now - _RECENT)",
        killed_by=(_AGAIN + "test_trace_tells_of_the_newer_beside_the_merged",),
    ),
    Mutant(
        name="what-the-ledger-has-taken-for-unseen",
        why="each rejected file would stand beside itself as one that no run has seen",
        file="ingest/operating/journey.py",
        text="for place in places)]) if found else set()",
        becomes="for place in places)]) if not found else set()",
        killed_by=(_AGAIN + "test_what_a_run_has_entered_does_not_stand_beside_itself",),
    ),
    Mutant(
        name="rejects-of-the-older-file-alone",
        why="nothing was kept out, it would say of a name whose newest file was rejected",
        file="ingest/operating/rejects.py",
        text="    others = unseen_beside(target, text, found, since)",
        becomes="    others = unseen_beside(target, text if not found else found[0].file, found, since)",
        killed_by=(_AGAIN + "test_rejects_has_the_newer_ones_reason_too",),
    ),
    Mutant(
        name="older-file-undone-for-the-newer",
        why="the good rows of last week would go for the wrong file of tonight, which has their name",
        file="ingest/undoing/files.py",
        text="if (len(of_text) > 1 or others) and not every:",
        becomes="if len(of_text) > 1 and not every:",
        killed_by=(_AGAIN + "test_nothing_is_done_to_the_older_for_the_newer[words0]",),
    ),
    Mutant(
        name="sign-lost-in-the-look-of-each-minute",
        why="an open page would not hear of what was rejected in that moment, if nothing else says so",
        file="ingest/board/watch.py",
        text="            self._publish(found, changed)\n",
        becomes="            self._publish(found, () if is_time else changed)\n",
        killed_by=(_LIVE + "test_a_sign_is_told_also_where_it_was_time_to_ask_for_everything",),
    ),
    Mutant(
        name="page-of-the-version-of-after-it-asked",
        why="an open page would stay as it is though something changed while it was made, until the next change",
        file="ingest/board/app.py",
        text="version=g.version, **values)",
        becomes="version=self._watch.version, **values)",
        killed_by=(_LIVE + "test_a_page_asks_again_for_what_changed_while_it_was_made[/feed/customers]",),
    ),
    Mutant(
        name="board-leads-to-the-older-file",
        why="a search for tonight's file would end on the page of last week's",
        file="ingest/board/app.py",
        text="        if len(found) == 1 and others.is_empty:",
        becomes="        if len(found) == 1:",
        killed_by=(
            "tests/integration/ingest/board/test_board_pages.py::test_a_newer_upload_is_found_beside_the_file_of_its_name",
        ),
    ),
)

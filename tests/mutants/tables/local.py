"""local/: what the stack says of files and contracts."""

from ..mutant import Mutant

_RENEWAL = "tests/unit/local/test_renewal.py::"
_DROPS = "tests/unit/local/test_drop_folder.py::"
_JOURNEY = "tests/unit/local/test_journey.py::"
_CLIENTS = "tests/integration/workspace/test_workspace_as_clients_use_it.py::"

MUTANTS = (
    Mutant(
        name="half-written-contracts-taken",
        why="a contract that an editor is still writing would be told as wrong, or taken without its end",
        file="local/renewal.py",
        text="        if is_whole and now != self._settled:\n",
        becomes="        if now != self._settled:\n",
        killed_by=(_RENEWAL + "test_a_change_is_taken_at_the_second_look_that_finds_it_the_same",),
    ),
    Mutant(
        name="dropped-files-sent-while-they-grow",
        why="half a file would be loaded, and its rest as another generation",
        file="local/sending/drop_folder.py",
        text="looks >= self._looks",
        becomes="looks >= 1",
        killed_by=(_DROPS + "test_a_file_is_sent_when_two_looks_found_it_the_same",),
    ),
    Mutant(
        name="dropped-files-forgotten",
        why="each start of a stack would upload the whole folder again",
        file="local/sending/drop_folder.py",
        text="        self._sent = _read(kept)\n",
        becomes="        self._sent: frozenset[Dropped] = frozenset()\n",
        killed_by=(_DROPS + "test_what_was_sent_is_known_after_the_next_start",),
    ),
    Mutant(
        name="only-the-expected-feed-looked-at",
        why="a file that functions with other contracts rejected would be said to wait for ever",
        file="local/sending/journey.py",
        text="    for one in (file, *_as_of_others(file, lake)):\n",
        becomes="    for one in (file,):\n",
        killed_by=(_JOURNEY + "test_a_file_that_went_to_another_feed_than_expected_is_found_there",),
    ),
    Mutant(
        name="requests-read-in-part",
        why="who asks to cancel what is queued would have every run cancelled, and no word of it",
        file="local/workspace/read_fields.py",
        text="        document.refuse_others_than(*names, of=fields_of(request))\n",
        becomes="",
        killed_by=(_CLIENTS + "test_cancelling_what_is_queued_cancels_no_run_that_has_begun",),
    ),
)

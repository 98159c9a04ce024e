"""Other commands find a stack that lives, and only one that lives."""

from pathlib import Path

import pytest

from local.errors import AlreadyRunning, NotRunning
from local.running import RunningStack, alone_on

STACK = RunningStack(
    "http://s", "http://w", "secret", "sail", "sc://e", "http://f", "http://g", "feeds", "contracts", {"orders": 1}
)


def test_a_running_stack_is_found_by_its_folder(tmp_path: Path) -> None:
    """What one process writes the other reads; the token is for the owner's eyes."""
    with alone_on(tmp_path):
        STACK.write(tmp_path)
        found = RunningStack.on(tmp_path)
        mode = (tmp_path / "stack.json").stat().st_mode & 0o777

    assert found == STACK
    assert mode == 0o600


def test_a_stack_that_has_ended_is_not_found(tmp_path: Path) -> None:
    """Its file goes with it."""
    with alone_on(tmp_path):
        STACK.write(tmp_path)

    with pytest.raises(NotRunning):
        RunningStack.on(tmp_path)


def test_the_file_of_a_dead_process_is_ignored(tmp_path: Path) -> None:
    """A process that was killed could not remove it, but it holds no lock any more."""
    with alone_on(tmp_path):
        pass
    STACK.write(tmp_path)

    with pytest.raises(NotRunning):
        RunningStack.on(tmp_path)


def test_a_folder_without_a_stack_has_none(tmp_path: Path) -> None:
    """Nor one that does not exist."""
    with pytest.raises(NotRunning):
        RunningStack.on(tmp_path / "nowhere")


def test_two_stacks_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second is refused while the first lives."""
    with alone_on(tmp_path), pytest.raises(AlreadyRunning), alone_on(tmp_path):
        pytest.fail("two at once")

"""What only its user may read is so from its first moment, whatever stood there and whatever the umask is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.private import make_private_folder, write_private


@pytest.fixture(autouse=True)
def nothing_masked() -> Iterator[None]:
    """The most generous umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_replaces_what_others_could_read(tmp_path: Path) -> None:
    """Who has the old one open, or the draft that a killed process left, sees nothing of the new text."""
    path, draft = tmp_path / "token", tmp_path / "token.new"
    for left in (path, draft):
        left.write_text("old")
        left.chmod(0o666)

    with path.open() as held, draft.open() as held_draft:
        write_private(path, "new")
        read = held.read(), held_draft.read()

    assert (path.read_text(), _mode(path)) == ("new", 0o600)
    assert read == ("old", "old")
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """Its target is somebody else's."""
    target = tmp_path / "target"
    target.write_text("theirs")
    (tmp_path / "token.new").symlink_to(target)

    write_private(tmp_path / "token", "new")

    assert (target.read_text(), (tmp_path / "token").read_text()) == ("theirs", "new")


def test_a_folder_is_made_closed_and_closed_where_it_was_open(tmp_path: Path) -> None:
    """What is in it stays."""
    there = tmp_path / "there"
    there.mkdir(mode=0o777)
    (there / "file").write_text("kept")

    make_private_folder(there)
    make_private_folder(tmp_path / "new" / "folder")

    assert (_mode(there), _mode(tmp_path / "new" / "folder")) == (0o700, 0o700)
    assert (there / "file").read_text() == "kept"

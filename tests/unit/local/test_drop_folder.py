"""A file that is dropped into a watched folder is sent once, whole, by its name there."""

import os
from pathlib import Path

import pytest

from local.sending.drop_folder import DropFolder


class Sent:
    """What was sent: names and contents, in order."""

    def __init__(self, folder: Path) -> None:
        self.all: list[tuple[str, bytes]] = []
        self.drops = DropFolder(folder, folder.with_name("kept.json"), self._take)

    def _take(self, path: Path, name: str) -> None:
        self.all.append((name, path.read_bytes()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "daily").mkdir(parents=True)
    return folder


def test_a_file_is_sent_when_two_looks_found_it_the_same(folder: Path) -> None:
    """Not while it grows; and once, however often one looks."""
    sent, path = Sent(folder), folder / "daily" / "a.csv"
    for content in (b"1", b"12", b"123"):
        path.write_bytes(content)
        sent.drops.look()
    while_it_grew = list(sent.all)

    for _ in range(3):
        sent.drops.look()

    assert while_it_grew == []
    assert sent.all == [("daily/a.csv", b"123")]


def test_a_file_that_only_its_time_of_change_gives_away_is_still_being_written(folder: Path) -> None:
    """Somebody may write into a file that has its size already."""
    sent, path = Sent(folder), folder / "a.csv"
    path.write_bytes(b"000")
    sent.drops.look()
    path.write_bytes(b"123")
    os.utime(path, ns=(1, 1))

    sent.drops.look()
    before = list(sent.all)
    sent.drops.look()

    assert before == []
    assert sent.all == [("a.csv", b"123")]


def test_a_file_that_is_changed_later_is_sent_again(folder: Path) -> None:
    """It is another generation."""
    sent = Sent(folder)
    for content in (b"first", b"second time"):
        (folder / "a.csv").write_bytes(content)
        sent.drops.look()
        sent.drops.look()

    assert sent.all == [("a.csv", b"first"), ("a.csv", b"second time")]


def test_what_was_sent_is_known_after_the_next_start(folder: Path) -> None:
    """A stack is ended and started as one likes; what is new is sent."""
    (folder / "a.csv").write_bytes(b"1")
    first = Sent(folder)
    first.drops.look()
    first.drops.look()
    (folder / "b.csv").write_bytes(b"2")

    second = Sent(folder)
    second.drops.look()
    second.drops.look()

    assert first.all == [("a.csv", b"1")]
    assert second.all == [("b.csv", b"2")]


@pytest.mark.parametrize("name", ["a.csv.tmp", "_SUCCESS", ".a.csv.swp", ".git/a.csv"])
def test_what_is_somebodys_who_is_not_done_is_left(folder: Path, name: str) -> None:
    """Placeholders and hidden files; empty files and links likewise."""
    (folder / ".git").mkdir()
    (folder / name).write_bytes(b"1")
    (folder / "empty.csv").touch()
    (folder / "link.csv").symlink_to(folder / name)
    sent = Sent(folder)

    for _ in range(3):
        sent.drops.look()

    assert sent.all == []

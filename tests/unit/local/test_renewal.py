"""Contracts that change under a running stack are taken when they are whole and good, and told otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.contract import ContractError
from contracts.loader import load_contracts
from local.errors import ChildEnded
from local.renewal import Renewal
from local.snapshot import Snapshot, versions_not_raised


class FakeStack:
    """Takes every snapshot, or raises what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.in_force = Snapshot.of(folder)
        self.taken: list[Snapshot] = []
        self.raises: Exception | None = None

    def take(self, snapshot: Snapshot) -> list[str]:
        self.taken.append(snapshot)
        if self.raises:
            raise self.raises
        self.in_force = snapshot
        return ["raise it"] if b"changed" in snapshot.documents[0][1] else []


class Watched:
    """A folder of contracts with its stack, and the lines that are told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("a", "one")
        self.stack = FakeStack(folder)
        self.told: list[str] = []
        self.renewal = Renewal(self.stack, self.told.append)

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.odcs.yaml").write_text(text)

    def look(self, times: int) -> None:
        for _ in range(times):
            self.renewal.look()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_nothing_is_taken_while_nothing_changes(watched: Watched) -> None:
    """Nor told."""
    watched.look(3)

    assert (watched.stack.taken, watched.told) == ([], [])


def test_a_change_is_taken_at_the_second_look_that_finds_it_the_same(watched: Watched) -> None:
    """Somebody may be writing at the first; it is taken once, and what changed is told."""
    for text in ("half", "half, and the rest"):
        watched.write("b", text)
        watched.look(1)
    early = list(watched.stack.taken)
    watched.look(3)

    assert early == []
    assert [snapshot.documents[1][1] for snapshot in watched.stack.taken] == [b"half, and the rest"]
    assert watched.told == ["b.odcs.yaml is new: in force"]


def test_what_is_left_to_do_about_a_change_is_told_behind_it(watched: Watched) -> None:
    """Such as a version that was not raised."""
    watched.write("a", "changed")
    watched.look(3)

    assert watched.told == ["a.odcs.yaml has changed: in force", "raise it"]


@pytest.mark.parametrize(
    ("pattern", "version", "told"),
    [
        ("orders/*.csv", "1.0.0", []),
        ("orders/**", "1.1.0", []),
        ("orders/**", "1.0.0", ["orders has changed and is version 1.0.0 still: raise it when you deploy this"]),
    ],
)
def test_a_feed_that_changes_under_its_old_version_is_named(pattern: str, version: str, told: list[str]) -> None:
    """One that is new, or only has other comments, is not."""
    [orders, new] = (replace(one, version="1.0.0") for one in load_contracts() if one.feed in ("customers", "orders"))
    orders, new = replace(orders, feed="orders", file_pattern="orders/*.csv"), replace(new, feed="new")
    changed = replace(orders, file_pattern=pattern, version=version)

    assert versions_not_raised([orders], [changed, new]) == told


def test_mistakes_are_told_once_and_looked_at_again_when_the_file_changes(watched: Watched) -> None:
    """What was in force stays, and a correction is taken."""
    watched.stack.raises = ContractError("feeds", ("a.odcs.yaml: there is a mistake",))
    watched.write("a", "wrong")
    watched.look(4)
    told, watched.stack.raises = list(watched.told), None
    watched.write("a", "right")
    watched.look(2)

    assert told == [
        "a.odcs.yaml has changed: there are mistakes, and the contracts of before stay in force",
        "a.odcs.yaml: there is a mistake",
    ]
    assert watched.told[2:] == ["a.odcs.yaml has changed: in force"]


def test_contracts_that_are_as_they_were_again_are_taken_for_what_they_are(watched: Watched) -> None:
    """Whoever undoes a mistake hears that all is well, and no function is started for it."""
    watched.stack.raises = ContractError("feeds", ("a.odcs.yaml: there is a mistake",))
    watched.write("a", "wrong")
    watched.look(2)
    watched.write("a", "one")
    watched.look(2)

    assert len(watched.stack.taken) == 1
    assert watched.told[2:] == ["they are as they were: in force"]


def test_functions_that_do_not_come_back_are_told_to_need_a_restart(watched: Watched) -> None:
    """Whatever hinders them."""
    watched.stack.raises = ChildEnded("on_sweep", Path("on_sweep.log"), "no")
    (watched.folder / "a.odcs.yaml").unlink()
    watched.look(3)

    [line] = watched.told
    assert line.startswith("a.odcs.yaml is gone: the functions did not come back, restart the stack: on_sweep did not")


def test_a_snapshot_in_force_stays_as_it_is_when_another_takes_its_place(tmp_path: Path) -> None:
    """Who has followed the link goes on with what belongs together."""
    folder, kept = tmp_path / "feeds", tmp_path / "kept"
    folder.mkdir()
    (folder / "a.odcs.yaml").write_text("one")
    first = Snapshot.of(folder).put_in_force(kept).resolve()
    (folder / "a.odcs.yaml").write_text("two")

    link = Snapshot.of(folder).put_in_force(kept)

    assert (first / "a.odcs.yaml").read_text() == "one"
    assert (link / "a.odcs.yaml").read_text() == "two"

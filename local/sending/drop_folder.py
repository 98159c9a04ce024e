"""Uploads what is dropped into a folder: each file once, and not before whoever writes it is done."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.files.regular import is_regular
from contracts.names.paths import is_placeholder
from local.private import write_private


@dataclass(frozen=True, slots=True)
class Dropped:
    """One file as it stands: its name relative to the folder, its size in bytes and when it was changed, in ns."""

    name: str
    size: int
    changed: int


class DropFolder:
    """`send` uploads a file under a name; `kept` is a file that remembers what was sent, also for the next start.

    A file is complete once so many `looks` in a row find size and time of change the same: in all they are to take
    some seconds, for writers pause. What is changed afterwards is another generation and is sent again. Hidden files,
    links and placeholders (`.tmp`, `_SUCCESS`, empty ones) stay where they are: they are somebody's who is not done.
    """

    def __init__(self, folder: Path, kept: Path, send: Callable[[Path, str], object], looks: int = 2) -> None:
        self._folder = folder
        self._kept = kept
        self._send = send
        self._sent = _read(kept)
        self._looks = looks
        self._seen: dict[Dropped, int] = {}

    def look(self) -> None:
        """Sends what has come to rest since the last look, by name.

        Remembered is what `send` took without raising: a stack that dies between the two sends one file again, as
        another generation with the same rows.
        """
        self._seen = {file: self._seen.get(file, 0) + 1 for file in _files(self._folder)}
        at_rest = {file for file, looks in self._seen.items() if looks >= self._looks}
        for file in sorted(at_rest - self._sent, key=lambda file: file.name):
            self._send(self._folder / file.name, file.name)
            self._sent = frozenset({*(one for one in self._sent if one.name != file.name), file})
            sent = [[one.name, one.size, one.changed] for one in self._sent]
            write_private(self._kept, json.dumps(sent))


def _read(kept: Path) -> frozenset[Dropped]:
    return frozenset(Dropped(*one) for one in json.loads(kept.read_text())) if kept.exists() else frozenset()


def _files(folder: Path) -> Iterator[Dropped]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue  # it was renamed or taken away meanwhile
            if is_regular(path) and not is_placeholder(path.name, found.st_size):
                yield Dropped(path.relative_to(folder).as_posix(), found.st_size, found.st_mtime_ns)

"""Where the bytes of a bucket lie: one file per generation, or, in a plain bucket, one file per name."""

import os
import shutil
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from local.storage.errors import InvalidError
from local.storage.names import plain_segments
from local.storage.resource import Fingerprint, StoredObject


class GenerationFolder:
    """The bytes of a bucket under their generation's number: no name becomes a path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def place(self, incoming: Path, stored: StoredObject) -> None:
        """Take the file over as the bytes of a generation."""
        incoming.rename(self._path / str(stored.generation))

    def open(self, stored: StoredObject) -> BinaryIO:
        """The bytes of a generation; they stay readable when it is removed meanwhile."""
        return (self._path / str(stored.generation)).open("rb", buffering=0)

    def drop(self, stored: StoredObject) -> None:
        """Remove the bytes of a generation."""
        (self._path / str(stored.generation)).unlink(missing_ok=True)

    def drop_all_but(self, generations: set[int]) -> None:
        """Remove what a killed server had placed and not entered, or had forgotten and not removed."""
        kept = {str(generation) for generation in generations}
        for path in self._path.iterdir():
            if path.name not in kept:
                path.unlink()

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self._path)


class PlainFolder:
    """The bytes of a plain bucket as ordinary files, which others rename, write and delete beside the server.

    A link in it is no object and no folder: nothing is read or written through one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def place(self, incoming: Path, name: str, *, create: bool) -> Fingerprint:
        """Take the file over under its name in one step.

        With `create`, FileExistsError if there is one; InvalidError where a file and a folder would collide, or a
        folder is a link.
        """
        target = self._path(name)
        fingerprint = fingerprint_of(incoming.stat())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove_empty_folders(target)
            if create:
                os.link(incoming, target)  # unlike a rename, it never replaces a file that came meanwhile
            else:
                incoming.replace(target)
        except (NotADirectoryError, IsADirectoryError) as error:
            raise _collision(name) from error
        except FileExistsError as error:
            if self.fingerprint(name):
                raise
            raise _collision(name) from error
        return fingerprint

    def open(self, stored: StoredObject) -> BinaryIO | None:
        """The bytes of the file; None if it went or changed since it was looked at."""
        file = self.open_unseen(stored.name)
        if file is not None and fingerprint_of(os.fstat(file.fileno())) != stored.fingerprint:
            file.close()
            return None
        return file

    def open_unseen(self, name: str) -> BinaryIO | None:
        """The bytes that a name has now; None if there is no file."""
        if self.fingerprint(name) is None:
            return None
        try:
            return self._path(name).open("rb", buffering=0)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def drop(self, stored: StoredObject) -> None:
        """Remove the file. Its folder stays, even when it is empty: somebody may be about to write there."""
        self._path(stored.name).unlink(missing_ok=True)

    def fingerprint(self, name: str) -> Fingerprint | None:
        """How the file of a name looks now; None if there is none, or something that is no regular file."""
        try:
            found = self._path(name).lstat()
        except (InvalidError, FileNotFoundError, NotADirectoryError):
            return None
        return fingerprint_of(found) if S_ISREG(found.st_mode) else None

    def _path(self, name: str) -> Path:
        """Raises InvalidError where no path can say the name, or one of its folders is a link."""
        path = self.path
        *folders, last = plain_segments(name)
        for folder in folders:
            path /= folder
            if path.is_symlink():
                raise InvalidError(f"A plain folder cannot hold {name!r}: a folder on its path is a link.")
        return path / last

    def is_empty(self) -> bool:
        """Whether there is no file in any of the folders."""
        return not any(files for _, _, files in os.walk(self.path))

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path)


def fingerprint_of(found: os.stat_result) -> Fingerprint:
    """How a file looks."""
    return Fingerprint(inode=found.st_ino, size=found.st_size, modified=found.st_mtime_ns)


def _collision(name: str) -> InvalidError:
    return InvalidError(
        f"A plain folder cannot hold {name!r}: a part of its path is a file where it needs a folder, "
        "or a folder or a link where it needs a file."
    )


def _remove_empty_folders(path: Path) -> None:
    """Objects have no folders: what others have emptied must not stand in the way of a name."""
    if not path.is_dir() or path.is_symlink():
        return
    for folder, _, files in os.walk(path, topdown=False):
        if files:
            raise IsADirectoryError(path)
        Path(folder).rmdir()

"""The workspace's files and folders, kept as such: where a bundle puts its wheel and its state.

`/Workspace/Users/ann` and `/Users/ann` are one folder. Notebooks are not supported.
https://docs.databricks.com/api/workspace/workspace
"""

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

from local.private import make_private_folder
from local.workspace.errors import AlreadyExists, InvalidParameterValue, NoSuchObject, NotEmpty
from local.workspace.folder_permissions import FolderPermissions
from local.workspace.permissions import USER

_MOUNT = "/Workspace"
_NOTEBOOK = b"# Databricks notebook source"
_LONGEST_NAME = 255  # in bytes, as a file system takes it
_LONGEST_PATH = 3000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder: its path as it was asked for, an id of its own, times in milliseconds since 1970."""

    path: str
    object_id: int
    is_folder: bool
    size: int
    modified_at: int


class Files:
    """The tree below the folder `root`, and beside it what is permitted on its folders.

    Every method raises ApiError for what it refuses."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self.permissions = FolderPermissions(self._root.with_name("folder-permissions.json"))
        self._lock = threading.Lock()
        for folder in (".", "Shared", f"Users/{USER.name}"):
            make_private_folder(self._root / folder)

    def look(self, path: str) -> Entry:
        """Give what stands at a path."""
        return _entry(path, self._existing(path))

    def list(self, path: str) -> tuple[Entry, ...]:
        """Give what stands in a folder, by name; a file is a list of itself."""
        place = self._existing(path)
        if place.is_file():
            return (_entry(path, place),)
        shown = normpath(path).rstrip("/")
        return tuple(_entry(f"{shown}/{one.name}", one) for one in sorted(place.iterdir()))

    def make_folder(self, path: str) -> None:
        """Make a folder and those that it is in; one that is there is left."""
        place = self._place(path)
        with self._lock:
            try:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as error:
                raise AlreadyExists(f"A file stands at ({path}) or above it.") from error

    def write(self, path: str, content: bytes, *, overwrite: bool) -> None:
        """Write a file into a folder that is there; over another one only if that is said."""
        place = self._place(path)
        if content.startswith(_NOTEBOOK):
            raise InvalidParameterValue("notebooks are not supported by this workspace")
        with self._lock:
            if not place.parent.is_dir():
                raise NoSuchObject(f"The parent folder ({normpath(path).rpartition('/')[0]}) does not exist.")
            if place.is_dir() or (place.exists() and not overwrite):
                raise AlreadyExists(f"Path ({path}) already exists.")
            # Beside its place first, where no path of the API leads: a reader sees the old one or the new one.
            draft = self._root.with_name("files.draft")
            draft.write_bytes(content)
            draft.replace(place)

    def read(self, path: str) -> bytes:
        """Give a file's content."""
        place = self._existing(path)
        if place.is_dir():
            raise InvalidParameterValue(f"({path}) is a folder; this workspace exports files only.")
        return place.read_bytes()

    def delete(self, path: str, *, recursive: bool) -> None:
        """Delete a file or a folder; one that is not empty only if that is said."""
        with self._lock:
            place = self._existing(path)
            if place == self._root:
                raise InvalidParameterValue("The root of the workspace cannot be deleted.")
            if place.is_file():
                place.unlink()
            elif recursive:
                shutil.rmtree(place)
            elif any(place.iterdir()):
                raise NotEmpty(f"Folder ({path}) is not empty")
            else:
                place.rmdir()

    def has_folder(self, object_id: int) -> bool:
        """Whether a folder has that id."""
        return any(place.is_dir() and place.stat().st_ino == object_id for place in self._root.rglob("*"))

    def _existing(self, path: str) -> Path:
        place = self._place(path)
        if not place.exists():
            raise NoSuchObject(f"Path ({path}) doesn't exist.")
        return place

    def _place(self, path: str) -> Path:
        """Give where a path of the API is kept: below the root, because it is absolute before it is made plain."""
        if not path.startswith("/"):
            raise InvalidParameterValue(f"Path ({path}) doesn't start with '/'")
        plain = "/" + normpath(path).lstrip("/")
        if plain == _MOUNT or plain.startswith(f"{_MOUNT}/"):
            plain = plain.removeprefix(_MOUNT)
        names = [name for name in plain.split("/") if name]
        if len(plain.encode(errors="replace")) > _LONGEST_PATH:
            raise InvalidParameterValue(f"a path has at most {_LONGEST_PATH} bytes")
        if any(not name.isprintable() or len(name.encode()) > _LONGEST_NAME for name in names):
            raise InvalidParameterValue("a path is of printable names of at most 255 bytes each")
        return self._root.joinpath(*names)


def _entry(path: str, place: Path) -> Entry:
    about = place.stat()
    return Entry(normpath(path), about.st_ino, place.is_dir(), about.st_size, int(about.st_mtime * 1000))

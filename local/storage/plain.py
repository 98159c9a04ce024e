"""Keeps the index true to a plain bucket's files, which come, change and go without the server."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from local.storage.checksums import Checksums, Crc32c
from local.storage.disk import Disk
from local.storage.epoch import moment_of
from local.storage.folders import PlainFolder, fingerprint_of
from local.storage.incoming import pieces_of
from local.storage.resource import Attributes, Fingerprint, StoredObject


class PlainObserver:
    """Gives a generation to each file of a plain folder that came or changed without the server.

    Its time is the file's modification time; it has a CRC32C and no MD5, as files that come through a mounted
    volume have.
    """

    def __init__(self, bucket: str, folder: PlainFolder, disk: Disk) -> None:
        self._bucket = bucket
        self._folder = folder
        self._index = disk.index
        self._lock = disk.lock

    def observe(self, name: str) -> None:
        """Make the index say of a name what the folder says; to be called without the lock: it reads the file."""
        while not self.is_settled(name):
            file = self._folder.open_unseen(name)
            if file is None:
                self._forget(name)
                continue
            with file:
                fingerprint = fingerprint_of(os.fstat(file.fileno()))
                checksums = _measured(file)
                if fingerprint_of(os.fstat(file.fileno())) == fingerprint:
                    self._enter(name, fingerprint, checksums)

    def is_settled(self, name: str) -> bool:
        """Whether the index says of a name what the folder says."""
        with self._lock:
            known = self._index.live(self._bucket, name)
            return self._folder.fingerprint(name) == (known.fingerprint if known else None)

    def _forget(self, name: str) -> None:
        with self._lock:
            known = self._index.live(self._bucket, name)
            if known and self._folder.fingerprint(name) is None:
                self._index.remove(known)

    def _enter(self, name: str, fingerprint: Fingerprint, checksums: Checksums) -> None:
        modified = moment_of(fingerprint.modified // 1000)
        with self._lock, self._index.transaction():
            known = self._index.live(self._bucket, name)
            if known:
                self._index.remove(known)
            self._index.put(
                StoredObject(
                    bucket=self._bucket,
                    name=name,
                    generation=self._index.mint(fingerprint.modified // 1000),
                    metageneration=1,
                    size=fingerprint.size,
                    checksums=checksums,
                    created=modified,
                    updated=modified,
                    attributes=Attributes({"contentType": "application/octet-stream"}),
                    fingerprint=fingerprint,
                )
            )


def _measured(file: BinaryIO) -> Checksums:
    crc32c = Crc32c()
    for piece in pieces_of(file):
        crc32c.update(piece)
    return Checksums(crc32c=crc32c.base64(), md5=None)


def walk(root: Path, wanted: Callable[[str], bool]) -> Iterator[str]:
    """The object names of the files below a folder, by the bytes of the name.

    `wanted` is asked for each file's name and for each folder's with a slash at its end, and spares the walk
    what it refuses. A file whose name is not UTF-8 is no object and is passed over.
    """
    return _walk(root, "", wanted)


def _walk(folder: Path, prefix: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return  # it went since its own folder was read
    # a folder sorts as what it holds does: "a.b" comes before "a/b", and "a0" behind it
    names = {prefix + entry.name + ("/" if entry.is_dir(follow_symlinks=False) else ""): entry for entry in entries}
    for name in sorted(names):
        if not _is_utf8(name) or not wanted(name):
            continue
        if name.endswith("/"):
            yield from _walk(folder / names[name].name, name, wanted)
        elif names[name].is_file(follow_symlinks=False):
            yield name


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

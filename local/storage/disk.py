"""The folder of a storage: what lies where, and that only one server uses it."""

import fcntl
import shutil
from pathlib import Path
from threading import RLock

from local.storage.errors import RootUnusableError
from local.storage.folders import GenerationFolder, PlainFolder
from local.storage.incoming import Incoming
from local.storage.index import Index

_OWN = ".storage"  # no bucket's name begins with a dot


class Disk:
    """An opened root folder.

    A plain bucket lies at `<root>/<bucket>/`; all else is the server's own, in `<root>/.storage/`. Opening it
    removes what a killed server left half done. Raises RootUnusableError.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own = root / _OWN
        self._incoming = self._own / "incoming"
        self.lock = RLock()
        try:
            self._own.mkdir(parents=True, exist_ok=True)
            self._hold = (self._own / "lock").open("w")
        except OSError as error:
            raise RootUnusableError(f"The folder {root} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._hold.close()
            raise RootUnusableError(f"The folder {root} is in use by another storage server.") from error
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir()
        self.index = Index(self._own / "index.sqlite")
        for bucket in self.index.buckets():
            if not bucket.plain:
                self.generations_of(bucket.name).drop_all_but(set(self.index.generations(bucket.name)))

    def close(self) -> None:
        """Let go of the folder."""
        with self.lock:
            self.index.close()
            self._hold.close()

    def incoming(self) -> Incoming:
        """A new file for bytes on their way in, on the file system of the buckets."""
        return Incoming(self._incoming)

    def generations_of(self, bucket: str) -> GenerationFolder:
        """The folder of an ordinary bucket."""
        return GenerationFolder(self._own / "buckets" / bucket)

    def plain_files_of(self, bucket: str) -> PlainFolder:
        """The folder of a plain bucket."""
        return PlainFolder(self._root / bucket)

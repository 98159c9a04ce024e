"""Bytes on their way into a bucket: a file that no bucket shows yet, with its checksums."""

import base64
import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from uuid import uuid4

from local.storage.checksums import Checksums, Crc32c
from local.storage.errors import InvalidError

PIECE = 1 << 20
"""Bytes that are read or written at a time."""


class Incoming:
    """A file that grows until it is placed in a bucket; what is not placed by then is removed at the end."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid4().hex
        self._file: BinaryIO = self.path.open("xb", buffering=0)
        self._crc32c = Crc32c()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._known: Checksums | None = None
        self.size = 0

    def __enter__(self) -> "Incoming":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        rest = memoryview(data)
        while rest:  # an unbuffered write may write less than it is given
            rest = rest[self._file.write(rest) :]
        self._crc32c.update(data)
        self._md5.update(data)
        self.size += len(data)

    def append_all(self, pieces: Iterable[bytes]) -> None:
        """Add each piece as it comes."""
        for piece in pieces:
            self.append(piece)

    def copy_measured(self, source: BinaryIO, size: int, checksums: Checksums) -> None:
        """Fill the file from a source whose bytes are known and do not change, without measuring them again."""
        shutil.copyfileobj(source, self._file, PIECE)
        self._known = checksums
        self.size = size

    def checksums(self) -> Checksums:
        """The checksums of all bytes so far."""
        if self._known is not None:
            return self._known
        return Checksums(
            crc32c=self._crc32c.base64(),
            md5=base64.b64encode(self._md5.digest()).decode(),
        )

    def expect(self, crc32c: str | None, md5: str | None) -> None:
        """Raises InvalidError if the sender's checksums are not those of the bytes that came."""
        found = self.checksums()
        for name, wanted, actual in (("CRC32C", crc32c, found.crc32c), ("MD5", md5, found.md5)):
            if wanted is not None and wanted != actual:
                raise InvalidError(f"Provided {name} hash {wanted!r} doesn't match calculated {name} hash {actual!r}.")

    def discard(self) -> None:
        """Close the file and remove it, unless it was placed in a bucket."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def pieces_of(source: BinaryIO) -> Iterable[bytes]:
    """The bytes of a file from where it stands, piece by piece."""
    while piece := source.read(PIECE):
        yield piece

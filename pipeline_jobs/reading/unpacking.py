"""A file's bytes unpacked: gzip, zip of one file, zstd, or as they stand, known by their beginning."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import pyarrow as pa

from contracts.files.packing import IS_WORKBOOK, WORKBOOK_PART, check_member, is_zip, is_zstd
from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import is_gzip

_MAGIC_BYTES = 4
_MOST_DIRECTORY_BYTES = 1024 * 1024
"""Of a zip's list of its members, which is read at once: room for ten thousand."""
_END_RECORD = struct.Struct("<4s16xH")
_DAMAGES = (
    *(gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, struct.error),
    *(ValueError, NotImplementedError, OverflowError),  # what zipfile raises, too, of a directory that is none
)


class Unpacked:
    """Of packed data at most `most_bytes` are unpacked."""

    def __init__(self, raw: io.BufferedReader, most_bytes: int) -> None:
        """Raises FileRejected (compression)."""
        magic = raw.peek(_MAGIC_BYTES)
        self._most_bytes = most_bytes
        self._unpacked_bytes = 0
        self._under = Watched(raw)
        self._raw: IO[bytes] = raw
        self._kind: str | None = None
        if is_gzip(magic):
            self._kind, self._raw = "gzip", cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        elif is_zip(magic):
            self._kind, self._raw = "zip", only_member(raw)
        elif is_zstd(magic):
            self._kind, stream = "zstd", pa.CompressedInputStream(pa.PythonFile(self._under, "r"), "zstd")
            self._raw = cast("IO[bytes]", stream)

    def read(self, size: int) -> bytes:
        """What comes next, `size` bytes at most, nothing at the end; raises FileRejected: compression, too_large."""
        if self._kind is None:
            return self._raw.read(size)
        with damage_told(self._kind, self._under):
            data = self._raw.read(size)
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes > self._most_bytes:
            detail = f"the {self._kind} data unpacks to more than {self._most_bytes} bytes"
            raise FileRejected(Reason.TOO_LARGE, f"{detail}; split it, or upload it unpacked")
        return data


class Watched(io.RawIOBase):
    """Remembers whether the file itself could not be read: Arrow raises OSError for damaged data, too."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self.has_failed = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: object) -> int:
        try:
            return self._raw.readinto(buffer)  # type: ignore[arg-type] # a writable buffer, as RawIOBase has it
        except OSError:
            self.has_failed = True
            raise


@contextmanager
def damage_told(kind: str, under: Watched | None = None) -> Iterator[None]:
    """Raises FileRejected (compression) for what is wrong with packed data, and other errors as they are."""
    try:
        yield
    except (*_DAMAGES, OSError) as error:
        is_of_the_file = kind != "zstd" or under is None or under.has_failed
        if is_of_the_file and isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        detail = f"the {kind} data is damaged or ends too early; write it again"
        raise FileRejected(Reason.COMPRESSION, detail) from error


def open_zip(raw: io.BufferedReader) -> zipfile.ZipFile:
    """Raises FileRejected (compression), also where the archive is not all that the file holds."""
    listed = _Listed(raw)
    with damage_told("zip"):
        archive = zipfile.ZipFile(cast("IO[bytes]", listed))
        is_all = _begins_at_once(archive) and _ends_at_last(archive, raw)
    if not is_all:
        detail = "something stands before or behind the zip, another one perhaps; send one file in each"
        raise FileRejected(Reason.COMPRESSION, detail)
    listed.is_bounded = False
    return archive


def _begins_at_once(archive: zipfile.ZipFile) -> bool:
    """Of several archives one behind the other, zipfile reads the last and shifts its members by what is before it."""
    return min((member.header_offset for member in archive.infolist()), default=0) == 0


def _ends_at_last(archive: zipfile.ZipFile, raw: io.BufferedReader) -> bool:
    """The end record is the last of the file, but for the comment, whose length it says (APPNOTE 4.3.16)."""
    raw.seek(-_END_RECORD.size - len(archive.comment), io.SEEK_END)
    signature, comment_bytes = _END_RECORD.unpack(raw.read(_END_RECORD.size))
    return (signature, comment_bytes) == (b"PK\5\6", len(archive.comment))


def only_member(raw: io.BufferedReader) -> IO[bytes]:
    """Of a zip that holds one file; its name leads nowhere, since nothing is written by it, and is looked at all the
    same: who sends one like this means harm. Raises FileRejected (compression).
    """
    archive = open_zip(raw)
    members = [member for member in archive.infolist() if not member.is_dir()]
    if any(member.filename == WORKBOOK_PART for member in members):
        raise FileRejected(Reason.COMPRESSION, IS_WORKBOOK)
    if len(members) != 1:
        detail = (
            f"the zip holds {len(members) or 'no'} files; send one file in each" if members else "the zip holds no file"
        )
        raise FileRejected(Reason.COMPRESSION, detail)
    [member] = members
    name = member.orig_filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise FileRejected(
            Reason.COMPRESSION, "the name of the file in the zip leads out of it; pack it by its plain name"
        )
    check_member(member.flag_bits, member.compress_type)
    with damage_told("zip"):
        return archive.open(member)


class _Listed:
    """What zipfile needs of a file, with a bound on what it reads at once of the directory, of whatever size it says;
    of a member it reads no more than it is asked for.
    """

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self.is_bounded = True

    def read(self, size: int = -1) -> bytes:
        if self.is_bounded and size > _MOST_DIRECTORY_BYTES:
            raise FileRejected(
                Reason.COMPRESSION, "the zip has more members than one file needs; send one file in each"
            )
        return self._raw.read(_MOST_DIRECTORY_BYTES if size < 0 else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise ValueError("a place before the file's beginning")
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Whoever opened the file closes it."""

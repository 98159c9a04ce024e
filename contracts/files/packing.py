"""How a file is packed, told by its first bytes, and what its head holds unpacked, as far as that can be seen."""

import struct
import zlib

from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import is_gzip

ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"
"""Behind a byte from 50 to 5F: a frame without data, which parallel packers begin with (RFC 8878, 3.1.2)."""
_GZIP_WINDOW = 31
_RAW_WINDOW = -15
_LOCAL_HEADER = struct.Struct("<4s2xHH16xHH")
"""Of a member, 30 bytes: magic, flags, method, the lengths of its name and of what else stands before its data
(https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7).
"""
WORKBOOK_PART = "[Content_Types].xml"
"""The part that every workbook has, mostly as its first one."""
IS_WORKBOOK = "it is a workbook; save it as CSV, or write fileFormat: excel"
ENCRYPTED, STORED, DEFLATED = 1, 0, 8


def type_of_copy(encoding: str | None, content_type: str | None) -> str | None:
    """The content type of a copy that is to be the bytes as they are stored, and to say so; None without an encoding.

    Of one with an encoding some readers would decompress the bytes on their way, and Hadoop's connector refuses it:
    https://github.com/GoogleCloudDataproc/hadoop-connectors/blob/master/gcs/CONFIGURATION.md
    What a rewrite says of its copy stands in place of all that is said of its source; nothing said, all is copied.
    https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
    """
    if not encoding:
        return None
    return "application/gzip" if encoding == "gzip" else content_type or "application/octet-stream"


def is_zip(head: bytes) -> bool:
    return head.startswith((ZIP_MAGIC, _EMPTY_ZIP))


def is_zstd(head: bytes) -> bool:
    return head.startswith(_ZSTD_MAGIC) or (
        head[:1] in {bytes([0x50 + at]) for at in range(16)} and head[1:4] == _SKIPPABLE
    )


def is_packed(head: bytes) -> bool:
    return is_gzip(head) or is_zip(head) or is_zstd(head)


def unpacked_head(head: bytes, most: int, *, whole: bool) -> tuple[bytes, bool] | None:
    """Up to `most` bytes of what the file holds, and whether that is all; None where its head alone does not tell.

    zstd is in no standard library that the functions run on, and a zip may begin with a folder.
    Raises FileRejected (compression).
    """
    if is_gzip(head):
        return gunzip(head, most, whole=whole)
    if is_zip(head):
        return _unzipped(head, most, whole=whole)
    return None if is_zstd(head) else (head, whole)


def gunzip(head: bytes, most: int, *, whole: bool) -> tuple[bytes, bool]:
    """As `unpacked_head`, all members of gzip data."""
    data, rest, ended = b"", head, True
    while is_gzip(rest) and len(data) < most:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            data += member.decompress(rest, most - len(data))
        except zlib.error as error:
            raise FileRejected(Reason.COMPRESSION, "the file begins as gzip but is damaged; write it again") from error
        if whole and not member.eof and not member.unconsumed_tail:
            raise FileRejected(Reason.COMPRESSION, "the gzip data ends too early; write the file again")
        rest, ended = member.unused_data, member.eof
    return data, whole and ended and not rest


def check_member(flags: int, method: int) -> None:
    """Raises FileRejected for a member of a zip that is not read."""
    if flags & ENCRYPTED:
        raise FileRejected(Reason.COMPRESSION, "the zip is encrypted; send it without a password")
    if method not in (STORED, DEFLATED):
        raise FileRejected(
            Reason.COMPRESSION, f"the zip is packed by method {method}; pack it by deflate, the usual one"
        )


def _unzipped(head: bytes, most: int, *, whole: bool) -> tuple[bytes, bool] | None:
    """Of the first member; that there is no other one stands at the file's end."""
    if head.startswith(_EMPTY_ZIP):
        raise FileRejected(Reason.COMPRESSION, "the zip holds no file")
    cut = FileRejected(Reason.COMPRESSION, "the zip ends too early; write the file again")
    if len(head) < _LOCAL_HEADER.size:
        raise cut
    _, flags, method, name_bytes, extra_bytes = _LOCAL_HEADER.unpack_from(head)
    check_member(flags, method)
    start = _LOCAL_HEADER.size + name_bytes
    if head[_LOCAL_HEADER.size : start] == WORKBOOK_PART.encode():
        raise FileRejected(Reason.COMPRESSION, IS_WORKBOOK)
    if head[:start].endswith(b"/") or method == STORED:
        return None
    member = zlib.decompressobj(_RAW_WINDOW)
    try:
        data = member.decompress(head[start + extra_bytes :], most)
    except zlib.error as error:
        raise FileRejected(Reason.COMPRESSION, "the file begins as zip but is damaged; write it again") from error
    if whole and not member.eof and not member.unconsumed_tail:
        raise cut
    return data, member.eof

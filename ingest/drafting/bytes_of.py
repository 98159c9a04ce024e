"""A sample of a file's bytes: the whole of a small one; of a large one its head, its end and pieces between."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from contracts.files.regular import open_regular
from contracts.files.text import is_gzip

_WHOLE = 8 * 1024 * 1024
_HEAD = 4 * 1024 * 1024
_PIECES = 32
_PIECE = 96 * 1024
_ZIP = b"PK\x03\x04"


class NotDraftable(Exception):
    """The file gives no contract; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """`head` begins the file, `others` are cut at line ends; `size` is in bytes, as stored."""

    head: bytes
    others: tuple[bytes, ...]
    is_whole: bool
    size: int


def read_pieces(path: Path) -> Pieces:
    """Raises NotDraftable for what is no text at all; OSError where it cannot be read."""
    size = path.stat().st_size
    with open_regular(path) as file:
        head = file.read(_WHOLE if size <= _WHOLE else _HEAD)
        if not head:
            raise NotDraftable("the file is empty: it has neither a header nor a row")
        if head.startswith(_ZIP):
            raise NotDraftable(
                "the file is a ZIP archive, as an Excel workbook is one: draft from it as CSV, saved or unpacked; the "
                "feed may then be sent as a workbook (fileFormat: excel) or as a zip of one file"
            )
        if is_gzip(head):
            return _unpacked(path, size)
        if size <= _WHOLE:
            return Pieces(head, (), is_whole=True, size=size)
        starts = [_HEAD + (size - _HEAD - _PIECE) * at // (_PIECES - 1) for at in range(_PIECES)]
        others = []
        for start in starts:
            file.seek(start)
            others.append(_lines(file.read(_PIECE)))
    return Pieces(_to_line_end(head), tuple(others), is_whole=False, size=size)


def _unpacked(path: Path, size: int) -> Pieces:
    """Only the head: what stands further behind cannot be reached without all before it."""
    try:
        with gzip.open(path) as file:
            head = file.read(_WHOLE)
            is_whole = not file.read(1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise NotDraftable("the file begins as gzip and is damaged: write it again") from error
    return Pieces(head if is_whole else _to_line_end(head), (), is_whole=is_whole, size=size)


def _to_line_end(data: bytes) -> bytes:
    end = data.rfind(b"\n") if b"\n" in data else data.rfind(b"\r")
    return data[: end + 1] if end >= 0 else data


def _lines(data: bytes) -> bytes:
    """From behind the first line end to the last one."""
    _, _, whole = data.partition(b"\n")
    return _to_line_end(whole) if b"\n" in whole else b""

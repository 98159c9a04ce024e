"""A part of a workbook as XML, a piece at a time and within bounds."""

import zipfile
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from contracts.files.packing import check_member
from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.reading.unpacking import damage_told

_AT_ONCE = 64 * 1024
_LONGEST_TAG = 1024 * 1024
"""Expat holds back what has no end yet; a tag of a workbook has some hundred bytes."""


class Target(Protocol):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; names are without their namespace."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, data: str) -> None:
        """A piece of the text within."""


def broken(what: str) -> FileRejected:
    return FileRejected(Reason.FORMAT, f"the workbook is damaged: {what}; open it and save it again")


def read_part(archive: zipfile.ZipFile, name: str, target: Target, most_bytes: int) -> Iterator[None]:
    """Yields between pieces, so that what the target has gathered can be taken.

    Raises FileRejected: format, compression, too_large.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: target.start(_local(tag), attributes)
    parser.EndElementHandler = lambda tag: target.end(_local(tag))
    parser.CharacterDataHandler = target.text
    parser.StartDoctypeDeclHandler = _no_doctype
    read = 0
    try:
        for data in _data(archive, name, most_bytes):
            parser.Parse(data, False)
            read += len(data)
            if read - parser.CurrentByteIndex > _LONGEST_TAG:
                raise broken(f"a tag in {name} does not end")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise broken(f"{name} is no XML") from error
    yield


def _data(archive: zipfile.ZipFile, name: str, most_bytes: int) -> Iterator[bytes]:
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise broken("a part that it names is not in it") from error
    check_member(member.flag_bits, member.compress_type)
    with damage_told("zip"):
        part = archive.open(member)
    read = 0
    while True:
        with damage_told("zip"):
            data = part.read(_AT_ONCE)
        if not data:
            return
        read += len(data)
        if read > most_bytes:
            raise FileRejected(Reason.TOO_LARGE, f"{name} of the workbook has more than {most_bytes} bytes; split it")
        yield data


def _no_doctype(*_: object) -> None:
    raise broken("it declares a document type, which no workbook has")


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def whole_number(text: str, what: str) -> int:
    """Raises FileRejected (format)."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise broken(f"{what} is no number")
    return int(text)

"""The check of a file's head: encoding, compression, dialect and header, before any row is read.

The function makes it on the first 64 KiB of the object, the job again on the file.
"""

import csv
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.contract import Contract, CsvDialect
from contracts.files.quoting import Quoting
from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import decoder, is_gzip

HEAD_BYTES = 64 * 1024
_GZIP_WINDOW = 31
_NAMES_SHOWN = 10
_LETTERS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the file's columns as they stand, in the file's order."""

    names: tuple[str, ...]
    unknown: tuple[str, ...]


def check_head(head: bytes, contract: Contract, *, whole: bool) -> Header:
    """The header of the file that begins with `head` (at most 64 KiB; `whole`: the file ends with it).

    Raises FileRejected: retired, empty, compression, encoding, unclosed_quote, header, missing_column, unknown_column.
    """
    if contract.is_retired:
        raise FileRejected(
            Reason.RETIRED,
            f"the feed {contract.feed} is retired (status of its contract) and loads no file; ask whoever owns it",
        )
    data, whole = (_gunzip(head, whole=whole)) if is_gzip(head) else (head, whole)
    text = decoder(contract.csv)(data, whole)
    names = _first_record(text, contract.csv, whole=whole)
    _check_names(names)
    return _compare(names, contract)


def _gunzip(head: bytes, *, whole: bool) -> tuple[bytes, bool]:
    """Up to 64 KiB of what the gzip data holds, all members of it, and whether that is all."""
    data, rest, ended = b"", head, True
    while is_gzip(rest) and len(data) < HEAD_BYTES:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            data += member.decompress(rest, HEAD_BYTES - len(data))
        except zlib.error as error:
            raise FileRejected(Reason.COMPRESSION, "the file begins as gzip but is damaged; write it again") from error
        if whole and not member.eof and not member.unconsumed_tail:
            raise FileRejected(Reason.COMPRESSION, "the gzip data ends too early; write the file again")
        rest, ended = member.unused_data, member.eof
    return data, whole and ended and not rest


def _first_record(text: str, dialect: CsvDialect, *, whole: bool) -> list[str]:
    text = Quoting.of(dialect).doubled(text.encode()).decode()
    lines = io.StringIO(text, newline="")
    records = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    unfinished = FileRejected(Reason.HEADER, f"the header does not end within the first {HEAD_BYTES // 1024} KiB")
    try:
        record = next((record for record in records if record), None)
    except csv.Error as error:
        if not whole and lines.tell() == len(text):
            raise unfinished from error
        raise FileRejected(Reason.UNCLOSED_QUOTE, "a quote in the header is never closed") from error
    if not whole and text[: lines.tell()][-1:] not in ("\n", "\r"):
        raise unfinished
    if record is None:
        raise FileRejected(Reason.EMPTY, "the file holds no header and no record")
    return record


def _check_names(names: list[str]) -> None:
    blank = [str(at) for at, name in enumerate(names, start=1) if not name.strip()]
    if blank:
        raise FileRejected(Reason.HEADER, f"the header names no column at position {_listed(blank)}")
    seen: dict[str, int] = {}
    for at, name in enumerate(names, start=1):
        first = seen.setdefault(name.casefold(), at)
        if first != at:
            # By position: of a file without a header this would be a cell's value.
            both = f"{first} and {at}"
            raise FileRejected(Reason.HEADER, f"the header names one column twice, at {both} (case does not count)")


def _compare(names: list[str], contract: Contract) -> Header:
    present = set(names)
    missing = [c.source_name for c in contract.file_columns if not c.optional and c.source_name not in present]
    unknown = tuple(name for name in names if name not in {c.source_name for c in contract.file_columns})
    if missing:
        # Where no name is a declared one, this may be the first row of a file without a header.
        found = f"it names {_listed(names)}" if len(unknown) < len(names) else "no name in it is the contract's"
        raise FileRejected(Reason.MISSING_COLUMN, f"the header lacks {_listed(missing)}; {found}")
    if unknown and contract.unknown_columns == "reject":
        raise FileRejected(
            Reason.UNKNOWN_COLUMN, f"the header names {_listed(unknown)}, which the contract does not know"
        )
    return Header(tuple(names), unknown)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(_shown(name) for name in names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"


def _shown(name: str) -> str:
    short = name if len(name) <= _LETTERS_SHOWN else f"{name[:_LETTERS_SHOWN]}…"
    return short if short.isprintable() else ascii(short)

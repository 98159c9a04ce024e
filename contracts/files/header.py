"""The check of a file's head: encoding, compression, dialect and header, before any row is read.

The function makes it on the first 64 KiB of the object, the job again on the file.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.contract import Contract, CsvDialect
from contracts.files.layouts import check_width, names_in_json
from contracts.files.packing import ZIP_MAGIC, gunzip, unpacked_head
from contracts.files.quoting import Quoting
from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import decoder, is_gzip

HEAD_BYTES = 64 * 1024
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_PARQUET, _ENCRYPTED_PARQUET = b"PAR1", b"PARE"
_NAMES_SHOWN = 10
_LETTERS_SHOWN = 60
_ENDS_OPEN = "unexpected end of data"
"""What csv says of a quote that is open where the text ends, and of no other error."""
_BEHIND_QUOTE = (
    "in the header something else than the delimiter stands behind the closing quote of a name, such as a blank: leave "
    "it out; a quote within a name is written twice"
)


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the file's columns as they stand, in the file's order."""

    names: tuple[str, ...]
    unknown: tuple[str, ...]


def check_first_bytes(head: bytes, contract: Contract, *, whole: bool) -> None:
    """What can be said of a file by its beginning alone (at most 64 KiB; `whole`: the file ends with it).

    Raises FileRejected as `check_head`. What is packed so that its beginning does not tell, a workbook and Parquet are
    the job's to open: of them only the first bytes are looked at.
    """
    _check_in_service(contract)
    if contract.file_format in ("excel", "parquet"):
        check_magic(head, contract)
        return
    seen = unpacked_head(head, HEAD_BYTES, whole=whole)
    if seen is not None:
        data, whole = seen
        read_header(data, contract, whole=whole)


def check_head(head: bytes, contract: Contract, *, whole: bool) -> Header:
    """The header of the text, plain or gzip, that begins with `head` (at most 64 KiB; `whole`: the file ends with it).

    Raises FileRejected: retired, empty, compression, encoding, format, unclosed_quote, header, missing_column,
    unknown_column.
    """
    _check_in_service(contract)
    data, whole = gunzip(head, HEAD_BYTES, whole=whole) if is_gzip(head) else (head, whole)
    return read_header(data, contract, whole=whole)


def check_magic(head: bytes, contract: Contract) -> None:
    """Raises FileRejected (format) for what cannot be a workbook, or Parquet, as the contract says."""
    if contract.file_format == "excel" and not head.startswith(ZIP_MAGIC):
        detail = (
            "it is an old workbook (.xls), or one with a password; save it as .xlsx, without one"
            if head.startswith(_OLD_WORKBOOK)
            else "it is no workbook (.xlsx); the contract says fileFormat: excel"
        )
        raise FileRejected(Reason.FORMAT, detail)
    if contract.file_format == "parquet" and not head.startswith(_PARQUET):
        detail = (
            "its footer is encrypted; write it without"
            if head.startswith(_ENCRYPTED_PARQUET)
            else "it is no Parquet; the contract says fileFormat: parquet"
        )
        raise FileRejected(Reason.FORMAT, detail)


def _check_in_service(contract: Contract) -> None:
    if contract.is_retired:
        raise FileRejected(
            Reason.RETIRED,
            f"the feed {contract.feed} is retired (status of its contract) and loads no file; ask whoever owns it",
        )


def read_header(data: bytes, contract: Contract, *, whole: bool) -> Header:
    """As `check_head`, of a text that is not packed."""
    text = decoder(contract.csv)(data, whole)
    if contract.file_format == "fixedWidth":
        return Header(tuple(check_width(text, contract, whole=whole)), ())
    if contract.file_format == "jsonLines":
        return checked_names(names_in_json(text, whole=whole), contract, "the file")
    return checked_names(_first_record(text, contract.csv, whole=whole), contract)


def checked_names(names: list[str], contract: Contract, of: str = "the header") -> Header:
    """Raises FileRejected: header, missing_column, unknown_column; `of` is what has the names."""
    _check_names(names, of)
    return _compare(names, contract, of)


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
        is_of_one_line = not {"\r", "\n"} & {*text[: lines.tell()].strip("\r\n")}
        if is_of_one_line and str(error) != _ENDS_OPEN:
            raise FileRejected(Reason.HEADER, _BEHIND_QUOTE) from error
        raise FileRejected(Reason.UNCLOSED_QUOTE, "a quote in the header is never closed") from error
    if not whole and text[: lines.tell()][-1:] not in ("\n", "\r"):
        raise unfinished
    if record is None:
        raise FileRejected(Reason.EMPTY, "the file holds no header and no record")
    return record


def _check_names(names: list[str], of: str) -> None:
    blank = [str(at) for at, name in enumerate(names, start=1) if not name.strip()]
    if blank:
        raise FileRejected(Reason.HEADER, f"{of} names no column at position {_listed(blank)}")
    seen: dict[str, int] = {}
    for at, name in enumerate(names, start=1):
        first = seen.setdefault(name.casefold(), at)
        if first != at:
            # By position: of a file without a header this would be a cell's value.
            both = f"{first} and {at}"
            raise FileRejected(Reason.HEADER, f"{of} names one column twice, at {both} (case does not count)")


def _compare(names: list[str], contract: Contract, of: str) -> Header:
    present = set(names)
    missing = [c.source_name for c in contract.file_columns if not c.optional and c.source_name not in present]
    unknown = tuple(name for name in names if name not in {c.source_name for c in contract.file_columns})
    if missing:
        # Where no name is a declared one, this may be the first row of a file without a header.
        found = f"it names {_listed(names)}" if len(unknown) < len(names) else "no name in it is the contract's"
        raise FileRejected(Reason.MISSING_COLUMN, f"{of} lacks {_listed(missing)}; {found}")
    if unknown and contract.unknown_columns == "reject":
        raise FileRejected(Reason.UNKNOWN_COLUMN, f"{of} names {_listed(unknown)}, which the contract does not know")
    return Header(tuple(names), unknown)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(_shown(name) for name in names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"


def _shown(name: str) -> str:
    short = name if len(name) <= _LETTERS_SHOWN else f"{name[:_LETTERS_SHOWN]}…"
    return short if short.isprintable() else ascii(short)

"""The header of a file, by its format: what the function can see of it, and what only the whole file shows."""

from pathlib import Path

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES, Header, check_first_bytes, check_head, checked_names, read_header
from contracts.files.packing import is_zip, is_zstd
from contracts.files.regular import open_regular
from contracts.files.text import most_unpacked
from pipeline_jobs.reading.excel.pieces import headings
from pipeline_jobs.reading.parquet import checked_columns
from pipeline_jobs.reading.unpacking import Unpacked


def header_of(path: Path, head: bytes, size: int, contract: Contract) -> Header:
    """`head` are the file's first 64 KiB, `size` is in bytes.

    Raises FileRejected as `check_head`, too_large; FileNotFoundError where the file has gone.
    """
    whole, has_schema = size <= HEAD_BYTES, contract.file_format in ("excel", "parquet")
    if not has_schema and not is_zip(head) and not is_zstd(head):
        return check_head(head, contract, whole=whole)
    check_first_bytes(head, contract, whole=whole)
    with open_regular(path) as raw:
        if contract.file_format == "excel":
            return checked_names(headings(raw, most_unpacked(size)), contract, "the sheet's first row")
        if contract.file_format == "parquet":
            return checked_names(checked_columns(raw, contract), contract, "the file")
        text = _beginning(Unpacked(raw, most_unpacked(size)))
        return read_header(text[:HEAD_BYTES], contract, whole=len(text) <= HEAD_BYTES)


def _beginning(unpacked: Unpacked) -> bytes:
    """One byte more than a head has, if there is one."""
    text = b""
    while len(text) <= HEAD_BYTES and (data := unpacked.read(HEAD_BYTES + 1 - len(text))):
        text += data
    return text

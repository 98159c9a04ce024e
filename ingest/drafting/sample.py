"""The records of a sample, and how the file is written: encoding, delimiter, quote, escape."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from contracts.files.quoting import Quoting
from ingest.drafting.bytes_of import NotDraftable, Pieces, read_pieces

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 500
"""Records that the delimiter is told from."""
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LONGEST_CELL = 16 * 1024 * 1024
_TOTALS = frozenset(
    [
        "total",
        "totals",
        "sum",
        "summe",
        "gesamt",
        "gesamtsumme",
        "endsumme",
        "somme",
        "totale",
        "totaal",
        "suma",
        "razem",
    ]
)

Record = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """How the file is written, each part with its evidence; `escape` is None where a quote is doubled."""

    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    evidence: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """`records` have the header's width; `total` is a last record that sums up the others and is none of them."""

    writing: Writing
    header: Record
    records: tuple[Record, ...]
    ragged: int
    has_total: bool
    is_whole: bool
    size: int

    def cells(self, at: int) -> list[str]:
        return [record[at] for record in self.records]


def read_sample(path: Path) -> Sample:
    """Raises NotDraftable, OSError."""
    pieces = read_pieces(path)
    encoding, evidence = _encoding(pieces)
    head, *others = [_decoded(piece, encoding) for piece in (pieces.head, *pieces.others)]
    if _CONTROLS.search(head):
        raise NotDraftable("the file holds control characters: it is no text, or in an encoding that is not known here")
    csv.field_size_limit(_LONGEST_CELL)
    writing = _writing(head, encoding, evidence)
    records = _records(head, writing)
    if not records:
        raise NotDraftable("the file holds no header and no record")
    header, *rows = records
    _check_header(header, rows)
    rest = [row for text in others for row in _records(text, writing) if len(row) == len(header)]
    has_total = _is_total(rows[-1:] if pieces.is_whole else rest[-1:], header)
    counted = rows[:-1] if has_total and pieces.is_whole else rows
    fitting = [row for row in counted if len(row) == len(header)]
    rest = rest[:-1] if has_total and rest else rest
    return Sample(
        writing,
        header,
        (*fitting, *rest),
        len(counted) - len(fitting),
        has_total,
        pieces.is_whole,
        pieces.size,
    )


def _encoding(pieces: Pieces) -> tuple[str, str]:
    head = pieces.head
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "its first two bytes say so"
    if b"\0" in head[:4096]:
        raise NotDraftable("the file holds NUL bytes: it is no text, or UTF-16 without its mark; write it as UTF-8")
    whole = b"".join((head, *pieces.others))
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in whole)
        try:
            whole.decode("windows-1252")
        except UnicodeDecodeError:
            return "iso-8859-1", f"{high:,} bytes are neither UTF-8 nor windows-1252; look at the letters"
        return "windows-1252", f"{high:,} bytes are not UTF-8, and letters there; look at the umlauts"
    plain = "ASCII alone" if whole.isascii() else "every byte is"
    return "utf-8", "with a byte order mark" if head.startswith(codecs.BOM_UTF8) else plain


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode({"utf-8": "utf-8-sig"}.get(encoding, encoding), errors="replace")


def _writing(head: str, encoding: str, evidence: str) -> Writing:
    quote = '"'
    if '"' not in head and len(re.findall(r"(?m)(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|\r?$)", head)) > head.count("\n"):
        quote = "'"
    # A backslash before a quote that does not end its cell, and no quote that is doubled.
    has_escape = re.search(r'[^\\]\\"(?![\s,;|]|$)', head) and not re.search(r'[^,;\t|\n"]""[^,;\t|\r\n"]', head)
    escape = "\\" if has_escape else None
    best, said = (0.0, 1, ","), "one column alone"
    for delimiter in _DELIMITERS:
        tried = Writing(encoding, delimiter, quote, escape, {})
        records = _records(head, tried, _LOOKED_AT)
        width = len(records[0]) if records else 1
        share = sum(len(record) == width for record in records) / max(1, len(records))
        if width > 1 and (round(share, 1), width) > best[:2]:
            best = (round(share, 1), width, delimiter)
            said = f"{sum(len(record) == width for record in records):,} of {len(records):,} records have {width} cells"
    escaped = {"escape": "a backslash stands before quotes"} if escape else {}
    return Writing(encoding, best[2], quote, escape, {"encoding": evidence, "delimiter": said, **escaped})


def _records(text: str, writing: Writing, most: int | None = None) -> list[Record]:
    """As the job counts them: a line without any character is no record."""
    escape = writing.escape.encode() if writing.escape else None
    doubled = Quoting(writing.delimiter.encode(), writing.quote.encode(), escape).doubled(text.encode()).decode()
    reader = csv.reader(io.StringIO(doubled, newline=""), delimiter=writing.delimiter, quotechar=writing.quote)
    try:
        return list(islice((tuple(record) for record in reader if any(record) or len(record) > 1), most))
    except csv.Error as error:
        raise NotDraftable("the file has a cell without end: a quote is opened and not closed") from error


def _check_header(header: Record, rows: Sequence[Record]) -> None:
    blank = [str(at) for at, name in enumerate(header, start=1) if not name.strip()]
    twice = [name for name, count in Counter(name.casefold() for name in header).items() if count > 1]
    if blank:
        raise NotDraftable(f"the header names no column at position {', '.join(blank[:5])}; a file needs a header")
    if twice:
        raise NotDraftable(f"the header names {len(twice)} columns twice; a file needs a header of different names")
    if rows and all(re.fullmatch(r"[-+0-9.,:/ ]*[0-9][-+0-9.,:/ ]*", name) for name in header):
        raise NotDraftable("the first record is numbers alone, as if the file had no header; a file needs one")


def _is_total(last: Sequence[Record], header: Record) -> bool:
    """A record that sums up: it says so in a cell, and leaves others empty or out."""
    return any(
        any(cell.strip(" :.").casefold() in _TOTALS for cell in record) and ("" in record or len(record) != len(header))
        for record in last
    )

"""The head of a file: accepted with its columns, or refused with the reason that people see."""

import gzip
import zlib
from dataclasses import replace
from typing import Any

import pytest

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES, check_head
from contracts.files.reasons import FileRejected, Reason
from contracts.loader import load_contracts

_COLUMN = load_contracts()[0].file_columns[0]
CONTRACT = replace(
    load_contracts()[0],
    columns=tuple(replace(_COLUMN, name=name, source_name=name, optional=name == "c") for name in ("a", "ü", "c")),
)
GOOD = "a,ü,c\n1,2,3\n"


def _with(**csv: Any) -> Contract:
    return replace(CONTRACT, csv=replace(CONTRACT.csv, **csv))


def _reason(head: bytes, contract: Contract = CONTRACT, *, whole: bool = True) -> Reason:
    with pytest.raises(FileRejected) as caught:
        check_head(head, contract, whole=whole)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (GOOD, ("a", "ü", "c")),
        ("c,a,ü\n", ("c", "a", "ü")),
        ("a,ü", ("a", "ü")),
        ("\n\r\n\ra,ü\n", ("a", "ü")),
        ("a,ü\r1,2\r", ("a", "ü")),
        ('"a","ü"\r\n', ("a", "ü")),
        ('"a",ü,"x\n""y"""\n', ("a", "ü", 'x\n"y"')),
        ("a,ü, c\n", ("a", "ü", " c")),
    ],
)
def test_a_header_is_read_as_it_stands(text: str, names: tuple[str, ...]) -> None:
    """In any order, behind empty lines, with any line end."""
    header = check_head(text.encode(), CONTRACT, whole=True)

    assert header.names == names
    assert header.unknown == tuple(name for name in names if name not in ("a", "ü", "c"))


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding_is_read_packed_or_not(encoding: str, codec: str, packed: bool) -> None:
    """gzip is seen by its first bytes; a byte order mark is no part of the first name."""
    data = GOOD.encode(codec)

    header = check_head(gzip.compress(data, mtime=0) if packed else data, _with(encoding=encoding), whole=True)

    assert header.names == ("a", "ü", "c")


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ({"delimiter": ";"}, "a;ü;c\n"),
        ({"delimiter": "\t"}, "a\tü\tc\n"),
        ({"quote": "'"}, "'a','ü',c\n"),
        ({"escape": "\\"}, '"a",ü,"c"\n'),
        ({"escape": '"'}, '"a",ü,"c"\n'),
    ],
)
def test_the_dialect_is_the_contracts(dialect: dict[str, Any], text: str) -> None:
    """Nothing is sniffed."""
    assert check_head(text.encode(), _with(**dialect), whole=True).names == ("a", "ü", "c")


def test_a_header_escapes_as_its_records_do() -> None:
    """Within quotes alone, before a quote and before itself: names keep every other backslash."""
    contract = _with(escape="\\")
    head = b'a,"\xc3\xbc",C:\\temp,"D:\\temp","\\"x\\\\"\n1,2,3,4,5\n'

    assert check_head(head, contract, whole=True).names == ("a", "ü", "C:\\temp", "D:\\temp", '"x\\')


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\n\r\n", Reason.EMPTY),
        (b"\xef\xbb\xbf", Reason.EMPTY),
        (gzip.compress(b"", mtime=0), Reason.EMPTY),
        ("a,ü\n".encode("latin-1"), Reason.ENCODING),
        ("a,ü\n".encode("utf-16"), Reason.ENCODING),
        ("a,ü".encode()[:-1], Reason.ENCODING),
        (b"\x1f\x8b", Reason.COMPRESSION),
        (b"\x1f\x8bnonsense", Reason.COMPRESSION),
        (gzip.compress(GOOD.encode(), mtime=0)[:-9], Reason.COMPRESSION),
        (gzip.compress(GOOD.encode(), mtime=0)[:-8] + b"\0" * 8, Reason.COMPRESSION),
        (b'"a,\xc3\xbc\n1,2\n', Reason.UNCLOSED_QUOTE),
        (b'"a,\xc3\xbc\n1,"2"\n', Reason.UNCLOSED_QUOTE),
        (b'"a" ,\xc3\xbc\n1,2\n', Reason.HEADER),
        (b'\n"a"x,\xc3\xbc', Reason.HEADER),
        (b"a\n", Reason.MISSING_COLUMN),
        (b"A,\xc3\xbc\n", Reason.MISSING_COLUMN),
        (b"a;\xc3\xbc;c\n", Reason.MISSING_COLUMN),
        (b"a,\xc3\xbc,\n", Reason.HEADER),
        (b"a,\xc3\xbc, \n", Reason.HEADER),
        (b"a,\xc3\xbc,a\n", Reason.HEADER),
        (b"a,\xc3\xbc,A\n", Reason.HEADER),
        (b" \n1,2\n", Reason.HEADER),
    ],
)
def test_a_head_that_is_not_as_the_contract_says_is_refused(head: bytes, reason: Reason) -> None:
    """For ever: no retry can make it good."""
    assert _reason(head) is reason


def test_a_retired_feed_takes_no_file() -> None:
    """Whatever is in it."""
    for head in (GOOD.encode(), b"", b"\x1f\x8b"):
        assert _reason(head, replace(CONTRACT, is_retired=True)) is Reason.RETIRED


def test_unknown_columns_are_kept_or_refused_as_the_contract_says() -> None:
    """Rescue is the default."""
    head = "a,ü,new\n".encode()

    assert check_head(head, CONTRACT, whole=True).unknown == ("new",)
    assert _reason(head, replace(CONTRACT, unknown_columns="reject")) is Reason.UNKNOWN_COLUMN


def test_a_header_has_to_end_within_the_head() -> None:
    """Of a larger file; a whole file may end without a line end."""
    long = b"a," + "ü,".encode() + b"x" * HEAD_BYTES

    assert _reason(long[:HEAD_BYTES], whole=False) is Reason.HEADER
    assert _reason(b'a,"' + b"x" * HEAD_BYTES, whole=False) is Reason.HEADER
    assert _reason(gzip.compress(long, mtime=0), whole=True) is Reason.HEADER
    assert check_head("a,ü".encode(), CONTRACT, whole=True).names == ("a", "ü")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_head_may_be_cut_within_a_character(encoding: str) -> None:
    """The rest of it is the job's to read."""
    data = ("a,ü\n" + "ü" * HEAD_BYTES).encode(encoding)
    contract = _with(encoding=encoding)

    names = {check_head(data[:cut], contract, whole=False).names for cut in range(HEAD_BYTES - 4, HEAD_BYTES)}

    assert names == {("a", "ü")}


def test_the_head_of_a_large_packed_file_is_enough() -> None:
    """The stream is cut where the range ends; no more than 64 KiB of it is unpacked."""
    incompressible = zlib.compress(bytes(range(256)) * 400).hex()
    packed = gzip.compress(GOOD.encode() + "".join(f"{incompressible[at:]}\n" for at in range(400)).encode())
    bomb = gzip.compress(GOOD.encode() + b"\0" * 50_000_000, mtime=0)

    assert check_head(packed[:HEAD_BYTES], CONTRACT, whole=len(packed) <= HEAD_BYTES).names == ("a", "ü", "c")
    assert check_head(bomb, CONTRACT, whole=len(bomb) <= HEAD_BYTES).names == ("a", "ü", "c")


@pytest.mark.parametrize("cut", [0, 1, 3, 5])
def test_a_file_packed_in_several_pieces_is_one_file(cut: int) -> None:
    """As `cat a.gz b.gz` makes it, and as bgzip writes."""
    data = GOOD.encode()
    packed = gzip.compress(data[:cut], mtime=0) + gzip.compress(data[cut:], mtime=0)

    assert check_head(packed, CONTRACT, whole=True).names == ("a", "ü", "c")


def test_a_refusal_names_headers_and_never_floods_the_log() -> None:
    """What is not printable is shown in ASCII; ten names, and the beginning of each, are enough."""
    head = ",".join(["a", "\x1b[31m", "x" * 60_000, *(f"x{at}" for at in range(500))]).encode()

    with pytest.raises(FileRejected) as caught:
        check_head(head, CONTRACT, whole=True)

    assert "the header lacks ü; it names a, '\\x1b[31m', xxx" in caught.value.detail
    assert len(caught.value.detail) < 500


@pytest.mark.parametrize("head", ["17,Jane Doe,secret\n", "Jane Doe,Jane Doe\n", "Jane Doe,\n", "Jane Doe\n" * 9])
def test_a_file_without_a_header_shows_no_cell_of_its_first_row(head: str) -> None:
    """A refusal goes into logs and mails."""
    with pytest.raises(FileRejected) as caught:
        check_head(head.encode(), CONTRACT, whole=True)

    assert "Jane" not in caught.value.detail
    assert "secret" not in caught.value.detail

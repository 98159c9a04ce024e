"""A file that is not what it says, or means harm, is rejected with its reason: nothing dies of it, no memory fills."""

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contracts.files.reasons import Reason
from tests.unit.pipeline_jobs.reading_formats import fault, feed
from tests.unit.pipeline_jobs.written_workbooks import ROWS, workbook, zipped

CSV = b"a,b\n" + b"1,2\n3,4\n" * 500
LONG = b"a,b\n" + b"1,2\n" * 1_000_000
LIMIT = 100_000
ZSTD = pa.compress(CSV, codec="zstd", asbytes=True)
ZIP = zipped({"x.csv": CSV})
LONG_TEXT = f"<si><t>{'x' * 1_000_000}</t></si>"


def encrypted(archive: bytes) -> bytes:
    """As if: the flag in the member's header and in the directory."""
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def commented(archive: bytes) -> bytes:
    """With a comment behind its end record, as that says."""
    return archive[:-2] + struct.pack("<H", 7) + b"comment"


def bzip2() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.csv", CSV)
    return written.getvalue()


def parquet(**columns: object) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def no_utf8() -> pa.StringArray:
    return pa.StringArray.from_buffers(1, pa.py_buffer(struct.pack("<ii", 0, 2)), pa.py_buffer(b"\xff\xfe"))


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def many_members() -> bytes:
    return zipped({f"{n:060}": CSV[:8] for n in range(10_000)})


def many_rows() -> bytes:
    return parquet(a=["1"] * 1_000_000, b=["1"] * 1_000_000)


Content = bytes | Callable[[], bytes]
"""What takes long to make is made by its test: every process of a run collects this file, one runs it."""
TEXT: dict[str, tuple[Content, str, str]] = {
    "zip: two files": (zipped({"x.csv": CSV, "y.csv": CSV}), "compression", "holds 2 files"),
    "zip: a name that leads out": (zipped({"../x.csv": CSV}), "compression", "leads out"),
    "zip: a name from the root": (zipped({"/x.csv": CSV}), "compression", "leads out"),
    "zip: encrypted": (encrypted(ZIP), "compression", "password"),
    "zip: another method": (bzip2(), "compression", "method 12"),
    "zip: no file": (zipped({}), "compression", "no file"),
    "zip: cut": (ZIP[:-30], "compression", "damaged"),
    "zip: very cut": (ZIP[:20], "compression", "too early"),
    "zip: 10,000 members": (many_members, "compression", "more members"),
    "zip: another zip behind": (ZIP + zipped({"y.csv": CSV}), "compression", "before or behind.*one file in each"),
    "zip: something behind": (ZIP + b"1,2\n", "compression", "before or behind"),
    "zip: a comment that is cut": (commented(ZIP)[:-1], "compression", "before or behind"),
    "zip: a bomb": (zipped({"x.csv": LONG}), "too_large", "unpacks to more than 100000 bytes"),
    "zip: a workbook": (workbook(), "compression", "fileFormat: excel"),
    "zstd: cut": (ZSTD[:-5], "compression", "zstd data is damaged"),
    "zstd: something behind": (ZSTD + b"xxxx", "compression", "zstd data is damaged"),
    "zstd: a bomb": (pa.compress(LONG, codec="zstd", asbytes=True), "too_large", "more than 100000 bytes"),
}
WORKBOOKS: dict[str, tuple[Content, str, str]] = {
    "no workbook": (b"a,b\n1,2\n", "format", "no workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(512), "format", r"\.xls"),
    "a zip": (zipped({"x.csv": CSV}), "format", "a zip and no workbook"),
    "macros": (workbook(more={"xl/vbaProject.bin": b"x"}), "format", "macros"),
    "links": (workbook(more={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "format", "other workbooks"),
    "a binary one": (workbook(more={"xl/workbook.bin": b"x"}), "format", r"\.xlsb"),
    "empty": (workbook(""), "empty", "empty"),
    "cut": (workbook()[:-40], "compression", "damaged"),
    "two workbooks": (workbook() * 2, "compression", "before or behind"),
    "no XML": (workbook(ROWS + "<row"), "format", "no XML"),
    "a formula without result": (workbook(ROWS + row(2, '<c r="B2"><f>1+1</f></c>')), "format", "B2 has a formula"),
    "a formula with an empty result": (
        workbook(ROWS + row(2, '<c r="B2"><f>1+1</f><v></v></c>')),
        "format",
        "B2 has a formula",
    ),
    "a formula of a truth without result": (
        workbook(ROWS + row(2, '<c r="A2" t="b"><f>1=1</f><v/></c>')),
        "format",
        "A2 has a formula",
    ),
    "rows out of order": (workbook(ROWS + row(1)), "format", "not in order"),
    "cells out of order": (workbook(ROWS + row(2, '<c r="B2"/><c r="A2"/>')), "format", "not in order"),
    "more rows than there are": (workbook(ROWS + row(1_048_577)), "format", "more than a sheet has"),
    "more columns than there are": (workbook(ROWS + row(2, '<c r="XFE2"/>')), "format", "more than a row has"),
    "a text that is not there": (workbook(ROWS + row(2, '<c r="A2" t="s"><v>7</v></c>')), "format", "not there"),
    "entities": (
        workbook(more={"xl/styles.xml": b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;&a;</x>'}),
        "format",
        "document type",
    ),
    "a number format of any length": (
        workbook(styles=f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * 256}"/></numFmts>'),
        "format",
        "a number format is longer",
    ),
    "a tag without end": (
        workbook(more={"xl/styles.xml": b'<x a="' + b"x" * 3_000_000 + b'"/>'}),
        "format",
        "does not end",
    ),
    "one text in every cell": (
        workbook(ROWS + "".join(row(n, '<c t="s"><v>0</v></c>') for n in range(2, 300)), texts=LONG_TEXT),
        "too_large",
        "characters; split",
    ),
    "one text in every cell of a row": (
        workbook(ROWS + row(2, *['<c t="s"><v>0</v></c>'] * 100), texts=LONG_TEXT),
        "record_too_long",
        "record 1 has more",
    ),
}
PARQUET: dict[str, tuple[Content, str, str]] = {
    "no Parquet": (CSV, "format", "no Parquet"),
    "encrypted": (b"PARE" + bytes(100), "format", "encrypted"),
    "cut": (parquet(a=["1"], b=["2"])[:-20], "format", "damaged"),
    "a column lacks": (parquet(a=["1"]), "missing_column", "lacks b"),
    "other types": (parquet(a=[1.5], b=["x"]), "format", r"a is double, the contract says string"),
    "texts that are none": (parquet(a=no_utf8(), b=["x"]), "format", "damaged"),
    "one text in every row": (
        parquet(a=pa.DictionaryArray.from_arrays(pa.array([0] * 300), pa.array(["x" * 1_000_000])), b=["x"] * 300),
        "too_large",
        "split it",
    ),
    "a million rows in no space": (many_rows, "too_large", "split it"),
}
JSON_LINES: dict[str, tuple[Content, str, str]] = {
    "CSV": (CSV, "format", "JSON object"),
    "one array": (b'[{"a": 1, "b": 2}]', "format", "JSON object"),
    "over several lines": (b'{\n"a": 1,\n"b": 2\n}\n', "format", "JSON object"),
    "a name that no record has": (b'{"a": 1}\n{"a": 2}\n', "missing_column", "lacks b"),
    "blank": (b"\n \n", "empty", "no record"),
}
FIXED: dict[str, tuple[Content, str, str]] = {
    "another width": (b"1 abc\n2 def\n", "format", "end at character 6, the first line at 5"),
    "no line end": (b"x" * 70_000, "header", "64 KiB"),
}
ALL = [
    (form, name, *of)
    for form, table in (("csv", TEXT), ("excel", WORKBOOKS), ("parquet", PARQUET), ("jsonLines", JSON_LINES))
    for name, of in table.items()
] + [("fixedWidth", name, *of) for name, of in FIXED.items()]


@pytest.mark.parametrize(("form", "name", "content", "reason", "told"), ALL, ids=[f"{one[0]}-{one[1]}" for one in ALL])
def test_a_file_at_fault_is_refused_and_told_why(
    tmp_path: Path, form: str, name: str, content: Content, reason: str, told: str
) -> None:
    """By its header, or where it is read; what fills memory or time is not read to its end."""
    limit = 100_000_000 if name == "one text in every cell of a row" else LIMIT

    found, detail = fault(tmp_path, content() if callable(content) else content, feed(form), limit)

    assert found == reason
    assert re.search(told, detail), detail


def test_a_zip_may_have_a_comment(tmp_path: Path) -> None:
    """It stands behind the end record, and belongs to it."""
    assert fault(tmp_path, commented(ZIP), feed("csv")) == (None, "")


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("csv", ZIP),
        ("csv", ZSTD),
        ("excel", workbook(ROWS + row(2, '<c r="A2"><v>1.5</v></c>'))),
        ("parquet", parquet(a=["1", None] * 20, b=["2", "x"] * 20)),
        ("jsonLines", b'{"a": 1, "b": "x\\u00e4"}\n' * 5),
    ],
    ids=["zip", "zstd", "excel", "parquet", "jsonLines"],
)
def test_no_damage_is_more_than_a_rejection(tmp_path: Path, form: str, content: bytes) -> None:
    """Bytes changed, cut out and put in by chance; the seed is the test's."""
    chance, of = random.Random(form), feed(form)

    reasons = {fault(tmp_path, _damaged(content, chance), of, 10 * LIMIT)[0] for _ in range(60)}

    assert reasons - {None} <= {reason.value for reason in Reason}


def _damaged(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(data))
        data[at : at + chance.choice((0, 1, 1, 9))] = chance.randbytes(chance.choice((0, 1, 1, 4)))
        data = data or bytearray(content)
    return bytes(data)

"""What a contract says of its files' format, and what can be said of a file by its first bytes."""

import gzip
import io
import zipfile
from typing import Any

import pytest

from contracts.contract import Contract, ContractError
from contracts.files.header import HEAD_BYTES, check_first_bytes
from contracts.files.reasons import FileRejected
from contracts.parsing.parse import parse_contract

CSV = b"a,b\n1,2\n"


def contract(column: dict[str, Any] | None = None, *, kind: str = "string", **ours: Any) -> Contract:
    """Of the columns a and b; `column` are customProperties of a, `kind` is its type."""
    return parse_contract(
        {
            "apiVersion": "v3.2.0",
            "name": "things",
            "version": "1",
            "schema": [
                {
                    "name": "things",
                    "properties": [
                        {
                            "name": "a",
                            "physicalType": kind,
                            "customProperties": [{"property": k, "value": v} for k, v in (column or {}).items()],
                        },
                        {"name": "b", "physicalType": "string", "customProperties": _placed(ours)},
                    ],
                }
            ],
            "customProperties": [{"property": k, "value": v} for k, v in {"filePattern": "x", **ours}.items()],
        },
        "things",
    )


def _placed(ours: dict[str, Any]) -> list[dict[str, str]] | None:
    return [{"property": "position", "value": "3-6"}] if ours.get("fileFormat") == "fixedWidth" else None


def of_format(form: str, column: dict[str, Any] | None = None, kind: str = "string") -> Contract:
    limit: dict[str, Any] = {"maxFileSize": "1 MB"} if form == "excel" else {}
    return contract(column, kind=kind, fileFormat=form, **limit)


def packed(content: bytes, method: int = zipfile.ZIP_DEFLATED, name: str = "x.csv") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        # Without the time of day: a test's name has these bytes in it, and each worker gives it anew.
        archive.writestr(zipfile.ZipInfo(name), content, method)
    return written.getvalue()


@pytest.mark.parametrize(
    ("column", "ours", "told"),
    [
        (
            None,
            {"fileFormat": "json"},
            "fileFormat must be one of csv, jsonLines, fixedWidth, .*; did you mean jsonLines?",
        ),
        (None, {"fileFormat": "xlsx"}, "did you mean excel?"),
        (None, {"fileformat": "csv"}, "fileformat is not understood here; write fileFormat"),
        (None, {"csv": {"compression": "zip"}}, "gzip, zip and zstd are known by their first bytes"),
        (
            None,
            {"fileFormat": "jsonLines", "csv": {"delimiter": ";"}},
            "csv delimiter has no effect with fileFormat: jsonL",
        ),
        (None, {"fileFormat": "parquet", "csv": {"encoding": "utf-16"}}, "csv encoding has no effect"),
        (None, {"fileFormat": "excel"}, "fileFormat: excel needs a maxFileSize, of 100 MB at most"),
        (None, {"fileFormat": "excel", "maxFileSize": "1 GB"}, "fileFormat: excel needs a maxFileSize"),
        ({"position": "1-2"}, {}, "property a: position has an effect only with fileFormat: fixedWidth"),
        (None, {"fileFormat": "fixedWidth"}, 'property a: fileFormat: fixedWidth needs its position, as "1-8"'),
        ({"position": "2-1"}, {"fileFormat": "fixedWidth"}, "position '2-1': write the first and the last character"),
        ({"position": "0"}, {"fileFormat": "fixedWidth"}, "position '0': write the first"),
        ({"position": "1-3"}, {"fileFormat": "fixedWidth"}, "the positions of a and b overlap"),
        ({"position": "1", "optional": True}, {"fileFormat": "fixedWidth"}, "none is optional"),
        ({"position": "1"}, {"fileFormat": "fixedWidth", "unknownColumns": "reject"}, "unknownColumns has no effect"),
        ({"width": "2"}, {"fileFormat": "fixedWidth"}, "write position, the first and the last character"),
    ],
)
def test_what_has_no_effect_or_lacks_is_refused(column: dict[str, Any] | None, ours: dict[str, Any], told: str) -> None:
    """With what to write instead."""
    with pytest.raises(ContractError, match=told):
        contract(column, **ours)


@pytest.mark.parametrize("form", ["jsonLines", "excel", "parquet"])
def test_no_point_is_taken_out_of_what_is_a_number_by_its_format(form: str) -> None:
    """1.234 would be loaded as 1234; other groups stand in no such number, and a comma makes a bad cell at the most."""
    grouped = {"cleanse": ["groupPoint", "decimalComma"]}

    with pytest.raises(ContractError, match=r"property a: cleanse groupPoint would make 1234 of the number 1\.234"):
        of_format(form, grouped, "decimal(9,3)")

    for steps in (["groupComma"], ["groupBlank", "decimalComma"], ["groupApostrophe"]):
        of_format(form, {"cleanse": steps}, "decimal(9,3)")
    contract(grouped, kind="decimal(9,3)")


def test_positions_are_the_first_and_the_last_character() -> None:
    """Or the only one; other properties of the csv count in every format."""
    of = contract({"position": 1}, fileFormat="fixedWidth", csv={"encoding": "iso-8859-1", "nullTokens": ["-"]})

    assert [column.position for column in of.file_columns] == [(1, 1), (3, 6)]
    assert of.csv.null_tokens == ("-",)


@pytest.mark.parametrize(
    ("form", "head"),
    [
        ("csv", CSV),
        ("csv", gzip.compress(CSV, mtime=0)),
        ("csv", packed(CSV)),
        ("csv", packed(b"wrong", zipfile.ZIP_STORED)),  # nothing is seen of it before the job
        ("csv", packed(b"", name="folder/")),
        ("csv", b"\x28\xb5\x2f\xfd"),
        ("csv", b"\x50\x2a\x4d\x18"),
        ("jsonLines", b'not this one\n{"b": 1, "a": 2}\n'),
        ("excel", packed(b"")),
        ("parquet", b"PAR1"),
    ],
)
def test_a_file_whose_beginning_is_good_or_does_not_tell_is_left_to_the_job(form: str, head: bytes) -> None:
    """The function reads no more of it, and has neither zstd nor Parquet."""
    check_first_bytes(head, of_format(form), whole=True)


@pytest.mark.parametrize(
    ("form", "head", "reason", "told"),
    [
        ("csv", packed(b"a,c\n"), "missing_column", "lacks b; it names a, c"),
        ("csv", packed(CSV)[:40], "compression", "ends too early"),
        ("csv", packed(CSV)[:35] + b"\xff\xff\xff\xff" + packed(CSV)[39:], "compression", "damaged"),
        ("csv", packed(CSV, zipfile.ZIP_LZMA), "compression", "packed by method 14"),
        ("csv", packed(b"", name="[Content_Types].xml"), "compression", "it is a workbook"),
        ("jsonLines", b'{"a": 1}\n', "missing_column", "the file lacks b"),
        ("jsonLines", b'{"a": 1, "A": 2, "b": 3}\n', "header", "one column twice, at 1 and 2"),
        ("jsonLines", CSV, "format", "no line at its beginning is a JSON object"),
        ("excel", CSV, "format", "it is no workbook"),
        ("parquet", CSV, "format", "it is no Parquet"),
        ("parquet", b"PARE", "format", "encrypted"),
    ],
)
def test_what_its_beginning_tells_refuses_a_file_at_once(form: str, head: bytes, reason: str, told: str) -> None:
    """By the function already, which reads 64 KiB."""
    of = of_format(form)

    with pytest.raises(FileRejected, match=told) as refused:
        check_first_bytes(head, of, whole=True)

    assert refused.value.reason == reason


def test_a_bomb_is_unpacked_no_further_than_a_header_needs() -> None:
    """Of a zip as of gzip."""
    head = packed(CSV + b"1,2\n" * 5_000_000)[:HEAD_BYTES]

    check_first_bytes(head, contract(), whole=False)

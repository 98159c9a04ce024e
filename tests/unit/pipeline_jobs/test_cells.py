"""The one reader of CSV: every record once, under its number, or a file that is refused."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.contract import CsvDialect
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.records import MOST_RECORD_BYTES
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

SPECTRUM = Path(__file__).parents[4] / "shared" / "data" / "csv-spectrum"
PLAIN = CsvDialect("utf-8", ",", '"', None, ("",), (), (), "UTC")
HEADER = ("a", "b")
BLOCK = 1024 * 1024

Cells = dict[int, list[str | None]]


class Reading:
    """What the reader gave of one file: cells of good records and texts of ragged ones by their number."""

    def __init__(
        self, folder: Path, content: bytes, header: tuple[str, ...], dialect: CsvDialect, block: int, most: int
    ) -> None:
        path = folder / "file.csv"
        path.write_bytes(content)
        file = CellsFile(str(path), "gs://landing/file.csv#7", 7, 70, 1, str(folder / "control.json"), header, BLOCK)
        request = CellsRequest((file,), tuple((name, name) for name in header), dialect)
        rows = [row for batch in read_cells(file, request, block, most) for row in batch.to_pylist()]
        self.good: Cells = {row["_row"]: [row[name] for name in header] for row in rows if not row["_ragged"]}
        self.ragged = {row["_row"]: row["_raw"] for row in rows if row["_ragged"]}
        self.control = Control.read(file.control)


def read(
    folder: Path,
    content: str | bytes,
    header: tuple[str, ...] = HEADER,
    dialect: CsvDialect = PLAIN,
    block: int = BLOCK,
    most: int = MOST_RECORD_BYTES,
) -> Reading:
    return Reading(folder, content.encode() if isinstance(content, str) else content, header, dialect, block, most)


@pytest.mark.parametrize(
    "name",
    [
        *("comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines"),
        *("newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8"),
    ],
)
def test_a_file_of_the_spectrum_reads_as_it_should(tmp_path: Path, name: str) -> None:
    """Each has what a right parser gives beside it (location_coordinates has another file's)."""
    if not SPECTRUM.is_dir():
        pytest.skip("the csv-spectrum files are not beside this checkout")
    expected = json.loads((SPECTRUM / f"{name}.json").read_text(encoding="utf-8"))
    header = tuple(expected[0])

    content = (SPECTRUM / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):  # the corpus lost its carriage returns where git turned them into line feeds
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    found = read(tmp_path, content, header)

    assert [dict(zip(header, row, strict=True)) for row in found.good.values()] == expected
    assert found.control == Control(len(expected))


@pytest.mark.parametrize(
    ("body", "good", "ragged"),
    [
        ("", {}, {}),
        ("1,2", {1: ["1", "2"]}, {}),
        ("1,2\r3,4\r", {1: ["1", "2"], 2: ["3", "4"]}, {}),
        ("1,2\r\n3,4\n5,6\r", {1: ["1", "2"], 2: ["3", "4"], 3: ["5", "6"]}, {}),
        ("\n\n1,2\n\n\r\n3,4\n\n", {1: ["1", "2"], 2: ["3", "4"]}, {}),
        ("1\n1,2\n1,2,3\n", {2: ["1", "2"]}, {1: "1", 3: "1,2,3"}),
        ("1\n2\n3\n", {}, {1: "1", 2: "2", 3: "3"}),
        ('"1","x\ny"\n', {1: ["1", "x\ny"]}, {}),
        ('1,"x""y"\n', {1: ["1", 'x"y']}, {}),
        ('1,x"y\n', {1: ["1", 'x"y']}, {}),
        ('1,"x"y\n', {1: ["1", "xy"]}, {}),
        ("1,a\0b\n", {1: ["1", "a\0b"]}, {}),
        ("1,\ufeff\n", {1: ["1", "\ufeff"]}, {}),
        ("1,NULL\n1,null\n1,NaN\n", {1: ["1", "NULL"], 2: ["1", "null"], 3: ["1", "NaN"]}, {}),
        ("1, 2 \n", {1: ["1", " 2 "]}, {}),
        ("1,\u2028\x85\n", {1: ["1", "\u2028\x85"]}, {}),
    ],
)
def test_a_record_is_what_the_contract_language_says(
    tmp_path: Path, body: str, good: Cells, ragged: dict[int, str]
) -> None:
    """LF, CRLF and CR end one; a line without any character is none; too few or too many cells are ragged."""
    found = read(tmp_path, "a,b\n" + body)

    assert (found.good, found.ragged) == (good, ragged)
    assert found.control == Control(len(good) + len(ragged))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("a,b\n1,ä€\n".encode("utf-8-sig"), "utf-8"),
        ("a,b\n1,ä€\n".encode("utf-16"), "utf-16"),
        ("\ufeffa,b\n1,ä€\n".encode("utf-16-be"), "utf-16"),
        ("a,b\n1,ä€\n".encode("windows-1252"), "windows-1252"),
        (gzip.compress("a,b\n1,ä€\n".encode(), mtime=0), "utf-8"),
        (gzip.compress(b"a,b\n", mtime=0) + gzip.compress("1,ä€\n".encode(), mtime=0), "utf-8"),
        (gzip.compress("a,b\n1,ä€\n".encode("utf-16"), mtime=0), "utf-16"),
    ],
)
def test_a_file_is_unpacked_and_decoded_as_the_contract_says(tmp_path: Path, content: bytes, encoding: str) -> None:
    """Byte order marks and gzip are seen by themselves."""
    found = read(tmp_path, content, dialect=replace(PLAIN, encoding=encoding))

    assert found.good == {1: ["1", "ä€"]}
    assert found.control == Control(1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1,\xff\n", "encoding"),
        (b"a,b\n1,\xc3", "encoding"),
        (b"a,b\n1,\xed\xa0\x80\n", "encoding"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 999, mtime=0)[:-9], "compression"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0) + b"rest", "compression"),
        (b'a,b\n1,"2\n3,4\n', "unclosed_quote"),
        (b'a,b\n1,"2\n3,"4\n5,6\n', "unclosed_quote"),
        (b'a,b\n1,"2\n3,4"x\n', "unclosed_quote"),
        (b'a,b\n1,2\n"', "unclosed_quote"),
    ],
)
def test_a_file_at_fault_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """Nothing that is damaged gives rows that look good."""
    found = read(tmp_path, content)

    assert found.control.reason == reason


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ('1,2\n3,"4\n5,6\n', 2),
        ('1,"2\n3,"4\n5,6\n', 1),
        ('x\n,\n\n1,"2\n3,4"x\n', 3),
        ("1,2\n" * 500 + '"', 501),
        ("1,2\n" * 500 + '3,"4\n' + '5,"6"\n' * 500, 501),
    ],
)
@pytest.mark.parametrize("block", [16, 64, BLOCK])
def test_a_quote_that_is_never_closed_is_told_by_its_record(tmp_path: Path, body: str, number: int, block: int) -> None:
    """Where it opened, not where its lines were found to run together."""
    found = read(tmp_path, "a,b\n" + body, block=block)

    assert found.control.reason == "unclosed_quote"
    assert (found.control.detail or "").startswith(f"the quote that opens in record {number} is never closed")


ESCAPED = replace(PLAIN, escape="\\")


@pytest.mark.parametrize(
    ("body", "good", "ragged"),
    [
        (r"C:\temp,\N", {1: [r"C:\temp", r"\N"]}, {}),
        (r'"C:\temp","\N"', {1: [r"C:\temp", r"\N"]}, {}),
        (r'1,"a \"b\" c"', {1: ["1", 'a "b" c']}, {}),
        (r'1,"a\\b"', {1: ["1", r"a\b"]}, {}),
        (r'"a\\","b\\"', {1: ["a\\", "b\\"]}, {}),
        (r"1,a\"b", {1: ["1", r"a\"b"]}, {}),
        (r"1,a\\b", {1: ["1", r"a\\b"]}, {}),
        ('1,"a""b"', {1: ["1", 'a"b']}, {}),
        ("1,a\\\n2,b\n", {1: ["1", "a\\"], 2: ["2", "b"]}, {}),
        ('1,"a\\\nb"\n2,c\n', {1: ["1", "a\\\nb"], 2: ["2", "c"]}, {}),
        ('1,"a\\",b"\n', {1: ["1", 'a",b']}, {}),
        ('\n1,"\\"x"\n\n1,"\\"",z\n', {1: ["1", '"x']}, {2: '1,"\\"",z'}),
    ],
)
@pytest.mark.parametrize("block", [8, BLOCK])
def test_an_escape_means_something_within_quotes_alone(
    tmp_path: Path, body: str, good: Cells, ragged: dict[int, str], block: int
) -> None:
    """There before a quote and before itself, as Spark has it; nowhere else is a backslash lost or a line end."""
    found = read(tmp_path, "a,b\n" + body, dialect=ESCAPED, block=block)

    assert (found.good, found.ragged) == (good, ragged)
    assert found.control == Control(len(good) + len(ragged))


def test_a_ragged_record_shows_its_text_as_it_stands(tmp_path: Path) -> None:
    """Escapes and all, as the person has it who looks for it."""
    ragged = 'C:\\\\temp,"\\"",z'

    found = read(tmp_path, f'a,b\n1,"\\"x"\n{ragged}\nC:\\\\temp,x\n', dialect=ESCAPED)

    assert found.good == {1: ["1", '"x'], 3: ["C:\\\\temp", "x"]}
    assert found.ragged == {2: ragged}


def test_an_escaped_quote_does_not_close_its_cell(tmp_path: Path) -> None:
    """So a path that ends in the escape character must have it doubled."""
    found = read(tmp_path, 'a,b\n1,"C:\\"\n2,x\n', dialect=ESCAPED)

    assert found.control.reason == "unclosed_quote"


def test_the_files_that_databases_export_by_themselves_keep_their_nulls(tmp_path: Path) -> None:
    r"""Columns between tabs, `\N` for NULL, a backslash before whatever it stands before."""
    dialect = replace(PLAIN, delimiter="\t", escape="\\")

    found = read(tmp_path, "a\tb\n1\t\\N\n\\N\tC:\\\\temp\n", dialect=dialect)

    assert found.good == {1: ["1", "\\N"], 2: ["\\N", "C:\\\\temp"]}


def test_another_dialect_reads_alike(tmp_path: Path) -> None:
    """Delimiter, quote and escape are the contract's."""
    dialect = replace(PLAIN, delimiter="|", quote="'", escape="^")

    found = read(tmp_path, "a|b\n'1|^'x'|y,\"z\n2|^^\n", dialect=dialect)

    assert found.good == {1: ["1|'x", 'y,"z'], 2: ["2", "^^"]}


@pytest.mark.parametrize(
    ("body", "good", "ragged", "blank"),
    [
        (",\n1,2\n", {2: ["1", "2"]}, {}, 1),
        ("1,2\n,,,,\n \n \t,\v\n", {1: ["1", "2"]}, {}, 3),
        ('"",""\n" ",\n"", \n"\n",\n', {}, {}, 4),
        ('"","",""\n', {}, {}, 1),
        (',x\n,\nx,\n,,x\n""""\n', {1: ["", "x"], 3: ["x", ""]}, {4: ",,x", 5: '""""'}, 1),
        ("\u00a0,\n", {1: ["\u00a0", ""]}, {}, 0),
        ("1,2\n\x1a", {1: ["1", "2"]}, {}, 1),
        ("1,2\r\n\x1a\r\n", {1: ["1", "2"]}, {}, 1),
        ("\x1a\n1,2\n", {2: ["1", "2"]}, {1: "\x1a"}, 0),
        ("1,2\x1a", {1: ["1", "2\x1a"]}, {}, 0),
        ('1,"2\n\x1a"\n', {1: ["1", "2\n\x1a"]}, {}, 0),
    ],
)
@pytest.mark.parametrize("block", [6, BLOCK])
def test_a_record_without_anything_in_it_is_no_row(
    tmp_path: Path, body: str, good: Cells, ragged: dict[int, str], blank: int, block: int
) -> None:
    """A spreadsheet's empty rows, whatever their length, and the mark by which DOS ended a file: counted, numbered."""
    found = read(tmp_path, "a,b\n" + body, block=block)

    assert (found.good, found.ragged) == (good, ragged)
    assert found.control == Control(len(good) + len(ragged) + blank, blank)


@pytest.mark.parametrize("before", [0, 1, 100])
@pytest.mark.parametrize("behind", [0, 100])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_record_may_have_as_many_bytes_as_are_written_wherever_it_stands(
    tmp_path: Path, before: int, behind: int, quoted: bool
) -> None:
    """One byte more refuses the file, in its first run and by the record's number; nothing of its text is told."""
    most, few = 1000, "1,2\n"

    def content(length: int) -> str:
        cell = "x" * (length - 2 - 2 * quoted)
        return "a,b\n" + few * before + "1," + (f'"{cell}"' if quoted else cell) + "\n" + few * behind

    within = [read(tmp_path, content(most), block=block, most=most).control for block in (16, 999, 1001, 5000)]
    beyond = [read(tmp_path, content(most + 1), block=block, most=most).control for block in (16, 999, 1001, 5000)]

    assert set(within) == {Control(before + 1 + behind)}
    assert {one.reason for one in beyond} == {"record_too_long"}
    assert {one.detail for one in beyond} == {
        f"record {before + 1} has more than 1000 bytes: does a quote or a line end lack? Split what is so long"
    }


def test_a_record_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    """What stands behind the limit costs neither time nor memory: it is not even whole here."""
    content = gzip.compress(b"a,b\n1," + random.Random(1).randbytes(100_000).hex().encode())[:-100]

    found = read(tmp_path, content, block=100, most=1000)

    assert found.control.reason == "record_too_long"


def test_a_record_of_many_megabytes_loads(tmp_path: Path) -> None:
    """Larger than what is read at once, and than what Arrow would take as a block."""
    cell = "x" * 9_000_000

    found = read(tmp_path, f'a,b\n1,2\n1,{cell}\n1,"{cell}"\n')

    assert found.good == {1: ["1", "2"], 2: ["1", cell], 3: ["1", cell]}


def test_a_line_end_within_quotes_survives_the_end_of_a_block(tmp_path: Path) -> None:
    """Wherever a block ends, also between carriage return and line feed."""
    value = "x\r\ny\r\n\r\nz"
    content = "a,b\r\n" + f'1,"{value}"\r\n' * 50

    found = [read(tmp_path, content, block=block) for block in range(64, 84)]

    assert [one.good for one in found] == [{at: ["1", value] for at in range(1, 51)}] * 20
    assert {one.control for one in found} == {Control(50)}


def test_numbers_go_on_over_blocks_with_ragged_records_among_them(tmp_path: Path) -> None:
    """A bad row's number is the one that a person counts."""
    lines = ["x" if at % 7 == 0 else f"{at},y" for at in range(1, 1001)]

    found = read(tmp_path, "a,b\n" + "\n".join(lines), block=64)

    assert found.good == {at: [str(at), "y"] for at in range(1, 1001) if at % 7}
    assert found.ragged == dict.fromkeys(range(7, 1001, 7), "x")
    assert found.control == Control(1000)


def test_no_text_is_misread(tmp_path: Path) -> None:
    """Random texts of quotes, delimiters and line ends: as a plain state machine reads them, or refused."""
    chance = random.Random(1)
    for _ in range(300):
        body = "".join(chance.choice(',,""\n\n\r\rab ') for _ in range(chance.randint(0, 40)))
        expected = list(_records(body))

        found = read(tmp_path, "a,b\n" + body, block=chance.choice((64, BLOCK)))

        if None in expected:
            assert found.control.reason == "unclosed_quote", repr(body)
            continue
        every = dict(enumerate((record or [] for record in expected), start=1))
        rows = {at: row for at, row in every.items() if any(cell.strip() for cell in row)}
        assert found.good == {at: row for at, row in rows.items() if len(row) == 2}, repr(body)
        assert set(found.ragged) == {at for at, row in rows.items() if len(row) != 2}, repr(body)
        assert found.control == Control(len(every), len(every) - len(rows)), repr(body)


def _records(text: str) -> Iterator[list[str] | None]:
    """The records of a text, None where a quote is never closed."""
    at = 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 1
            continue
        record: list[str] = []
        while True:
            cell, at = _cell(text, at)
            if cell is None:
                yield None
                return
            record.append(cell)
            if text[at : at + 1] != ",":
                break
            at += 1
        yield record


def _cell(text: str, at: int) -> tuple[str | None, int]:
    cell = ""
    if text[at : at + 1] == '"':
        at += 1
        while True:
            end = text.find('"', at)
            if end < 0:
                return None, at
            cell, at = cell + text[at:end], end + 1
            if text[at : at + 1] != '"':
                break
            cell, at = cell + '"', at + 1
        if ("\n" in cell or "\r" in cell) and text[at : at + 1] not in ("", ",", "\r", "\n"):
            return None, at
    while at < len(text) and text[at] not in ",\r\n":
        cell, at = cell + text[at], at + 1
    return cell, at


def test_ragged_records_before_the_first_good_one_come_block_by_block(tmp_path: Path) -> None:
    """Nothing is held back until a good record comes: none may come at all."""
    content = "a,b\n" + "1,2,\n" * 2000
    path = tmp_path / "file.csv"
    path.write_text(content)
    file = CellsFile(str(path), "gs://landing/file.csv#7", 7, 70, 1, str(tmp_path / "control.json"), HEADER, 0)
    request = CellsRequest((file,), (("a", "a"), ("b", "b")), PLAIN)

    batches = [batch.num_rows for batch in read_cells(file, request, 1000) if batch.num_rows]

    assert sum(batches) == 2000
    assert max(batches) <= 1000
    assert Control.read(file.control) == Control(2000)


def test_a_header_that_changed_since_it_was_checked_counts_against_the_file(tmp_path: Path) -> None:
    """Its cells would stand in the wrong columns."""
    path = tmp_path / "file.csv"
    path.write_text("b,a\n1,2\n")
    file = CellsFile(str(path), "gs://landing/file.csv#7", 7, 70, 1, str(tmp_path / "control.json"), HEADER, 0)

    rows = list(read_cells(file, CellsRequest((file,), (("a", "a"), ("b", "b")), PLAIN)))

    assert rows == []
    assert Control.read(file.control).failure == "ArrowInvalid behind record 0"


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    """A link is not followed and a pipe not waited for; it says nothing about a file."""
    path, control = tmp_path / "file.csv", tmp_path / "control.json"
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    if kind == "link":
        path.symlink_to(tmp_path / "other.csv")
    else:
        os.mkfifo(path)
    file = CellsFile(str(path), "gs://landing/file.csv#7", 7, 70, 1, str(control), HEADER, BLOCK)

    with pytest.raises(FileNotFoundError, match="no regular file"):
        list(read_cells(file, CellsRequest((file,), (("a", "a"), ("b", "b")), PLAIN)))

    assert Control.read(str(control)) == Control(0, unavailable="FileNotFoundError")

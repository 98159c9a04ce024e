"""What stands in a file of each format, as text cells."""

import datetime as dt
import io
import random
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contracts.files.reasons import FileRejected
from pipeline_jobs.reading.excel.values import Style, number_text
from pipeline_jobs.reading.request import Control
from tests.unit.pipeline_jobs.reading_formats import feed, read
from tests.unit.pipeline_jobs.written_workbooks import ROWS, workbook

JSON = r"""{"a": 1.10, "b": 12345678901234567890123456789.000}
{"b": null, "a": true}

{"a": "", "b": {"x": [1e5, null, "ü"], "y": {}}, "c": [0.10]}
{"a": 1}
{"a": 1, "b": NaN}
{"a": 1, "a": 2, "b": 3}
{"a": "\ud800", "b": 1}
[1, 2]
"""
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy;@"/>'
    '<numFmt numFmtId="165" formatCode="0 &quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>'
    "<cellXfs>" + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 164, 165, 166, 20)) + "</cellXfs>"
)
_GENERAL, _DAY, _TIME, _LONG_DAY, _DAYS, _HOURS, _CLOCK = range(7)
IN_1904 = '<workbookPr date1904="1"/>'


def cells(a: tuple[str, int], b: tuple[str, int]) -> bytes:
    """One record of two numbers with their styles."""
    each = (f'<c s="{style}"><v>{number}</v></c>' for number, style in (a, b))
    return workbook(f'{ROWS}<row r="2">{"".join(each)}</row>', styles=STYLES)


def test_a_record_of_json_keeps_its_digits_and_says_what_it_lacks(tmp_path: Path) -> None:
    """null is NULL, what is missing makes a bad row; what is nested is JSON, digit by digit."""
    found = read(tmp_path, JSON.encode(), feed("jsonLines"))

    assert found.rows == {
        1: ("1.10", "12345678901234567890123456789.000"),
        2: ("true", None),
        3: ("", '{"x":[1e5,null,"ü"],"y":{}}'),
    }
    assert found.unknown == {3: '{"c": "[0.10]"}'}
    assert found.ragged == {number: JSON.splitlines()[number] for number in (4, 5, 6, 7, 8)}
    assert found.control == Control(8)


def test_a_name_that_the_contract_rejects_makes_a_bad_row_behind_the_head(tmp_path: Path) -> None:
    """In the first 64 KiB it refuses the file."""
    undeclared, of = b'{"a": 1, "b": 2, "c": 3}\n', feed("jsonLines", unknownColumns="reject")

    behind = read(tmp_path, b'{"a": 1, "b": 2}\n' * 5000 + undeclared, of)

    assert [*behind.ragged] == [5001]
    with pytest.raises(FileRejected, match="unknown_column"):
        read(tmp_path, b'{"a": 1, "b": 2}\n' * 50 + undeclared, of)


def test_a_line_of_fixed_width_is_cut_at_characters(tmp_path: Path) -> None:
    """Filled up behind; a blank line is a blank record, one of another width a bad row with its text."""
    text = "ü x   \r\n 2abcd   \r\n\r\n      \r\n3 abc\r\n4 abcde\r\n5 ab  "

    found = read(tmp_path, text.encode(), feed("fixedWidth"))

    assert found.rows == {1: ("ü", "x"), 2: (" 2", "abcd"), 6: ("5", "ab")}
    assert found.ragged == {4: "3 abc", 5: "4 abcde"}
    assert found.control == Control(6, blank=1)


def test_a_sheet_s_rows_are_numbered_from_below_its_headings(tmp_path: Path) -> None:
    """Empty rows above are none, those between are blank records; a cell beyond the headings makes a bad row."""
    rows = (
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="4"><c r="A4" t="b"><v>1</v></c></row><row r="7"><c r="B7" t="e"><v>#N/A</v></c></row>'
        '<row r="8"><c r="A8" t="str"><f>x</f><v>_x0041_ _xD800_</v></c><c r="C8"><v>9</v></c></row><row r="9"/>'
    )
    texts = "<si><r><t>a</t></r><rPh><t>spoken</t></rPh></si>"

    found = read(tmp_path, workbook(rows, texts=texts), feed("excel"))

    assert found.rows == {1: ("TRUE", ""), 4: ("", "#N/A")}
    assert found.ragged == {5: '["A _xD800_", "", "9"]'}
    assert found.control == Control(6, blank=3)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c t="str"><f>""</f><v></v></c>', ""),
        ('<c t="b"><f>1=1</f><v>1</v></c>', "TRUE"),
        ('<c t="b"><v> true </v></c>', "TRUE"),
        ('<c t="b"><v>0</v></c>', "FALSE"),
        ('<c t="b"><v>false</v></c>', "FALSE"),
        ('<c t="b"><v></v></c>', ""),
        ('<c t="b"><v>2</v></c>', "2"),
    ],
)
def test_a_cell_is_what_it_says_and_nothing_is_made_of_an_empty_one(tmp_path: Path, cell: str, text: str) -> None:
    """A formula's text may be empty; what is neither true nor false stays, and is a bad cell."""
    found = read(tmp_path, workbook(f'{ROWS}<row r="2"><c t="str"><v>x</v></c>{cell}</row>'), feed("excel"))

    assert found.rows == {1: ("x", text)}


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("5", "5"),
        ("0.30000000000000004", "0.3"),
        ("1234567890123456789", "1234567890123456789"),
        ("-1234567890123456", "-1234567890123456"),
        ("1234567890.1234567", "1234567890.12346"),
        ("1234567890123456.5", "1234567890123460"),
        ("007", "7"),
        ("1E+20", "100000000000000000000"),
        ("-1.5E-5", "-0.000015"),
        ("-0", "0"),
        ("1.10", "1.1"),
        ("1E999999999", "1E999999999"),
        ("NaN", "NaN"),
    ],
)
def test_a_spreadsheet_s_number_has_the_digits_that_it_computes_with(stored: str, text: str) -> None:
    """Fifteen, without an exponent; a whole number that is written out keeps all: keys of sixteen would become one.

    What is no number stays, and is a bad cell.
    """
    assert number_text(stored) == text


@pytest.mark.parametrize(
    ("kinds", "a", "b", "expected"),
    [
        (("string", "string"), ("46083", _DAY), ("46083.416666666664", _TIME), ("2026-03-02", "2026-03-02 10:00:00")),
        (("date", "timestamp"), ("46083", _TIME), ("46083", _DAY), ("2026-03-02", "2026-03-02 00:00:00")),
        (("date", "date"), ("46083.5", _DAY), ("46083", _LONG_DAY), ("2026-03-02 12:00:00", "2026-03-02")),
        (("string", "string"), ("1.0104166666666667", _HOURS), ("0.25", _TIME), ("24:15:00", "06:00:00")),
        (("string", "string"), ("46083", _DAYS), ("60", _DAY), ("46083", "60")),
        (
            ("string", "string"),
            ("46083.000001157", _TIME),
            ("1e300", _DAY),
            ("2026-03-02 00:00:00.100", "1" + "0" * 300),
        ),
    ],
)
def test_a_spreadsheet_s_date_is_written_as_its_column_and_its_format_mean_it(
    tmp_path: Path, kinds: tuple[str, str], a: tuple[str, int], b: tuple[str, int], expected: tuple[str, str]
) -> None:
    """And a number that only looks like one stays a number."""
    assert read(tmp_path, cells(a, b), feed("excel", *kinds)).rows == {1: expected}


def test_a_workbook_that_counts_from_1904_gives_the_same_days(tmp_path: Path) -> None:
    """The Macintosh's old epoch."""
    rows = f'{ROWS}<row r="2"><c s="1"><v>44621</v></c><c s="1"><v>0</v></c></row>'
    content = workbook(rows, styles=STYLES, book=IN_1904)

    assert read(tmp_path, content, feed("excel")).rows == {1: ("2026-03-02", "1904-01-01")}


@pytest.mark.parametrize(
    ("style", "a_1904"),
    [(_DAY, "1904-01-01 06:00:00"), (_TIME, "1904-01-01 06:00:00"), (_CLOCK, "06:00:00"), (_HOURS, "06:00:00")],
)
def test_a_time_of_day_has_no_day_in_either_epoch(tmp_path: Path, style: int, a_1904: str) -> None:
    """Day 0 of 1904 is a date, where the format shows one."""
    rows = f'{ROWS}<row r="2"><c s="{style}"><v>0.25</v></c><c s="{_CLOCK}"><v>0</v></c></row>'

    of_1900 = read(tmp_path, workbook(rows, styles=STYLES), feed("excel"))
    of_1904 = read(tmp_path, workbook(rows, styles=STYLES, book=IN_1904), feed("excel"))

    assert of_1900.rows == {1: ("06:00:00", "00:00:00")}
    assert of_1904.rows == {1: (a_1904, "00:00:00")}


@pytest.mark.parametrize(("book", "day"), [("", "44621"), (IN_1904, "46083")])
def test_days_that_only_the_contract_calls_so_count_from_the_workbook_s_epoch(
    tmp_path: Path, book: str, day: str
) -> None:
    """A number of another column stays what it is, and so does a date that is written with its digits."""
    rows = (
        f'{ROWS}<row r="2"><c><v>44621</v></c><c><v>44621</v></c></row>'
        '<row r="3"><c t="str"><v> 44621.0 </v></c><c/></row><row r="4"><c><v>20260302</v></c><c/></row>'
    )
    of = feed("excel", "date", csv={"dateFormats": ["yyyyMMdd", "excelDays"]})

    found = read(tmp_path, workbook(rows, book=book), of)

    days = [str(found.rows[number][0]).strip().removesuffix(".0") for number in (1, 2, 3)]
    assert days == [day, day, "20260302"]
    assert found.rows[1][1] == "44621"


@pytest.mark.parametrize("code", ["General", "#,##0.00 [$€-407]", '0 "Stk. m/d"', r"0\d", "_-* 0_d", "[Red]0"])
def test_a_format_of_numbers_is_no_date_for_the_letters_in_it(code: str) -> None:
    """Units, colours and fillings."""
    assert Style.of(164, code) == Style()


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_zip_may_be_large(tmp_path: Path, packing: int) -> None:
    """The bound on its directory is none on the file in it."""
    lines = random.Random(1).randbytes(3_000_000).hex(",", 60).split(",")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        archive.writestr("things.csv", "a,b\n" + "".join(f"{number},{line}\n" for number, line in enumerate(lines)))

    found = read(tmp_path, packed.getvalue(), feed("csv"))

    assert len(packed.getvalue()) > 2_000_000
    assert found.control == Control(len(lines))
    assert len(found.rows) == len(lines)


def test_a_record_without_a_character_is_blank_in_every_format(tmp_path: Path) -> None:
    """As in a CSV: it is neither good nor bad."""
    lines = '{"a": "x", "b": 1}\n{"a": null, "b": ""}\n{"a": " ", "b": null, "c": null}\n{"b": null}\n'
    written = io.BytesIO()
    pq.write_table(pa.table({"a": ["x", None, " "], "b": ["1", None, ""]}), written)

    of_json = read(tmp_path, lines.encode(), feed("jsonLines"))
    of_parquet = read(tmp_path, written.getvalue(), feed("parquet"))

    assert (of_json.rows, of_json.control) == ({1: ("x", "1")}, Control(4, blank=2))
    assert of_json.ragged == {4: '{"b": null}'}
    assert (of_parquet.rows, of_parquet.control) == ({1: ("x", "1")}, Control(3, blank=2))


def test_moments_as_spark_writes_them_are_in_utc_however_far(tmp_path: Path) -> None:
    """INT96 names no zone, and nanoseconds since 1970 end in 2262."""
    moments = pa.array(["9999-12-31 00:00:00", "2026-07-01 12:00:00"]).cast(pa.timestamp("us"))
    written = io.BytesIO()
    table = pa.table({"a": ["x", "y"], "b": moments})
    pq.write_table(table, written, use_deprecated_int96_timestamps=True)
    of = feed("parquet", b="timestamp", csv={"timeZone": "Europe/Vienna"})

    found = read(tmp_path, written.getvalue(), of)

    assert found.rows == {1: ("x", "9999-12-31 00:00:00.000000Z"), 2: ("y", "2026-07-01 12:00:00.000000Z")}


def test_values_of_parquet_are_written_exactly(tmp_path: Path) -> None:
    """No exponent, no zeros that a narrower decimal has no room for; moments in UTC; nested columns as JSON."""
    moment = dt.datetime(2026, 3, 2, 10, 0, 0, 1, dt.UTC)
    table = pa.table(
        {
            "b": pa.array([moment, None], pa.timestamp("us", "Europe/Vienna")),
            "a": pa.array([Decimal("0.00000001"), Decimal("12.50000000")], pa.decimal128(20, 8)),
            "c": [{"x": [dt.date(2026, 3, 2)]}, None],
        }
    )
    written = io.BytesIO()
    pq.write_table(table, written)

    found = read(tmp_path, written.getvalue(), feed("parquet", "decimal(12,8)", "timestamp"))

    assert found.rows == {1: ("0.00000001", "2026-03-02 10:00:00.000001Z"), 2: ("12.5", None)}
    assert found.unknown[1] == r'{"c": "{\"x\": [\"2026-03-02\"]}"}'


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_a_narrow_floating_point_number_of_parquet_is_the_double_that_it_is(tmp_path: Path, kind: pa.DataType) -> None:
    """A float of 32 bits that is written as 0.1 is another number than the double of that name."""
    written = io.BytesIO()
    held = pa.array([0.1, -2.5, None], pa.float64()).cast(kind)
    pq.write_table(pa.table({"a": ["x", "y", "z"], "b": held}), written)

    found = read(tmp_path, written.getvalue(), feed("parquet", b="double"))

    cells = [found.rows[number][1] for number in (1, 2, 3)]
    assert [float(cell) if cell else None for cell in cells] == [number.as_py() for number in held]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())], ids=str
)
def test_a_text_of_parquet_is_one_however_its_writer_held_it(tmp_path: Path, kind: pa.DataType) -> None:
    """What Arrow notes in the file is how texts lay in its writer's memory."""
    written = io.BytesIO()
    texts = pa.array(["x", "Grüße, in more than twelve bytes", None], pa.string()).cast(kind)
    pq.write_table(pa.table({"a": texts, "b": ["1", "2", "3"]}), written)

    found = read(tmp_path, written.getvalue(), feed("parquet"))

    assert found.rows == {1: ("x", "1"), 2: ("Grüße, in more than twelve bytes", "2"), 3: (None, "3")}

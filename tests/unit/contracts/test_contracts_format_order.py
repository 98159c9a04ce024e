"""Of several formats the job takes the first that reads a cell: one whose cells it reads otherwise is refused."""

from pathlib import Path

import pytest

from contracts.checking.cell_values import is_value
from contracts.checking.check import Result, check_folder
from contracts.loader import read_document
from contracts.parsing.parse import parse_contract

_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: stops
name: stops
version: 1.0.0
status: active
schema:
  - name: stops
    properties:
      - {{name: at, logicalType: {kind}, physicalType: {kind}{own}}}
customProperties:
  - {{property: filePattern, value: stops/*}}
  - {{property: csv, value: {{{kind}Formats: [{formats}], pivotYear: 1970, timeZone: {zone}}}}}
"""
_OWN = ", logicalTypeOptions: {format: yyyy-dd-MM}"


def _written(folder: Path, kind: str, formats: str, own: str = "", zone: str = "UTC") -> Path:
    path = folder / "stops.odcs.yaml"
    option = f", logicalTypeOptions: {{format: {own}}}" if own else ""
    path.write_text(_CONTRACT.format(kind=kind, formats=formats, own=option, zone=zone), encoding="utf-8")
    return path


def _checked(folder: Path, kind: str, formats: str, own: str = "", zone: str = "UTC") -> Result:
    _written(folder, kind, formats, own, zone)
    return check_folder(folder)


@pytest.mark.parametrize(
    ("kind", "formats", "own", "place", "said"),
    [
        (
            "date",
            "dd/MM/yyyy, MM/dd/yyyy",
            "",
            "csv dateFormats",
            (
                "format 'MM/dd/yyyy' is tried behind 'dd/MM/yyyy', to which 11/07/2026 is 2026-07-11 and not "
                "2026-11-07; leave both out of csv dateFormats, and write each at the columns that have it "
                "(logicalTypeOptions.format)"
            ),
        ),
        ("date", "dd/MM/yyyy, M/d/yyyy", "", "csv dateFormats", "to which 12/31/2026 is no date and not 2026-12-31"),
        ("date", "dd.MM.yy, yy.MM.dd", "", "csv dateFormats", "to which 26.11.07 is 2007-11-26 and not 2026-11-07"),
        ("date", "yyyyMMdd, ddMMyyyy", "", "csv dateFormats", "to which 07112026 is no date"),
        ("date", "excelDays, ddMMyy", "", "csv dateFormats", "to which 071126 is 2094-09-24"),
        ("date", "yyyy.MM.dd, dd/MM/yyyy", "MM/dd/yyyy", "property at", "'dd/MM/yyyy' is tried behind 'MM/dd/yyyy'"),
        (
            "date",
            "",
            "yyyy-dd-MM",
            "property at",
            (
                "format 'yyyy-dd-MM' is tried behind ISO 8601, to which 2026-07-11 is 2026-07-11 and not 2026-11-07; "
                "leave the format out if the cells are ISO 8601, else read the column as a string"
            ),
        ),
        (
            "timestamp",
            "epochMillis, epochSeconds",
            "",
            "csv timestampFormats",
            "to which 1794085509 is 1970-01-21 18:21:25.509000 UTC and not 2026-11-07 21:05:09 UTC",
        ),
        ("timestamp", "epochSeconds, yyyyMMdd", "", "csv timestampFormats", "to which 20261107 is 1970-08-23 12:05:07"),
        ("timestamp", "ddMMyyyy, yyyyMMdd", "", "csv timestampFormats", "to which 20111012 is 1012-11-20 00:00:00 UTC"),
        ("timestamp", "yyyyMMddHH, epochSeconds", "", "csv timestampFormats", " UTC and not 20"),
        ("timestamp", "yyMMddHHmm, epochSeconds", "", "csv timestampFormats", " UTC and not 20"),
        ("timestamp", "ddMMyyHHmm, epochSeconds", "", "csv timestampFormats", " UTC and not 20"),
        ("timestamp", "epochSeconds", "yyyyMMddHH", "property at", "'epochSeconds' is tried behind 'yyyyMMddHH'"),
        ("timestamp", "dd/MM/yyyy HH:mm, MM/dd/yyyy HH:mm", "", "csv timestampFormats", "11/07/2026 21:05 is 2026-07"),
    ],
)
def test_a_format_that_an_earlier_one_takes_the_cells_of_is_refused(
    tmp_path: Path, kind: str, formats: str, own: str, place: str, said: str
) -> None:
    """They would be bad, or good and another day; the finding says which two, and what to do."""
    [finding] = _checked(tmp_path, kind, formats, own).findings

    assert finding.place == place
    assert said in finding.sentence


@pytest.mark.parametrize(
    ("kind", "formats", "own"),
    [
        ("date", "dd.MM.yyyy, d.M.yyyy, dd.MM.yy, dd MMM yyyy, excelDays", "yyyyMMdd"),
        ("date", "yyyy-MM-dd, yyyy-M-d, yyyy/MM/dd", ""),
        ("date", "", "MM/dd/yyyy"),
        ("timestamp", "epochSeconds, epochMillis", ""),
        ("timestamp", "yyyyMMdd, yyyyMMddHHmm, yyyyMMddHHmmss, epochMillis", ""),
        ("timestamp", "yyyyMMddHHmm, ddMMyyyyHHmm", ""),
        ("timestamp", "yyyy-MM-dd HH:mm:ss, 'd/M/yyyy h:mm a', dd.MM.yyyy HH:mm", ""),
        ("timestamp", "\"yyyy-MM-dd'T'HH:mm:ss'Z'\"", ""),
    ],
)
def test_formats_that_leave_each_other_their_cells_are_good(tmp_path: Path, kind: str, formats: str, own: str) -> None:
    """Also where two read the same cells as the same moments."""
    assert _checked(tmp_path, kind, formats, own).findings == ()


def test_a_letter_z_is_the_zone_that_it_is_and_no_other(tmp_path: Path) -> None:
    """As ISO 8601 it is UTC, whatever the zone of the files."""
    form = "\"yyyy-MM-dd'T'HH:mm:ss'Z'\""

    [finding] = _checked(tmp_path, "timestamp", form, zone="Europe/Berlin").findings

    assert "is 2026-11-07 21:05:09 UTC and not 2026-11-07 20:05:09 UTC; leave the format out" in finding.sentence


def test_what_two_columns_have_in_common_is_told_once(tmp_path: Path) -> None:
    """And of each column what is its own."""
    path = _written(tmp_path, "date", "dd/MM/yyyy, MM/dd/yyyy")
    column = "      - {{name: {name}, logicalType: date, physicalType: date{own}}}\n"
    more = (column.format(name="due", own=""), *(column.format(name=name, own=_OWN) for name in ("paid", "sent")))
    path.write_text(path.read_text("utf-8").replace("customProperties:", "".join(more) + "customProperties:"), "utf-8")

    found = [finding.place for finding in check_folder(tmp_path).findings]

    assert found == ["csv dateFormats", "property paid", "property sent"]


@pytest.mark.parametrize(
    ("kind", "formats", "good", "bad"),
    [
        ("date", "dd/MM/yyyy, MM/dd/yyyy", ["11/07/2026", "31/12/2026", "2026-12-31"], ["12/31/2026", "2026-31-12"]),
        ("date", "yyyy-dd-MM", ["2026-12-31"], ["2026-31-12"]),
        ("date", "excelDays, ddMMyy", ["071126", "61"], ["60"]),
        ("timestamp", "dd/MM/yyyy HH:mm, MM/dd/yyyy HH:mm", ["31/12/2026 10:00", "12/31/2026 10:00"], []),
    ],
)
def test_a_default_is_read_by_the_first_format_that_takes_it(
    tmp_path: Path, kind: str, formats: str, good: list[str], bad: list[str]
) -> None:
    """As the job reads it: of dates by its look, of timestamps by whether there is such a moment."""
    path = _written(tmp_path, kind, formats)
    contract = parse_contract(read_document(path), path.name)

    is_good = {text: is_value(text, contract.file_columns[0], contract.csv) for text in (*good, *bad)}

    assert is_good == {**dict.fromkeys(good, True), **dict.fromkeys(bad, False)}


@pytest.mark.parametrize(("pivot", "year"), [(1970, 2026), (1900, 1926)])
def test_a_sample_is_read_in_the_century_that_the_pivot_says(tmp_path: Path, pivot: int, year: int) -> None:
    """And not in the one that it was written in."""
    path = _written(tmp_path, "date", "dd.MM.yy")
    path.write_text(path.read_text("utf-8").replace("pivotYear: 1970", f"pivotYear: {pivot}"), encoding="utf-8")

    [checked] = check_folder(tmp_path).checked

    assert checked.lines[1:] == (f"  at: dd.MM.yy: 07.11.26 is read as {year}-11-07",)


def test_a_time_that_the_zone_s_clock_skipped_is_no_default(tmp_path: Path) -> None:
    """It would make bad rows of good ones."""
    path = _written(tmp_path, "timestamp", "dd.MM.yyyy HH:mm", zone="Europe/Berlin")
    contract = parse_contract(read_document(path), path.name)
    hours = ["29.03.2026 01:30", "29.03.2026 02:30", "29.03.2026 03:30"]

    good = [text for text in hours if is_value(text, contract.file_columns[0], contract.csv)]

    assert good == ["29.03.2026 01:30", "29.03.2026 03:30"]

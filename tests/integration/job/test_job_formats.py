"""One feed's file in each format that there is gives the table that its CSV gives."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contracts.contract import Contract

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

Loaded = tuple[list[tuple[str | None, ...]], dict[int, list[str]]]
"""A target's rows, and the rules that each bad record breaks."""
CSV = """Parcel No,sent_at,day,weight,price,fragile,note
1,2026-03-02 10:00:00,2026-03-02,1.25,0.1,true,"Grüße, ""x"" y"
2,2026-03-02 10:00:00.123,1999-12-31,12345.678,0.3,false,
3,2026-03-02 11:00:00,,-1,1e20,,bad weight
4,2026-03-03 00:00:00,2026-03-03,0,-2.5,true," two  blanks "
"""
JSON_LINES = """
{"Parcel No": 1, "sent_at": "2026-03-02T10:00:00", "day": "2026-03-02", "weight": 1.25, "price": 0.1, "fragile": true,
 "note": "Gr\\u00fc\\u00dfe, \\"x\\" y"}
{"note": null, "fragile": false, "price": 0.3, "weight": 12345.678, "day": "1999-12-31",
 "sent_at": "2026-03-02T10:00:00.123Z", "Parcel No": 2}
{"Parcel No": 3, "sent_at": "2026-03-02 11:00:00", "day": null, "weight": -1, "price": 1e20, "fragile": null,
 "note": "bad weight"}
{"Parcel No": "4", "sent_at": "2026-03-03 00:00:00", "day": "2026-03-03", "weight": "0", "price": -2.5, "fragile": "t",
 "note": " two  blanks "}
""".replace(",\n ", ", ")
WIDTHS = (6, 24, 10, 11, 6, 6, 14)
CELLS = (
    ("1", "2026-03-02 10:00:00", "2026-03-02", "1.25", "0.1", "true", 'Grüße, "x" y'),
    ("2", "2026-03-02 10:00:00.123", "1999-12-31", "12345.678", "0.3", "false", ""),
    ("3", "2026-03-02 11:00:00", "", "-1", "1e20", "", "bad weight"),
    ("4", "2026-03-03 00:00:00", "2026-03-03", "0", "-2.5", "true", " two  blanks"),
)
PROPERTIES: dict[str, dict[str, Any]] = {
    "parcel_id": {"physicalType": "bigint", "primaryKey": True, "sourceName": "Parcel No"},
    "sent_at": {"physicalType": "timestamp"},
    "day": {"physicalType": "date"},
    "weight": {"physicalType": "decimal(8,3)", "minimum": 0},
    "price": {"physicalType": "double"},
    "fragile": {"physicalType": "boolean"},
    "note": {"physicalType": "string", "cleanse": ["trim"]},
}
WORKBOOK = Path(__file__).with_name("parcels.xlsx")
"""The same rows, by XlsxWriter: real dates and numbers, one of them shown with its unit, and a second sheet."""


def fixed_width() -> str:
    """Numbers filled up before, texts behind."""
    return "".join("".join(_filled(at, cell) for at, cell in enumerate(row)) + "\n" for row in CELLS)


def _filled(at: int, cell: str) -> str:
    return cell.rjust(WIDTHS[at]) if at in (0, 3, 4) else cell.ljust(WIDTHS[at])


def parquet() -> bytes:
    moments = [datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 10, 0, 0, 123000, UTC)]
    moments += [datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)]
    weights = [Decimal("1.25"), Decimal("12345.678"), Decimal(-1), Decimal(0)]
    table = pa.table(
        {
            "Parcel No": pa.array([1, 2, 3, 4], pa.int32()),
            "sent_at": pa.array(moments, pa.timestamp("ns", "Europe/Vienna")),
            "day": pa.array([date(2026, 3, 2), date(1999, 12, 31), None, date(2026, 3, 3)]),
            "weight": pa.array(weights, pa.decimal128(20, 8)),
            "price": pa.array([0.1, 0.3, 1e20, -2.5]),
            "fragile": pa.array([True, False, None, True]),
            "note": pa.array(['Grüße, "x" y', None, "bad weight", " two  blanks "]).dictionary_encode(),
        }
    )
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def zipped(content: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/parcels.csv", content)
    return written.getvalue()


def zstd(content: str) -> bytes:
    return pa.compress(content.encode(), codec="zstd", asbytes=True)


FILES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "csv": ("csv", lambda: CSV),
    "gzip": ("csv", lambda: gzip.compress(CSV.encode())),
    "zip": ("csv", lambda: zipped(CSV)),
    "zstd": ("csv", lambda: zstd(CSV)),
    "json": ("jsonLines", lambda: JSON_LINES),
    "fixed": ("fixedWidth", fixed_width),
    "excel": ("excel", WORKBOOK.read_bytes),
    "parquet": ("parquet", parquet),
}


def feed_of(desk: "JobDesk", name: str) -> Contract:
    """A feed of its own, with the same columns."""
    form = FILES[name][0]
    ends = [sum(WIDTHS[: at + 1]) for at in range(len(WIDTHS))]
    places = {
        column: {"position": f"{end - width + 1}-{end}"} if form == "fixedWidth" else {}
        for column, end, width in zip(PROPERTIES, ends, WIDTHS, strict=True)
    }
    properties = {column: of | places[column] for column, of in PROPERTIES.items()}
    limit = {"maxFileSize": "1 MB"} if form == "excel" else {}
    return desk.feed(properties, feed=f"parcels_{name}", fileFormat=form, **limit)


@pytest.fixture(scope="module", params=["executors", "driver"])
def desk(
    request: pytest.FixtureRequest,
    start_engine: "Callable[[str], Server]",
    open_desk: "OpenDesk",
    tmp_path_factory: pytest.TempPathFactory,
) -> "Iterator[JobDesk]":
    """Read by the engine's executors, and by the driver as on Databricks."""
    with open_desk(start_engine("sail"), tmp_path_factory.mktemp("formats"), request.param) as opened:
        yield opened


def loaded(desk: "JobDesk", name: str) -> Loaded:
    of = feed_of(desk, name)
    desk.put(FILES[name][1](), f"{name}/file", feed=of.feed)
    desk.load(of)
    return desk.rows(of.table, *PROPERTIES), desk.errors(of)


@pytest.fixture(scope="module")
def of_csv(desk: "JobDesk") -> Loaded:
    return loaded(desk, "csv")


@pytest.mark.parametrize("name", [name for name in FILES if name != "csv"])
def test_a_file_in_each_format_gives_the_same_table(desk: "JobDesk", of_csv: Loaded, name: str) -> None:
    """Good rows by their values, the bad one by its number and its rule."""
    assert loaded(desk, name) == of_csv


def test_the_table_of_the_csv_is_what_stands_in_it(of_csv: Loaded) -> None:
    """So that equal is not equally empty."""
    rows, errors = of_csv

    assert rows == [
        ("1", "2026-03-02 10:00:00", "2026-03-02", "1.250", "0.1", "true", 'Grüße, "x" y'),
        ("2", "2026-03-02 10:00:00.123", "1999-12-31", "12345.678", "0.3", "false", None),
        ("4", "2026-03-03 00:00:00", "2026-03-03", "0.000", "-2.5", "true", "two  blanks"),
    ]
    assert errors == {3: ["minimum:weight"]}

"""The check of contracts and the job read one grammar: what is a value for one is a value for the other."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.checking.cell_values import is_value
from contracts.contract import Contract
from contracts.notation.cleansing import BLANKS
from contracts.notation.moments import formats_of, read_first
from contracts.parsing.parse import parse_contract
from pipeline_jobs.judging.grammar import typed, within_type

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = ("tinyint", "bigint", "decimal(5,2)", "decimal(2,2)", "decimal(3,0)", "double", "boolean", "date", "timestamp")
TEXTS = [
    *("0", "-0", "+7", "007", "127", "128", "-129", "1.", ".5", "1.0", "1.25", "123.45", "1234", "1.234"),
    *("0000.1", "1,5", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e3", "1E-7"),
    *("1e308", "1e309", "NaN", "inf", "0x1F", "1_000", "1 000", "\u0663", "", " ", " 7 ", "\t7\n", "\u00a07"),
    *("--1", "+-1", "1e", "e1", "1e1.5", "0.00", "true", "TRUE", "t", "Yes", "n", "0", "on", "off", "tru"),
    *("Y ", "2024-02-29", "2025-02-29", "2025-2-1", "20250201", "0001-01-01", "9999-12-31", "2025-13-01"),
    *("2025-00-10", "1.2.2025", "01.02.2025", "31.4.2025", "1.2.25", "+2025-01-01", "2025-01-01Z"),
    *("2025-01-01 ", "2025-02-01T10:00", "2025-02-01 10:00:00", "2025-02-01 24:00:00", "2025-02-01 10:60:00"),
    *("2025-02-01 10:00:60", "2025-02-01 10:00:00.1", "2025-02-01 10:00:00.123456"),
    *("2025-02-01 10:00:00.1234567", "2025-02-01T10:00:00Z", "2025-02-01T10:00:00+01"),
    *("2025-02-01T10:00:00+0100", "2025-02-01T10:00:00-09:30", "2025-02-01T10:00:00+19:00"),
    *("2025-02-01T10:00:00z", "2025-02-01t10:00:00", "2025-02-30T10:00:00", "2025-02-01  10:00"),
    *("2025-02-01T10", "T10:00", "2/1/2025 9:05 pm", "02/01/2025 13:05 am", "2/30/2025 1:00 AM"),
    *("1/1/2025 0:00 am", "1738400000", "-1", "99999999999999"),
    *("0000-01-01", "0000-01-01 00:00:00"),
    *("1. Mrz. 70", "31. märz 69", "29. FEB 00", "29. Feb 01", "1. Dezember 26", "1. Dec 26", "1. Mai. 26", "1.Mai 26"),
    *("12/11/2026", "12/31/2026", "31/12/2026", "2026-31-12", "2026-11-12", "31/12/2026 08:00", "12/31/2026 08:00"),
    *("010203", "20111012", "12102011", "1772446272345", "1772446272"),
    *("1 Jänner 26 10:00", "1 JÄN 26 10:00", "1 Jan 26 24:00", "61", "60", "61.0", "61.5", "2958466", "0061"),
]
FORMATS = {
    "apart": {
        "dateFormats": ["d.M.yyyy", "d. MMM yy", "excelDays"],
        "timestampFormats": ["M/d/yyyy h:mm a", "epochSeconds", "d MMMM yy HH:mm"],
    },
    "in each other's way": {
        "dateFormats": ["yyyy-dd-MM", "dd/MM/yyyy", "MM/dd/yyyy", "excelDays", "ddMMyy", "yyyyMMdd", "ddMMyyyy"],
        "timestampFormats": ["dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm", "yyyyMMdd", "epochMillis", "epochSeconds"],
    },
}


def _contract(kind: str, formats: dict[str, list[str]]) -> Contract:
    csv = {**formats, "locale": "de", "pivotYear": 1970}
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": [{"name": "c", "physicalType": kind}]}],
        "customProperties": [{"property": "filePattern", "value": "x"}, {"property": "csv", "value": csv}],
    }
    return parse_contract(document, "things")


@pytest.mark.parametrize(
    ("kind", "formats"),
    [*((kind, "apart") for kind in KINDS), *((kind, "in each other's way") for kind in ("date", "timestamp"))],
)
def test_the_check_and_the_engine_agree_on_what_is_a_value(server: "Server", kind: str, formats: str) -> None:
    """Else a default that the check calls good would make bad rows; also by formats that the check refuses together."""
    contract = _contract(kind, FORMATS[formats])
    column = contract.file_columns[0]
    spark = SparkSession.builder.remote(server.url).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    texts = spark.createDataFrame([(text,) for text in TEXTS], "text string")
    value = within_type(typed(F.btrim("text", F.lit(BLANKS)), column, contract.csv), column.type)

    judged = texts.select("text", value.isNotNull().alias("good")).collect()
    spark.stop()

    by_engine = {row["text"] for row in judged if row["good"]}
    by_check = {text for text in TEXTS if is_value(text, column, contract.csv)}
    assert by_check ^ by_engine == set()


@pytest.mark.parametrize("formats", FORMATS)
@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_the_check_and_the_engine_read_the_same_moments(server: "Server", kind: str, formats: str) -> None:
    """What the check prints of a sample, and by what it refuses a format, is what the job makes of it."""
    contract = _contract(kind, FORMATS[formats])
    column = contract.file_columns[0]
    spark = SparkSession.builder.remote(server.url).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    texts = spark.createDataFrame([(text,) for text in TEXTS], "text string")
    value = within_type(typed(F.btrim("text", F.lit(BLANKS)), column, contract.csv), column.type)

    judged = texts.select("text", F.unix_micros(value.cast("timestamp")).alias("micros")).collect()
    spark.stop()

    assert {row["text"]: row["micros"] for row in judged} == {text: _micros(text, contract) for text in TEXTS}


def _micros(text: str, contract: Contract) -> int | None:
    column = contract.file_columns[0]
    found = read_first(text.strip(BLANKS), column, formats_of(column, contract.csv), contract.csv)
    return None if found is None or found.moment is None else (found.moment - _EPOCH) // timedelta(microseconds=1)

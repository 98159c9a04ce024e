"""What people write in a declared notation is read as what they meant: write → read is the identity on every engine."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.checking.samples import written
from contracts.contract import Contract
from contracts.parsing.parse import parse_contract
from pipeline_jobs.judging.cleansing import cleansed
from pipeline_jobs.judging.grammar import typed, within_type

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

Write = Callable[[Decimal], str]


def grouped(separator: str, point: str) -> Write:
    def write(number: Decimal) -> str:
        return f"{number:,.2f}".replace(",", "_").replace(".", point).replace("_", separator)

    return write


NUMBERS: list[tuple[list[Any], Write]] = [
    ([], lambda number: f"{number:f}"),
    ([], lambda number: f"{number:+.2f}"),
    (["decimalComma"], lambda number: f"{number:.2f}".replace(".", ",")),
    (["groupPoint", "decimalComma"], grouped(".", ",")),
    (["groupComma"], grouped(",", ".")),
    (["groupBlank", "decimalComma"], grouped("\u202f", ",")),
    (["groupApostrophe"], grouped("'", ".")),
    (["trailingMinus"], lambda number: f"{abs(number):.2f}{'-' if number < 0 else ''}"),
    (["parentheses"], lambda number: f"({-number:.2f})" if number < 0 else f"{number:.2f}"),
    ([{"unit": ["€", "US$"]}], lambda number: f"{number:.2f} €" if number > 0 else f"US$ {number:.2f}"),
]
DATES = ["yyyy-MM-dd", "dd.MM.yyyy", "d.M.yyyy", "M/d/yyyy", "yyyyMMdd", "d-MMM-yyyy", "d. MMMM yyyy", "excelDays"]
MOMENTS = [
    *(
        "yyyy-MM-dd HH:mm:ss.SSSSSS",
        "dd.MM.yyyy hh:mm:ss.SSSSSS a",
        "d MMM yyyy HHmmss.SSSSSS",
        "yyyyMMddHHmmss.SSSSSSX",
    ),
    *("HH:mm:ss.SSSSSSSSS dd/MM/yyyy", "d. MMMM yyyy H:m:s.SSSSSSXXX"),
]
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt"]


def contract(kind: str, ours: Sequence[dict[str, Any]] = (), form: str | None = None, **csv: Any) -> Contract:
    column = {
        "name": "c",
        "physicalType": kind,
        "logicalTypeOptions": {"format": form} if form else None,
        "customProperties": list(ours),
    }
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": [column]}],
        "customProperties": [{"property": "filePattern", "value": "x"}, {"property": "csv", "value": csv}],
    }
    return parse_contract(document, "things")


@pytest.fixture
def spark(server: "Server") -> Iterator[SparkSession]:
    session = SparkSession.builder.remote(server.url).create()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.conf.set("spark.sql.ansi.enabled", "false")
    yield session
    session.stop()


def read(spark: SparkSession, ways: Sequence[tuple[Contract, Sequence[str]]]) -> list[list[str | None]]:
    """Of each way the values of its texts, as the engine's text of them; all in one query."""
    rows = [(way, at, text) for way, (_, texts) in enumerate(ways) for at, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "way int, at int, text string")
    value = F.lit(None).cast("string")
    for way, (of, _) in enumerate(ways):
        text, column = F.col("text"), of.file_columns[0]
        for step in column.cleanse:
            text = cleansed(text, step)
        of_way = within_type(typed(text, column, of.csv), column.type)
        value = F.when(F.col("way") == way, of_way.cast("string")).otherwise(value)
    found = {(row["way"], row["at"]): row["value"] for row in frame.select("way", "at", value.alias("value")).collect()}
    return [[found[way, at] for at in range(len(texts))] for way, (_, texts) in enumerate(ways)]


few = settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=20, max_size=20))
def test_numbers(spark: SparkSession, numbers: list[Decimal]) -> None:
    """In every notation of numbers."""
    ours = [[{"property": "cleanse", "value": steps}] for steps, _ in NUMBERS]
    ways = [
        (contract("decimal(18,2)", of), [write(number) for number in numbers])
        for of, (_, write) in zip(ours, NUMBERS, strict=True)
    ]

    found = read(spark, ways)

    for (_, texts), values in zip(ways, found, strict=True):
        assert dict(zip(texts, [value and Decimal(value) for value in values], strict=True)) == dict(
            zip(texts, numbers, strict=True)
        )


@few
@given(st.lists(st.dates(date(1900, 3, 1), date(9999, 12, 31)), min_size=10, max_size=10))
def test_dates(spark: SparkSession, days: list[date]) -> None:
    """In every format of dates and every language of their months."""
    kinds = [(form, language) for form in DATES for language in (LANGUAGES if "MMM" in form else ["en"])]
    moments = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    ways = [
        (contract("date", form=form, locale=language), [written(form, moment, language) for moment in moments])
        for form, language in kinds
    ]

    found = read(spark, ways)

    assert {
        kind: values for kind, values in zip(kinds, found, strict=True) if values != [str(day) for day in days]
    } == {}


@pytest.mark.seldom
@few
@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=10, max_size=10))  # noqa: DTZ001  # hypothesis takes bounds without a zone
def test_moments(spark: SparkSession, moments: list[datetime]) -> None:
    """In every format of timestamps; to the microsecond."""
    ways = [
        (contract("timestamp", form=form), [written(form, moment.replace(tzinfo=UTC)) for moment in moments])
        for form in MOMENTS
    ]

    found = read(spark, ways)

    wanted = [moment.isoformat(sep=" ") for moment in moments]
    read_back = [[_moment(value) for value in values] for values in found]
    assert {form: values for form, values in zip(MOMENTS, read_back, strict=True) if values != wanted} == {}


def _moment(text: str | None) -> str | None:
    """An engine drops the zeros at a fraction's end, and some those of a year's beginning."""
    if text is None:
        return None
    year, rest = text.split("-", 1)
    return datetime.fromisoformat(f"{int(year):04}-{rest}").isoformat(sep=" ")


@pytest.mark.seldom
def test_truth(spark: SparkSession) -> None:
    """By the usual words and by those of a contract."""
    words = [{"property": "trueTokens", "value": ["Ja", "x"]}, {"property": "falseTokens", "value": ["nein", "-"]}]
    ways = [(contract("boolean", words), ["JA", "X", "Nein", "-"]), (contract("boolean"), ["T", "yes", "N", "0"])]

    assert read(spark, ways) == [["true", "true", "false", "false"]] * 2


@pytest.mark.seldom
@few
@given(st.lists(st.dates(date(1970, 1, 1), date(2069, 12, 31)), min_size=20, max_size=20))
def test_years_of_two_digits(spark: SparkSession, days: list[date]) -> None:
    """Within the hundred years of the pivot; a pivot that begins a century, too."""
    shifted = [day.replace(year=day.year - 70, day=min(day.day, 28)) for day in days]
    ways = [
        (contract("date", form="dd.MM.yy", pivotYear=1970), [f"{day:%d.%m.%y}" for day in days]),
        (contract("date", form="yyMMdd", pivotYear=1900), [f"{day:%y%m%d}" for day in shifted]),
    ]

    assert read(spark, ways) == [[str(day) for day in days], [str(day) for day in shifted]]
